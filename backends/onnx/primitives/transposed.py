"""Transposed convolution.

ONNX Runtime has it in f32 (16-bit floats are cast), of a length that the graph knows.
Any other is a convolution of the spread input: zeros between its elements, as many as
the stride leaves room for, and the kernel turned round.
"""

from dlmc.backends.onnx.builder import Builder, Tensor
from dlmc.backends.onnx.dtypes import computed_in
from dlmc.backends.onnx.emission import Use, emits
from dlmc.backends.onnx.primitives.windows import (
    convolution,
    integers,
    padded,
    pads,
)
from dlmc.backends.onnx.sizes import END, all_known, reshape
from dlmc.ir.types import TensorType


@emits("conv_transpose")
def _conv_transpose(use: Use) -> Tensor:
    return transposed_convolution(use)


def transposed_convolution(use: Use, bias: Tensor | None = None) -> Tensor:
    """The primitive `conv_transpose`, with a bias [O] where there is one."""
    g, attributes = use.graph, use.attributes
    if not _is_computed(use):
        return _of_spread(use, bias)
    operands = use.operands if bias is None else [*use.operands, bias]
    wide = g.widened("ConvTranspose", *operands)
    longer = integers(attributes["output_padding"])
    convolved = g.node(
        "ConvTranspose",
        wide,
        TensorType(wide[0].dtype, use.result.shape),
        kernel_shape=[int(size) for size in wide[1].shape[2:] if isinstance(size, int)],
        strides=integers(attributes["stride"]),
        pads=pads(attributes["padding"]),
        dilations=integers(attributes["dilation"]),
        group=int(attributes["groups"]),
        **({"output_padding": longer} if any(longer) else {}),
    )
    return g.cast(convolved, use.result.dtype)


def _is_computed(use: Use) -> bool:
    """Whether ONNX Runtime does it: with less output padding than the stride."""
    longer, stride = use.attributes["output_padding"], use.attributes["stride"]
    return (
        computed_in("ConvTranspose", use.result.dtype) is not None
        and all_known(longer)
        and all(n < by for n, by in zip(longer, stride, strict=True))
    )


def _of_spread(use: Use, bias: Tensor | None) -> Tensor:
    g, (x, weight) = use.graph, use.operands
    attributes = use.attributes
    stride, dilation = (integers(attributes[name]) for name in ("stride", "dilation"))
    apart = [n for size in x.shape[2:] for n in (size, 1)]
    gaps = [ends for by in stride for ends in ((0, 0), (0, by - 1))]
    x = padded(g, reshape(g, x, (*x.shape[:2], *apart)), gaps, 0)
    whole = [x.shape[2 + 2 * axis] * by for axis, by in enumerate(stride)]
    x = reshape(g, x, (*x.shape[:2], *whole))
    reach = [
        d * (size - 1)
        for size, d in zip(weight.shape[2:], dilation, strict=True)
        if isinstance(size, int)
    ]
    # The gap behind the last element is none of the spread input.
    around = [
        (far - low, far - high + longer - (by - 1))
        for far, (low, high), longer, by in zip(
            reach,
            attributes["padding"],
            attributes["output_padding"],
            stride,
            strict=True,
        )
    ]
    turned = _turned(g, weight, int(attributes["groups"]))
    once = [1] * len(stride)
    rest = {
        "stride": once,
        "padding": [(0, 0)] * len(stride),
        "dilation": dilation,
        "groups": attributes["groups"],
    }
    return convolution(
        Use(g, (padded(g, x, around, 0), turned), rest, use.result), bias
    )


def _turned(g: Builder, weight: Tensor, groups: int) -> Tensor:
    """From [C, O / groups, kernel…] to [O, C / groups, kernel…], kernels reversed."""
    inner, outer, *kernel = weight.shape
    axes = range(2, weight.rank)
    count = len(kernel)
    starts, stops, steps = (g.integers([n] * count) for n in (-1, -END, -1))
    inputs = [weight, starts, stops, g.integers(axes), steps]
    turned = g.node("Slice", inputs, weight.type)
    shares = (groups, inner // groups, outer)
    apart = reshape(g, turned, (*shares, *kernel))
    order = (0, 2, 1, *(axis + 1 for axis in axes))
    type_ = TensorType(weight.dtype, tuple(apart.shape[axis] for axis in order))
    swapped = g.node("Transpose", [apart], type_, perm=list(order))
    return reshape(g, swapped, (groups * outer, inner // groups, *kernel))
