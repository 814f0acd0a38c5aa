"""The same numbers in another shape, parts of a tensor, several tensors in one."""

from collections.abc import Sequence
from typing import Final

from dlmc.backends.onnx.builder import Builder, Tensor
from dlmc.backends.onnx.emission import Use, emits
from dlmc.backends.onnx.sizes import is_sure, reshape, size_scalar, size_vector
from dlmc.ir.dimensions import Size
from dlmc.ir.types import DType, TensorType

_FARTHEST: Final = 2**63 - 1
"""Where a slice ends that goes to the end of its axis."""


@emits("reshape")
def _reshape(use: Use) -> Tensor:
    return reshape(use.graph, use.operands[0], use.result.shape)


@emits("transpose")
def _transpose(use: Use) -> Tensor:
    axes = [int(axis) for axis in use.attributes["axes"]]
    return use.graph.node("Transpose", use.operands, use.result, perm=axes)


@emits("concat")
def _concat(use: Use) -> Tensor:
    if len(use.operands) == 1:
        return use.operands[0]
    axis = int(use.attributes["axis"])
    return use.graph.node("Concat", use.operands, use.result, axis=axis)


@emits("pad")
def _pad(use: Use) -> Tensor:
    low, high = use.attributes["low"], use.attributes["high"]
    if all(size == 0 for size in (*low, *high)):
        return use.operands[0]
    g = use.graph
    (x,) = g.widened("Pad", *use.operands)
    value = g.constant(use.attributes["value"], use.result.dtype)
    type_ = TensorType(x.dtype, use.result.shape)
    sizes = size_vector(g, (*low, *high))
    padded = g.node("Pad", [x, sizes, g.cast(value, x.dtype)], type_, mode="constant")
    return g.cast(padded, use.result.dtype)


@emits("slice")
def _slice(use: Use) -> Tensor:
    """One Slice forwards and, for negative steps, one that turns axes round."""
    g, (x,) = use.graph, use.operands
    ranges = list(
        zip(*(use.attributes[name] for name in ("start", "stop", "step")), strict=True)
    )
    cut = [
        axis
        for axis, (start, stop, step) in enumerate(ranges)
        if not (start == 0 and stop == x.shape[axis] and abs(step) == 1)
    ]
    reversed_ = [axis for axis, (_, _, step) in enumerate(ranges) if step < 0]
    result = x
    if cut:
        bounds = [
            size_vector(
                g, [_counted_from_end(ranges[axis][i], x.shape[axis]) for axis in cut]
            )
            for i in (0, 1)
        ]
        steps = g.integers(abs(ranges[axis][2]) for axis in cut)
        result = g.node("Slice", [x, *bounds, g.integers(cut), steps], use.result)
        if not all(_stays_inside(*ranges[axis][:2], x.shape[axis]) for axis in cut):
            result = _checked(g, result, x.shape)
    if reversed_:
        backwards = [-1] * len(reversed_)
        result = g.node(
            "Slice",
            [
                result,
                g.integers(backwards),
                g.integers([-_FARTHEST] * len(reversed_)),
                g.integers(reversed_),
                g.integers(backwards),
            ],
            use.result,
        )
    return result


def _counted_from_end(index: Size, size: Size) -> Size:
    """A symbolic index as a known one, where it is at or near the axis's end."""
    if isinstance(index, int):
        return index
    distance = index - size
    if not isinstance(distance, int) or distance > 0:
        return index
    return distance or _FARTHEST


def _stays_inside(start: Size, stop: Size, size: Size) -> bool:
    return is_sure(0, start) and is_sure(start, stop) and is_sure(stop, size)


def _checked(g: Builder, x: Tensor, whole: Sequence[Size]) -> Tensor:
    """`x`, made sure to have the shape that its type says: Slice cuts off in silence.

    Axes that were not cut are copied, so that a wrong length cannot hide.
    """
    told = [
        0 if size == before else size
        for size, before in zip(x.shape, whole, strict=True)
    ]
    return g.node("Reshape", [x, size_vector(g, told)], x.type)


@emits("gather")
def _gather(use: Use) -> Tensor:
    g, (x, indices) = use.graph, use.operands
    if indices.dtype not in (DType.I32, DType.I64):
        indices = g.cast(indices, DType.I32)
    axis = int(use.attributes["axis"])
    return g.node("Gather", [x, indices], use.result, axis=axis)


@emits("one_hot")
def _one_hot(use: Use) -> Tensor:
    """Indices compared with 0, 1, …: OneHot takes few dtypes, and -1 for the last."""
    g, (indices,) = use.graph, use.operands
    dtype = indices.dtype if indices.dtype is DType.I32 else DType.I64
    column = TensorType(dtype, (*indices.shape, 1))
    columns = g.node(
        "Unsqueeze", [g.cast(indices, dtype), g.integers([-1])], column
    )
    depth = use.attributes["depth"]
    places = g.node(
        "Range",
        [g.constant(0, dtype), size_scalar(g, depth, dtype), g.constant(1, dtype)],
        TensorType(dtype, (depth,)),
    )
    truth = TensorType(DType.BOOL, use.result.shape)
    return g.cast(g.node("Equal", [columns, places], truth), use.result.dtype)
