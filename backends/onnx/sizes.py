"""Sizes in a graph: constants, or computed from the shapes of its inputs."""

from collections.abc import Iterable, Sequence
from typing import Final

from dlmc.backends.onnx.builder import Builder, Tensor
from dlmc.ir.dimensions import Dim, Quotient, Size, substitute
from dlmc.ir.types import DType, TensorType

_ONE_SIZE: Final = TensorType(DType.I64, (1,))
COPIED: Final = 0
"""In the shape that Reshape takes: as in its input."""
INFERRED: Final = -1
"""In the shape that Reshape takes: what the others leave."""
END: Final = 2**63 - 1
"""Where a slice stops that goes to the end of its axis; negated, to the start."""


def size_vector(g: Builder, sizes: Sequence[Size]) -> Tensor:
    """Sizes as a vector of i64, made of as few parts as there can be."""
    if all(isinstance(size, int) for size in sizes):
        return g.integers(int(size) for size in sizes if isinstance(size, int))
    parts: list[Tensor] = []
    known: list[int] = []
    for size in sizes:
        if isinstance(size, int):
            known.append(int(size))
            continue
        if known:
            parts.append(g.integers(known))
            known = []
        parts.append(_run_time(g, size))
    if known:
        parts.append(g.integers(known))
    if len(parts) == 1:
        return parts[0]
    return g.node("Concat", parts, TensorType(DType.I64, (len(sizes),)), axis=0)


def size_scalar(g: Builder, size: Size, dtype: DType) -> Tensor:
    """One size as a scalar."""
    if isinstance(size, int):
        return g.constant(int(size), dtype)
    vector = _run_time(g, size)
    scalar = g.node("Squeeze", [vector, g.integers([0])], TensorType(DType.I64, ()))
    return g.cast(scalar, dtype)


def _run_time(g: Builder, size: Dim) -> Tensor:
    """A symbolic size as a vector of one element, computed once in a graph."""
    if size not in g.sizes:
        with g.at_the_top():
            g.sizes[size] = _computed(g, size)
            g.call_it(g.sizes[size], str(size))
    return g.sizes[size]


def _computed(g: Builder, size: Dim) -> Tensor:
    if size.name is not None:
        tensor, axis = g.symbols[size.name]
        return g.node("Shape", [tensor], _ONE_SIZE, start=axis, end=axis + 1)
    match size.terms:
        case ((((Quotient(dividend, divisor), 1),), 1),):
            return g.node("Div", [_vector(g, dividend), _vector(g, divisor)], _ONE_SIZE)
    terms: list[Tensor] = []
    for monomial, coefficient in size.terms:
        factors = [
            _vector(g, Dim.of_atom(atom))
            for atom, power in monomial
            for _ in range(power)
        ]
        if coefficient != 1 or not factors:
            factors.append(g.integers([coefficient]))
        terms.append(_chain(g, "Mul", factors))
    return _chain(g, "Add", terms)


def _vector(g: Builder, size: Size) -> Tensor:
    return g.integers([size]) if isinstance(size, int) else _run_time(g, size)


def _chain(g: Builder, operator: str, operands: Sequence[Tensor]) -> Tensor:
    result, *rest = operands
    for operand in rest:
        result = g.node(operator, [result, operand], _ONE_SIZE)
    return result


def reshape(g: Builder, x: Tensor, shape: Sequence[Size]) -> Tensor:
    """`x` in another shape, without computing a size where Reshape can tell it."""
    if tuple(shape) == x.shape:
        return x
    type_ = TensorType(x.dtype, tuple(shape))
    if any(isinstance(size, int) and size == 0 for size in shape):
        target = size_vector(g, shape)
        return g.node("Reshape", [x, target], type_, allowzero=1)
    copied = [x.shape[axis : axis + 1] == (size,) for axis, size in enumerate(shape)]
    told = [
        COPIED if same and isinstance(size, Dim) else size
        for size, same in zip(shape, copied, strict=True)
    ]
    unknown = [axis for axis, size in enumerate(told) if isinstance(size, Dim)]
    if unknown:
        told[unknown[0]] = INFERRED
    return g.node("Reshape", [x, size_vector(g, told)], type_)


def is_sure(least: Size, most: Size) -> bool:
    """Whether `least <= most` for all sizes of at least 1 that the symbols may have."""
    difference = substitute(most - least, lambda name: Dim.symbol(name) + 1)
    if isinstance(difference, int):
        return difference >= 0
    return all(coefficient > 0 for _, coefficient in difference.terms)


def all_known(sizes: Iterable[Size]) -> bool:
    """Whether no size is symbolic."""
    return all(isinstance(size, int) for size in sizes)
