"""Compile-time numbers that remember which argument or dimension they came from.

Elaboration specialises: `Conv(width, 3)` in a block called with `width = 64` becomes a
convolution with 64 filters. Generated code wants the general form back, `nn.Conv2d(…,
width, 3)` in a class with a constructor argument. So an integer that depends on an
argument or a dimension of the module it stands in is a `TracedInt`: an ordinary `int`
everywhere, whose `origin` says how to compute it again from other arguments.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Operator = Literal["+", "-", "*", "/", "//", "%", "**"]


@dataclass(frozen=True, slots=True)
class Variable:
    """A parameter or a dimension symbol of the enclosing module, by name."""

    name: str


@dataclass(frozen=True, slots=True)
class Operation:
    """An operator applied to two origins or integers."""

    operator: Operator
    left: "Origin | int | float"
    right: "Origin | int | float"


Origin = Variable | Operation


def variables(origin: "Origin | int | float | None") -> Iterator[str]:
    """The names that an origin depends on, in order, with repetitions."""
    match origin:
        case Variable(name):
            yield name
        case Operation(_, left, right):
            yield from variables(left)
            yield from variables(right)
        case _:
            return


def evaluate(origin: "Origin | int | float", values: Mapping[str, Any]) -> Any:
    """Compute an origin again, from other values of its variables."""
    match origin:
        case Variable(name):
            return values[name]
        case Operation(operator, left, right):
            return apply(operator, evaluate(left, values), evaluate(right, values))
        case _:
            return origin


def apply(operator: Operator, left: Any, right: Any) -> Any:
    """Apply an operator of `Operation` to two numbers."""
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "/":
            return left / right
        case "//":
            return left // right
        case "%":
            return left % right
        case "**":
            return left**right


def _combine(operator: Operator, left: Any, right: Any) -> Any:
    value = apply(operator, plain(left), plain(right))
    if type(value) not in (int, float):  # a complex number: a root of a negative one
        return value
    a, b = origin_of(left), origin_of(right)
    origin: Origin | None
    # A traced 0 or 1 is no neutral element: in another use it is another number.
    match operator, left if a is None else None, right if b is None else None:
        case ("+" | "-", _, 0) | ("*" | "//" | "**", _, 1):
            origin = a
        case ("+", 0, _) | ("*", 1, _):
            origin = b
        case ("*", 0, _) | ("*", _, 0):
            origin = None
        case _:
            origin = Operation(
                operator,
                plain(left) if a is None else a,
                plain(right) if b is None else b,
            )
    return value if origin is None else traced(value, origin)


def _operate(operator: Operator, left: Any, right: Any) -> Any:
    # `type(...) in` and not isinstance: a bool or a symbolic dimension is not ours.
    if type(left) in _NUMBERS and type(right) in _NUMBERS:
        return _combine(operator, left, right)
    return NotImplemented


class _Arithmetic:
    """Operators that keep track of where their operands came from."""

    __slots__ = ()

    def __add__(self, other: Any) -> Any:
        return _operate("+", self, other)

    def __radd__(self, other: Any) -> Any:
        return _operate("+", other, self)

    def __sub__(self, other: Any) -> Any:
        return _operate("-", self, other)

    def __rsub__(self, other: Any) -> Any:
        return _operate("-", other, self)

    def __mul__(self, other: Any) -> Any:
        return _operate("*", self, other)

    def __rmul__(self, other: Any) -> Any:
        return _operate("*", other, self)

    def __truediv__(self, other: Any) -> Any:
        return _operate("/", self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return _operate("/", other, self)

    def __floordiv__(self, other: Any) -> Any:
        return _operate("//", self, other)

    def __rfloordiv__(self, other: Any) -> Any:
        return _operate("//", other, self)

    def __mod__(self, other: Any) -> Any:
        return _operate("%", self, other)

    def __rmod__(self, other: Any) -> Any:
        return _operate("%", other, self)

    def __pow__(self, other: Any) -> Any:
        return _operate("**", self, other)

    def __rpow__(self, other: Any) -> Any:
        return _operate("**", other, self)

    def __neg__(self) -> Any:
        return _operate("-", 0, self)


class TracedInt(_Arithmetic, int):  # type: ignore[misc]  # `pow` without a modulo
    """An integer with an origin; arithmetic on it keeps track."""

    origin: "Origin"

    def __new__(cls, value: int, origin: "Origin") -> "TracedInt":
        """Give `value` an origin."""
        self = super().__new__(cls, value)
        self.origin = origin
        return self

    def __getnewargs__(self) -> Any:
        return int(self), self.origin


class TracedFloat(_Arithmetic, float):  # type: ignore[misc]
    """A float with an origin; arithmetic on it keeps track."""

    origin: "Origin"

    def __new__(cls, value: float, origin: "Origin") -> "TracedFloat":
        """Give `value` an origin."""
        self = super().__new__(cls, value)
        self.origin = origin
        return self

    def __getnewargs__(self) -> Any:
        return float(self), self.origin


_NUMBERS = (int, float, TracedInt, TracedFloat)


def origin_of(value: object) -> Origin | None:
    """Where a compile-time value came from; None for a literal."""
    return value.origin if isinstance(value, TracedInt | TracedFloat) else None


def traced(value: Any, origin: Origin) -> Any:
    """`value` with an origin, where its kind can carry one."""
    if type(value) in (int, TracedInt):
        return TracedInt(value, origin)
    if type(value) in (float, TracedFloat):
        return TracedFloat(value, origin)
    return value


def plain(value: Any) -> Any:
    """`value` without its origin; lists and tuples to their depth."""
    if isinstance(value, TracedInt):
        return int(value)
    if isinstance(value, TracedFloat):
        return float(value)
    if isinstance(value, list | tuple):
        return type(value)(plain(v) for v in value)
    return value
