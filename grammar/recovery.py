"""Where declarations start in a text that is not a program."""

from bisect import bisect_left
from collections.abc import Sequence

from dlmc.grammar.kinds import CLOSING, DECLARATIONS, OPENING
from dlmc.grammar.lexer import Token


def declaration_starts(tokens: Sequence[Token]) -> list[int]:
    """Where declarations seem to start, the first token always among them.

    That is a declaration's word outside of all brackets, and, since a bracket may be
    missing, one that stands as far left in its line as the first declaration does.
    """
    starts = [0]
    margin = _column(tokens, 0) or 1
    depth = 0
    for index in range(len(tokens) - 1):
        kind = tokens[index].kind
        if kind in OPENING:
            depth += 1
        elif kind in CLOSING:
            depth = max(0, depth - 1)
        elif (
            kind in DECLARATIONS
            and is_declaration(tokens, index)
            and (depth == 0 or (_column(tokens, index) or margin + 1) <= margin)
        ):
            depth = 0
            if index > 0:
                starts.append(index)
    return starts


def is_declaration(tokens: Sequence[Token], index: int) -> bool:
    """Whether a declaration's word is followed as in a declaration.

    It may also be the name of an argument or of a setting.
    """
    if tokens[index].kind not in DECLARATIONS:
        return False
    wanted = "STRING" if tokens[index].kind == "USE" else "NAME"
    return tokens[index + 1].kind == wanted


def enclosing(starts: Sequence[int], index: int) -> tuple[int, int | None]:
    """The declaration that went wrong at a token, and the next one.

    A token that itself starts a declaration is where the one before it went wrong.
    """
    place = bisect_left(starts, index, lo=1)
    return starts[place - 1], starts[place] if place < len(starts) else None


def is_start(starts: Sequence[int], index: int) -> bool:
    """Whether a declaration, but not the first, starts at a token."""
    place = bisect_left(starts, index, lo=1)
    return place < len(starts) and starts[place] == index


def is_first_in_line(tokens: Sequence[Token], index: int) -> bool:
    """Whether only blanks stand before a token in its line."""
    return _column(tokens, index) is not None


def _column(tokens: Sequence[Token], index: int) -> int | None:
    """The column of a token that is the first of its line; None for another."""
    token = tokens[index]
    column = token.source.position(token.start)[1]
    if index and tokens[index - 1].end > token.start - column + 1:
        return None
    return column
