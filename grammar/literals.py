"""What literals mean: numbers, strings, documentation."""

import re
from collections.abc import Iterator

_ESCAPE = re.compile(r"\\(u\{[0-9A-Fa-f]{1,6}\}|u[0-9A-Fa-f]{4}|[\s\S])")

_ESCAPED = {"n": "\n", "t": "\t", '"': '"', "\\": "\\"}

LONGEST_NUMBER = 100
"""Characters; the longest that a program writes by hand is far below."""


def number(text: str) -> int | float:
    """The value of a number; `20%` is 0.2."""
    if text.endswith("%"):
        return float(text[:-1]) / 100
    if any(c in text for c in ".eE"):
        return float(text)
    return int(text)


def string(text: str) -> str:
    """The characters of a string between its quotes, its escapes resolved."""
    return unescaped(text[1:-1])


def unescaped(text: str) -> str:
    """A text with its escapes resolved."""
    return _ESCAPE.sub(_character, text) if "\\" in text else text


def escape_length(text: str, place: int) -> int:
    """How many characters the escape, or the plain character, at a place has."""
    escape = _ESCAPE.match(text, place)
    return len(escape[0]) if escape else 1


def unknown_escapes(text: str) -> Iterator[tuple[int, str]]:
    """Those escapes of a string that mean nothing, each with its offset."""
    for escape in _ESCAPE.finditer(text, 1, len(text) - 1):
        if _character(escape) == "":
            yield escape.start(), escape[0]


def _character(escape: re.Match[str]) -> str:
    """What an escape stands for; nothing if it is unknown."""
    name = escape[1]
    if len(name) == 1:
        return _ESCAPED.get(name, "")
    code = int(name[1:].strip("{}"), 16)
    # Half of a surrogate pair is no character and cannot be written to a file.
    is_character = code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF
    return chr(code) if is_character else ""


def documentation(text: str) -> str:
    """The text of a documentation string, without quotes, margin and blank ends."""
    first, *rest = text[3:-3].expandtabs().splitlines() or [""]
    margins = [len(line) - len(line.lstrip()) for line in rest if line.strip()]
    margin = min(margins, default=0)
    lines = [first.strip(), *(line[margin:].rstrip() for line in rest)]
    return "\n".join(lines).strip("\n")
