"""Every diagnostic code has a title, and every title is of a code in use."""

import re
from pathlib import Path

from dlmc.diagnostics.codes import TITLES
from dlmc.grammar.faults import SYNTAX_CODES

ROOT = Path(__file__).parents[2]


def used(room: str) -> set[str]:
    """The codes that stand as strings in a room's code, outside its tables of codes."""
    return {
        code
        for path in (ROOT / room).rglob("*.py")
        if path.name not in ("codes.py", "faults.py")
        for code in re.findall(r'"([EW]\d{4})"', path.read_text("utf-8"))
    }


def test_codes_of_the_compiler() -> None:
    # A primitive's fault has this code where it says none.
    assert used("compiler") | used("backends") | {"E0301"} == set(TITLES)


def test_codes_of_the_grammar() -> None:
    assert used("grammar") == set(SYNTAX_CODES)
    assert not set(SYNTAX_CODES) & set(TITLES)
