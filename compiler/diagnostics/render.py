"""Diagnostics as text for people: the line, the span underlined, the way out."""

import unicodedata
from collections.abc import Iterator
from typing import TYPE_CHECKING

from dlmc.diagnostics.diagnostic import Diagnostic, Label, Severity

if TYPE_CHECKING:
    from rich.text import Text

BIDI = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
"""The classes of characters that embed, override or isolate (Unicode Annex 9)."""
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
    code = f"[{diagnostic.code}]" if diagnostic.code else ""
    yield f"{diagnostic.severity.value}{code}", colour
    yield f": {_printable(diagnostic.message)}", "bold"
    places = [] if diagnostic.place is None else [(diagnostic.place, "^", colour)]
    places += [(label, "-", "bold blue") for label in diagnostic.labels]
    width = max((len(str(label.span.line)) for label, _, _ in places), default=1)
    shown: tuple[object, int] | None = None
    for i, (label, mark, style) in enumerate(places):
        there = (label.span.source, label.span.line)
        if there != shown:
            yield f"\n{'':{width}}", ""
            yield (" --> " if i == 0 else " ::: "), "blue"
            yield _printable(str(label.span)), ""
            yield f"\n{'':{width}} |\n{label.span.line:>{width}} | ", "blue"
            yield _printable(label.span.source.line(label.span.line)), ""
            shown = there
        yield f"\n{'':{width}} | ", "blue"
        yield _marks(label, mark), style
    if diagnostic.steps:
        wide = max(_columns(_printable(step.text)) for step in diagnostic.steps)
        yield f"\n{'':{width}} ", ""
        yield "= it comes from", "bold"
        for step in diagnostic.steps:
            text = _printable(step.text)
            row = f"{text}{'':{wide - _columns(text)}}  {step.type}".rstrip()
            yield f"\n{'':{width}}     {row}", ""
    if diagnostic.hint is not None:
        first, *rest = map(_printable, diagnostic.hint.split("\n"))
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
    return f"{before}{marks}{' ' if label.text else ''}{_printable(label.text)}"


def _printable(text: str) -> str:
    """The text as it may be shown.

    No control character reaches the terminal, and none that turns the direction of
    writing, which would show a line other than it is.
    """
    return "".join(
        " " if c == "\t" else "\ufffd" if _is_control(c) else c for c in text
    )


def _is_control(c: str) -> bool:
    return unicodedata.category(c) == "Cc" or unicodedata.bidirectional(c) in BIDI


def _columns(text: str) -> int:
    """How many columns of a terminal a text takes."""
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    marks = sum(bool(unicodedata.combining(c)) for c in text)
    return len(text) + wide - marks


def _blank(text: str) -> str:
    return " " * _columns(_printable(text))
