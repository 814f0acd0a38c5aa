"""Messages for what is not there."""

from dlmc.grammar.faults import SyntaxFault
from dlmc.grammar.kinds import (
    CLOSING,
    OPERATORS,
    VALUE_STARTS,
)
from dlmc.grammar.messages.expected import called, form
from dlmc.grammar.messages.place import Place
from dlmc.grammar.recovery import is_first_in_line


def incomplete_choice(place: Place) -> SyntaxFault | None:
    """`if` without `then`, `then` without `else`."""
    if not place.is_after_value:
        return None
    if "ELSE" in place.expected:
        message = "the `else` of this value is missing"
    elif "THEN" in place.expected and "LBRACE" not in place.expected:
        message = "the `then` of this value is missing"
    else:
        return None
    hint = "write `if condition then a else b`"
    return SyntaxFault("E0116", place.before.span, message, hint)


def choice_as_statement(place: Place) -> SyntaxFault | None:
    """`if condition then x = 1`."""
    if place.found.kind != "THEN" or "LBRACE" not in place.expected:
        return None
    message = "`if … then … else …` gives a value; statements stand between braces"
    hint = "write `if condition { … } else { … }`, or `y = if condition then a else b`"
    return SyntaxFault("E0116", place.found.span, message, hint)


def value(place: Place) -> SyntaxFault | None:
    """Nothing stands after `=`, an operator or an arrow."""
    if not place.wants_value or place.index == place.first:
        return None
    found, before = place.found, place.before
    if before.kind in ("LPAR", "LSQB") and found.kind in CLOSING:
        message = "a value is missing between these brackets"
        hint = "write one, or remove the brackets"
        return SyntaxFault("E0117", before.span.to(found.span), message, hint)
    if before.kind in ("LPAR", "LSQB", "COMMA") and found.kind == "COMMA":
        message = f"a value is missing between `{before.text}` and `,`"
        return SyntaxFault("E0117", found.span, message, "remove the `,`")
    message = f"a value is missing after `{before.text}`"
    name = place.back(2)
    if before.kind == "ARROW":
        message = "a stage of the pipeline is missing after `->`"
        hint = "write `x -> Dense(10)`, `x -> relu`, or a function in parentheses"
    elif before.kind == "EQUAL" and name and name.kind == "NAME":
        hint = f"write `{name.text} = …`"
    elif before.kind in ("IF", "THEN", "ELSE") and place.statement != before:
        hint = "write `if condition then a else b`"
    elif before.kind in OPERATORS:
        hint = f"write an operand, or remove the `{before.text}`"
    else:
        return SyntaxFault("E0117", before.span, message, form(place))
    return SyntaxFault("E0117", before.span, message, hint)


def output_value(place: Place) -> SyntaxFault | None:
    """`output y: f32[N]` without `= value`."""
    if place.expected - {"LSQB"} != {"EQUAL"} or place.previous not in ("RSQB", "NAME"):
        return None
    start = place.statement
    if start is None or start.kind not in ("OUTPUT", "PARAM", "STATE"):
        return None
    message = f"the value of this {start.text} is missing"
    return SyntaxFault("E0117", place.before.span, message, form(place))


def axis(place: Place) -> SyntaxFault | None:
    """`scan … over xt in x {`."""
    if place.found.kind != "LBRACE" or "NAME" not in place.expected:
        return None
    start = place.statement
    if start is None or start.kind != "SCAN" or not place.is_after_value:
        return None
    message = "a scan has to say which axis it steps along"
    hint = "write `over xt in x axis 1 { … }`"
    return SyntaxFault("E0126", place.found.span, message, hint)


def comma(place: Place) -> SyntaxFault | None:
    """Two arguments, items or names side by side."""
    found = place.found
    if "COMMA" not in place.expected or place.wants_value:
        return None
    if found.kind not in VALUE_STARTS and found.kind != "ELLIPSIS":
        return None
    start = place.statement
    is_list = place.enclosing is not None and not place.is_in_braces
    if not is_list and (start is None or start.kind != "USE"):
        return None
    message = f"a `,` is missing before {called(found)}"
    hint = f"write `{place.before.text}, {found.text}`"
    return SyntaxFault("E0121", found.span, message, hint)


def equal(place: Place) -> SyntaxFault | None:
    """`epochs 10`."""
    name = place.back(1)
    if "EQUAL" not in place.expected or name is None or not name.text.isidentifier():
        return None
    if place.is_after_value or place.found.kind not in ("NUMBER", "STRING"):
        return None
    hint = f"write `{name.text} = {place.found.text}`"
    message = f"`=` is missing before {called(place.found)}"
    return SyntaxFault("E0101", place.found.span, message, hint)


def name(place: Place) -> SyntaxFault | None:
    """`x -> f as` and `x.`, where the next statement's word was taken for the name."""
    for count in (1, 2, 3):
        before = place.back(count)
        if before is None or before.kind not in ("AS", "DOT"):
            continue
        if count == 1:
            if place.expected & {"NUMBER", "EQUAL"} or place.found.text.isidentifier():
                return None
        elif not is_first_in_line(place.tokens, place.index - count + 1):
            return None
        hint = "write `embed.weight`"
        if before.kind == "AS":
            hint = 'write `as conv1` or `as "layer.0"`'
        message = f"a name is missing after `{before.text}`"
        return SyntaxFault("E0101", before.span, message, hint)
    return None


def used_names(place: Place) -> SyntaxFault | None:
    """`use "file.dlm"` alone."""
    path = place.back(1)
    if path is None or place.kinds(-2, 0) != ("USE", "STRING"):
        return None
    if place.found.kind == "NAME":  # the `:` alone is missing
        return None
    message = "the names that are used are missing"
    hint = f"write `use {path.text}: A, b`"
    return SyntaxFault("E0101", path.span, message, hint)


def type(place: Place) -> SyntaxFault | None:
    """`input x` alone."""
    word, name = place.back(2), place.back(1)
    if word is None or name is None or "COLON" not in place.expected:
        return None
    if word.kind not in ("INPUT", "PARAM"):
        return None
    message = f"the type of `{name.text}` is missing"
    return SyntaxFault("E0115", name.span, message, form(place))
