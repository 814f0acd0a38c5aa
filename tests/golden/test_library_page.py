"""docs/library.md is what the catalogue says; `make golden` writes it anew."""

from pathlib import Path

import pytest

from dlmc.catalogue import catalogue
from dlmc.catalogue.markdown import page

PAGE = Path(__file__).parents[2] / "docs" / "library.md"


def test_the_page_is_not_stale(request: pytest.FixtureRequest) -> None:
    found = page(catalogue())
    if request.config.getoption("--update-golden"):
        PAGE.write_text(found, "utf-8")
    assert found == PAGE.read_text("utf-8")
