"""Transposed convolution."""

from collections.abc import Mapping
from typing import Any

from dlmc.ir.dimensions import Size, product
from dlmc.ir.types import TensorType
from dlmc.primitives import checks, geometry, patches
from dlmc.primitives.arrays import Array, np, widened
from dlmc.primitives.base import (
    Builder,
    Fault,
    Gradients,
    Primitive,
    Term,
    primitive,
    sample,
)


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
        kernel = weight.shape[2:]
        # The output's end lies `output_padding` beyond what the kernels reach.
        ends = [
            (low, high - longer)
            for (low, high), longer in zip(padding, output_padding, strict=True)
        ]
        inside = [(low, max(high, 0)) for low, high in ends]
        sizes = tuple(
            (n - 1) * s + d * (k - 1) + 1 - low - high
            for n, k, s, d, (low, high) in zip(
                x.shape[2:], kernel, stride, dilation, inside, strict=True
            )
        )
        places, inside = patches.seen(sizes, kernel, stride, inside, dilation)
        weight = weight[patches.at(places)]
        # [G, O / G * kernel, C / G] by [G, C / G, N * sizes] of each group.
        share = weight.shape[0] // groups
        flat = widened(weight).reshape(groups, share, -1)
        seen = np.swapaxes(widened(x), 0, 1).reshape(groups, share, -1)
        made = (np.swapaxes(flat, 1, 2) @ seen).reshape(
            groups * weight.shape[1], *weight.shape[2:], x.shape[0], *x.shape[2:]
        )
        result = patches.spread(made, sizes, weight.shape[2:], stride, inside, dilation)
        if any(high < 0 for _, high in ends):
            longer = [(0, max(-high, 0)) for _, high in ends]
            result = np.pad(result, ((0, 0), (0, 0), *longer))
        return result.astype(x.dtype, copy=False)

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
        output_padding: tuple[Size, ...],
        dilation: tuple[int, ...],
        groups: int,
    ) -> Gradients:
        pairs: list[tuple[Size, Size]] = []
        stops: list[Size] = list(y.shape)
        for axis, ((low, high), longer, by) in enumerate(
            zip(padding, output_padding, stride, strict=True), start=2
        ):
            # What reaches beyond the last kernel holds another window where it is long.
            if isinstance(longer, int) and longer >= by and isinstance(high, int):
                stops[axis] = stops[axis] - max(longer - high, 0)
                high = max(high - longer, 0)
            pairs.append((low, high))
        dy = b.slice(dy, start=None, stop=stops)
        given = {
            "stride": stride,
            "padding": tuple(pairs),
            "dilation": dilation,
            "groups": groups,
        }
        kernel = geometry.known(weight.shape[2:])
        return (
            b.conv(dy, weight, **given),
            b.conv_weight_gradient(dy, x, kernel=kernel, **given),
        )
