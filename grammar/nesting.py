"""How deep a program may be nested, found before anything is built from it.

What reads a syntax tree goes down it by recursion, so its depth has a limit.
"""

from collections.abc import Sequence

from dlmc.grammar.faults import SyntaxFault
from dlmc.grammar.foreign import ERROR
from dlmc.grammar.kinds import CLOSING, DECLARATIONS, OPENING, OPERATORS, STATEMENTS
from dlmc.grammar.lexer import Token
from dlmc.grammar.recovery import declaration_starts, enclosing

DEEPEST = 200
"""The sum of the brackets and of the operators that a tree's node can be under."""

_NESTING = OPERATORS | {"AS", "DOT", "IF", "FN"}
"""The tokens, besides brackets, that each put a node under another."""

_STARTING = (DECLARATIONS | STATEMENTS) - {"FN", "IF"}
"""The words that end the expression before them."""


def refuse_deep(tokens: list[Token]) -> list[SyntaxFault]:
    """Say where declarations are nested too deeply, and mark the places as errors."""
    faults: list[SyntaxFault] = []
    starts: list[int] = []
    begin: int | None = 0
    while begin is not None and (index := _too_deep(tokens, begin)) is not None:
        token = tokens[index]
        message = f"this is nested more than {DEEPEST} deep"
        hint = "bind a part of it to a name, and use the name"
        faults.append(SyntaxFault("E0109", token.span, message, hint))
        tokens[index] = token._replace(kind=ERROR)
        starts = starts or declaration_starts(tokens)
        _, begin = enclosing(starts, index)
    return faults


def _too_deep(tokens: Sequence[Token], begin: int) -> int | None:
    """The first token that is nested too deeply."""
    levels = [0]
    """For each open bracket what nests inside it: itself and the operators so far."""
    total = 0
    previous = ""
    for index in range(begin, len(tokens)):
        kind = tokens[index].kind
        if _starts_anew(previous, kind):
            inside = 1 if len(levels) > 1 else 0
            total += inside - levels[-1]
            levels[-1] = inside
        if kind in OPENING:
            # `f(a)(b)` is a call of a call.
            is_chained = previous in CLOSING and kind != "LBRACE"
            levels[-1] += is_chained
            levels.append(1)
            total += 1 + is_chained
        elif kind in CLOSING:
            if len(levels) > 1:
                total -= levels.pop()
        elif kind in _NESTING:
            levels[-1] += 1
            total += 1
        if total > DEEPEST:
            return index
        previous = kind
    return None


def _starts_anew(previous: str, kind: str) -> bool:
    """Whether a token does not belong to the expression before it."""
    if previous == "RBRACE":
        return kind != "ELSE"
    return (
        kind == "COMMA"
        # After `fn(…)` an `=` goes on with the expression.
        or (kind == "EQUAL" and previous == "NAME")
        or (kind == "NAME" and previous == "FN")
        or (kind in _STARTING and previous != "DOT")
    )
