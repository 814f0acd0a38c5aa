"""What could stand at a place, in the words of the language."""

import re
from functools import cache

from dlmc.grammar.place import OPERATORS, STATEMENTS, VALUES, Place
from dlmc.grammar.recovery import DECLARATIONS
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


@cache
def spelling(kind: str) -> str:
    """The one text of a kind of token, or the kind in words."""
    for word, kind_of_word in tables().keywords.items():
        if kind_of_word == kind:
            return word
    return re.sub(r"\\(.)", r"\1", tables().patterns[kind])


def form(place: Place) -> str | None:
    """A hint: how the statement or declaration around a place is written."""
    start = place.statement
    if STATEMENTS <= place.expected or DECLARATIONS <= place.expected:
        # It may be complete.
        start = None
    return f"it is written `{_FORMS[start.kind]}`" if start else None


def described(place: Place) -> str:
    """All that the grammar could go on with, as `a value or `)``."""
    rest = set(place.expected)
    names: list[str] = []
    if place.wants_value:
        names.append("a value")
        rest -= VALUES | {"ELLIPSIS", "NEW"}
    elif place.is_after_value:
        rest -= OPERATORS | {"AS", "LPAR", "LSQB", "DOT"}
    if DECLARATIONS <= rest:
        names.append("a declaration")
        rest -= DECLARATIONS | {"DOCSTRING", END}
    if STATEMENTS <= rest:
        names.append("a statement")
        rest -= STATEMENTS | {"NAME"}
    if "NAME" in rest:
        is_any = "CONST" in rest
        names.append("a setting" if is_any and "RBRACE" in rest else "a name")
        rest -= {"NAME"}
        rest -= DECLARATIONS | STATEMENTS | {"IN", "OVER", "NEW", "ON"} if is_any else set()
    if "STRING" in rest:
        names.append("a string")
        rest.remove("STRING")
    if END in rest:
        rest.remove(END)
    names += sorted(f"`{spelling(kind)}`" for kind in rest)
    if not names:
        return "an operator" if place.is_after_value else "the end of the file"
    *most, last = names
    return f"{', '.join(most)} or {last}" if most else last
