"""`dlmc graph` as a person calls it."""

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).parents[3]
DIGITS = ROOT / "examples" / "digits.dlm"
TWO = (
    "model A { input x: f32[N, 4] output y = x -> Dense(3) }\n"
    "model B { input x: f32[N, 4] output y = x -> Dense(2) }\n"
)


def graph(
    *words: object, cwd: Path, stdin: str = "", python: tuple[str, ...] = ("-m", "dlmc")
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, *python, "graph", *map(str, words)],
        cwd=cwd,
        input=stdin.encode(),
        capture_output=True,
        check=False,
    )


def test_the_picture_is_beside_the_program(tmp_path: Path) -> None:
    program = tmp_path / "two.dlm"
    program.write_text(TWO, "utf-8")
    done = graph(program, cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode().strip() == str(tmp_path / "two.svg")
    assert {path.name for path in tmp_path.iterdir()} == {"two.dlm", "two.svg"}
    text = (tmp_path / "two.svg").read_text("utf-8")
    ElementTree.fromstring(text)
    assert ">A<" in text
    assert ">B<" in text


def test_standard_output_has_the_same_bytes(tmp_path: Path) -> None:
    assert graph(DIGITS, "-o", "digits.svg", cwd=tmp_path).returncode == 0
    done = graph(DIGITS, "-o", "-", cwd=tmp_path)
    assert done.stdout == (tmp_path / "digits.svg").read_bytes()
    done = graph("-", cwd=tmp_path, stdin=TWO)
    assert done.stdout.startswith(b"<svg ")


def test_a_page_of_one_model(tmp_path: Path) -> None:
    done = graph("-", "-o", "b.HTML", "--model", "B", cwd=tmp_path, stdin=TWO)
    assert done.returncode == 0
    text = (tmp_path / "b.HTML").read_text("utf-8")
    assert text.startswith("<!doctype html>")
    assert '"title":"B"' in text
    assert '"title":"A"' not in text


def test_depth(tmp_path: Path) -> None:
    shallow = graph(DIGITS, "-o", "-", cwd=tmp_path).stdout
    deep = graph(DIGITS, "-o", "-", "--depth", 2, cwd=tmp_path).stdout
    assert b">gelu<" not in shallow
    assert b">gelu<" in deep


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["-o", "digits.png"], 2, "ends neither in .svg nor in .html"),
        (["--model", "Letters"], 2, "no model called Letters: the program has Digits"),
        (["--depth", "0"], 2, "x>=1"),
        (["-o", "no/such/folder.svg"], 1, "folder.svg: No such file or directory"),
    ],
)
def test_what_is_wrong(
    tmp_path: Path, words: list[str], status: int, said: str
) -> None:
    done = graph(DIGITS, *words, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (status, b"")
    assert said in done.stderr.decode()
    assert b"Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_wrong_program(tmp_path: Path) -> None:
    done = graph("-", cwd=tmp_path, stdin="model M { input x: f32[N] output y = z }")
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"there is no `z`" in done.stderr


def test_without_the_engine(tmp_path: Path) -> None:
    """One line, and what to install."""
    code = (
        "import sys; sys.modules['quickjs'] = None\nfrom dlmc.cli import main; main()"
    )
    done = graph(DIGITS, "-o", "x.svg", cwd=tmp_path, python=("-c", code))
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.decode().splitlines() == [
        "error: an SVG is drawn with quickjs-ng, which is not installed",
        "  = help: pip install 'dlmc[graph]', or write a page: `-o NAME.html` needs"
        " nothing",
    ]
    assert not list(tmp_path.iterdir())


def test_help_is_light(tmp_path: Path) -> None:
    code = (
        "import sys; from dlmc.cli import cli\n"
        "try: cli()\n"
        "finally: print(*{'numpy', 'rich', 'quickjs'} & set(sys.modules),"
        " file=sys.stderr)"
    )
    done = graph("--help", cwd=tmp_path, python=("-c", code))
    assert (done.returncode, done.stderr.strip()) == (0, b"")
    assert b"  Example:\n    dlmc graph " in done.stdout
