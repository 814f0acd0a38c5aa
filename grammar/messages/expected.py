"""What could stand at a place, in the words of the language."""

import re
from functools import cache

from dlmc.grammar.kinds import (
    ANY_NAME,
    DECLARATIONS,
    OPERATORS,
    STATEMENTS,
    VALUE_STARTS,
)
from dlmc.grammar.lexer import Token
from dlmc.grammar.messages.place import Place
from dlmc.grammar.tables import END, tables

_FORMS = {
    "CONST": "const NAME = value",
    "FN": "fn name(x) = expression",
    "BLOCK": "block Name(width, stride = 1) { … }",
    "MODEL": "model Name(width = 64) { … }",
    "OPTIMIZER": "optimizer name(lr) { … }",
    "DATA": "data name { … }",
    "TRAIN": "train Model on data { … }",
    "USE": 'use "file.dlm": A, b',
    "INPUT": "input x: f32[N, 3]",
    "OUTPUT": "output y = value",
    "PARAM": "param weight: f32[3] = zeros()",
    "STATE": "state mean: f32[3] = zeros()",
    "FOR": "for i in 0..n { … }",
    "IF": "if condition { … } else { … }",
    "SCAN": "scan h = start over xt in x axis 1 { … }",
    "EMIT": "emit states = h",
}
"""How each declaration and statement is written."""


def called(token: Token) -> str:
    """What a token is called in a message."""
    text = token.text
    match token.kind:
        case "$END":
            is_last = not token.source.text[token.start :].strip()
            return "the end of the file" if is_last else "the end of the expression"
        case "NUMBER":
            return f"the number `{text}`"
        case "STRING":
            return f"the string {text}" if len(text) <= 24 else "a string"
        case "DOCSTRING":
            return "a documentation string"
    if token.text in tables().keywords:
        return f"the reserved word `{text}`"
    return f"`{text}`"


@cache
def spelling(kind: str) -> str:
    """The one text of a kind of token, or the kind in words."""
    for word, kind_of_word in tables().keywords.items():
        if kind_of_word == kind:
            return word
    return re.sub(r"\\(.)", r"\1", tables().patterns[kind])


def form(place: Place) -> str | None:
    """A hint: how the statement or declaration at a place is written."""
    if place.wants_declaration:
        words = [f"`{spelling(kind)}`" for kind in _FORMS if kind in DECLARATIONS]
        return f"a declaration starts with {', '.join(words[:-1])} or {words[-1]}"
    if place.wants_statement:
        words = [f"`{spelling(kind)}`" for kind in _FORMS if kind in STATEMENTS]
        return f"a statement is `name = value`, or starts with {', '.join(words)}"
    if start := place.statement:
        is_inside_value = place.enclosing is not None and (
            # Of a call or list: how the whole statement is written is no help there.
            not place.is_in_braces and place.is_after_value
        )
        return None if is_inside_value else f"it is written `{_FORMS[start.kind]}`"
    if place.is_in_braces and place.declaration == "DATA":
        return "a field is written `x: f32[3]`, a setting `seed = 0`"
    if place.is_in_braces and place.declaration == "TRAIN":
        return "a setting is written `epochs = 10`"
    return None


def described(place: Place) -> str:
    """All that the grammar could go on with, as `a value or `)``."""
    rest = set(place.expected) - {END}
    names: list[str] = []
    if place.wants_value:
        names.append("a value")
        rest -= VALUE_STARTS | {"ELLIPSIS", "NEW"} | ANY_NAME
    elif place.is_after_value:
        rest -= OPERATORS | {"AS", "LPAR", "LSQB", "DOT"}
    if place.wants_declaration:
        names.append("a declaration")
        rest -= DECLARATIONS | {"DOCSTRING"}
    elif place.wants_statement:
        names.append("a statement")
        rest -= STATEMENTS | {"NAME"}
    elif rest >= ANY_NAME:
        names.append("a setting" if "RBRACE" in rest else "a name")
        rest -= ANY_NAME
    elif "NAME" in rest:
        names.append("a name")
        rest -= {"NAME"}
    if "STRING" in rest:
        names.append("a string")
        rest.remove("STRING")
    names += sorted(f"`{spelling(kind)}`" for kind in rest)
    if not names:
        return "an operator" if place.is_after_value else "the end of the file"
    *most, last = names
    return f"{', '.join(most)} or {last}" if most else last
