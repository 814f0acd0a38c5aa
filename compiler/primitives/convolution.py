"""Convolution."""

from collections.abc import Mapping
from typing import Any

from dlmc.ir.dimensions import Size, product
from dlmc.ir.types import TensorType
from dlmc.primitives import checks, geometry
from dlmc.primitives.arrays import Array, np, widened
from dlmc.primitives.base import Fault, Primitive, primitive, reads, sample


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
    gradients = reads(x="weight", weight="x")
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
        kernel = weight.shape[2:]
        seen = geometry.windows(widened(x), kernel, stride, padding, dilation, 0)
        rank = len(kernel)
        # [N, C, counts…, kernel…] and [O, C, kernel…] to [N, counts…, O].
        axes = ((1, *range(2 + rank, 2 + 2 * rank)), tuple(range(1, 2 + rank)))
        parts = [
            np.tensordot(a, b, axes=axes)
            for a, b in zip(
                np.split(seen, groups, axis=1),
                np.split(widened(weight), groups, axis=0),
                strict=True,
            )
        ]
        result = np.moveaxis(np.concatenate(parts, axis=-1), -1, 1)
        return np.ascontiguousarray(result).astype(x.dtype)
