"""Transposed convolution in Keras, which pads and cuts by rules of its own.

Keras's `"valid"` gives all that the kernels reach, and of kernels shorter than the
stride the gaps after them too; its `"same"` cuts down to size * stride. Other padding
is cut off afterwards.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from dlmc.backends.python import tree as py
from dlmc.backends.tensorflow.pooling import per_axis
from dlmc.backends.tensorflow.quoting import quote
from dlmc.backends.tensorflow.shapes import padded
from dlmc.backends.tensorflow.uses import Use
from dlmc.backends.tensorflow.windows import pad_widths
from dlmc.ir.dimensions import Dim

Write = Callable[[Any], py.Expression]


@dataclass(frozen=True, slots=True)
class Cut:
    """How Keras is asked for a transposed convolution, and what is done after."""

    padding: str
    output_padding: tuple[Any, ...] | None
    """As Keras is told, None where it need not be."""
    cut_off: tuple[tuple[Any, Any], ...]
    """What is cut off each axis: before, after."""
    added: tuple[Any, ...]
    """Zeros that are put at the end of each axis, where Keras cannot put them."""

    @property
    def is_whole(self) -> bool:
        """Whether nothing is to be cut off."""
        return not any(n for ends in self.cut_off for n in ends)

    def left(self, write: Write) -> py.Tuple:
        """The index of what is left of images: `:, 1:-1, 1:`."""
        slices = (
            py.Slice(
                write(low) if low else None,
                py.Unary("-", write(high)) if high else None,
            )
            for low, high in self.cut_off
        )
        return py.Tuple((py.Slice(), *slices))


def cut(
    kernel: Sequence[int],
    stride: Sequence[int],
    dilation: Sequence[int],
    padding: Sequence[tuple[int, int]],
    output_padding: Sequence[Any],
) -> Cut:
    """How to get a transposed convolution with other padding from Keras's."""
    nothing = (0,) * len(kernel)
    reach = [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]
    gaps = [max(s - r, 0) for s, r in zip(stride, reach, strict=True)]
    surplus = [max(r - s, 0) for s, r in zip(stride, reach, strict=True)]
    same = [(n // 2, n - n // 2) for n in surplus]
    if any(surplus) and list(padding) == same and list(output_padding) == gaps:
        return Cut("same", None, ((0, 0),) * len(kernel), nothing)
    longer: list[Any] = []
    cut_off: list[tuple[Any, Any]] = []
    for (low, high), more in zip(padding, output_padding, strict=True):
        if isinstance(more, Dim) or more == 0:
            longer.append(more)
            cut_off.append((low, high))
        else:  # What is put on is cut off less.
            longer.append(more - high if more > high else 0)
            cut_off.append((low, 0 if more > high else high - more))
    added = tuple(n if s == 1 else 0 for n, s in zip(longer, stride, strict=True))
    told = tuple(0 if s == 1 else n for n, s in zip(longer, stride, strict=True))
    is_told = list(told) != gaps
    return Cut("valid", told if is_told else None, tuple(cut_off), added)


def conv_transpose(use: Use) -> py.Expression:
    """`ops.conv_transpose`; groups of channels one after another, which Keras lacks."""
    attributes = use.attributes
    stride, dilation = attributes["stride"], attributes["dilation"]
    kernel = [size for size in use.type(1).shape[:-2] if isinstance(size, int)]
    padding = attributes["padding"]
    weight = use.tensor(1)
    # Keras has no stride and dilation at once: the kernel is stretched instead, and
    # ends with zeros.
    if max(stride) > 1 and max(dilation) > 1:
        weight = _stretched(use, kernel)
        padding = [
            (low, high + d - 1)
            for (low, high), d in zip(padding, dilation, strict=True)
        ]
        kernel = [k * d for k, d in zip(kernel, dilation, strict=True)]
        dilation = (1,) * len(kernel)
    plan = cut(kernel, stride, dilation, padding, attributes["output_padding"])
    options: dict[str, Any] = {}
    if max(stride) > 1:
        options["strides"] = per_axis(stride, use.scope)
    options["padding"] = plan.padding
    if plan.output_padding is not None:
        options["output_padding"] = per_axis(plan.output_padding, use.scope)
    if max(dilation) > 1:
        options["dilation_rate"] = per_axis(dilation, use.scope)
    result = _applied(use, weight, options)
    if any(plan.added):
        widths = pad_widths([(0, n) for n in plan.added])
        result = padded(result, widths, 0, use.scope)
    if plan.is_whole:
        return result
    return py.Subscript(result, plan.left(use.scope.numbers))


def _applied(use: Use, weight: py.Expression, options: dict[str, Any]) -> py.Expression:
    groups = use.attributes["groups"]
    if groups == 1:
        template = "ops.conv_transpose({x}, {weight}, **{o})"
        return quote(template, x=use.x, weight=weight, o=options)
    return quote(
        "ops.concatenate([ops.conv_transpose(a, b, **{o}) for a, b in zip("
        "ops.split({x}, {n}, axis=-1), ops.split({weight}, {n}, axis=-1),"
        " strict=True)], axis=-1)",
        x=use.x,
        weight=weight,
        n=use.scope.numbers(groups),
        o=options,
    )


def _stretched(use: Use, kernel: Sequence[int]) -> py.Expression:
    """The kernel [kernel…, O, I] with dilation - 1 zeros after each element."""
    dilation = use.attributes["dilation"]
    channels = use.type(1).shape[-2:]
    apart = tuple(n for size in kernel for n in (size, 1))
    widths = tuple(w for d in dilation for w in ((0, 0), (0, d - 1)))
    sizes = tuple(k * d for k, d in zip(kernel, dilation, strict=True))
    x = quote(
        "ops.reshape({x}, {shape})",
        x=use.tensor(1),
        shape=use.scope.numbers((*apart, *channels)),
    )
    x = padded(x, (*widths, (0, 0), (0, 0)), 0, use.scope)
    shape = use.scope.numbers((*sizes, *channels))
    return quote("ops.reshape({x}, {shape})", x=x, shape=shape)
