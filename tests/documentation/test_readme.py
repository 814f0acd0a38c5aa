"""The code in the README is what dlmc writes, and its commands run."""

import subprocess
import sys
from pathlib import Path

import pytest

import dlmc
from tests.documentation.pages import ROOT, blocks, section

PAGE = ROOT / "README.md"


@pytest.mark.parametrize("target", ["torch", "tensorflow"])
def test_generated_code(target: str, tmp_path: Path) -> None:
    """The first program becomes the code below it."""
    program = blocks(PAGE)[0]
    assert program.file == "classifier.dlm"
    path = tmp_path / program.file
    path.write_text(program.text, "utf-8")
    folder = dlmc.build(path, target=target, output=tmp_path)
    (shown,) = [block for block in blocks(PAGE) if block.words == (target,)]
    assert shown.text in (folder / "model.py").read_text("utf-8")


def test_program_that_trains() -> None:
    """It is the first one, with what trains it."""
    first, second = (b.text for b in blocks(PAGE) if b.language == "dlm")
    assert second.startswith(first)


def test_quick_start(tmp_path: Path) -> None:
    """Every command runs; the training is a short one."""
    commands = section(PAGE, "Quick start")[0].text.splitlines()
    folder = tmp_path
    for command in commands:
        name, *rest = command.partition(" #")[0].split()
        if name == "cd":
            folder = folder / rest[0]
            continue
        start = [sys.executable, *(["-m", "dlmc"] if name == "dlmc" else [])]
        short = ["--epochs", "1"] if rest[0] == "train" else []
        done = subprocess.run(
            [*start, *rest, *short],
            cwd=folder,
            capture_output=True,
            check=False,
            text=True,
        )
        assert done.returncode == 0, done.stderr
    assert (folder / "digits-onnx" / "model.onnx").is_file()
