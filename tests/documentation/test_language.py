"""What the language's page lists is what the compiler has."""

import re

import pytest

from dlmc.elaborate import data, operators, session, specialise, training
from dlmc.elaborate.builtins import BUILTINS
from dlmc.elaborate.columns import FUNCTIONS
from dlmc.elaborate.top import SAID
from dlmc.grammar.tables import tables
from dlmc.initializers import INITIALIZERS
from dlmc.ir.types import DType
from tests.documentation.pages import ROOT

PAGE = (ROOT / "docs" / "language.md").read_text("utf-8")


def part(heading: str) -> str:
    """The text below a heading."""
    (_, text) = re.split(rf"^#+ {re.escape(heading)}$", PAGE, flags=re.MULTILINE)
    return re.split(r"^#+ ", text, maxsplit=1, flags=re.MULTILINE)[0]


def first_column(heading: str) -> list[str]:
    """What stands in code in the first cells of the table below a heading."""
    cells = re.findall(r"^\| (`[^|]*) \|", part(heading), re.MULTILINE)
    return [name for cell in cells for name in re.findall(r"`([^`]*)`", cell)]


def test_reserved_words() -> None:
    """All of them are listed."""
    (listed,) = re.findall(r"are reserved:\n\n((?:`.*\n)+)", PAGE)
    assert set(re.findall(r"`(\w+)`", listed)) == set(tables().keywords)


def test_dtypes() -> None:
    """All of them, and the two kinds."""
    assert set(first_column("dtypes")) == {*(d.value for d in DType), "float", "int"}


def test_compile_time_functions() -> None:
    """All of them, with their arguments."""
    expected = {
        f"{name}({', '.join(parameter for parameter, _ in function.parameters)})"
        for name, function in BUILTINS.items()
    }
    assert set(first_column("Compile-time functions")) == expected


def test_initialisers() -> None:
    """All that a program can call."""
    (listed,) = re.findall(r"number or one of ((?:`\w+`[\s,]+)+)", part("Parameters"))
    assert set(re.findall(r"`(\w+)`", listed)) == set(INITIALIZERS) - set(SAID)


def test_settings() -> None:
    """Those of a training."""
    assert set(first_column("Settings")) == set(training.SETTINGS)


def test_sources() -> None:
    """Those that are there."""
    assert {cell.partition("(")[0] for cell in first_column("Sources")} == set(
        data.SOURCES
    )


def test_functions_of_fields() -> None:
    """Those that fields have beside all else."""
    listed = {cell.partition("(")[0] for cell in first_column("Fields")}
    assert listed == {*FUNCTIONS, "standardize"}


@pytest.mark.parametrize("name", [*training.LATER, *data.LATER_SOURCES, "scan"])
def test_what_is_not_there_yet(name: str) -> None:
    """What E0004 answers is said to be missing."""
    assert f"`{name}`" in part("What is not there yet")


@pytest.mark.parametrize(
    ("row", "limit"),
    [
        ("depth of blocks and functions that use each other", session.MAX_DEPTH),
        ("steps of the compiler", session.MAX_STEPS),
        ("operations in a program", specialise.MAX_OPERATIONS),
        ("items in a list, characters in a string", operators.MAX_LENGTH),
        ("bits of an integer", operators.MAX_BITS),
        ("errors that are reported", session.MAX_ERRORS),
    ],
)
def test_limits(row: str, limit: int) -> None:
    """The figures are the compiler's."""
    assert f"| {row} | {limit:,} |" in part("Limits")
