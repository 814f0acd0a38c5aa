"""What primitives expect of their operands and attributes, as faults that say so."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from dlmc.ir.dimensions import Dim, Size
from dlmc.ir.traced import origin_of
from dlmc.ir.types import DType, TensorType
from dlmc.primitives.base import Fault


@dataclass(frozen=True, slots=True)
class Kind:
    """A set of dtypes: its name in messages, and how to get there from another."""

    text: str
    holds: Callable[[DType], bool]
    hint: str = ""

    def of(self, shape: str) -> str:
        """The pattern of a tensor: `float[N, C, ...]`."""
        return " or ".join(f"{name}[{shape}]" for name in self.text.split(" or "))


FLOAT = Kind("float", lambda d: d.is_float, "cast it: cast({}, f32)")
INTEGER = Kind("int", lambda d: d.is_integer, "cast it: cast({}, i64)")
NUMBER = Kind("float or int", lambda d: d is not DType.BOOL, "cast it: cast({}, f32)")
SIGNED = Kind(
    "float or signed int",
    lambda d: d not in (DType.BOOL, DType.U8),
    "cast it: cast({}, i64)",
)
BOOL = Kind("bool", lambda d: d is DType.BOOL, "compare it: {} != 0")
ANY = Kind("any", lambda _: True)


_INTEGERS = {
    DType.I8: (-(2**7), 2**7 - 1),
    DType.I16: (-(2**15), 2**15 - 1),
    DType.I32: (-(2**31), 2**31 - 1),
    DType.I64: (-(2**63), 2**63 - 1),
    DType.U8: (0, 2**8 - 1),
}
_LARGEST = {DType.F16: 65504.0, DType.BF16: 3.3895314e38, DType.F32: 3.4028235e38}


def expect(
    name: str, argument: str, kind: Kind, given: TensorType, shape: str = "..."
) -> None:
    """Fault unless the dtype is of a kind; `shape` is the pattern to show."""
    if not kind.holds(given.dtype):
        raise Fault(
            f"{name} expects {argument}: {kind.of(shape)}, got {given}",
            hint=kind.hint.format(argument) or None,
            argument=argument,
        )


def expect_one_dtype(name: str, first: TensorType, second: TensorType) -> None:
    """Fault unless two operands agree in dtype."""
    if first.dtype is second.dtype:
        return
    wide = first.dtype if first.dtype.is_float else second.dtype
    raise Fault(
        f"{name} expects both operands of one dtype, got {first} and {second}",
        code="E0303",
        hint=f"nothing is cast implicitly: write cast(…, {wide}) around the other one",
    )


def broadcast(name: str, *operands: TensorType) -> tuple[Size, ...]:
    """The shape that operands take together, as in NumPy.

    A size of 1 takes the other's; of two equal sizes the traced one is kept, for it
    says more.
    """
    rank = max(operand.rank for operand in operands)
    result: list[Size] = []
    for axis in range(-rank, 0):
        size: Size = 1
        for operand in operands:
            other = operand.shape[axis] if -axis <= operand.rank else 1
            if size == other:
                size = size if origin_of(other) is None else other
            elif size == 1:
                size = other
            elif other != 1:
                shapes = " and ".join(str(o) for o in operands)
                raise Fault(
                    f"{name} cannot broadcast {shapes}: axis {axis} has sizes "
                    f"{size} and {other}",
                    code="E0304",
                    hint="sizes must be equal, or one of them 1",
                )
        result.append(size)
    return tuple(result)


def is_size(value: object) -> bool:
    """Whether a value is an integer or a symbolic size."""
    return isinstance(value, int | Dim) and not isinstance(value, bool)


def integer(name: str, argument: str, value: Any, least: int | None = None) -> int:
    """An integer attribute, at least `least`."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise Fault(
            f"{name} expects {argument} to be an integer, got {shown(value)}",
            code="E0310",
            argument=argument,
        )
    if least is not None and value < least:
        raise Fault(
            f"{name} expects {argument} to be at least {least}, got {value}",
            argument=argument,
        )
    return value


def boolean(name: str, argument: str, value: Any) -> bool:
    """A boolean attribute."""
    if not isinstance(value, bool):
        raise Fault(
            f"{name} expects {argument} to be true or false, got {shown(value)}",
            code="E0310",
            argument=argument,
        )
    return value


def dtype(name: str, argument: str, value: Any, kind: Kind = ANY) -> DType:
    """An attribute that is a dtype of a kind."""
    if not isinstance(value, DType):
        raise Fault(
            f"{name} expects {argument} to be a dtype such as f32, got {shown(value)}",
            code="E0310",
            hint=f"write `{value}` without quotes"
            if isinstance(value, str) and value in {d.value for d in DType}
            else None,
            argument=argument,
        )
    if not kind.holds(value):
        raise Fault(
            f"{name} expects {argument} to be a {kind.text} dtype, got {value}",
            argument=argument,
        )
    return value


def number(name: str, argument: str, value: Any, dtype: DType) -> int | float:
    """A number that a dtype holds; of a float dtype a float, unless it is traced."""

    def fault(message: str, **details: str) -> Fault:
        return Fault(f"{name}: {message}", argument=argument, **details)

    is_bool = isinstance(value, bool)
    if not isinstance(value, int | float) or is_bool != (dtype is DType.BOOL):
        raise fault(f"{shown(value)} is no {dtype}", code="E0310")
    if dtype.is_integer:
        if not isinstance(value, int):
            raise fault(
                f"{value} is not a whole number, and {dtype} holds no other",
                hint="use a float dtype such as f32",
            )
        low, high = _INTEGERS[dtype]
        if not low <= value <= high:
            raise fault(f"{value} does not fit {dtype}, {low} to {high}")
    elif dtype.is_float:
        largest = _LARGEST.get(dtype, float("inf"))
        if largest < abs(value) < float("inf"):
            raise fault(f"{value} does not fit {dtype}, up to {largest}")
        if origin_of(value) is None and type(value) is not float:
            return float(value)
    held: int | float = value
    return held


def sizes(name: str, argument: str, value: Any) -> tuple[Size, ...]:
    """An attribute that is a shape: a list of sizes, none negative."""
    if isinstance(value, list | tuple):
        for size in value:
            if isinstance(size, float):
                raise Fault(
                    f"{name} expects {argument} to be a list of whole numbers, "
                    f"got {round(size, 4)}",
                    code="E0307",
                    hint="`//` rounds down",
                    argument=argument,
                )
    if not isinstance(value, list | tuple) or not all(is_size(v) for v in value):
        raise Fault(
            f"{name} expects {argument} to be a list of sizes, got {shown(value)}",
            code="E0310",
            argument=argument,
        )
    for size in value:
        if isinstance(size, int) and size < 0:
            raise Fault(f"{name}: a size cannot be {size}", argument=argument)
    return tuple(value)


def axis_of(name: str, value: Any, operand: TensorType, argument: str = "axis") -> int:
    """An axis of an operand, counted from the front."""
    axis = integer(name, argument, value)
    rank = operand.rank
    if not -rank <= axis < rank:
        raise Fault(
            f"{name}: {operand} has no axis {axis}",
            code="E0313",
            hint=f"its axes are {-rank} to {rank - 1}" if rank else "it is a scalar",
            argument=argument,
        )
    return axis + rank if axis < 0 else axis


def axes_of(
    name: str, value: Any, operand: TensorType, argument: str = "axis"
) -> tuple[int, ...]:
    """Axes of an operand, counted from the front, each once, in the order given."""
    values: Sequence[Any] = value if isinstance(value, list | tuple) else (value,)
    axes = tuple(axis_of(name, v, operand, argument) for v in values)
    if len(set(axes)) < len(axes):
        raise Fault(
            f"{name}: {argument} names an axis twice: {shown(value)}", argument=argument
        )
    return axes


def shown(value: Any) -> str:
    """A compile-time value as DLM writes it."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case str():
            return f'"{value}"'
        case list() | tuple():
            return f"[{', '.join(shown(v) for v in value)}]"
    return str(value)
