"""Expressions inside of strings: `"layer{i}"`."""

from collections.abc import Iterator

from dlmc.grammar import literals
from dlmc.grammar.faults import SyntaxFault, SyntaxFaults
from dlmc.grammar.parser import parse_expression
from dlmc.grammar.span import Span
from dlmc.grammar.tree import Expression, String


def interpolated(string: String) -> tuple[str | Expression, ...]:
    """The pieces of a string: text, and the expressions between `{` and `}`.

    `{{` and `}}` are the braces themselves. No piece of text is empty.

    Raises:
        SyntaxFaults: A brace has no partner, or what stands between two of them is not
            an expression.
    """
    if not string.span.text.startswith('"'):
        return (string.value,)  # a name, after `as`
    return tuple(_pieces(string.span))


def _pieces(span: Span) -> Iterator[str | Expression]:
    """The pieces of the string that covers a span, its quotes included."""
    text = span.source.text
    end = span.end - 1
    raw = ""
    place = span.start + 1
    while place < end:
        pair = text[place : place + 2]
        if pair in ("{{", "}}"):
            raw += pair[0]
            place += 2
        elif pair[0] == "}":
            raise _unpaired(span, place, "{")
        elif pair[0] == "{":
            close = text.find("}", place, end)
            if close < 0:
                raise _unpaired(span, place, "}")
            if raw:
                yield literals.unescaped(raw)
            raw = ""
            yield parse_expression(span.source, place + 1, close)
            place = close + 1
        else:
            # An escape is taken whole: `\\u{e9}` has braces of its own.
            length = literals.escape_length(text, place)
            raw += text[place : place + length]
            place += length
    if raw:
        yield literals.unescaped(raw)


def _unpaired(span: Span, place: int, missing: str) -> SyntaxFaults:
    brace = span.source.text[place]
    fault = SyntaxFault(
        "E0127",
        Span(span.source, place, place + 1),
        f"this `{brace}` has no `{missing}` in its string",
        f"write `{brace}{brace}` for the character itself",
    )
    return SyntaxFaults((fault,))
