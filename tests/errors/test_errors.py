"""Each broken program beside the exact text of what is said about it."""

from pathlib import Path

import pytest

import dlmc
from dlmc.diagnostics.render import render

HERE = Path(__file__).parent


@pytest.mark.parametrize("name", sorted(p.stem for p in HERE.glob("*.dlm")))
def test_diagnostics(name: str, request: pytest.FixtureRequest) -> None:
    """What is said is what stands beside the program, and there is an error."""
    found = dlmc.check(HERE / f"{name}.dlm")
    assert any(diagnostic.severity.value == "error" for diagnostic in found)
    text = "\n\n".join(render(diagnostic) for diagnostic in found) + "\n"
    beside = HERE / f"{name}.txt"
    if request.config.getoption("--update-golden"):
        beside.write_text(text, "utf-8")
    assert text == beside.read_text("utf-8")
