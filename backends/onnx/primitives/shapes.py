"""The same numbers in another shape, parts of a tensor, several tensors in one."""

from collections.abc import Sequence

from dlmc.backends.onnx.builder import Builder, Tensor
from dlmc.backends.onnx.emission import Use, emits
from dlmc.backends.onnx.sizes import (
    COPIED,
    END,
    is_sure,
    reshape,
    size_scalar,
    size_vector,
)
from dlmc.ir.dimensions import Size
from dlmc.ir.types import DType, TensorType


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
    """One Slice forwards and, for negative steps, one that goes backwards over it."""
    g, (x,) = use.graph, use.operands
    ranges = list(
        zip(*(use.attributes[name] for name in ("start", "stop", "step")), strict=True)
    )
    cut = [
        axis
        for axis, (start, stop, step) in enumerate(ranges)
        if start != 0 or stop != x.shape[axis] or step > 1
    ]
    backwards = [axis for axis, (_, _, step) in enumerate(ranges) if step < 0]
    part = x
    if cut:
        shape = tuple(
            ranges[axis][1] - ranges[axis][0] if axis in backwards else size
            for axis, size in enumerate(use.result.shape)
        )
        starts, stops = (
            size_vector(
                g, [_counted_from_end(ranges[axis][i], x.shape[axis]) for axis in cut]
            )
            for i in (0, 1)
        )
        steps = g.integers(max(ranges[axis][2], 1) for axis in cut)
        inputs = [x, starts, stops, g.integers(cut), steps]
        part = g.node("Slice", inputs, TensorType(x.dtype, shape))
        bounds = [(*ranges[axis][:2], x.shape[axis]) for axis in cut]
        if not all(_stays_inside(*bound) for bound in bounds):
            part = _checked(g, part, cut)
    if backwards:
        ends = ([end] * len(backwards) for end in (-1, -END))
        steps = g.integers(ranges[axis][2] for axis in backwards)
        inputs = [part, *map(g.integers, ends), g.integers(backwards), steps]
        part = g.node("Slice", inputs, use.result)
    return part


def _counted_from_end(index: Size, size: Size) -> Size:
    """A symbolic index as a known one, where it is at or near the axis's end."""
    if isinstance(index, int):
        return index
    distance = index - size
    if not isinstance(distance, int) or distance > 0:
        return index
    return distance or END


def _stays_inside(start: Size, stop: Size, size: Size) -> bool:
    return is_sure(0, start) and is_sure(start, stop) and is_sure(stop, size)


def _checked(g: Builder, x: Tensor, cut: Sequence[int]) -> Tensor:
    """`x`, made sure to have the shape that its type says: Slice ends in silence.

    Axes that were not cut are copied, so that a wrong length cannot hide.
    """
    if 0 in x.shape:
        return g.node("Reshape", [x, size_vector(g, x.shape)], x.type, allowzero=1)
    told = [size if axis in cut else COPIED for axis, size in enumerate(x.shape)]
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
    columns = g.node("Unsqueeze", [g.cast(indices, dtype), g.integers([-1])], column)
    depth = use.attributes["depth"]
    places = g.node(
        "Range",
        [g.constant(0, dtype), size_scalar(g, depth, dtype), g.constant(1, dtype)],
        TensorType(dtype, (depth,)),
    )
    truth = TensorType(DType.BOOL, use.result.shape)
    return g.cast(g.node("Equal", [columns, places], truth), use.result.dtype)
