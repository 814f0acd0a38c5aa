"""Operations on numbers of Python: sizes and arguments that a body computes with."""

import math
from collections.abc import Sequence

from dlmc.backends.python import tree as py
from dlmc.backends.python.quotation import Quote
from dlmc.ir.types import DType

_QUOTE = Quote({"math": py.Import("math")})

_TEMPLATES = {
    "neg": "-{a}",
    "abs": "abs({a})",
    "add": "{a} + {b}",
    "sub": "{a} - {b}",
    "mul": "{a} * {b}",
    "div": "{a} / {b}",
    "floordiv": "{a} // {b}",
    "mod": "{a} % {b}",
    "pow": "{a} ** {b}",
    "maximum": "max({a}, {b})",
    "minimum": "min({a}, {b})",
    "sqrt": "math.sqrt({a})",
    "exp": "math.exp({a})",
    "log": "math.log({a})",
    "stop_gradient": "{a}",
}


def on_numbers(
    primitive: str, operands: Sequence[py.Expression], dtype: DType
) -> py.Expression | None:
    """A primitive on numbers of Python, where Python has it."""
    if primitive == "cast":
        template = "{a}" if dtype.is_float else "int({a})" if dtype.is_integer else None
    else:
        template = _TEMPLATES.get(primitive)
    if template is None:
        return None
    root = _short_root(operands[0]) if primitive == "sqrt" else None
    if root is not None:
        return root
    return _QUOTE(template, **dict(zip("ab", operands, strict=False)))


def _short_root(operand: py.Expression) -> py.Expression | None:
    """The square root of a literal, where it is a whole number."""
    if not isinstance(operand, py.Literal) or operand.value < 0:
        return None
    root = math.sqrt(operand.value)
    return py.Literal(int(root)) if root.is_integer() else None


def negated(condition: py.Expression) -> py.Expression | None:
    """That a comparison for equality does not hold, None for any other condition."""
    match condition:
        case py.Compare(left, "==", right):
            return py.Compare(left, "!=", right)
    return None
