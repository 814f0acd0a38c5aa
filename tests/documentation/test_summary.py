"""The figures in the README, and the rows of what constructs mean."""

import re

import pytest

from dlmc.catalogue import catalogue
from dlmc.catalogue.summary import summary, summary_text
from tests.documentation.pages import ROOT

README = ROOT / "README.md"
SEMANTICS = ROOT / "docs" / "semantics.md"


def test_figures_of_the_readme(request: pytest.FixtureRequest) -> None:
    """They are up to date; `make golden` writes them anew."""
    figures, _, _ = summary_text(summary(catalogue())).partition("\nWithout a gradient")
    actual = README.read_text("utf-8")
    opening = "`dlmc ops --summary` counts\nwhat there is:\n\n```text\n"
    assert opening in actual
    before, _, rest = actual.partition(opening)
    _, end, after = rest.partition("```\n")
    expected = f"{before}{opening}{figures.rstrip()}\n{end}{after}"
    if request.config.getoption("--update-golden"):
        README.write_text(expected, "utf-8")
    assert actual == expected or request.config.getoption("--update-golden")


def test_rows_of_the_semantics() -> None:
    """Each names a test that speaks of it, and all of these tests speak of rows."""
    tests = (ROOT / "tests" / "conformance" / "test_semantics.py").read_text("utf-8")
    held = dict(
        re.findall(r'\ndef (test_\w+)\([^)]*\)[^:]*:\n    """([^"]*)"""', tests)
    )
    rows = re.findall(
        r"^\| (\d+) \|.*\| `?(\w+)`? \|$", SEMANTICS.read_text("utf-8"), re.M
    )
    assert [int(number) for number, _ in rows] == list(range(1, len(rows) + 1))
    for number, test in rows:
        assert number in numbers(held[test]), f"row {number}: {test}"
    known = {number for number, _ in rows}
    for test, says in held.items():
        spoken = numbers(says)
        assert spoken, test
        assert known.issuperset(spoken), f"{test} speaks of {spoken}"


def numbers(text: str) -> list[str]:
    """The rows that a docstring begins with: `Rows 4 and 10: …`."""
    head = text.partition(":")[0].partition(".")[0]
    if not head.startswith("Row"):
        return []
    found = [int(number) for number in re.findall(r"\d+", head)]
    if " to " in head:
        *first, low, high = found
        found = [*first, *range(low, high + 1)]
    return [str(number) for number in found]
