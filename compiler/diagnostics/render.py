"""Diagnostics as text for people: the line, the span underlined, the way out."""

import unicodedata
from collections.abc import Iterator
from typing import TYPE_CHECKING

from dlmc.diagnostics.diagnostic import Diagnostic, Label, Severity

if TYPE_CHECKING:
    from rich.text import Text

Segment = tuple[str, str]
"""Text and its style in rich's words, "" for none."""


def render(diagnostic: Diagnostic) -> str:
    """The plain text of a diagnostic, without a line break at the end."""
    return "".join(text for text, _ in _segments(diagnostic))


def styled(diagnostic: Diagnostic) -> "Text":
    """The same text with colours, for a terminal."""
    from rich.text import Text

    return Text.assemble(*_segments(diagnostic))


def _segments(diagnostic: Diagnostic) -> Iterator[Segment]:
    colour = "bold red" if diagnostic.severity is Severity.ERROR else "bold yellow"
    yield f"{diagnostic.severity.value}[{diagnostic.code}]", colour
    yield f": {diagnostic.message}", "bold"
    places = [] if diagnostic.place is None else [(diagnostic.place, "^", colour)]
    places += [(label, "-", "bold blue") for label in diagnostic.labels]
    width = max((len(str(label.span.line)) for label, _, _ in places), default=1)
    shown: tuple[object, int] | None = None
    for i, (label, mark, style) in enumerate(places):
        there = (label.span.source, label.span.line)
        if there != shown:
            yield f"\n{'':{width}}", ""
            yield (" --> " if i == 0 else " ::: "), "blue"
            yield str(label.span), ""
            yield f"\n{'':{width}} |\n{label.span.line:>{width}} | ", "blue"
            yield _printable(label.span.source.line(label.span.line)), ""
            shown = there
        yield f"\n{'':{width}} | ", "blue"
        yield _marks(label, mark), style
    if diagnostic.hint is not None:
        first, *rest = diagnostic.hint.splitlines()
        yield f"\n{'':{width}} ", ""
        yield "= help: ", "bold"
        yield first, ""
        for line in rest:
            yield f"\n{'':{width + 9}}{line}", ""


def _marks(label: Label, mark: str) -> str:
    """What stands under the line of a label; of a longer span under its first line."""
    span = label.span
    column = span.column
    text = span.source.line(span.line)
    length = min(span.end - span.start, max(len(text) - column + 1, 1))
    covered = text[column - 1 : column - 1 + length]
    marks = mark * max(_columns(_printable(covered)), 1)
    before = _blank(text[: column - 1])
    return f"{before}{marks}{' ' if label.text else ''}{label.text}"


def _printable(text: str) -> str:
    """The text as it may be shown: no control character reaches the terminal."""
    return "".join(
        " " if c == "\t" else "\ufffd" if unicodedata.category(c) == "Cc" else c
        for c in text
    )


def _columns(text: str) -> int:
    """How many columns of a terminal a text takes."""
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    marks = sum(bool(unicodedata.combining(c)) for c in text)
    return len(text) + wide - marks


def _blank(text: str) -> str:
    return " " * _columns(_printable(text))
