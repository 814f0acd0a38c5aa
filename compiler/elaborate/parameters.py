"""A callee's compile-time arguments: as its caller gives them, and as it sees them.

A number comes with its origin in the caller's terms and is seen as coming from the
parameter. A layer is given as what it is made of: each of its own arguments is one of
the callee's, called `parameter.argument`.
"""

from collections.abc import Hashable, Iterator, Mapping
from typing import Any

from dlmc.elaborate.frame import Frame
from dlmc.elaborate.values import (
    BlockFunction,
    Builtin,
    Closure,
    InitializerFunction,
    Layer,
    NamedFunction,
    PrimitiveFunction,
    holds_callable,
)
from dlmc.ir.dimensions import Dim, Size
from dlmc.ir.module import Definition, Initializer
from dlmc.ir.traced import Variable, evaluate, origin_of, plain, traced
from dlmc.ir.types import TensorType


def given_arguments(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments as the IR holds them: functions and layers by what they are called."""
    found: dict[str, Any] = {}
    for name, value in arguments.items():
        found[name] = _named(value)
        for inner, layer in layers_in(name, value):
            found |= given_arguments(
                {f"{inner}.{key}": item for key, item in layer.arguments.items()}
            )
    return found


def layers_in(name: str, value: Any) -> Iterator[tuple[str, Layer]]:
    """The layer that a value is, or those in a list, each called after `name`."""
    if isinstance(value, Layer):
        yield name, value
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from layers_in(f"{name}.{i}", item)


def _named(value: Any) -> Any:
    match value:
        case list():
            return [_named(item) for item in value] if holds_callable(value) else value
        case NamedFunction(declaration) | BlockFunction(declaration):
            return Definition(declaration.name.name)
        case Layer():
            return Definition(value.block.declaration.name.name)
        case PrimitiveFunction(primitive):
            return Definition(primitive.name)
        case Builtin(name) | InitializerFunction(name):
            return Definition(name)
        case Closure():
            return Definition("fn")
    return value


def identity(value: Any) -> Hashable:
    """A stand-in that is equal for equal arguments; `1`, `1.0` and `true` are three."""
    value = plain(value)
    match value:
        case list():
            return tuple(identity(item) for item in value)
        case Layer():
            arguments = tuple((n, identity(v)) for n, v in value.arguments.items())
            return (value.block, value.name, arguments)
        case _:
            return (type(value), value)


def translate(size: Any, outer: dict[str, Any]) -> Size:
    """A size in a callee's terms, in the caller's."""
    origin = origin_of(size)
    if origin is not None:
        value = evaluate(origin, outer)
        assert value == size, (origin, outer, size)
        return value  # type: ignore[no-any-return]
    if not isinstance(size, Dim):
        return size  # type: ignore[no-any-return]
    return size.substitute(outer.__getitem__, lambda number: translate(number, outer))


def translate_type(type_: TensorType, outer: dict[str, Any]) -> TensorType:
    """A type in a callee's terms, in the caller's."""
    return TensorType(
        type_.dtype, tuple(translate(size, outer) for size in type_.shape)
    )


def outer_values(
    arguments: dict[str, Any],
    sources: dict[str, tuple[int, int]],
    operands: tuple[TensorType, ...],
) -> dict[str, Any]:
    """A callee's parameters and dimensions, by name, as its caller sees them."""
    sizes = {
        name: operands[position].shape[axis]
        for name, (position, axis) in sources.items()
    }
    symbolic = {
        symbol: size
        for name, value in arguments.items()
        for symbol, size in symbolic_sizes(name, value)
    }
    return {**arguments, **symbolic, **sizes}


def symbolic_sizes(name: str, value: Any) -> Iterator[tuple[str, Dim]]:
    """The sizes in an argument that are symbolic, and their symbols in the callee."""
    if isinstance(value, Dim):
        yield name, value
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from symbolic_sizes(f"{name}.{i}", item)


def inner_argument(name: str, value: Any, frame: Frame) -> Any:
    """A compile-time argument as the callee sees it.

    A number comes from its parameter. A symbolic size becomes a symbol of the callee's
    own, one for equal sizes, which the inputs may share. A layer becomes one that the
    callee owns.
    """
    if isinstance(value, Dim):
        known = known_symbol(value, frame)
        if known is None:
            known = frame.dimensions[name] = Dim.symbol(name)
        return known
    if isinstance(value, list):
        return [
            inner_argument(f"{name}.{i}", item, frame)
            if isinstance(item, Dim | list | Layer | Initializer)
            else plain(item)
            for i, item in enumerate(value)
        ]
    if isinstance(value, Layer):
        arguments = {
            key: inner_argument(f"{name}.{key}", item, frame)
            for key, item in value.arguments.items()
        }
        return Layer(
            value.block,
            arguments,
            value.span,
            frame,
            value.name,
            name,
            given=value.given,
        )
    if isinstance(value, Initializer):
        given = tuple((key, plain(item)) for key, item in value.arguments)
        return Initializer(value.name, given)
    return traced(plain(value), Variable(name))


def known_symbol(size: Dim, frame: Frame) -> Size | None:
    """The callee's symbol for a size that its caller gave before."""
    outer = outer_of(frame)
    for name, known in frame.dimensions.items():
        if isinstance(known, Dim) and outer[name] == size:
            return known
    return None


def outer_of(frame: Frame) -> dict[str, Any]:
    """What the parameters and dimensions of a frame are to its caller."""
    assert frame.operands is not None
    return outer_values(frame.arguments, frame.sources, frame.operands)
