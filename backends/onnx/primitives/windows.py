"""Products and what slides over spatial axes: matmul, convolution, windows.

ONNX Runtime convolves f32 alone (16-bit floats are cast) and has few kernels for
windows. Other dtypes are computed from the *taps*: for each place in a window, the
slice of the padded input that this place sees.
"""

import math
from collections.abc import Iterable, Sequence
from itertools import product as places

import numpy as np

from dlmc.backends.onnx.builder import Builder, Tensor
from dlmc.backends.onnx.dtypes import computed_in
from dlmc.backends.onnx.emission import Use, emits
from dlmc.backends.onnx.sizes import END, all_known, reshape, size_vector
from dlmc.ir.dimensions import Size, product
from dlmc.ir.types import TensorType
from dlmc.primitives.arrays import numpy_dtype

Pairs = Sequence[tuple[Size, Size]]


@emits("matmul")
def _matmul(use: Use) -> Tensor:
    g = use.graph
    a, b = g.widened("MatMul", *use.operands)
    type_ = TensorType(a.dtype, use.result.shape)
    return g.cast(g.node("MatMul", [a, b], type_), use.result.dtype)


@emits("conv")
def _conv(use: Use) -> Tensor:
    return convolution(use)


def convolution(use: Use, bias: Tensor | None = None) -> Tensor:
    """The primitive `conv`, with a bias [O] where there is one."""
    g = use.graph
    if computed_in("Conv", use.result.dtype) is None:
        return _convolution_of_taps(use, bias)
    operands = list(use.operands) if bias is None else [*use.operands, bias]
    padding = use.attributes["padding"]
    if not _is_known(padding):
        operands[0], padding = padded(g, operands[0], padding, 0), _none(padding)
    wide = g.widened("Conv", *operands)
    type_ = TensorType(wide[0].dtype, use.result.shape)
    convolved = g.node(
        "Conv",
        wide,
        type_,
        kernel_shape=[int(size) for size in wide[1].shape[2:] if isinstance(size, int)],
        strides=integers(use.attributes["stride"]),
        pads=pads(padding),
        dilations=integers(use.attributes["dilation"]),
        group=int(use.attributes["groups"]),
    )
    return g.cast(convolved, use.result.dtype)


def _is_known(padding: Pairs) -> bool:
    """Whether padding is in numbers; "same" of a symbolic size is not."""
    return all_known(n for pair in padding for n in pair)


def _none(padding: Pairs) -> Pairs:
    return [(0, 0)] * len(padding)


def integers(values: Iterable[Size]) -> list[int]:
    """Known numbers without their origins, as attributes of nodes."""
    return [int(value) for value in values if isinstance(value, int)]


def pads(pairs: Pairs) -> list[int]:
    """Padding as nodes take it: before all axes, then after them."""
    return integers(pair[end] for end in (0, 1) for pair in pairs)


def padded(g: Builder, x: Tensor, padding: Pairs, value: float) -> Tensor:
    """A tensor with a value around its spatial axes; what is negative is cut off."""
    if not any(any(pair) for pair in padding):
        return x
    low, high = zip((0, 0), (0, 0), *padding, strict=True)
    shape = tuple(
        size + before + after
        for size, before, after in zip(x.shape, low, high, strict=True)
    )
    inputs = [x, size_vector(g, [*low, *high]), g.constant(value, x.dtype)]
    return g.node("Pad", inputs, TensorType(x.dtype, shape), mode="constant")


def _taps(
    g: Builder,
    x: Tensor,
    counts: Sequence[Size],
    window: Sequence[int],
    stride: Sequence[int],
    dilation: Sequence[int],
) -> list[Tensor]:
    """What each place of a window sees of a padded input: [N, C, counts…] each."""
    type_ = TensorType(x.dtype, (*x.shape[:2], *counts))
    axes = g.integers(range(2, x.rank))
    steps = g.integers(stride)
    taps: list[Tensor] = []
    for place in places(*(range(size) for size in window)):
        starts = [at * by for at, by in zip(place, dilation, strict=True)]
        behind = [
            (size - 1 - at) * by
            for size, at, by in zip(window, place, dilation, strict=True)
        ]
        stops = g.integers(-distance if distance else END for distance in behind)
        taps.append(g.node("Slice", [x, g.integers(starts), stops, axes, steps], type_))
    return taps


def _convolution_of_taps(use: Use, bias: Tensor | None) -> Tensor:
    g, (x, weight) = use.graph, use.operands
    groups = int(use.attributes["groups"])
    batch, filters, *counts = use.result.shape
    window = [int(size) for size in weight.shape[2:] if isinstance(size, int)]
    taps = _taps(
        g,
        padded(g, x, use.attributes["padding"], 0),
        counts,
        window,
        use.attributes["stride"],
        use.attributes["dilation"],
    )
    apart = TensorType(x.dtype, (*x.shape[:2], 1, *counts))
    seen = g.node(
        "Concat",
        [g.node("Unsqueeze", [tap, g.integers([2])], apart) for tap in taps],
        TensorType(x.dtype, (*x.shape[:2], len(taps), *counts)),
        axis=2,
    )
    depth, width = product(weight.shape[1:]), product(counts)
    shape = (groups, filters // groups, depth)
    seen = reshape(g, seen, (batch, groups, depth, width))
    result = g.node(
        "MatMul",
        [reshape(g, weight, shape), seen],
        TensorType(x.dtype, (batch, groups, filters // groups, width)),
    )
    result = reshape(g, result, use.result.shape)
    if bias is not None:
        column = reshape(g, bias, (filters, *(1 for _ in counts)))
        result = g.node("Add", [result, column], use.result)
    return result


@emits("window_max")
def _window_max(use: Use) -> Tensor:
    g, (x,) = use.graph, use.operands
    size, stride, dilation = (
        integers(use.attributes[name]) for name in ("size", "stride", "dilation")
    )
    dtype = computed_in("MaxPool", x.dtype)
    if dtype is not None and dtype.is_float:
        wide, padding = g.cast(x, dtype), use.attributes["padding"]
        if not _is_known(padding):
            wide, padding = padded(g, wide, padding, -math.inf), _none(padding)
        pooled = g.node(
            "MaxPool",
            [wide],
            TensorType(dtype, use.result.shape),
            kernel_shape=size,
            strides=stride,
            pads=pads(padding),
            dilations=dilation,
        )
        return g.cast(pooled, x.dtype)
    (wide,) = g.widened("Max", x)
    lowest = int(np.iinfo(numpy_dtype(x.dtype)).min)
    around = padded(g, wide, use.attributes["padding"], lowest)
    taps = _taps(g, around, use.result.shape[2:], size, stride, dilation)
    largest = g.node("Max", taps, TensorType(wide.dtype, use.result.shape))
    return g.cast(largest, x.dtype)


@emits("window_mean")
def _window_mean(use: Use) -> Tensor:
    g, (x,) = use.graph, use.operands
    size, stride = (integers(use.attributes[name]) for name in ("size", "stride"))
    padding, counts_padding = (
        use.attributes[name] for name in ("padding", "count_padding")
    )
    dtype = computed_in("AveragePool", x.dtype)
    if dtype is not None and not _is_known(padding) and counts_padding:
        x, padding = padded(g, x, padding, 0), _none(padding)
    if dtype is not None and _is_known(padding):
        wide = g.cast(x, dtype)
        pooled = g.node(
            "AveragePool",
            [wide],
            TensorType(dtype, use.result.shape),
            kernel_shape=size,
            strides=stride,
            pads=pads(padding),
            count_include_pad=int(counts_padding),
        )
        return g.cast(pooled, x.dtype)
    once = [1] * len(size)

    def sums(values: Tensor) -> Tensor:
        around = padded(g, values, padding, 0)
        type_ = TensorType(x.dtype, (*values.shape[:2], *use.result.shape[2:]))
        taps = _taps(g, around, type_.shape[2:], size, stride, once)
        return g.node("Sum", taps, type_)

    if counts_padding or not any(any(pair) for pair in padding):
        count = g.constant(int(np.prod(size)), x.dtype)
    else:
        shape = (1, 1, *x.shape[2:])
        inputs = [g.constant(1, x.dtype), size_vector(g, shape)]
        count = sums(g.node("Expand", inputs, TensorType(x.dtype, shape)))
    return g.node("Div", [sums(x), count], use.result)
