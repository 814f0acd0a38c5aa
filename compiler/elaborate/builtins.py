"""Compile-time functions of the language that are neither primitives nor DLM."""

from collections.abc import Callable
from functools import reduce
from typing import TYPE_CHECKING, Any, TypeVar

from dlmc.elaborate.rearrange import rearrange
from dlmc.elaborate.values import CALLABLE, REQUIRED, Builtin, describe, is_number
from dlmc.ir.dimensions import Dim, product
from dlmc.ir.module import Initializer, Value
from dlmc.ir.traced import TracedInt
from dlmc.ir.types import DType, TensorType
from dlmc.primitives.base import Fault

if TYPE_CHECKING:
    from dlmc.elaborate.frame import Frame

R = TypeVar("R", bound=Callable[..., Any])

BUILTINS: dict[str, Builtin] = {}
MAX_AXES = 64
"""More axes than any tensor has."""


def _builtin(name: str, documentation: str, **parameters: Any) -> Callable[[R], R]:
    def register(run: R) -> R:
        BUILTINS[name] = Builtin(name, tuple(parameters.items()), run, documentation)
        return run

    return register


BUILTINS["rearrange"] = Builtin(
    "rearrange",
    (("tensor", REQUIRED), ("pattern", REQUIRED)),
    rearrange,
    "Axes split, moved and joined, as a pattern names them before and after: "
    'rearrange(x, "n t (h d) -> n h t d", h = 8). Parentheses are around axes that are '
    "one; of these all sizes but one are given by name. `...` stands for any axes, 1 "
    "for one of size 1 (the notation of einops; Rogozhnikov, 2022).",
    others="sizes",
)


def _fault(message: str, argument: str, hint: str | None = None) -> Fault:
    return Fault(message, code="E0310", argument=argument, hint=hint)


@_builtin("len", "How many items a list has.", items=REQUIRED)
def _len(frame: "Frame", items: Any) -> int:
    if not isinstance(items, list | tuple):
        raise _fault(
            f"`len` counts the items of a list, not of {describe(items)}",
            "items",
            "the sizes of a tensor are `x.shape`",
        )
    return len(items)


@_builtin("enumerate", "Each item of a list with its position, from 0.", items=REQUIRED)
def _enumerate(frame: "Frame", items: Any) -> Any:
    if not isinstance(items, list):
        raise _fault(f"`enumerate` needs a list, not {describe(items)}", "items")
    return [[position, item] for position, item in enumerate(items)]


@_builtin(
    "map",
    "A list of what a function gives for each item of a list.",
    items=REQUIRED,
    function=REQUIRED,
)
def _map(frame: "Frame", items: Any, function: Any) -> list[Any]:
    call = _applying("map", frame, items, function)
    return [call(item) for item in items]


@_builtin(
    "fold",
    "What is left in the end when a function takes what there is, `start` at first, and"
    " an item of a list, for one item after another.",
    items=REQUIRED,
    start=REQUIRED,
    function=REQUIRED,
)
def _fold(frame: "Frame", items: Any, start: Any, function: Any) -> Any:
    call = _applying("fold", frame, items, function)
    return reduce(call, items, start)


def _applying(
    name: str, frame: "Frame", items: Any, function: Any
) -> Callable[..., Any]:
    """A function of the language that goes over a list, as one of Python."""
    from dlmc.elaborate.arguments import Given
    from dlmc.elaborate.calls import invoke

    if not isinstance(items, list | tuple):
        raise _fault(f"`{name}` needs a list, not {describe(items)}", "items")
    if not isinstance(function, CALLABLE):
        raise _fault(f"`{name}` needs a function, not {describe(function)}", "function")
    place = frame.session.uses[-1].place
    return lambda *values: invoke(
        function, [Given(value, place) for value in values], place, place, frame
    )


@_builtin(
    "require",
    "A value as it is, or an error with a message where a condition is false.",
    value=REQUIRED,
    condition=REQUIRED,
    message=REQUIRED,
)
def _require(frame: "Frame", value: Any, condition: Any, message: Any) -> Any:
    if not isinstance(condition, bool):
        raise _fault(
            f"a condition is true or false, not {describe(condition)}", "condition"
        )
    if not isinstance(message, str):
        raise _fault(f"a message is a string, not {describe(message)}", "message")
    if not condition:
        raise Fault(message, argument="value")
    return value


@_builtin(
    "in_range",
    "A number as it is, or an error where it is less than `low`, or not below `high`.",
    value=REQUIRED,
    low=REQUIRED,
    high=REQUIRED,
)
def _in_range(frame: "Frame", value: Any, low: Any, high: Any) -> Any:
    # A comparison would make each number a case of its own; what is compiled for one is
    # right for all.
    for name, number in (("value", value), ("low", low), ("high", high)):
        if not is_number(number) or isinstance(number, Dim):
            raise _fault(f"a known number is needed, not {describe(number)}", name)
    if not low <= value < high:
        raise Fault(
            f"a number of at least {low} and less than {high} is needed, got {value}",
            code="E0310",
            argument="value",
            hint=f"`{value}%` is {value / 100}" if high == 1 < value <= 100 else None,
        )
    return value


@_builtin(
    "per_axis",
    "One value for each of `n` axes: a number n times, or a list of n as it is.",
    value=REQUIRED,
    n=REQUIRED,
)
def _per_axis(frame: "Frame", value: Any, n: Any) -> Any:
    if type(n) not in (int, TracedInt) or not 0 <= n <= MAX_AXES:
        raise _fault(f"a number of axes is needed, not {describe(n)}", "n")
    if is_number(value):
        return [value] * n
    if isinstance(value, list) and len(value) == n:
        return value
    raise _fault(
        f"one number or a list of {n} is needed, not {describe(value)}", "value"
    )


@_builtin("product", "The product of a list of numbers, 1 for none.", items=REQUIRED)
def _product(frame: "Frame", items: Any) -> Any:
    if not isinstance(items, list) or not all(is_number(item) for item in items):
        raise _fault(
            f"`product` needs a list of numbers, not {describe(items)}", "list"
        )
    return product(items)


@_builtin(
    "is_integer",
    "Whether a number is one, or a tensor or a dtype holds integers.",
    value=REQUIRED,
)
def _is_integer(frame: "Frame", value: Any) -> bool:
    if isinstance(value, Value):
        value = value.type.dtype
    if is_number(value) or isinstance(value, list | tuple):
        return isinstance(value, int | Dim)
    if not isinstance(value, DType):
        raise _fault(f"{describe(value)} has no dtype", "value")
    return value.is_integer


@_builtin(
    "is_known",
    "Whether a size is a number already, not one that only a running program knows.",
    size=REQUIRED,
)
def _is_known(frame: "Frame", size: Any) -> bool:
    if isinstance(size, Value):
        return False
    if not is_number(size):
        raise _fault(f"a size is needed, not {describe(size)}", "size")
    return not isinstance(size, Dim)


def _alike(a: TensorType, b: TensorType) -> str:
    """How `b` comes to the type of `a`, where that is clear."""
    made = "b"
    if a.shape != b.shape:
        if a.shape == (*b.shape, 1):
            made = "b[:, new]" if b.rank == 1 else "b[..., new]"
        elif b.shape == (*a.shape, 1):
            made = "b[:, 0]" if a.rank == 1 else "b[..., 0]"
        else:
            return "`reshape` changes a shape, `cast` a dtype"
    if a.dtype is not b.dtype:
        made = f"cast({made}, {a.dtype})"
    return f"`{made}` is {a}"


@_builtin(
    "same_shape",
    "The first tensor, once it is sure that the second has its dtype and shape.",
    a=REQUIRED,
    b=REQUIRED,
)
def _same_shape(frame: "Frame", a: Any, b: Any) -> Value:
    for name, value in (("a", a), ("b", b)):
        if not isinstance(value, Value):
            raise _fault(f"a tensor is needed, not {describe(value)}", name)
    if a.type != b.type:
        raise Fault(
            f"the two must have one dtype and shape, got {a.type} and {b.type}",
            code="E0304",
            argument="b",
            hint=_alike(a.type, b.type),
        )
    assert isinstance(a, Value)
    return a


@_builtin(
    "with_fans",
    "An initialiser that is told how many values go into and come out of a unit.",
    init=REQUIRED,
    fan_in=REQUIRED,
    fan_out=REQUIRED,
)
def _with_fans(frame: "Frame", init: Any, fan_in: Any, fan_out: Any) -> Initializer:
    from dlmc.initializers import INITIALIZERS

    if is_number(init) and not isinstance(init, Dim):
        return Initializer("constant", (("value", init),))
    if not isinstance(init, Initializer):
        raise _fault(f"an initialiser is needed, not {describe(init)}", "init")
    known = INITIALIZERS[init.name].parameters
    given = dict(init.arguments)
    if "fan_in" in known:
        given.setdefault("fan_in", fan_in)
        given.setdefault("fan_out", fan_out)
    return Initializer(init.name, tuple((n, given[n]) for n in known if n in given))
