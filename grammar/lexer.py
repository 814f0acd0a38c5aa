"""From the characters of a source to tokens."""

import re
from functools import cache
from math import isinf
from typing import NamedTuple

from dlmc.grammar import foreign, literals
from dlmc.grammar.faults import SyntaxFault
from dlmc.grammar.foreign import ERROR
from dlmc.grammar.span import Source, Span
from dlmc.grammar.tables import END, tables


class Token(NamedTuple):
    """A word of the language in a text."""

    kind: str
    """A terminal of the grammar, `END` or `ERROR`."""
    text: str
    source: Source
    start: int

    @property
    def end(self) -> int:
        """Offset after the last character."""
        return self.start + len(self.text)

    @property
    def span(self) -> Span:
        """Where the token stands."""
        return Span(self.source, self.start, self.start + len(self.text))


@cache
def _pattern() -> re.Pattern[str]:
    """Any piece of text: what is between tokens, a token, or neither."""
    known = tables().patterns
    ignored = tables().ignored
    pieces = {
        **{kind: known[kind] for kind in ignored},
        **foreign.PATTERNS,
        **{kind: known[kind] for kind in known if kind not in ignored},
        **foreign.REMAINDER,
    }
    return re.compile("|".join(f"(?P<{kind}>{p})" for kind, p in pieces.items()))


def lex(
    source: Source, start: int = 0, end: int | None = None
) -> tuple[list[Token], list[SyntaxFault]]:
    """The tokens of a text, `END` the last, and what is wrong in single tokens.

    A token that is spelled as in another language is read as what it means here, so
    that the text after it is checked as well.
    """
    text = source.text
    if end is None:
        end = len(text)
    keywords = tables().keywords
    ignored = tables().ignored
    tokens: list[Token] = []
    faults: list[SyntaxFault] = []
    for match in _pattern().finditer(text, start, end):
        kind = match.lastgroup or ERROR
        if kind in ignored:
            continue
        piece = match[0]
        reading = None
        if kind == "NAME":
            kind = keywords.get(piece, kind)
            if piece in foreign.WORDS:
                reading = foreign.word(match, source)
        elif kind == "NUMBER":
            if fault := _number_fault(piece, Span(source, match.start(), match.end())):
                reading = foreign.Reading(ERROR, fault)
        elif kind == "STRING":
            faults += _string_faults(piece, source, match.start())
        elif kind in foreign.KINDS:
            reading = foreign.piece(match, source)
            if reading is None:
                continue
        if reading:
            faults.append(reading.fault)
            if reading.kind is None:
                continue
            kind = reading.kind
        tokens.append(Token(kind, piece, source, match.start()))
    tokens.append(Token(END, "", source, tokens[-1].end if tokens else start))
    return tokens, faults


def comments(source: Source) -> tuple[Span, ...]:
    """The comments of a text, each from `#` to the end of its line, in order."""
    return tuple(
        Span(source, match.start(), match.start() + len(match[0].rstrip()))
        for match in _pattern().finditer(source.text)
        if match.lastgroup == "COMMENT"
    )


def _number_fault(text: str, span: Span) -> SyntaxFault | None:
    """What is wrong with a well-formed number."""
    if len(text) > literals.LONGEST_NUMBER:
        message = "this number is too long"
        hint = f"a number has at most {literals.LONGEST_NUMBER} characters"
        return SyntaxFault("E0108", span, message, hint)
    if isinf(literals.number(text)):
        message = f"`{text}` is too large for a float"
        return SyntaxFault("E0108", span, message, "infinity is written `inf`")
    return None


def _string_faults(text: str, source: Source, start: int) -> list[SyntaxFault]:
    """The escapes of a string that mean nothing."""
    if "\\" not in text:
        return []
    return [
        SyntaxFault(
            "E0106",
            Span(source, start + offset, start + offset + len(escape)),
            f"`{escape}` is not an escape",
            'the escapes are `\\n`, `\\t`, `\\"`, `\\\\`, `\\u00e9` and `\\u{1f600}`',
        )
        for offset, escape in literals.unknown_escapes(text)
    ]
