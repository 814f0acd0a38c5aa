"""Messages for what is written as in other languages."""

from dlmc.grammar.faults import SyntaxFault
from dlmc.grammar.kinds import COMPARISONS, OPERATORS, VALUE_ENDS
from dlmc.grammar.messages.place import Place
from dlmc.grammar.recovery import is_first_in_line

_FUNCTION = "a function is written `fn name(x) = expression`"
_BLOCK = "a part of a model is written `block Name(width) { … }`"
_USE = 'names of another file are written `use "file.dlm": A, b`'
_BINDING = "a value is bound by `name = expression` alone"
_OUTPUT = "what a block gives is written `output expression`"
_REPEAT = "`for i in 0..n { … }` repeats, and `scan` steps along an axis"

_WORDS = {
    "def": _FUNCTION,
    "func": _FUNCTION,
    "function": _FUNCTION,
    "lambda": "a function is written `fn(x) = expression`",
    "class": _BLOCK,
    "struct": _BLOCK,
    "module": _BLOCK,
    "layer": _BLOCK,
    "import": _USE,
    "from": _USE,
    "include": _USE,
    "let": _BINDING,
    "var": _BINDING,
    "val": _BINDING,
    "return": _OUTPUT,
    "yield": _OUTPUT,
    "while": _REPEAT,
    "loop": _REPEAT,
    "elif": "write `else if`",
    "elsif": "write `else if`",
    "pass": "a body may be empty: `{ }`",
    "self": "parts of a block are called by their names alone",
    "this": "parts of a block are called by their names alone",
    "is": "values are compared with `==`",
    "print": "a program has no output but its model's",
    "assert": "shapes are checked without being asked for",
}


def slash_comment(place: Place) -> SyntaxFault | None:
    """`// text`."""
    for index in range(place.index, place.first - 1, -1):
        token = place.tokens[index]
        if token.kind == "FLOOR" and (
            is_first_in_line(place.tokens, index) or _is_prose(place)
        ):
            message = "`//` divides, and starts no comment"
            hint = "a comment starts with `#`"
            return SyntaxFault("E0113", token.span, message, hint)
        if is_first_in_line(place.tokens, index) and index < place.index:
            break
    return None


def _is_prose(place: Place) -> bool:
    """Whether two words follow one another as they do in a sentence."""
    return (
        place.found.text.isidentifier()
        and place.previous == "NAME"
        and not place.is_on_new_line
        and (place.enclosing is None or place.is_in_braces)
    )


def word(place: Place) -> SyntaxFault | None:
    """`def`, `return`, `self` and their like."""
    for count in range(8):
        token = place.back(count)
        if token is None or token.kind in ("RPAR", "RBRACE", "EQUAL"):
            return None
        starts_line = is_first_in_line(place.tokens, place.index - count)
        is_meant = (
            # The body of a `lambda` is only known to be one at its `:`.
            token.text == "lambda"
            or (count == 0 and (token.text == "is" or place.wants_declaration))
            or (count == 1 and (starts_line or place.expected == {"EQUAL", "COMMA"}))
        )
        if is_meant and token.text in _WORDS:
            message = f"the language has no `{token.text}`"
            return SyntaxFault("E0110", token.span, message, _WORDS[token.text])
        if count and starts_line:
            return None
    return None


def compound_assignment(place: Place) -> SyntaxFault | None:
    """`x += 1` and `x++`."""
    name = place.back(1)
    if name is None or name.kind != "NAME" or place.found.kind not in OPERATORS:
        return None
    if not place.is_adjacent(0, 1):
        return None
    operator = place.found.text
    if place.following == "EQUAL":
        value = "…"
    elif place.following == place.found.kind and operator in "+-":
        value = "1"
    else:
        return None
    span = place.found.span.to(place.tokens[place.index + 1].span)
    message = f"the language has no `{span.text}`"
    hint = f"write `{name.text} = {name.text} {operator} {value}`"
    return SyntaxFault("E0111", span, message, hint)


def bare_point(place: Place) -> SyntaxFault | None:
    """`.5` and `1.`."""
    if (
        place.found.kind == "DOT"
        and place.following == "NUMBER"
        and place.is_adjacent(0, 1)
    ):
        span = place.found.span.to(place.tokens[place.index + 1].span)
        hint = f"write `0{span.text}`"
    elif place.kinds(-2, 0) == ("NUMBER", "DOT") and place.is_adjacent(-2, -1):
        number, point = place.tokens[place.index - 2 : place.index]
        span = number.span.to(point.span)
        hint = f"write `{span.text}0`"
    else:
        return None
    message = "a digit stands on each side of the point of a number"
    return SyntaxFault("E0108", span, message, hint)


def spaced_percent(place: Place) -> SyntaxFault | None:
    """`20 %` where a value was meant."""
    if place.kinds(-2, 0) != ("NUMBER", "PERCENT") or not place.wants_value:
        return None
    number, sign = place.tokens[place.index - 2 : place.index]
    span = number.span.to(sign.span)
    message = "this `%` asks for the remainder of a division, and for a divisor"
    hint = f"per cent: write `{number.text}%`, without a blank"
    return SyntaxFault("E0108", span, message, hint)


def starred_argument(place: Place) -> SyntaxFault | None:
    """`f(**settings)`."""
    if place.found.kind not in ("STAR", "POWER"):
        return None
    if place.previous not in ("LPAR", "COMMA"):
        return None
    message = f"no argument or parameter starts with `{place.found.text}`"
    hint = "write each one out: `f(x, stride = 2)`"
    return SyntaxFault("E0123", place.found.span, message, hint)


def colon_body(place: Place) -> SyntaxFault | None:
    """`block A(x):` and an indented body."""
    if place.found.kind != "COLON" or "LBRACE" not in place.expected:
        return None
    message = "a body stands between braces, not after a `:`"
    return SyntaxFault("E0114", place.found.span, message, "write `{ … }`")


def missing_brace(place: Place) -> SyntaxFault | None:
    """A body that only its indentation shows."""
    if "LBRACE" not in place.expected or place.found.kind in ("EQUAL", "THEN", "ELSE"):
        return None
    if not place.is_on_new_line and place.previous != "ELSE":
        return None
    before = place.tokens[place.index - 1].span
    message = "a body has to start after this, with `{`"
    return SyntaxFault("E0114", before, message, "write `{ … }`")


def equal_for_colon(place: Place) -> SyntaxFault | None:
    """`input x = f32[N]`, `use "file.dlm" = A`."""
    name, word = place.back(1), place.back(2)
    if place.found.kind != "EQUAL" or "COLON" not in place.expected:
        return None
    if name is None or word is None:
        return None
    if word.kind == "INPUT":
        message = f"the type of `{name.text}` stands after `:`, not after `=`"
        hint = f"write `input {name.text}: f32[N, 3]`"
    elif word.kind == "USE":
        message = "the names that are used stand after `:`"
        hint = 'write `use "file.dlm": A, b`'
    else:
        return None
    return SyntaxFault("E0115", place.found.span, message, hint)


def colon_for_equal(place: Place) -> SyntaxFault | None:
    """`epochs: 10`, `f(stride: 2)`, `y: f32[3] = …`, `block A(width: int)`."""
    name = place.back(1)
    if place.found.kind != "COLON" or name is None or not name.text.isidentifier():
        return None
    if "EQUAL" not in place.expected:
        return None
    hint = f"write `{name.text} = …`"
    if place.enclosing is not None and not place.is_in_braces:
        if place.is_after_value:
            message = f"the value of the argument `{name.text}` stands after `=`"
        else:
            message = "a parameter has no type: it follows from what is given"
            hint = f"write `{name.text}`, or with a default `{name.text} = 1`"
    elif place.following == "NAME":
        message = "only an input, output, param, state or field has a type"
    else:
        message = f"the value of `{name.text}` stands after `=`, not after `:`"
    return SyntaxFault("E0115", place.found.span, message, hint)


def type_of_setting(place: Place) -> SyntaxFault | None:
    """`seed: 3` or `source: csv("a.csv")` in a `data`, where a type is read."""
    if place.previous == "COLON" and place.expected == {"NAME"}:
        name, colon = place.back(2), place.back(1)
    elif place.found.kind == "LPAR" and place.kinds(-2, 0) == ("COLON", "NAME"):
        name, colon = place.back(3), place.back(2)
    else:
        return None
    if name is None or colon is None:
        return None
    if place.statement is None:
        message = f"after `{name.text}:` stands the type of a field"
        hint = f"a type: `{name.text}: f32[3]`; a value: `{name.text} = …`"
        return SyntaxFault("E0115", colon.span, message, hint)
    message = f"after `{name.text}:` stands a type"
    hint = f"write `{name.text}: f32[N, 3]`"
    return SyntaxFault("E0115", place.found.span, message, hint)


def double_equal(place: Place) -> SyntaxFault | None:
    """`x == 3` for a binding."""
    if place.found.kind != "EQ" or "EQUAL" not in place.expected:
        return None
    message = "`==` compares; a value is given with one `=`"
    return SyntaxFault("E0115", place.found.span, message, "write `=`")


def trailing_condition(place: Place) -> SyntaxFault | None:
    """`y = a if condition else b`."""
    message = "the condition stands before the two values"
    hint = "write `if condition then a else b`"
    if place.found.kind == "IF":
        if place.is_on_new_line or not place.is_after_value:
            return None
        return SyntaxFault("E0116", place.found.span, message, hint)
    if place.found.kind != "ELSE" or "LBRACE" not in place.expected:
        return None
    # In a block the `if` was taken for the start of a statement.
    for index in range(place.index - 1, place.first, -1):
        token = place.tokens[index]
        if token.kind == "IF":
            if place.tokens[index - 1].kind not in VALUE_ENDS:
                return None
            return SyntaxFault("E0116", token.span, message, hint)
    return None


def dictionary(place: Place) -> SyntaxFault | None:
    """`{a: 1}` as a value."""
    if place.found.kind != "LBRACE" or not place.wants_value:
        return None
    if place.previous not in ("EQUAL", "COMMA", "LPAR", "LSQB"):
        return None
    message = "braces hold the bodies of declarations and statements, not values"
    hint = "a list is written `[a, b]`; named values are arguments: `f(a = 1)`"
    return SyntaxFault("E0101", place.found.span, message, hint)


def comprehension(place: Place) -> SyntaxFault | None:
    """`[f(x) for x in xs]`."""
    if place.found.kind != "FOR" or not place.is_after_value or place.is_in_braces:
        return None
    if place.enclosing is None:
        return None
    message = "the language has no comprehensions"
    hint = "repeat statements with `for x in xs { … }`"
    return SyntaxFault("E0110", place.found.span, message, hint)


def prefixed_string(place: Place) -> SyntaxFault | None:
    """`f"layer{i}"`, `r"text"`."""
    if place.found.kind != "STRING" or place.previous != "NAME":
        return None
    prefix = place.before
    if not place.is_adjacent(-1, 0) or prefix.text.lower() not in _PREFIXES:
        return None
    span = prefix.span.to(place.found.span)
    message = f"a string has no `{prefix.text}` before it"
    hint = f"write `{place.found.text}`"
    if place.kinds(-2, -1) == ("AS",):
        hint += ": in a name, braces hold values as they are"
    return SyntaxFault("E0112", span, message, hint)


_PREFIXES = ("f", "r", "b", "u", "fr", "rf")


def dotted_type(place: Place) -> SyntaxFault | None:
    """`input x: torch.float32[N]`."""
    if place.kinds(-2, 1) != ("COLON", "NAME", "DOT") or place.is_after_value:
        return None
    span = place.before.span.to(place.found.span)
    message = "a type starts with a dtype alone"
    hint = "dtypes are called `f32`, `i64`, `bool`, …: write `f32[N, 3]`"
    return SyntaxFault("E0115", span, message, hint)


def dotted_name(place: Place) -> SyntaxFault | None:
    """`as layer.0`."""
    if place.kinds(-2, -1) != ("AS",) or not place.is_adjacent(-1, 0):
        return None
    if place.found.kind not in ("DOT", "NUMBER"):
        return None
    name = place.tokens[place.index - 1]
    end = place.tokens[place.index + (place.found.kind == "DOT")]
    span = name.span.to(end.span)
    message = "a name with points is written as a string"
    return SyntaxFault("E0101", span, message, f'write `as "{span.text}"`')


def separating_comma(place: Place) -> SyntaxFault | None:
    """`epochs = 10,` at the end of a line."""
    if place.found.kind != "COMMA" or "RBRACE" not in place.expected:
        return None
    if place.following != "RBRACE" and not is_first_in_line(
        place.tokens, place.index + 1
    ):
        return None
    message = "`,` is not needed: nothing separates statements, settings and fields"
    return SyntaxFault("E0111", place.found.span, message, "remove it")


def second_equal(place: Place) -> SyntaxFault | None:
    """`a = b = c`, `if a = b {`."""
    if place.found.kind != "EQUAL" or not place.is_after_value:
        return None
    message = "`=` gives a value to a name, and no name stands before it"
    hint = "to compare, write `==`; each name is bound by its own statement"
    return SyntaxFault("E0115", place.found.span, message, hint)


def chained_comparison(place: Place) -> SyntaxFault | None:
    """`a < b < c`."""
    if place.found.kind not in COMPARISONS:
        return None
    depth = 0
    for index in range(place.index - 1, place.first, -1):
        kind = place.tokens[index].kind
        if kind in ("RPAR", "RSQB"):
            depth += 1
        elif kind in ("LPAR", "LSQB", "LBRACE"):
            if depth == 0:
                return None
            depth -= 1
        elif depth == 0 and kind in COMPARISONS:
            span = place.tokens[index].span.to(place.found.span)
            message = "comparisons cannot be chained"
            hint = "write `a < b and b < c`"
            return SyntaxFault("E0120", span, message, hint)
        elif depth == 0 and kind in ("AND", "OR", "NOT", "ARROW", "COMMA", "EQUAL"):
            return None
    return None
