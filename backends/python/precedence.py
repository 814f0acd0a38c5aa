"""How tightly Python's expressions bind, and so where parentheses must stand."""

from dlmc.backends.python import tree as py

LAMBDA, CONDITIONAL, OR, AND, NOT, COMPARISON = range(6)
BIT_OR, BIT_XOR, BIT_AND, SHIFT, SUM, PRODUCT, SIGN, POWER, ATOM = range(6, 15)
PRIMARY = 15
"""What a dot, a call or a subscript may follow: no number, for it reads badly there."""

OPERATORS: dict[py.BinaryOperator, int] = {
    "|": BIT_OR,
    "^": BIT_XOR,
    "&": BIT_AND,
    "<<": SHIFT,
    ">>": SHIFT,
    "+": SUM,
    "-": SUM,
    "*": PRODUCT,
    "/": PRODUCT,
    "//": PRODUCT,
    "%": PRODUCT,
    "@": PRODUCT,
    "**": POWER,
}


def precedence(expression: py.Expression) -> int:
    """How tightly an expression binds; higher is tighter."""
    match expression:
        case py.Lambda():
            return LAMBDA
        case py.Conditional():
            return CONDITIONAL
        case py.Boolean(operator):
            return OR if operator == "or" else AND
        case py.Compare():
            return COMPARISON
        case py.Binary(_, operator, _):
            return OPERATORS[operator]
        case py.Unary(operator, _):
            return NOT if operator == "not" else SIGN
        case py.Literal(value) if is_negative(value):
            return SIGN
        case py.Literal(value) if type(value) in (int, float):
            return ATOM
        case _:
            return PRIMARY


def is_negative(value: object) -> bool:
    """Whether a literal is written with a minus sign."""
    return isinstance(value, int | float) and str(value).startswith("-")


def left_needs(parent: py.Binary) -> int:
    """The least precedence that the left operand may have without parentheses."""
    own = OPERATORS[parent.operator]
    return own + 1 if own == POWER else own


def right_needs(parent: py.Binary) -> int:
    """The least precedence that the right operand may have without parentheses."""
    own = OPERATORS[parent.operator]
    return SIGN if own == POWER else own + 1


def operand_needs(parent: py.Unary) -> int:
    """The least precedence that the operand may have without parentheses."""
    operand = parent.operand
    if isinstance(operand, py.Binary) and operand.operator == "**":
        return PRIMARY  # though Python would do without: ruff writes `-(x**2)`
    return NOT if parent.operator == "not" else SIGN
