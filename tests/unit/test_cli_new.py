"""`dlmc new`: projects that check, build and train as they are."""

import csv
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

import dlmc
from dlmc.cli.new import _write
from dlmc.elaborate.elsewhere import NAMES
from dlmc.elaborate.standard import library_index
from dlmc.grammar.foreign import WORDS
from dlmc.templates import TEMPLATES
from dlmc.templates.naming import names_from

ROOT = Path(__file__).parents[2]
EXAMPLES = {"tabular": "data/wine.csv", "image": "data/digits.csv"}
TITLES = (
    "my-project", "wine", "3d nets", "übung", "日本", "dense", "relu", "true", "none",
    "x", "N", "conv block", "Linear", "tensor", "any", "keras.model", "for", "model",
    "nn", "data", "pixel", "torch", "f32", "--", "a\n\"}", "it's {{ odd }}",
)  # fmt: skip


def run(*words: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run the command as a person would."""
    return subprocess.run(
        [sys.executable, "-m", "dlmc", *map(str, words)],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
    )


def content(folder: Path) -> dict[str, bytes]:
    """All files below a folder."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_project(template: str, tmp_path: Path) -> None:
    """Its files, what is said, and that it is without a fault on every target."""
    done = run("new", "my-project", "--template", template, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    folder = tmp_path / "my-project"
    program = folder / "my_project.dlm"
    files = {"my_project.dlm", "README.md", ".gitignore"}
    if template in EXAMPLES:
        files.add(EXAMPLES[template])
        example = ROOT / "examples" / EXAMPLES[template]
        assert (folder / EXAMPLES[template]).read_bytes() == example.read_bytes()
    assert set(content(folder)) == files
    assert all(name in done.stdout for name in files)
    assert done.stdout.endswith(
        "Next:\n  cd my-project\n  dlmc check my_project.dlm\n"
        "  dlmc train my_project.dlm --target torch\n"
    )
    assert [p.name for p in tmp_path.iterdir()] == ["my-project"]
    assert dlmc.check(program) == ()
    assert [model.definition for model in dlmc.read(program).models] == ["MyProject"]
    for target in ("torch", "tensorflow", "onnx"):
        built = dlmc.build(program, target=target, output=folder)
        assert built.name == f"my_project-{target}"
        ignored = (folder / ".gitignore").read_text("utf-8").splitlines()
        assert f"*-{target}/" in ignored
    readme = (folder / "README.md").read_text("utf-8")
    assert readme.startswith("# my-project\n")
    assert "{{" not in readme


def trained(template: str, tmp_path: Path, *options: str) -> Path:
    """The folder of a training of a new project, with torch."""
    assert run("new", "trial", "-t", template, cwd=tmp_path).returncode == 0
    folder = tmp_path / "trial"
    words = ("train", "trial.dlm", "--target", "torch", *options)
    done = run(*words, cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


def last(folder: Path) -> Mapping[str, str]:
    """The last line of a training's history."""
    (path,) = folder.rglob("history.csv")
    with path.open(newline="") as file:
        return list(csv.DictReader(file))[-1]


def test_the_line_is_the_one_of_least_squares(tmp_path: Path) -> None:
    """Trained as it stands, it comes to where NumPy's own solution is."""
    folder = trained("blank", tmp_path)
    (path,) = folder.rglob("model.safetensors")
    found = load_file(path)
    x = np.arange(6.0)
    slope, intercept = np.polyfit(x, [1.1, 2.9, 5.2, 6.8, 9.1, 10.9], 1)
    np.testing.assert_allclose(found["dense.weight"], [[slope]], atol=0.01)
    np.testing.assert_allclose(found["dense.bias"], [intercept], atol=0.01)


@pytest.mark.parametrize(
    ("template", "epochs", "share"), [("tabular", 10, 0.9), ("image", 3, 0.85)]
)
def test_classes_are_told_apart(
    template: str, epochs: int, share: float, tmp_path: Path
) -> None:
    """After few epochs, on samples that are not trained on."""
    folder = trained(template, tmp_path, "--epochs", str(epochs))
    history = last(folder)
    (key,) = [name for name in history if "accuracy" in name and "val" in name]
    assert float(history[key]) >= share


# --- Names ---------------------------------------------------------------------------


def test_names() -> None:
    """As close to what was said as the language allows."""
    found = {title: names_from(title) for title in TITLES}
    assert (found["my-project"].stem, found["my-project"].model) == (
        "my_project",
        "MyProject",
    )
    assert (found["übung"].stem, found["übung"].model) == ("ubung", "Ubung")
    assert (found["3d nets"].stem, found["3d nets"].model) == (
        "model_3d_nets",
        "Model3dNets",
    )
    assert found["日本"].model == "Model"
    assert found["dense"].model == "DenseModel"
    assert found["N"].model == "NModel"
    taken = {*library_index(), *NAMES, *WORDS}
    assert not taken & {names.model for names in found.values()}


@pytest.mark.parametrize("title", TITLES)
def test_any_name_makes_a_program(title: str, tmp_path: Path) -> None:
    """Of the template with the most names in it, for each target."""
    project = TEMPLATES["image"].project(title)
    _write(project, tmp_path / "made")
    program = tmp_path / "made" / project.program
    assert dlmc.check(program) == ()
    for target in ("torch", "tensorflow", "onnx"):
        dlmc.build(program, target=target, output=tmp_path)


# --- Folders -------------------------------------------------------------------------


def test_a_path(tmp_path: Path) -> None:
    """Folders above are made; the names are those of the last part."""
    done = run("new", "some/where/wine cellar", cwd=tmp_path)
    assert done.returncode == 0
    assert (tmp_path / "some" / "where" / "wine cellar" / "wine_cellar.dlm").is_file()
    assert "  cd 'some/where/wine cellar'\n" in done.stdout


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    """It stays the folder that it is, and may be the one that one is in."""
    folder = tmp_path / "empty"
    folder.mkdir()
    before = folder.stat().st_ino
    done = run("new", ".", "-t", "tabular", cwd=folder)
    assert done.returncode == 0
    assert "  cd " not in done.stdout
    assert folder.stat().st_ino == before
    assert (folder / "empty.dlm").is_file()
    assert [p.name for p in tmp_path.iterdir()] == ["empty"]


def test_what_is_there_is_left_alone(tmp_path: Path) -> None:
    """A folder with something in it, or a file: status 2, and nothing changes."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("keep", "utf-8")
    (tmp_path / "file").write_text("keep", "utf-8")
    before = content(tmp_path)
    done = run("new", "mine", cwd=tmp_path)
    assert done.returncode == 2
    assert "the folder mine is there already, and not empty" in done.stderr
    done = run("new", "file", cwd=tmp_path)
    assert done.returncode == 2
    assert "file is there already, and no folder" in done.stderr
    done = run("new", "file/inside", cwd=tmp_path)
    assert done.returncode == 1
    assert "file/inside: " in done.stderr
    assert content(tmp_path) == before


@pytest.mark.parametrize("exists", [False, True])
def test_an_interruption_leaves_nothing(
    exists: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C at any rename or write: no file, no folder, an empty one stays empty."""
    folder = tmp_path / "trial"
    project = TEMPLATES["tabular"].project("trial")
    left = 0

    def interrupting(original: Callable[..., object]) -> Callable[..., object]:
        def method(*given: object) -> object:
            nonlocal left
            left -= 1
            if left < 0:
                raise KeyboardInterrupt
            return original(*given)

        return method

    monkeypatch.setattr(Path, "write_bytes", interrupting(Path.write_bytes))
    monkeypatch.setattr(Path, "rename", interrupting(Path.rename))
    # Four files are written; then one folder is renamed, or what is in it.
    steps = 4 + (4 if exists else 1)
    for done in range(steps):
        if exists:
            folder.mkdir(exist_ok=True)
        left = done
        with pytest.raises(KeyboardInterrupt):
            _write(project, folder)
        assert content(tmp_path) == {}
        assert [p.name for p in tmp_path.iterdir()] == ["trial"] * exists
        assert not exists or not any(folder.iterdir())
    left = steps
    _write(project, folder)
    assert set(content(folder)) == set(project.files())


# --- The command ---------------------------------------------------------------------


def test_the_list(tmp_path: Path) -> None:
    """Every template, and what it is."""
    done = run("new", "--list", cwd=tmp_path)
    assert done.returncode == 0
    lines = dict(line.split(maxsplit=1) for line in done.stdout.splitlines())
    assert lines == {t.name: t.says for t in TEMPLATES.values()}


def test_a_wrong_call(tmp_path: Path) -> None:
    """Status 2, and which templates there are."""
    done = run("new", "trial", "-t", "video", cwd=tmp_path)
    assert done.returncode == 2
    assert "'video' is not one of blank, tabular, image." in done.stderr
    assert run("new", cwd=tmp_path).returncode == 2
    assert not list(tmp_path.iterdir())


def test_help(tmp_path: Path) -> None:
    done = run("new", "--help", cwd=tmp_path)
    assert done.returncode == 0
    assert "  Example:\n    dlmc new my-project --template tabular\n" in done.stdout
