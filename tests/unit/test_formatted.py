"""All programs of the project have the one layout that `dlmc fmt` writes."""

import subprocess
import sys
from pathlib import Path

import pytest

from dlmc.grammar.formatter import formatted
from dlmc.grammar.span import Source
from tests.unit.test_documentation import examples

ROOT = Path(__file__).parents[2]
PROGRAMS = [
    path
    for room in ("examples", "compiler/library", "benchmarks")
    for path in sorted((ROOT / room).rglob("*.dlm"))
]
TEMPLATES = sorted(
    path.parent.name for path in ROOT.glob("compiler/templates/*/program.dlm.jinja")
)


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_program(path: Path) -> None:
    """`dlmc fmt examples compiler/library benchmarks` writes what is to be."""
    text = path.read_text("utf-8")
    assert formatted(Source(path.name, text)) == text


@pytest.mark.parametrize("text", list(examples()))
def test_example_in_the_documentation(text: str) -> None:
    """What people copy is what they would write."""
    assert formatted(Source("example.dlm", text)) == text


@pytest.mark.parametrize("template", TEMPLATES)
def test_new_program(template: str, tmp_path: Path) -> None:
    """So is what `dlmc new` starts them with."""
    subprocess.run(
        [sys.executable, "-m", "dlmc", "new", "first", "--template", template],
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )
    text = (tmp_path / "first" / "first.dlm").read_text("utf-8")
    assert formatted(Source("first.dlm", text)) == text
