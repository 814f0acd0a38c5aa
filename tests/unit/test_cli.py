"""The command line: what it says, where, and with which exit status."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DIGITS = ROOT / "examples" / "digits.dlm"
WRONG = "model M {\n  input x: f32[N, 4]\n  output y = x -> Dens(2)\n}\n"


def dlmc(
    *words: object, cwd: Path = ROOT, stdin: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    """Run the command as a person would."""
    return subprocess.run(
        [sys.executable, "-m", "dlmc", *map(str, words)],
        cwd=cwd,
        input=stdin,
        capture_output=True,
        check=False,
    )


def test_check_of_a_good_program() -> None:
    """Status 0, one line; with --quiet none."""
    done = dlmc("check", DIGITS)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode() == f"{DIGITS}: no errors\n"
    done = dlmc("check", "--quiet", DIGITS)
    assert (done.returncode, done.stdout) == (0, b"")


def test_check_of_a_wrong_program(tmp_path: Path) -> None:
    """Status 1; the message goes to standard error, without colour codes."""
    path = tmp_path / "wrong.dlm"
    path.write_text(WRONG, "utf-8")
    done = dlmc("check", path)
    assert (done.returncode, done.stdout) == (1, b"")
    text = done.stderr.decode()
    assert text.startswith("error[E0201]: there is no `Dens`\n  --> wrong.dlm:3:19\n")
    assert "did you mean `Dense`?" in text
    assert text.endswith("1 error\n")
    assert "\x1b" not in text


def test_standard_input() -> None:
    """`-` is the program from standard input."""
    assert dlmc("check", "-", stdin=WRONG.encode()).returncode == 1
    right = WRONG.replace("Dens", "Dense").encode()
    assert dlmc("check", "-", stdin=right).returncode == 0


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff\xfe", "not UTF-8"),
        (b"model\0", "binary"),
        (b"", "declares nothing"),
        (b"\xef\xbb\xbfmodel M { input x: f32[N] output y = x }", None),
    ],
)
def test_files_that_are_no_text(
    tmp_path: Path, content: bytes, said: str | None
) -> None:
    """Bytes that are no program are named as what they are; a BOM is no matter."""
    path = tmp_path / "odd.dlm"
    path.write_bytes(content)
    done = dlmc("check", path)
    assert done.returncode == (0 if said is None else 1)
    assert said is None or said in done.stderr.decode()


@pytest.mark.parametrize(
    "words",
    [
        ["check"],
        ["build", DIGITS],
        ["build", DIGITS, "--target", "caffe"],
        ["train", DIGITS],
        ["nonsense"],
    ],
)
def test_a_wrong_call(words: list[object]) -> None:
    """Status 2 and how to call it."""
    done = dlmc(*words)
    assert done.returncode == 2
    assert "Usage: dlmc" in done.stderr.decode()


def test_a_missing_file() -> None:
    """Status 1, and the file's name."""
    done = dlmc("check", "no_such.dlm")
    assert done.returncode == 1
    assert "no_such.dlm: no such file" in done.stderr.decode()


@pytest.mark.parametrize("command", [[], ["check"], ["build"], ["train"]])
def test_help_has_an_example(command: list[str]) -> None:
    """Every command explains itself."""
    done = dlmc(*command, "--help")
    assert done.returncode == 0
    text = done.stdout.decode()
    assert "  Example:\n    dlmc " in text
    assert "\\b" not in text


def test_an_edited_project_is_kept(tmp_path: Path) -> None:
    """Build, edit, build: status 1, the edit stays; --force overwrites it."""
    build = ["build", DIGITS, "--target", "torch", "-o", tmp_path]
    done = dlmc(*build)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode() == f"{tmp_path / 'digits-torch'}\n"
    model = tmp_path / "digits-torch" / "model.py"
    original = model.read_text("utf-8")
    model.write_text(original + "# mine\n", "utf-8")
    done = dlmc(*build)
    assert done.returncode == 1
    assert "model.py changed since it was generated" in done.stderr.decode()
    assert model.read_text("utf-8").endswith("# mine\n")
    assert dlmc(*build, "--force").returncode == 0
    assert model.read_text("utf-8") == original


def test_a_wrong_program_writes_nothing(tmp_path: Path) -> None:
    """No folder appears."""
    path = tmp_path / "wrong.dlm"
    path.write_text(WRONG, "utf-8")
    assert dlmc("build", path, "--target", "torch", cwd=tmp_path).returncode == 1
    assert [p.name for p in tmp_path.iterdir()] == ["wrong.dlm"]


def test_trained_weights_in_a_graph(tmp_path: Path) -> None:
    """For targets that hold them, and only a file of the program's own weights."""
    build = ["build", DIGITS, "-o", tmp_path]
    assert dlmc(*build, "--target", "torch", "--init").returncode == 0
    weights = tmp_path / "digits-torch" / "init.safetensors"
    assert dlmc(*build, "--target", "onnx", "--weights", weights).returncode == 0
    done = dlmc(*build, "--target", "torch", "--weights", weights)
    assert done.returncode == 2
    linear = DIGITS.with_name("linear.dlm")
    done = dlmc("build", linear, "-t", "onnx", "--weights", weights, cwd=tmp_path)
    assert done.returncode == 1
    assert "dense.weight is f32[10, 512], not f32[1, 1]" in done.stderr.decode()
    done = dlmc(*build, "--target", "onnx", "--weights", "gone.safetensors", "--force")
    assert done.returncode == 1
    assert "gone.safetensors" in done.stderr.decode()
