"""Messages for what stands where it cannot."""

from difflib import get_close_matches

from dlmc.grammar.faults import SyntaxFault
from dlmc.grammar.kinds import (
    ANY_NAME,
    CLOSING,
    DECLARATIONS,
    OPENING,
    OPERATORS,
    STATEMENTS,
    VALUE_ENDS,
    VALUE_STARTS,
)
from dlmc.grammar.messages.expected import spelling
from dlmc.grammar.messages.place import Place
from dlmc.grammar.recovery import is_declaration, is_first_in_line
from dlmc.grammar.tables import tables


def documentation(place: Place) -> SyntaxFault | None:
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


def declaration(place: Place) -> SyntaxFault | None:
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


def statement(place: Place) -> SyntaxFault | None:
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
        if not place.is_in_braces:
            message = (
                f"`{before.text}` is a word of the language, and stands for no value"
            )
            hint = "choose another name"
            if before.kind == "OUTPUT":
                hint = "name the model's output, `output y = …`, and write `y` here"
        return SyntaxFault("E0118", before.span, message, hint)
    return None


def misspelt_word(place: Place) -> SyntaxFault | None:
    """`modle Linear {`, `ouput y = x`."""
    if place.found.kind != "NAME":
        return None
    if place.wants_declaration and place.following not in ("EQUAL", "COMMA"):
        token, words = place.found, DECLARATIONS
    elif place.expected == {"EQUAL", "COMMA"}:
        # The word was taken for the start of a binding.
        token, words = place.before, STATEMENTS
    else:
        return None
    known = [spelling(kind) for kind in words]
    close = get_close_matches(token.text.lower(), sorted(known), n=1, cutoff=0.7)
    if not close:
        return None
    what = "declaration" if words is DECLARATIONS else "statement"
    message = f"no {what} starts with `{token.text}`"
    return SyntaxFault("E0101", token.span, message, f"did you mean `{close[0]}`?")


def unused_value(place: Place) -> SyntaxFault | None:
    """An expression where a statement is wanted."""
    name = place.back(1)
    if name is None or name.kind != "NAME" or place.expected != {"EQUAL", "COMMA"}:
        return None
    shown = _GOING_ON.get(place.found.kind)
    if shown is None:
        return None
    if place.found.kind == "DOT" and place.following == "NAME":
        called = place.tokens[place.index + 1]
        if called.text in ("append", "add", "extend", "insert"):
            message = f"a list never changes: there is no `{called.text}`"
            hint = f"bind a longer one: `{name.text} = {name.text} + [value]`"
            return SyntaxFault("E0118", name.span.to(called.span), message, hint)
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
    word = place.found
    if place.expected == {"EQUAL"} and place.before.kind in ANY_NAME - {"NAME"}:
        # It was taken for the name of an argument.
        word = place.before
        if place.is_in_braces:
            return None
    elif (
        word.text not in tables().keywords
        or "NAME" not in place.expected
        or (place.starts_statement and place.is_on_new_line)
        or (place.wants_value and word.kind in VALUE_STARTS)
        or word.kind in ("IN", "ON", "OVER", "THEN", "ELSE", "AND", "OR", "AS")
    ):
        return None
    message = f"`{word.text}` is a word of the language, and cannot be a name here"
    hint = f"choose another name, such as `{word.text}_`"
    if place.previous == "AS":
        hint = f'write it as a string: `as "{word.text}"`'
    return SyntaxFault("E0124", word.span, message, hint)


def bare_operand(place: Place) -> SyntaxFault | None:
    """`a + if …`, `x -> fn(z) = …`: what has to stand in parentheses."""
    operator = place.back(1)
    if operator is None or place.found.kind not in ("IF", "FN", "NOT", "MINUS", "PLUS"):
        return None
    if not place.wants_value or (place.starts_statement and place.is_on_new_line):
        return None
    example = {
        "IF": "(if condition then a else b)",
        "FN": "(fn(x) = …)",
        "NOT": "(not a)",
    }.get(place.found.kind, f"({place.found.text}a)")
    message = f"after `{operator.text}` this has to stand in parentheses"
    hint = f"write `{operator.text} {example}`"
    return SyntaxFault("E0101", place.found.span, message, hint)


def operator_after_stage(place: Place) -> SyntaxFault | None:
    """`x -> f + y`."""
    if not place.is_after_value or "PLUS" in place.expected:
        return None
    if place.found.kind not in OPERATORS:
        return None
    named = place.back(2)
    if named is not None and named.kind == "AS" and place.found.kind == "PLUS":
        message = f"a name cannot be computed by `{place.found.text}`"
        hint = 'a string takes values between braces: `as "layer{i}"`'
        return SyntaxFault("E0101", place.found.span, message, hint)
    message = f"`->` and `as` bind weaker than `{place.found.text}`"
    hint = f"put the pipeline in parentheses: `(x -> f) {place.found.text} y`"
    return SyntaxFault("E0101", place.found.span, message, hint)


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


def juxtaposed(place: Place) -> SyntaxFault | None:
    """`a b`: two values that nothing joins."""
    left, right = place.back(1), place.found
    if place.expected == {"EQUAL", "COMMA"}:
        # The second was taken for the start of a statement.
        left, right = place.back(2), place.before
        if is_first_in_line(place.tokens, place.index - 1):
            return None
    elif not place.is_after_value or place.is_on_new_line:
        return None
    if (
        left is None
        or left.kind not in VALUE_ENDS - {"RSQB"}
        or right.kind not in VALUE_STARTS
    ):
        return None
    message = f"nothing joins this to the `{left.text}` before it"
    hint = "is it an operator, a `->` or a `,` that is missing?"
    return SyntaxFault("E0101", right.span, message, hint)
