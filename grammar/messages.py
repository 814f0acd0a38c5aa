"""What is said where a program cannot go on: what was found, and what may stand there.

Each rule below looks at the place for one mistake that people make; the first rule that
knows it speaks. Where none does, the message names what the grammar could go on with.
"""

from collections.abc import Callable

from dlmc.grammar import habits
from dlmc.grammar.expected import described, form, spelling
from dlmc.grammar.faults import SyntaxFault
from dlmc.grammar.lexer import Token
from dlmc.grammar.place import ENDS, OPERATORS, STATEMENTS, VALUES, Place
from dlmc.grammar.recovery import (
    CLOSING,
    DECLARATIONS,
    OPENING,
    is_declaration,
    is_first_in_line,
)
from dlmc.grammar.tables import END, tables


def explain(place: Place) -> SyntaxFault:
    """What is wrong at a place."""
    for rule in _RULES:
        if fault := rule(place):
            return fault
    message = f"expected {described(place)}, found {_name(place.found)}"
    return SyntaxFault("E0101", place.found.span, message, form(place))


def _name(token: Token) -> str:
    """What a token is called in a message."""
    text = token.text
    match token.kind:
        case "$END":
            return "the end of the file"
        case "NUMBER":
            return f"the number `{text}`"
        case "STRING":
            return f"the string {text}" if len(text) <= 24 else "a string"
        case "DOCSTRING":
            return "a documentation string"
    if token.text in tables().keywords:
        return f"the reserved word `{text}`"
    return f"`{text}`"


def _before(place: Place) -> Token:
    """The token before the one that cannot be."""
    return place.tokens[place.index - 1]


# --- Brackets ------------------------------------------------------------------------


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
        if found.kind != END and not is_declaration(place.tokens, place.index):
            return None
        token = place.tokens[_outdented(place, opening)]
    where = "the file ends"
    if found.kind != END:
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


# --- What stands in the wrong place --------------------------------------------------


def misplaced_documentation(place: Place) -> SyntaxFault | None:
    """A documentation string that is not before a declaration."""
    token = place.found
    if token.kind != "DOCSTRING":
        before = place.back(1)
        if before is None or before.kind != "DOCSTRING":
            return None
        token = before
    if place.found.kind == "DOCSTRING" and place.wants_value:
        message = "this is a documentation string, not a value"
        hint = 'a string is written "text"'
    else:
        message = "a documentation string stands before the declaration it describes"
        hint = "move it there, or make it a comment with `#`"
    return SyntaxFault("E0125", token.span, message, hint)


def misplaced_declaration(place: Place) -> SyntaxFault | None:
    """A declaration inside of another one."""
    if not place.is_in_braces or place.wants_value:
        return None
    index = place.index
    if place.found.kind == "NAME" and place.previous in DECLARATIONS:
        # In `data` and `train` the word was taken for the name of a setting.
        index -= 1
    token = place.tokens[index]
    if not is_declaration(place.tokens, index):
        return None
    name = place.tokens[index + 1].text
    message = f"`{token.text} {name}` cannot stand inside of another declaration"
    match token.kind:
        case "FN":
            hint = f"bind the function to a name: `{name} = fn(x) = …`"
        case "CONST":
            hint = f"bind the value to a name: `{name} = …`"
        case _:
            hint = "move it out, to the top level of the file"
    return SyntaxFault("E0119", token.span, message, hint)


def misplaced_statement(place: Place) -> SyntaxFault | None:
    """A statement outside of a block, or in a `data` or `train`."""
    found = place.found
    if place.wants_declaration:
        if found.kind in STATEMENTS:
            message = f"`{found.text}` stands inside of a block, model or optimizer"
            hint = "move it into one; or is there a `}` too many above?"
            return SyntaxFault("E0118", found.span, message, hint)
        if found.kind == "NAME" and place.following in ("EQUAL", "COMMA"):
            message = "outside of a block a value is bound by `const`"
            hint = f"write `const {found.text} = …`"
            return SyntaxFault("E0118", found.span, message, hint)
    before = place.back(1)
    if (
        before is not None
        and before.kind in STATEMENTS
        and {"EQUAL", "COLON"} & place.expected
        and place.declaration in ("DATA", "TRAIN")
    ):
        message = f"`{before.text}` is a statement of a block"
        hint = "a field is written `x: f32[3]`, a setting `epochs = 10`"
        return SyntaxFault("E0118", before.span, message, hint)
    return None


def unused_value(place: Place) -> SyntaxFault | None:
    """An expression where a statement is wanted."""
    name = place.back(1)
    if name is None or name.kind != "NAME" or place.expected != {"EQUAL", "COMMA"}:
        return None
    shown = _GOING_ON.get(place.found.kind)
    if shown is None:
        return None
    span = name.span.to(place.found.span)
    if _is_bound(place):
        message = "only a name can be given a value"
        hint = "values do not change: bind a new one to a name"
        if place.found.kind == "LPAR":
            hint = f"a function is written `{name.text} = fn(x) = …`"
    else:
        message = "a value alone is no statement"
        hint = f"bind it, `y = {name.text}{shown}`, or give it out by `output`"
    return SyntaxFault("E0118", span, message, hint)


_GOING_ON = {
    "LPAR": "(…)",
    "LSQB": "[…]",
    "DOT": ".…",
    "ARROW": " -> …",
    "AS": " as …",
}
"""How an expression goes on after its first name."""


def _is_bound(place: Place) -> bool:
    """Whether an `=` follows in the line, outside of the brackets opened there."""
    depth = 0
    for index in range(place.index, place.limit):
        kind = place.tokens[index].kind
        depth += (kind in OPENING) - (kind in CLOSING)
        if index > place.index and is_first_in_line(place.tokens, index):
            break
        if depth == 0 and kind == "EQUAL":
            return True
    return False


def reserved_word(place: Place) -> SyntaxFault | None:
    """A word of the language where a name is wanted."""
    found = place.found
    if found.text not in tables().keywords or "NAME" not in place.expected:
        return None
    if place.starts_statement and place.is_on_new_line:
        return None
    if place.wants_value and found.kind in VALUES:
        return None
    if found.kind in ("IN", "ON", "OVER", "THEN", "ELSE", "AND", "OR", "AS"):
        return None
    message = f"`{found.text}` is a word of the language, and cannot be a name here"
    hint = f"choose another name, such as `{found.text}_`"
    if place.previous == "AS":
        hint = f'write it as a string: `as "{found.text}"`'
    return SyntaxFault("E0124", found.span, message, hint)


# --- What is missing -----------------------------------------------------------------


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
    return SyntaxFault("E0116", _before(place).span, message, hint)


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


def choice_as_statement(place: Place) -> SyntaxFault | None:
    """`if condition then x = 1`."""
    if place.found.kind != "THEN" or "LBRACE" not in place.expected:
        return None
    message = "`if … then … else …` gives a value; statements stand between braces"
    hint = "write `if condition { … } else { … }`, or `y = if condition then a else b`"
    return SyntaxFault("E0116", place.found.span, message, hint)


def bare_operand(place: Place) -> SyntaxFault | None:
    """`a + if …`, `x -> fn(z) = …`: what has to stand in parentheses."""
    operator = place.back(1)
    if operator is None or place.found.kind not in ("IF", "FN", "NOT", "MINUS", "PLUS"):
        return None
    if not place.wants_value or place.starts_statement and place.is_on_new_line:
        return None
    example = {
        "IF": "(if condition then a else b)",
        "FN": "(fn(x) = …)",
        "NOT": "(not a)",
    }.get(place.found.kind, f"({place.found.text}a)")
    message = f"after `{operator.text}` this has to stand in parentheses"
    hint = f"write `{operator.text} {example}`"
    return SyntaxFault("E0101", place.found.span, message, hint)


def missing_value(place: Place) -> SyntaxFault | None:
    """Nothing stands after `=`, an operator or an arrow."""
    if not place.wants_value or place.index == place.first:
        return None
    found, before = place.found, _before(place)
    if before.kind in ("LPAR", "LSQB") and found.kind in CLOSING:
        message = "a value is missing between these brackets"
        hint = "write one, or remove the brackets"
        return SyntaxFault("E0117", before.span.to(found.span), message, hint)
    if before.kind in ("LPAR", "LSQB", "COMMA") and found.kind == "COMMA":
        message = f"a value is missing between `{before.text}` and `,`"
        return SyntaxFault("E0117", found.span, message, "remove the `,`")
    message = f"a value is missing after `{before.text}`"
    hint = form(place)
    name = place.back(2)
    if before.kind == "ARROW":
        message = "a stage of the pipeline is missing after `->`"
        hint = "write `x -> Dense(10)`, `x -> relu`, or a function in parentheses"
    elif before.kind == "EQUAL" and name and name.kind == "NAME":
        hint = f"write `{name.text} = …`"
    elif before.kind in ("IF", "THEN", "ELSE"):
        hint = "write `if condition then a else b`"
    elif before.kind in OPERATORS:
        hint = f"write an operand, or remove the `{before.text}`"
    return SyntaxFault("E0117", before.span, message, hint)


def missing_output_value(place: Place) -> SyntaxFault | None:
    """`output y: f32[N]` without `= value`."""
    if place.expected - {"LSQB"} != {"EQUAL"} or place.previous not in ("RSQB", "NAME"):
        return None
    start = place.statement
    if start is None or start.kind not in ("OUTPUT", "PARAM", "STATE"):
        return None
    message = f"the value of this {start.text} is missing"
    return SyntaxFault("E0117", _before(place).span, message, form(place))


def missing_axis(place: Place) -> SyntaxFault | None:
    """`scan … over xt in x {`."""
    if place.found.kind != "LBRACE" or "NAME" not in place.expected:
        return None
    start = place.statement
    if start is None or start.kind != "SCAN" or not place.is_after_value:
        return None
    message = "a scan has to say which axis it steps along"
    hint = "write `over xt in x axis 1 { … }`"
    return SyntaxFault("E0126", place.found.span, message, hint)


def missing_comma(place: Place) -> SyntaxFault | None:
    """Two arguments, items or names side by side."""
    found = place.found
    if "COMMA" not in place.expected or place.wants_value:
        return None
    if found.kind not in VALUES and found.kind != "ELLIPSIS":
        return None
    start = place.statement
    is_list = place.enclosing is not None and not place.is_in_braces
    if not is_list and (start is None or start.kind != "USE"):
        return None
    message = f"a `,` is missing before {_name(found)}"
    hint = f"write `{_before(place).text}, {found.text}`"
    return SyntaxFault("E0121", found.span, message, hint)


def missing_equal(place: Place) -> SyntaxFault | None:
    """`epochs 10`."""
    name = place.back(1)
    if "EQUAL" not in place.expected or name is None or not name.text.isidentifier():
        return None
    if place.is_after_value or place.found.kind not in ("NUMBER", "STRING"):
        return None
    hint = f"write `{name.text} = {place.found.text}`"
    message = f"`=` is missing before {_name(place.found)}"
    return SyntaxFault("E0101", place.found.span, message, hint)


def missing_name(place: Place) -> SyntaxFault | None:
    """`x -> f as` and `x.`, where the next statement's word was taken for the name."""
    before = place.back(2)
    if before is None or before.kind not in ("AS", "DOT"):
        return None
    if not is_first_in_line(place.tokens, place.index - 1):
        return None
    message = f"a name is missing after `{before.text}`"
    hint = "write `as conv1`" if before.kind == "AS" else "write `embed.weight`"
    return SyntaxFault("E0101", before.span, message, hint)


def missing_type(place: Place) -> SyntaxFault | None:
    """`input x` alone."""
    word, name = place.back(2), place.back(1)
    if word is None or name is None or "COLON" not in place.expected:
        return None
    if word.kind not in ("INPUT", "PARAM"):
        return None
    message = f"the type of `{name.text}` is missing"
    return SyntaxFault("E0115", name.span, message, form(place))


def juxtaposed(place: Place) -> SyntaxFault | None:
    """`a b`: two values that nothing joins."""
    left, right = place.back(1), place.found
    if place.expected == {"EQUAL", "COMMA"}:
        # The second was taken for the start of a statement.
        left, right = place.back(2), _before(place)
        if is_first_in_line(place.tokens, place.index - 1):
            return None
    elif not place.is_after_value or place.is_on_new_line:
        return None
    if left is None or left.kind not in ENDS - {"RSQB"} or right.kind not in VALUES:
        return None
    message = f"nothing joins this to the `{left.text}` before it"
    hint = "is it an operator, a `->` or a `,` that is missing?"
    return SyntaxFault("E0101", right.span, message, hint)


def second_range(place: Place) -> SyntaxFault | None:
    """`a..b..c`."""
    if place.found.kind != "DOTS" or not place.is_after_value:
        return None
    message = "a range has one start and one stop"
    hint = "write `start..stop`; a step is given by arithmetic inside the loop"
    return SyntaxFault("E0101", place.found.span, message, hint)


def several_values(place: Place) -> SyntaxFault | None:
    """`(a, b)`, `output a, b`, `y = a, b`."""
    if place.found.kind != "COMMA" or not place.is_after_value:
        return None
    start = place.statement
    if start is not None and start.kind == "OUTPUT" and place.is_in_braces:
        hint = "write an `output` for each"
    else:
        hint = "several values make a list: `[a, b]`"
    message = "one value stands here"
    return SyntaxFault("E0101", place.found.span, message, hint)


def operator_after_stage(place: Place) -> SyntaxFault | None:
    """`x -> f + y`."""
    if not place.is_after_value or "PLUS" in place.expected:
        return None
    if place.found.kind not in OPERATORS:
        return None
    message = f"`->` and `as` bind weaker than `{place.found.text}`"
    hint = f"put the pipeline in parentheses: `(x -> f) {place.found.text} y`"
    return SyntaxFault("E0101", place.found.span, message, hint)


_RULES: tuple[Callable[[Place], SyntaxFault | None], ...] = (
    missing_name,
    habits.slash_comment,
    habits.word,
    habits.compound_assignment,
    habits.dotted_name,
    habits.bare_point,
    habits.spaced_percent,
    misplaced_documentation,
    unclosed,
    unopened,
    misplaced_declaration,
    misplaced_statement,
    habits.starred_argument,
    habits.colon_body,
    habits.type_of_setting,
    habits.equal_for_colon,
    habits.colon_for_equal,
    habits.double_equal,
    habits.second_equal,
    habits.separating_comma,
    habits.comprehension,
    habits.trailing_condition,
    habits.chained_comparison,
    second_range,
    choice_as_statement,
    operator_after_stage,
    incomplete_choice,
    lone_else,
    habits.missing_brace,
    habits.dictionary,
    bare_operand,
    reserved_word,
    missing_value,
    missing_type,
    missing_output_value,
    missing_axis,
    missing_comma,
    several_values,
    juxtaposed,
    missing_equal,
    unused_value,
)
