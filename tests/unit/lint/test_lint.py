"""Warnings about whole programs: where they point, and what they leave alone."""

from pathlib import Path

import pytest

import dlmc
from dlmc.diagnostics import Diagnostic
from dlmc.elaborate.program import elaborate
from dlmc.elaborate.standard import library_files
from dlmc.grammar import tree
from dlmc.grammar.span import Source
from dlmc.ir.program import Program
from dlmc.lint import lint, logits, unused
from dlmc.lint.subject import Subject

ROOT = Path(__file__).parents[3]


def warnings(text: str) -> tuple[Diagnostic, ...]:
    """What a program without errors is warned of."""
    found = elaborate(Source("test.dlm", text), Path())
    assert not found.diagnostics
    return lint(found)


def places(found: tuple[Diagnostic, ...]) -> list[tuple[str, str]]:
    """Each warning's code, and the text that it points to."""
    return [(d.code, d.place.span.text) for d in found if d.place is not None]


@pytest.mark.parametrize(
    "path", sorted((ROOT / "examples").rglob("*.dlm")), ids=lambda path: path.stem
)
def test_the_examples_have_none(path: Path) -> None:
    assert dlmc.check(path) == ()


@pytest.mark.parametrize("file", library_files(), ids=lambda f: f.span.source.name)
def test_the_library_has_none(file: tree.File) -> None:
    subject = Subject(file, Program("library", file.span.source.name, (), ()))
    assert list(unused.check(subject)) == []


def test_functions_on_logits_are_known() -> None:
    """Each function of the library with logits is in the table, or does not mind."""
    with_logits = {
        declaration.name.name
        for file in library_files()
        if file.span.source.name in ("library/losses.dlm", "library/metrics.dlm")
        for declaration in file.declarations
        if isinstance(declaration, tree.FunctionDeclaration)
        and declaration.parameters[0].name == "logits"
    }
    # These ask which logits are the largest; the last is a part of a loss.
    unmoved = {"accuracy", "top_k", "auc", "iou", "confusion", "class_weights"}
    assert with_logits - unmoved == {
        name for name, taken in logits.TAKEN.items() if taken.kind == "logits"
    }


def test_errors_silence_warnings() -> None:
    """What is wrong is mended first: a name that is misspelt is used nowhere."""
    text = "model M { input x: f32[N, 4] hiden = x output y = hidden -> Dense(1) }"
    found = elaborate(Source("test.dlm", text), Path())
    assert [d.code for d in found.diagnostics] == ["E0201"]
    assert lint(found) == ()


def test_one_warning_for_many_uses() -> None:
    """A loop, several uses of a block, and several shapes say it once."""
    text = """
    block Stage(width) {
      input x: float[N, D]
      lost = x
      output x -> Dense(width) -> BatchNorm
    }
    model M {
      input x: f32[N, 4]
      for i in 0..3 { x = x -> Stage(4 + i) }
      output y = x -> Stage(3) -> Stage(3)
    }
    """
    assert places(warnings(text)) == [("W0201", "lost"), ("W0303", "Dense(width)")]


def test_a_file_that_is_used(tmp_path: Path) -> None:
    """Its lines are warned of where the program shows the mistake.

    The bias of `Stem` may be of use in another program; an unused name is warned of
    where the file itself is checked.
    """
    (tmp_path / "parts.dlm").write_text(
        """
        block Stem { input x: float[N, D] output x -> Dense(4) }
        block Normal { input x: float[N, D] y = 1 output x -> Dense(4) -> BatchNorm }
        block Head { input x: float[N, D] output x -> Dense(3) -> softmax -> softmax }
        block Spare { input x: float[N, D] output x }
        """
    )
    (tmp_path / "main.dlm").write_text(
        """
        use "parts.dlm": Stem, Normal, Head, Spare
        model M {
          input x: f32[N, 4]
          output y = x -> Stem -> BatchNorm -> Normal -> Head
        }
        """
    )
    found = dlmc.check(tmp_path / "main.dlm")
    assert [Path(d.place.span.source.name).name for d in found if d.place] == [
        "main.dlm", "parts.dlm", "parts.dlm",
    ]  # fmt: skip
    assert places(found) == [
        ("W0204", "Spare"),
        ("W0303", "Dense(4)"),
        ("W0302", "softmax"),
    ]
    assert places(dlmc.check(tmp_path / "parts.dlm")) == [("W0201", "y")]


def test_long_programs() -> None:
    """A mistake in each of many lines is found, and none beside."""
    lines = "\n".join(
        f"x{i + 1} = x{i} -> Dense(4) as dense{i} -> BatchNorm as norm{i} -> relu"
        for i in range(1000)
    )
    text = f"model M {{ input x0: f32[N, 4] {lines} output y = x1000 }}"
    assert places(warnings(text)) == [("W0303", "Dense(4)")] * 1000
