"""Messages for brackets without a partner."""

from dlmc.grammar.faults import SyntaxFault
from dlmc.grammar.kinds import (
    CLOSING,
    OPENING,
)
from dlmc.grammar.messages.expected import spelling
from dlmc.grammar.messages.place import Place
from dlmc.grammar.recovery import is_declaration
from dlmc.grammar.tables import END


def unclosed(place: Place) -> SyntaxFault | None:
    """A bracket is open that nothing closes before the declaration ends."""
    opening = place.enclosing
    if opening is None or opening in place.partners:
        return None
    found = place.found
    token = place.tokens[opening]
    close = spelling(OPENING[token.kind])
    if found.kind in CLOSING and place.index not in place.partners.values():
        message = f"`{found.text}` cannot close the `{token.text}` of line "
        message += f"{token.span.line}"
        return SyntaxFault("E0103", found.span, message, f"write `{close}`")
    if token.kind == "LBRACE":
        # A declaration may have its documentation before it.
        start = place.index + (found.kind == "DOCSTRING")
        if found.kind != END and not is_declaration(place.tokens, start):
            return None
        if outdented := _outdented(place, opening):
            return outdented
    where = "the file ends"
    if found.kind == "DOCSTRING":
        where = f"the documentation in line {found.span.line}"
    elif found.kind != END:
        where = f"`{found.text}` in line {found.span.line}"
    message = f"this `{token.text}` is not closed before {where}"
    return SyntaxFault("E0102", token.span, message, f"write `{close}` where it ends")


def _outdented(place: Place, outermost: int) -> SyntaxFault | None:
    """The brace that most likely has no partner, though by counting it has one.

    A brace that is missing anywhere is by counting missing at the end. So the last
    brace is looked for whose partner stands further left than the line that opens it.
    """
    for opening in sorted(place.partners, reverse=True):
        token = place.tokens[opening]
        if opening < outermost or token.kind != "LBRACE":
            continue
        end = place.tokens[place.partners[opening]].span
        line = token.source.line(token.span.line)
        indent = len(line) - len(line.lstrip()) + 1
        if end.line != token.span.line and end.column < indent:
            message = "this `{` seems not to be closed: the next `}`, in line "
            message += f"{end.line}, stands further left"
            return SyntaxFault("E0102", token.span, message, _CLOSE)
    return None


_CLOSE = "write `}` where it ends"


def unopened(place: Place) -> SyntaxFault | None:
    """A bracket is closed that was not opened."""
    found = place.found
    if found.kind not in CLOSING or place.index in place.partners.values():
        return None
    message = f"this `{found.text}` closes nothing"
    opening = spelling(CLOSING[found.kind])
    hint = f"remove it, or write the `{opening}` that it closes"
    return SyntaxFault("E0103", found.span, message, hint)


def lone_else(place: Place) -> SyntaxFault | None:
    """An `else` that no `if` stands before."""
    if place.found.kind != "ELSE" or place.wants_value:
        return None
    symbols = place.stack.symbols
    for n in range(len(symbols) - 1, 1, -1):
        name, index = symbols[n]
        if name == "LBRACE" and symbols[n - 2].name == "IF" and index is not None:
            message = "this `{` is not closed before `else` in line "
            message += f"{place.found.span.line}"
            return SyntaxFault("E0102", place.tokens[index].span, message, _CLOSE)
    message = "this `else` belongs to no `if`"
    hint = "write `if condition { … } else { … }`, or `if condition then a else b`"
    return SyntaxFault("E0116", place.found.span, message, hint)
