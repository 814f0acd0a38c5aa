"""Primitives on compile-time numbers: `sqrt(2)`, `max(1, n)`."""

import math
from collections.abc import Callable, Mapping
from typing import Any

from dlmc.elaborate.values import describe, is_number
from dlmc.ir.dimensions import Dim
from dlmc.primitives.base import Fault

_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "abs": abs,
    "exp": math.exp,
    "log": math.log,
    "sqrt": math.sqrt,
    "rsqrt": lambda x: 1 / math.sqrt(x),
    "sin": math.sin,
    "cos": math.cos,
    "atan": math.atan,
    "tanh": math.tanh,
    "erf": math.erf,
    "floor": math.floor,
    "ceil": math.ceil,
    "round": round,
    "maximum": max,
    "minimum": min,
}


def fold(name: str, values: tuple[Any, ...]) -> Any:
    """The value of a primitive on numbers; of `sum`, `max` and such on one list."""
    if name in ("sum", "prod", "max", "min") and isinstance(values[0], list):
        return _reduce(name, values[0])
    function = _FUNCTIONS.get(name)
    known = all(type(v) is not bool and isinstance(v, int | float) for v in values)
    if function is None or not known:
        symbolic = any(isinstance(value, Dim) for value in values)
        raise Fault(
            f"`{name}` needs a tensor here, not {describe(_culprit(values))}",
            code="E0310",
            hint="`cast(size, f32)` makes a tensor of a size" if symbolic else None,
        )
    try:
        return function(*values)
    except (ValueError, OverflowError, ZeroDivisionError):
        shown = ", ".join(str(value) for value in values)
        raise Fault(f"`{name}({shown})` is no number", code="E0310") from None


def _culprit(values: tuple[Any, ...]) -> Any:
    """The value that is furthest from a tensor; numbers stand beside tensors."""
    return next((value for value in values if not is_number(value)), values[0])


def _reduce(name: str, values: list[Any]) -> Any:
    if not all(isinstance(v, int | float | Dim) for v in values):
        raise Fault(f"`{name}` of a list needs numbers in it", code="E0310")
    if name in ("max", "min"):
        if not values or any(isinstance(value, Dim) for value in values):
            raise Fault(f"`{name}` of this list is not known", code="E0310")
        return max(values) if name == "max" else min(values)
    total: Any = 0 if name == "sum" else 1
    for value in values:
        total = total + value if name == "sum" else total * value
    return total
