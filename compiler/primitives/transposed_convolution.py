"""Transposed convolution."""

from collections.abc import Mapping
from typing import Any

from dlmc.ir.dimensions import Size, product
from dlmc.ir.types import TensorType
from dlmc.primitives import checks, geometry
from dlmc.primitives.arrays import Array, np, widened
from dlmc.primitives.base import Fault, Primitive, primitive, reads, sample


@primitive
class TransposedConvolution(Primitive):
    """Each number of x adds a kernel, times itself, to the result.

    x is [N, C, spatial…], weight [C, O / groups, kernel…], the result [N, O, sizes…]
    with (size - 1) * stride + dilation * (kernel - 1) + 1 - padding + output_padding on
    each axis. The kernels lie `stride` apart; `output_padding` lengthens the end of
    each axis, and then `padding` is cut off. `"same"` padding makes size * stride.

    It is the gradient of `conv` with respect to its input, of the same weight, stride,
    padding, dilation and groups: there `output_padding` is the rest that the windows
    left out, (size + padding - dilation * (kernel - 1) - 1) % stride, which may be
    symbolic. In normal form `stride`, `dilation` and `output_padding` have an entry for
    each spatial axis and `padding` a pair (before, after).
    """

    name = "conv_transpose"
    gradients = reads(x="weight", weight="x")
    samples = (
        sample("f32[N, 3, 8, 8]", "f32[3, 4, 3, 3]"),
        sample("f32[N, 3, H, W]", "f32[3, 4, 4, 4]", stride=2, padding=1),
        sample("f32[N, 3, H, W]", "f32[3, 4, 3, 2]", stride=[2, 3], padding="same"),
        sample(
            "f32[N, 2, 5, 7]",
            "f32[2, 3, 3, 3]",
            stride=2,
            padding=1,
            output_padding=1,
        ),
        sample(
            "f32[N, 2, 5, T]",
            "f32[2, 3, 2, 3]",
            stride=3,
            padding=[[0, 1], [2, 0]],
            output_padding=[2, 0],
        ),
        sample("f32[N, 4, 5, 6]", "f32[4, 3, 3, 3]", groups=2, padding=[0, 1]),
        sample("f32[N, 6, 5, 6]", "f32[6, 1, 3, 3]", groups=3, stride=2, padding=1),
        sample("f32[N, 2, 5, 6]", "f32[2, 3, 3, 2]", dilation=2, padding="same"),
        sample("f32[N, 2, T]", "f32[2, 3, 3]", stride=2, dilation=3, output_padding=2),
        sample("f64[N, 2, T]", "f64[2, 3, 4]", stride=2, padding=[[1, 0]]),
        sample("f32[1, 2, 3, 4, 3]", "f32[2, 3, 2, 3, 2]", stride=2, padding="valid"),
        sample("bf16[1, 2, 6]", "bf16[2, 3, 3]", stride=2, dilation=[1]),
    )

    def _kernel(self, operands: tuple[TensorType, ...]) -> tuple[int, ...]:
        return geometry.kernel_of(self.name, operands, "C, O / groups, ...")

    def normalize(
        self, operands: tuple[TensorType, ...], attributes: Mapping[str, Any]
    ) -> dict[str, Any]:
        kernel = self._kernel(operands)
        filled = self.filled(attributes)
        stride, dilation = (
            geometry.per_axis(self.name, argument, filled[argument], len(kernel))
            for argument in ("stride", "dilation")
        )
        padding = filled["padding"]
        longer = self._output_padding(filled["output_padding"], stride, dilation)
        if padding == "same":
            padding, longer = self._same(kernel, stride, dilation, longer)
        return {
            "stride": stride,
            "padding": geometry.padding_of(
                self.name, padding, operands[0].shape[2:], kernel, stride, dilation
            ),
            "output_padding": longer,
            "dilation": dilation,
            "groups": checks.integer(self.name, "groups", filled["groups"], least=1),
        }

    def _same(
        self,
        kernel: tuple[int, ...],
        stride: tuple[int, ...],
        dilation: tuple[int, ...],
        longer: tuple[Size, ...],
    ) -> tuple[geometry.Pairs, tuple[int, ...]]:
        """Padding and output padding that make size * stride."""
        if any(n != 0 for n in longer):
            raise Fault(
                f'{self.name}: padding = "same" leaves no place for output_padding',
                hint="say the padding in numbers",
                argument="output_padding",
            )
        surplus = [
            d * (k - 1) + 1 - s
            for k, s, d in zip(kernel, stride, dilation, strict=True)
        ]
        cut = [max(n, 0) for n in surplus]
        return (
            tuple((n // 2, n - n // 2) for n in cut),
            tuple(max(-n, 0) for n in surplus),
        )

    def _output_padding(
        self, value: Any, stride: tuple[int, ...], dilation: tuple[int, ...]
    ) -> tuple[Size, ...]:
        """A size for each axis, which is less than the stride or the dilation."""
        rank = len(stride)
        values = value if isinstance(value, list | tuple) else (value,) * rank
        if len(values) != rank or not all(map(checks.is_size, values)):
            raise Fault(
                f"{self.name} expects output_padding for {rank} spatial axes, "
                f"got {checks.shown(value)}",
                argument="output_padding",
            )
        for longer, s, d in zip(values, stride, dilation, strict=True):
            # Of a symbolic size too: `H % 2 // 2` is 0 whatever H is.
            if longer // max(s, d) != 0:
                raise Fault(
                    f"{self.name} expects output_padding to be less than the stride "
                    f"or the dilation, {max(s, d)}, got {longer}",
                    argument="output_padding",
                )
        return tuple(values)

    def infer(
        self, operands: tuple[TensorType, ...], attributes: Mapping[str, Any]
    ) -> TensorType:
        x, weight = operands
        kernel = self._kernel(operands)
        groups = attributes["groups"]
        if weight.shape[0] != x.shape[1]:
            raise Fault(
                f"conv_transpose expects weight: float[C, O / groups, ...] where C is "
                f"{x.shape[1]}, got {weight}",
                code="E0304",
                argument="weight",
            )
        if x.shape[1] % groups != 0:
            raise Fault(
                f"conv_transpose cannot share {x.shape[1]} input channels between "
                f"{groups} groups",
                code="E0307",
                argument="groups",
            )
        sizes = geometry.spread_sizes(
            self.name,
            x.shape[2:],
            kernel,
            attributes["stride"],
            attributes["padding"],
            attributes["output_padding"],
            attributes["dilation"],
        )
        return TensorType(x.dtype, (x.shape[0], weight.shape[1] * groups, *sizes))

    def flops(
        self,
        operands: tuple[TensorType, ...],
        attributes: Mapping[str, Any],
        result: TensorType,
    ) -> Size:
        x, weight = operands
        return 2 * product(weight.shape[1:]) * x.count

    def reference(
        self,
        x: Array,
        weight: Array,
        *,
        stride: Any = 1,
        padding: Any = 0,
        output_padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
    ) -> Array:
        sizes, kernel = x.shape[2:], weight.shape[2:]
        # [N, C / groups, sizes…] by [C / groups, O / groups, kernel…] of each group.
        parts = [
            np.moveaxis(np.tensordot(a, b, axes=(1, 0)), 1 + len(sizes), 1)
            for a, b in zip(
                np.split(widened(x), groups, axis=1),
                np.split(widened(weight), groups, axis=0),
                strict=True,
            )
        ]
        kernels = np.concatenate(parts, axis=1)  # [N, O, sizes…, kernel…]
        whole = [
            (n - 1) * s + d * (k - 1) + 1 + longer
            for n, k, s, d, longer in zip(
                sizes, kernel, stride, dilation, output_padding, strict=True
            )
        ]
        result = np.zeros((*kernels.shape[:2], *whole), kernels.dtype)
        for place in np.ndindex(*kernel):
            reached = (
                slice(at * d, at * d + (n - 1) * s + 1, s)
                for at, n, s, d in zip(place, sizes, stride, dilation, strict=True)
            )
            result[(slice(None), slice(None), *reached)] += kernels[(..., *place)]
        kept = (
            slice(low, n - high) for n, (low, high) in zip(whole, padding, strict=True)
        )
        return result[(slice(None), slice(None), *kept)].astype(x.dtype)
