"""Convolution."""

from collections.abc import Mapping
from typing import Any

from dlmc.ir.dimensions import Size, product
from dlmc.ir.types import TensorType
from dlmc.primitives import checks, geometry, patches
from dlmc.primitives.arrays import Array, np, widened
from dlmc.primitives.base import (
    REGISTRY,
    Builder,
    Fault,
    Gradients,
    Primitive,
    Term,
    primitive,
    sample,
)


@primitive
class Convolution(Primitive):
    """Cross-correlation over one to three spatial axes.

    x is [N, C, spatial…], weight [O, C / groups, kernel…], the result [N, O, counts…]
    with (size + padding - dilation * (kernel - 1) - 1) // stride + 1 on each axis.
    Channels stand in `groups` groups, each of which sees its own share of C and makes
    its own share of O. In normal form `stride` and `dilation` have an integer for each
    spatial axis and `padding` a pair (before, after).
    """

    name = "conv"
    samples = (
        sample("f32[N, 3, 8, 8]", "f32[4, 3, 3, 3]"),
        sample("f32[N, 3, 9, 8]", "f32[4, 3, 3, 2]", stride=2, padding="same"),
        sample("f32[N, 3, H, W]", "f32[4, 3, 3, 3]", stride=[2, 1], padding=1),
        sample("f32[N, 3, H, W]", "f32[4, 3, 3, 2]", padding="same", dilation=2),
        sample("f32[N, 3, H, W]", "f32[4, 3, 3, 4]", stride=2, padding="same"),
        sample("f32[N, 4, 7, 7]", "f32[6, 2, 1, 1]", groups=2),
        sample("f32[N, 4, 7, 7]", "f32[8, 1, 3, 3]", groups=4, padding=[0, 1]),
        sample("f64[N, 2, T]", "f64[3, 2, 4]", padding=[[3, 0]], dilation=1),
        sample("f32[1, 2, 5, 5, 5]", "f32[3, 2, 2, 3, 2]", stride=2, padding="valid"),
        sample("bf16[1, 2, 6]", "bf16[3, 2, 3]", dilation=[2]),
    )

    def _kernel(self, operands: tuple[TensorType, ...]) -> tuple[int, ...]:
        return geometry.kernel_of(self.name, operands, "O, C / groups, ...")

    def normalize(
        self, operands: tuple[TensorType, ...], attributes: Mapping[str, Any]
    ) -> dict[str, Any]:
        x, _ = operands
        kernel = self._kernel(operands)
        filled = self.filled(attributes)
        stride, dilation = (
            geometry.per_axis(self.name, argument, filled[argument], len(kernel))
            for argument in ("stride", "dilation")
        )
        padding = geometry.padding_of(
            self.name, filled["padding"], x.shape[2:], kernel, stride, dilation
        )
        groups = checks.integer(self.name, "groups", filled["groups"], least=1)
        return {
            "stride": stride,
            "padding": padding,
            "dilation": dilation,
            "groups": groups,
        }

    def infer(
        self, operands: tuple[TensorType, ...], attributes: Mapping[str, Any]
    ) -> TensorType:
        x, weight = operands
        kernel = self._kernel(operands)
        groups = attributes["groups"]
        if weight.shape[1] * groups != x.shape[1]:
            raise Fault(
                f"conv expects weight: float[O, C / groups, ...] where C is "
                f"{x.shape[1]} and groups {groups}, got {weight}",
                code="E0304",
                argument="weight",
            )
        if weight.shape[0] % groups != 0:
            raise Fault(
                f"conv cannot share {weight.shape[0]} output channels between "
                f"{groups} groups",
                code="E0307",
                argument="groups",
            )
        counts = geometry.window_counts(
            self.name,
            x.shape[2:],
            kernel,
            attributes["stride"],
            attributes["padding"],
            attributes["dilation"],
        )
        return TensorType(x.dtype, (x.shape[0], weight.shape[0], *counts))

    def flops(
        self,
        operands: tuple[TensorType, ...],
        attributes: Mapping[str, Any],
        result: TensorType,
    ) -> Size:
        return 2 * product(operands[1].shape[1:]) * result.count

    def reference(
        self,
        x: Array,
        weight: Array,
        *,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
    ) -> Array:
        places, ends = patches.seen(
            x.shape[2:], weight.shape[2:], stride, padding, dilation
        )
        weight = weight[patches.at(places)]
        kernel = weight.shape[2:]
        seen = patches.columns(widened(x), kernel, stride, ends, dilation)
        # [G, O / G, C / G * kernel] by [G, C / G * kernel, N * counts] of each group.
        flat = widened(weight).reshape(groups, weight.shape[0] // groups, -1)
        made = flat @ seen.reshape(groups, flat.shape[2], -1)
        result = made.reshape(weight.shape[0], *seen.shape[1 + len(kernel) :])
        return np.swapaxes(result, 0, 1).astype(x.dtype, copy=False)

    def gradient(
        self,
        b: Builder,
        dy: Term,
        y: Term,
        x: Term,
        weight: Term,
        *,
        stride: tuple[int, ...],
        padding: geometry.Pairs,
        dilation: tuple[int, ...],
        groups: int,
    ) -> Gradients:
        given = {
            "stride": stride,
            "padding": padding,
            "dilation": dilation,
            "groups": groups,
        }
        kernel = geometry.known(weight.shape[2:])
        # What the last window leaves of each axis.
        rest = [
            (size + low + high - d * (k - 1) - 1) % s
            for size, (low, high), k, s, d in zip(
                x.shape[2:], padding, kernel, stride, dilation, strict=True
            )
        ]
        return (
            b.conv_transpose(dy, weight, output_padding=rest, **given),
            b.conv_weight_gradient(x, dy, kernel=kernel, **given),
        )


@primitive
class ConvolutionWeightGradient(Primitive):
    """The gradient of `conv` with respect to its weight, from x and that of its result.

    x is [N, C, spatial…], dy [N, O, counts…] with the counts of windows that `conv` of
    x has, the result [O, C / groups, kernel…]. In normal form `kernel`, `stride` and
    `dilation` have an integer for each spatial axis and `padding` a pair.
    """

    name = "conv_weight_gradient"
    internal = "the gradient of conv"
    samples = (
        sample("f32[N, 3, 8, 8]", "f32[N, 4, 6, 6]", kernel=[3, 3]),
        sample("f32[N, 3, H, W]", "f32[N, 4, H, W]", kernel=[3, 1], padding=[1, 0]),
        sample("f32[N, 4, 7, 7]", "f32[N, 6, 7, 7]", kernel=[1, 1], groups=2),
        sample(
            "f64[N, 2, 9]",
            "f64[N, 3, 4]",
            kernel=[2],
            stride=2,
            padding=[[1, 0]],
            dilation=2,
        ),
        sample("bf16[1, 2, 6]", "bf16[1, 3, 4]", kernel=[3]),
    )

    def normalize(
        self, operands: tuple[TensorType, ...], attributes: Mapping[str, Any]
    ) -> dict[str, Any]:
        x, _ = operands
        normal = self.filled(attributes)
        rank = x.rank - 2
        for argument in ("kernel", "stride", "dilation"):
            given = normal[argument]
            normal[argument] = geometry.per_axis(self.name, argument, given, rank)
        normal["padding"] = geometry.padding_of(
            self.name,
            normal["padding"],
            x.shape[2:],
            normal["kernel"],
            normal["stride"],
            normal["dilation"],
        )
        checks.integer(self.name, "groups", normal["groups"], least=1)
        return normal

    def infer(
        self, operands: tuple[TensorType, ...], attributes: Mapping[str, Any]
    ) -> TensorType:
        x, dy = operands
        checks.expect_one_dtype(self.name, x, dy)
        counts = geometry.window_counts(
            self.name,
            x.shape[2:],
            attributes["kernel"],
            attributes["stride"],
            attributes["padding"],
            attributes["dilation"],
        )
        if dy.shape[2:] != counts or dy.shape[0] != x.shape[0]:
            raise Fault(
                f"{self.name} expects dy: float[N, O, ...] with the windows of x, got "
                f"{x} and {dy}",
                code="E0304",
                argument="dy",
            )
        seen = x.shape[1] // attributes["groups"]
        return TensorType(x.dtype, (dy.shape[1], seen, *attributes["kernel"]))

    def flops(
        self,
        operands: tuple[TensorType, ...],
        attributes: Mapping[str, Any],
        result: TensorType,
    ) -> Size:
        return 2 * product(result.shape[1:]) * operands[1].count

    def reference(
        self,
        x: Array,
        dy: Array,
        *,
        kernel: Any,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
    ) -> Array:
        places, ends = patches.seen(x.shape[2:], kernel, stride, padding, dilation)
        reached = tuple(place.stop - place.start for place in places)
        seen = patches.columns(widened(x), reached, stride, ends, dilation)
        batch = seen.shape[1 + len(kernel) :]
        # [G, O / G, N * counts] by [G, N * counts, C / G * kernel] of each group.
        back = np.swapaxes(widened(dy), 0, 1).reshape(groups, dy.shape[1] // groups, -1)
        flat = seen.reshape(groups, -1, int(np.prod(batch)))
        made = back @ np.swapaxes(flat, 1, 2)
        shape = (dy.shape[1], x.shape[1] // groups)
        result = np.zeros((*shape, *kernel), x.dtype)
        result[patches.at(places)] = made.reshape(*shape, *reached)
        return result

    def gradient(
        self,
        b: Builder,
        dy: Term,
        y: Term,
        x: Term,
        back: Term,
        *,
        kernel: tuple[int, ...],
        stride: tuple[int, ...],
        padding: geometry.Pairs,
        dilation: tuple[int, ...],
        groups: int,
    ) -> Gradients:
        convolution = REGISTRY["conv"]
        given = {
            "stride": stride,
            "padding": padding,
            "dilation": dilation,
            "groups": groups,
        }
        of_x, _ = convolution.gradient(b, back, back, x, dy, **given)
        return of_x, b.conv(x, dy, **given)
