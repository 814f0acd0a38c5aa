"""`use`: names from other files."""

from pathlib import Path

import pytest

from dlmc.diagnostics.render import render
from dlmc.elaborate.program import Elaborated, elaborate
from dlmc.grammar.span import Source

MODEL = "model M { input x: f32[N, 2] output y = x -> B }"


def compiled(folder: Path, text: str, **files: str) -> Elaborated:
    """A program among other files; `__` in a name stands for a slash."""
    for name, content in files.items():
        path = folder / f"{name.replace('__', '/')}.dlm"
        path.parent.mkdir(exist_ok=True)
        path.write_text(content, "utf-8")
    return elaborate(Source("main.dlm", text), folder)


def messages(found: Elaborated) -> list[str]:
    """What is wrong."""
    return [diagnostic.message for diagnostic in found.diagnostics]


def test_names_are_those_of_the_other_file(tmp_path: Path) -> None:
    """A used block sees its own file, and the files that that one uses."""
    found = compiled(
        tmp_path,
        f'use "blocks/b.dlm": B\nconst width = 9\n{MODEL}',
        blocks__b='use "deep/c.dlm": width\n'
        "block B { input x: f32[N, D] output x -> Dense(width) }",
    )
    assert messages(found) == ['"deep/c.dlm" cannot be read: no such file or directory']
    (tmp_path / "blocks/deep").mkdir()
    (tmp_path / "blocks/deep/c.dlm").write_text("const width = 5")
    found = elaborate(Source("main.dlm", f'use "blocks/b.dlm": B\n{MODEL}'), tmp_path)
    assert found.program is not None, messages(found)
    assert str(found.program.models[0].outputs[0].type) == "f32[N, 5]"


def test_data_and_optimizers_can_be_used(tmp_path: Path) -> None:
    """Paths in a used file are relative to it."""
    (tmp_path / "d").mkdir()
    (tmp_path / "d/points.csv").write_text("x,t\n1,2\n2,4\n")
    found = compiled(
        tmp_path,
        """
        use "d/points.dlm": points, half
        model M { input x: f32[N] output y = x -> B }
        block B { input x: f32[N] param w: f32 = 1 output y = w * x }
        train M on points {
          loss = mse(y, t) optimizer = half(0.1) epochs = 1 batch = 1
        }
        """,
        d__points='data points { source = csv("points.csv") x: f32 t: f32 }\n'
        "optimizer half(lr) { weight = weight - 0.5 * lr * grad }",
    )
    assert found.program is not None, messages(found)
    assert found.program.trainings[0].optimizer.definition == "half"


@pytest.mark.parametrize(
    "path", ["../other.dlm", "a/../../other.dlm", "/etc/passwd", "", "..\\\\other.dlm"]
)
def test_nothing_outside_of_the_folder(tmp_path: Path, path: str) -> None:
    """A stranger's program reads nothing but what came with it."""
    folder = tmp_path / "project"
    folder.mkdir()
    (tmp_path / "other.dlm").write_text("block B { input x: f32[N, D] output x }")
    found = compiled(folder, f'use "{path}": B\n{MODEL}')
    assert [d.code for d in found.diagnostics] == ["E0209"]


def test_nothing_outside_through_a_link(tmp_path: Path) -> None:
    """A link that leads out is followed, and refused."""
    folder = tmp_path / "project"
    folder.mkdir()
    (tmp_path / "other.dlm").write_text("block B { input x: f32[N, D] output x }")
    (folder / "b.dlm").symlink_to("../other.dlm")
    found = compiled(folder, f'use "b.dlm": B\n{MODEL}')
    assert [d.code for d in found.diagnostics] == ["E0209"]


def test_a_circle_is_named(tmp_path: Path) -> None:
    """All files on it, in order."""
    found = compiled(
        tmp_path,
        f'use "a.dlm": B\n{MODEL}',
        a='use "b.dlm": C\nblock B { input x: f32[N, D] output x -> C }',
        b='use "a.dlm": B\nblock C { input x: f32[N, D] output x -> B }',
    )
    assert messages(found) == [
        'files use each other: "a.dlm" uses "b.dlm" uses "a.dlm"'
    ]


def test_mistakes_are_told_in_their_own_file(tmp_path: Path) -> None:
    """Of syntax, of names, and in a block that the program uses."""
    found = compiled(
        tmp_path,
        f'use "a.dlm": B\n{MODEL}',
        a="block B { input x: f32[N, D] output x -> Dens(2) }",
    )
    (diagnostic,) = found.diagnostics
    assert diagnostic.place is not None
    assert diagnostic.place.span.source.name.endswith("a.dlm")
    assert "for this use" in render(diagnostic)
    found = compiled(tmp_path, f'use "a.dlm": B\n{MODEL}', a="block B { output }")
    assert [d.place.span.source.name[-5:] for d in found.diagnostics if d.place] == [
        "a.dlm"
    ]


def test_a_name_that_is_not_there(tmp_path: Path) -> None:
    """The library's names are not the file's."""
    text = "block Beta { input x: f32[N, D] output x }"
    found = compiled(tmp_path, f'use "a.dlm": Bet\n{MODEL}'.replace("-> B", ""), a=text)
    assert messages(found) == ['"a.dlm" declares no `Bet`']
    assert found.diagnostics[0].hint == "did you mean `Beta`?"
    found = compiled(tmp_path, 'use "a.dlm": relu\nconst a = 1', a=text)
    assert messages(found) == ['"a.dlm" declares no `relu`']
