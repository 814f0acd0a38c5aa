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
        token = place.tokens[_outdented(place, opening)]
    where = "the file ends"
    if found.kind == "DOCSTRING":
        where = f"the documentation in line {found.span.line}"
    elif found.kind != END:
        where = f"`{found.text}` in line {found.span.line}"
    message = f"this `{token.text}` is not closed before {where}"
    return SyntaxFault("E0102", token.span, message, f"write `{close}` where it ends")


def _outdented(place: Place, outermost: int) -> int:
    """The brace that is most likely the one without a partner.

    By counting, a brace missing anywhere is missing at the end. So the last brace is
    looked for whose partner stands further left than the line that opens it.
    """
    for opening in sorted(place.partners, reverse=True):
        token = place.tokens[opening]
        if opening < outermost:
            break
        if token.kind != "LBRACE":
            continue
        end = place.tokens[place.partners[opening]].span
        line = token.source.line(token.span.line)
        indent = len(line) - len(line.lstrip()) + 1
        if end.line != token.span.line and end.column < indent:
            return opening
    return outermost


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
            hint = "write `}` where it ends"
            return SyntaxFault("E0102", place.tokens[index].span, message, hint)
    message = "this `else` belongs to no `if`"
    hint = "write `if condition { … } else { … }`, or `if condition then a else b`"
    return SyntaxFault("E0116", place.found.span, message, hint)
