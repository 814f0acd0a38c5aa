"""The examples in the documentation are programs without errors."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dlmc.diagnostics.render import render
from dlmc.elaborate.program import elaborate
from dlmc.grammar.span import Source

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
EXAMPLE = re.compile(r"^```dlm\n(.*?)^```", re.DOTALL | re.MULTILINE)


def examples() -> Iterator[Any]:
    """Every complete program in the pages, called after its page and line."""
    for page in PAGES:
        text = page.read_text("utf-8")
        for found in EXAMPLE.finditer(text):
            line = text.count("\n", 0, found.start()) + 1
            yield pytest.param(found[1], id=f"{page.stem}:{line}")


@pytest.mark.parametrize("text", list(examples()))
def test_example(text: str) -> None:
    """It elaborates; a path in it is relative to the examples."""
    found = elaborate(Source("example.dlm", text), ROOT / "examples")
    assert not found.diagnostics, "\n".join(map(render, found.diagnostics))
    assert found.program is not None


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links(page: Path) -> None:
    """A link to a file of the project leads somewhere."""
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), target
