"""`dlmc summary` as a person calls it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
DIGITS = ROOT / "examples" / "digits.dlm"


def summary(
    *words: object,
    stdin: str = "",
    python: tuple[str, ...] = ("-m", "dlmc"),
    encoding: str = "utf-8",
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *python, "summary", *map(str, words)],
        input=stdin,
        capture_output=True,
        encoding=encoding,
        env={**os.environ, "PYTHONIOENCODING": encoding},
        check=False,
    )


def test_the_table() -> None:
    """Rows, totals and the training; no colour and no blanks at the ends of lines."""
    done = summary(DIGITS)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0] == "Digits(classes = 10)"
    (dense,) = (line for line in lines if "dense" in line)
    assert " ".join(dense.split()) == (
        "└ dense Dense f32[N, 10] 5,130 10.2 k · N 30.8 k · N 2.00 KiB · N"
    )
    assert "  Parameters     9,978 trained, 96 in states" in lines
    assert "train Digits on digits: one step on a batch of 64" in lines
    assert "\x1b" not in done.stdout
    assert lines == [line.rstrip() for line in lines]


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_plain_characters(encoding: str) -> None:
    """Where the output's encoding has no others."""
    text = "model M { input x: f32[N, N, 4] output y = x -> Dense(3) }"
    done = summary("-", stdin=text, encoding=encoding)
    assert (done.returncode, done.stderr) == (0, "")
    assert "` dense" in done.stdout
    assert "27 * N^2" in done.stdout


def test_depth_and_sizes() -> None:
    """One level; numbers in the place of N."""
    done = summary(DIGITS, "--depth", 1, "--set", "N=2")
    assert done.returncode == 0
    assert " conv " not in done.stdout
    assert "f32[2, 16, 8, 8]" in done.stdout
    assert "is open" not in done.stdout


def test_json() -> None:
    """Exact figures; the same bytes each time."""
    done = summary(DIGITS, "--format", "json")
    found = json.loads(done.stdout)
    assert found["file"] == "digits.dlm"
    (model,) = found["models"]
    assert model["parameters"] == 9978
    assert [row["name"] for row in model["rows"]] == [
        "block", "block_2", "avg_pool", "flatten", "dropout", "dense",
    ]  # fmt: skip
    assert model["rows"][-1]["forward_flops"] == "10250*N"
    assert summary(DIGITS, "--format", "json").stdout == done.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--set", "M=3"], "there is no size called M: open sizes are N"),
        (["--set", "N"], "'N' is not like N=32"),
        (["--set", "N=0"], "'N=0' is not like N=32"),
        (["--set", "N=²"], "'N=²' is not like N=32"),
        (["--model", "Letters"], "no model called Letters: the program has Digits"),
        (["--depth", "0"], "x>=1"),
    ],
)
def test_a_wrong_call(words: list[str], said: str) -> None:
    done = summary(DIGITS, *words)
    assert done.returncode == 2
    assert said in done.stderr


def test_a_size_without_a_meaning() -> None:
    """The place where it shows."""
    text = "model M {\n  input x: f32[N, 3, H, 9]\n  output y = x -> Conv(2, 5)\n}\n"
    done = summary("-", "--set", "H=4", stdin=text)
    assert (done.returncode, done.stdout) == (1, "")
    assert "no meaning for H = 4: conv makes f32[N, 2, 0, 5]" in done.stderr
    assert "Traceback" not in done.stderr
    assert summary("-", "--set", "H=5", stdin=text).returncode == 0


def test_a_wrong_program() -> None:
    done = summary("-", stdin="model M { input x: f32[N] output y = x -> Dens(2) }")
    assert (done.returncode, done.stdout) == (1, "")
    assert "there is no `Dens`" in done.stderr


def test_help_is_light() -> None:
    """It needs neither NumPy nor rich; the rules of counting stand in it."""
    code = (
        "import sys; from dlmc.cli import cli\n"
        "try: cli()\n"
        "finally: print(*{'numpy', 'rich', 'onnx'} & set(sys.modules), file=sys.stderr)"
    )
    done = summary("--help", python=("-c", code))
    assert (done.returncode, done.stderr.strip()) == (0, "")
    assert "2 for a multiply-add" in done.stdout
    assert "  Example:\n    dlmc summary " in done.stdout
