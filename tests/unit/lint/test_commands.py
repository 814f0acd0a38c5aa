"""What the commands do with warnings: say them, and go on."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dlmc.cli import cli

ROOT = Path(__file__).parents[3]
UNUSED = "warning[W0201]: `lost` is never used"


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """The linear example with a value that nothing uses."""
    text = (ROOT / "examples" / "linear.dlm").read_text("utf-8")
    path = tmp_path / "linear.dlm"
    path.write_text(text.replace("output y", "lost = x\n  output y"), "utf-8")
    return path


def run(*words: object, stdin: str | None = None) -> Result:
    return CliRunner().invoke(cli, [str(word) for word in words], input=stdin)


def test_check_says_them(program: Path) -> None:
    """Status 0 and standard error; nothing says that all is well."""
    done = run("check", program)
    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr.startswith(f"{UNUSED}\n  --> {program}:5:3\n")
    assert done.stderr.endswith("\n1 warning\n")


def test_strict(program: Path) -> None:
    """Warnings count as errors do, and only where there are some."""
    assert run("check", "--strict", program).exit_code == 1
    assert run("check", "--strict", "--format", "json", program).exit_code == 1
    assert run("check", "--strict", ROOT / "examples" / "linear.dlm").exit_code == 0


def test_build_says_them_once(program: Path, tmp_path: Path) -> None:
    """To standard error, once for all targets; the projects are made."""
    done = run("build", program, "-t", "torch", "-t", "tensorflow", "-o", tmp_path)
    assert done.exit_code == 0
    folders = [tmp_path / "linear-torch", tmp_path / "linear-tensorflow"]
    assert done.stdout == "".join(f"{folder}\n" for folder in folders)
    assert all((folder / "model.py").is_file() for folder in folders)
    assert done.stderr.count(UNUSED) == 1


def test_build_of_standard_input(program: Path, tmp_path: Path) -> None:
    """It is read once, for all targets."""
    words = ["build", "-", "-t", "torch", "-t", "onnx", "-o", tmp_path]
    done = run(*words, stdin=program.read_text("utf-8"))
    assert done.exit_code == 0, done.output
    assert len(done.stdout.splitlines()) == 2


def test_a_silenced_program(program: Path, tmp_path: Path) -> None:
    """Neither command says a thing."""
    text = program.read_text("utf-8")
    text = text.replace("lost = x", "lost = x  # dlmc: allow W0201")
    program.write_text(text, "utf-8")
    assert run("check", "--strict", "-q", program).output == ""
    assert run("build", program, "-t", "torch", "-o", tmp_path).stderr == ""
