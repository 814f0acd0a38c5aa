"""Which expressions stand in parentheses.

The syntax tree has none, so they follow from it: an expression is put into parentheses
where it would else be read in another way by the language, or easily by a person.
"""

from dlmc.grammar.document import Document
from dlmc.grammar.tree import (
    Binary,
    Call,
    Choice,
    Expression,
    Function,
    Named,
    Number,
    Pipe,
    Range,
    Unary,
)

ANY, PIPELINE, OR, AND, NOT, COMPARISON, RANGE, SUM, PRODUCT, SIGN, POWER, POSTFIX = (
    range(12)
)
"""From the weakest to the strongest, as in the grammar."""

OPERATORS = {
    "or": OR,
    "and": AND,
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">="), COMPARISON),
    **dict.fromkeys(("+", "-"), SUM),
    **dict.fromkeys(("*", "/", "//", "%", "@"), PRODUCT),
    "**": POWER,
}
"""How strongly each operator with two operands binds."""

_UNFAMILIAR = frozenset({"%", "@"})
"""Operators of a product whose order among others few people know by heart."""


def strength(expression: Expression, written: Document) -> int:
    """How strongly an expression holds together, which is `written` so."""
    match expression:
        case Choice() | Function():
            return ANY
        case Pipe() | Named():
            return PIPELINE
        case Range():
            return RANGE
        case Binary(operator=operator):
            return OPERATORS[operator]
        case Unary(operator="not"):
            return NOT
        case Unary():
            return SIGN
        case Number() if isinstance(written, str) and written.endswith("%"):
            # `(20%)(x)` without parentheses is a remainder.
            return POWER
        case _:
            return POSTFIX


def operands(operator: str) -> tuple[int, int]:
    """How strong the operands of an operator have to be."""
    level = OPERATORS[operator]
    if level == COMPARISON:
        return RANGE, RANGE
    if level == POWER:
        return POSTFIX, SIGN
    return level, level + 1


def is_unclear(operator: str, operand: Expression) -> bool:
    """Whether a person could misread an operand that needs no parentheses."""
    match operand:
        case Binary(operator="and"):
            return operator == "or"
        case Binary(operator=inner) if OPERATORS.get(operator) == PRODUCT:
            return (
                OPERATORS[inner] == PRODUCT
                and inner != operator
                and not _UNFAMILIAR.isdisjoint((inner, operator))
            )
        case _:
            return False


def is_simple(expression: Expression) -> bool:
    """Whether it is so short that blanks beside it would set nothing apart."""
    while isinstance(expression, Unary) and expression.operator != "not":
        expression = expression.operand
    return not isinstance(
        expression, Binary | Choice | Function | Named | Pipe | Range | Unary
    )


def has_arguments(expression: Expression) -> bool:
    """Whether it is a call with something in its parentheses."""
    return isinstance(expression, Call) and bool(expression.arguments)
