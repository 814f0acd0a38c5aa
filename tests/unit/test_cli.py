"""The command line: what it says, where, and with which exit status."""

import subprocess
import sys
from pathlib import Path

import pytest

from dlmc.api import read
from dlmc.backend import backend
from dlmc.cli import cli

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
    assert text.startswith(f"error[E0201]: there is no `Dens`\n  --> {path}:3:19\n")
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


@pytest.mark.parametrize("command", [[], *([name] for name in sorted(cli.commands))])
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


def test_explain() -> None:
    """A page of Markdown where there is no terminal; letters of either case."""
    done = dlmc("explain", "e0304")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode().startswith("# E0304: shapes differ\n\n")
    assert "\x1b" not in done.stdout.decode()


def test_explain_lists_the_codes() -> None:
    lines = dlmc("explain").stdout.decode().splitlines()
    assert "E0304  shapes differ" in lines
    assert lines == sorted(lines)


@pytest.mark.parametrize(
    ("code", "said"),
    [("E304", "did you mean E0304"), ("shapes", "`dlmc explain` lists all of them")],
)
def test_explain_of_no_code(code: str, said: str) -> None:
    """Status 2, and those that are near."""
    done = dlmc("explain", code)
    assert done.returncode == 2
    assert said in done.stderr.decode()


def test_a_project_of_standard_input(tmp_path: Path) -> None:
    """It is called after where it comes from, by a name that a shell can take."""
    right = WRONG.replace("Dens", "Dense").encode()
    done = dlmc("build", "-", "-t", "onnx", "-o", tmp_path, stdin=right)
    assert done.returncode == 0
    assert [path.name for path in tmp_path.iterdir()] == ["stdin-onnx"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["lenet.dlm"], "did you mean `dlmc check lenet.dlm`?"),
        (["sumary", DIGITS], "did you mean `summary`?"),
        (["zzz"], "there is no command 'zzz'\n"),
        (["build", DIGITS, "-t", "pytorch"], "Did you mean torch?"),
        (["build", DIGITS, "-t", "Keras"], "Did you mean tensorflow?"),
        (["build", DIGITS, "-t", "tf"], "Did you mean tensorflow?"),
        (["build", DIGITS, "-t", "onnxruntime"], "Did you mean onnx?"),
        (["build", DIGITS, "-t", "tensrflow"], "Did you mean tensorflow?"),
        (["build", DIGITS, "-t", "jax"], "is not one of onnx, tensorflow, torch.\n"),
        (
            ["train", DIGITS, "-t", "onnx"],
            "the target onnx cannot train yet; these can: tensorflow, torch",
        ),
        (
            ["train", DIGITS, "-t", "torch", "-t", "tensorflow"],
            "--target is given once",
        ),
    ],
)
def test_a_wrong_call_says_what_is_meant(
    words: list[object], said: str, tmp_path: Path
) -> None:
    """Status 2, and nothing is written."""
    done = dlmc(*words, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, b"")
    assert said in done.stderr.decode()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("target", ["torch", "tensorflow", "onnx"])
def test_targets_that_can_train_have_a_script(target: str) -> None:
    made = backend(target)
    assert made.can_train == ("train.py" in made.build(read(DIGITS)))


@pytest.mark.parametrize(
    "words", [["summary", "."], ["graph", "."], ["build", ".", "-t", "torch"]]
)
def test_a_folder_in_the_place_of_a_program(words: list[str], tmp_path: Path) -> None:
    done = dlmc(*words, cwd=tmp_path)
    assert done.returncode == 1
    text = done.stderr.decode()
    assert ". is a folder, not a program\n" in text
    assert "it has no .dlm file" in text
    for name in ("d", "c", "b", "a"):
        (tmp_path / f"{name}.dlm").write_text(WRONG, "utf-8")
    text = dlmc(*words, cwd=tmp_path).stderr.decode()
    assert "name a program in it: a.dlm, b.dlm, c.dlm, …\n" in text


def test_a_text_that_is_no_program(tmp_path: Path) -> None:
    """One message; a program of another name is checked all the same."""
    path = tmp_path / "README.md"
    path.write_text("# A title\n\nSome *text*, (and `more`.\n- of it\n", "utf-8")
    done = dlmc("check", path)
    assert done.returncode == 1
    text = done.stderr.decode()
    assert text.startswith(f"error[E0001]: {path} does not look like a program\n")
    assert text.endswith("\n1 error\n")
    path.write_text(WRONG, "utf-8")
    assert "there is no `Dens`" in dlmc("check", path).stderr.decode()


def test_a_weight_file_that_is_not_there(tmp_path: Path) -> None:
    words = ["build", DIGITS, "-t", "onnx", "--weights", "nope.safetensors"]
    done = dlmc(*words, cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.decode() == "error: nope.safetensors: no such file\n"
    assert list(tmp_path.iterdir()) == []
