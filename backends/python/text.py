"""Literals as text: numbers, strings and f-strings, written as ruff leaves them."""

import re
from collections.abc import Callable
from typing import Any

_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\", "\0": "\\0"}


def literal(value: Any, quote: str = '"') -> str:
    """A literal of any kind but a negative number; `quote` is the preferred one."""
    if isinstance(value, str):
        return string(value, quote)
    if isinstance(value, bytes):
        return f"b{string(value.decode('latin-1'), quote, ascii_only=True)}"
    if value is ...:
        return "..."
    if isinstance(value, float):
        return number(value)
    return repr(value)


def number(value: float) -> str:
    """A float at the shortest that reads back as itself: `0.1`, `1e-5`, `1e9`."""
    shortest = repr(value)
    if 0 < value < 0.01 or 1e6 <= value < 1e16:
        scientific = f"{value:.1e}".replace(".0e", "e")
        if float(scientific) == value:
            shortest = scientific  # `1e-3` and `1e9`
    return re.sub(r"e([+-])0*(\d)", lambda m: f"e{m[1].strip('+')}{m[2]}", shortest)


def string(value: str, quote: str = '"', ascii_only: bool = False) -> str:
    """A string literal, in the preferred quotes unless the others save escapes."""
    other = "'" if quote == '"' else '"'
    if value.count(quote) > value.count(other):
        quote = other
    return f"{quote}{escape(value, quote, ascii_only)}{quote}"


def escape(value: str, quote: str, ascii_only: bool = False) -> str:
    """The inside of a string literal in the given quotes."""

    def one(character: str) -> str:
        if character in _ESCAPES:
            return _ESCAPES[character]
        if character == quote:
            return f"\\{character}"
        if character.isprintable() and (not ascii_only or character.isascii()):
            return character
        return repr(character)[1:-1]

    text = "".join(map(one, value))
    return re.sub(r"\\0(?=[0-7])", r"\\x00", text)


def visible(text: str, hidden: Callable[[str], str] = lambda _: "\ufffd") -> str:
    """Text of which all is seen, and that changes nothing of how others is shown.

    Any space becomes a plain one; line breaks stay, and so do the characters that join
    letters and emoji. What `hidden` makes of them takes the place of others.
    """

    def one(c: str) -> str:
        if c.isprintable() or c in "\n\u200c\u200d":
            return c
        return " " if c.isspace() else hidden(c)

    return "".join(map(one, text))


def pieces(value: str, width: int) -> list[str]:
    """A long string in pieces of at most `width` characters, cut after spaces."""
    words = re.findall(r"\S*\s+|\S+", value)
    lines = [""]
    for word in words:
        if lines[-1] and len(lines[-1]) + len(word) > width:
            lines.append("")
        lines[-1] += word
    return lines
