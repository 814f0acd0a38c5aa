"""Windows of the spatial axes made one number each: what pooling is made of."""

import math
from collections.abc import Mapping
from typing import Any, ClassVar

from dlmc.ir.dimensions import Size, product
from dlmc.ir.types import DType, TensorType
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
from dlmc.primitives.checks import FLOAT, NUMBER, Kind


class Window(Primitive):
    """One number for each window of the axes after the first two.

    x is [N, C, spatial…]; each spatial axis of the result has
    (size + padding - dilation * (window - 1) - 1) // stride + 1 windows. Without
    `stride` windows do not overlap. In normal form `size`, `stride` and `dilation` have
    an integer for each spatial axis and `padding` a pair (before, after).
    """

    kind: ClassVar[Kind] = NUMBER

    def _check(self, x: TensorType) -> None:
        checks.expect(self.name, "x", self.kind, x, "N, C, ...")
        if x.rank < 3:
            raise Fault(
                f"{self.name} expects x: {self.kind.of('N, C, ...')} with an axis or "
                f"more after C, got {x}",
                code="E0304",
                argument="x",
            )

    def normalize(
        self, operands: tuple[TensorType, ...], attributes: Mapping[str, Any]
    ) -> dict[str, Any]:
        (x,) = operands
        self._check(x)
        normal = self.filled(attributes)
        rank = x.rank - 2
        if normal["stride"] is None:
            normal["stride"] = normal["size"]
        for argument in ("size", "stride", "dilation"):
            if argument in normal:
                normal[argument] = geometry.per_axis(
                    self.name, argument, normal[argument], rank
                )
        dilation = normal.get("dilation", (1,) * rank)
        normal["padding"] = geometry.padding_of(
            self.name,
            normal["padding"],
            x.shape[2:],
            normal["size"],
            normal["stride"],
            dilation,
        )
        for pair, k, d in zip(normal["padding"], normal["size"], dilation, strict=True):
            most = max((n for n in pair if isinstance(n, int)), default=0)
            if most > d * (k - 1):
                raise Fault(
                    f"{self.name}: a window of {d * (k - 1) + 1} would see nothing but "
                    f"the padding of {most}",
                    argument="padding",
                )
        if "count_padding" in normal:
            checks.boolean(self.name, "count_padding", normal["count_padding"])
        return normal

    def infer(
        self, operands: tuple[TensorType, ...], attributes: Mapping[str, Any]
    ) -> TensorType:
        (x,) = operands
        self._check(x)
        counts = geometry.window_counts(
            self.name,
            x.shape[2:],
            attributes["size"],
            attributes["stride"],
            attributes["padding"],
            attributes.get("dilation", (1,) * (x.rank - 2)),
        )
        return TensorType(x.dtype, (*x.shape[:2], *counts))

    def flops(
        self,
        operands: tuple[TensorType, ...],
        attributes: Mapping[str, Any],
        result: TensorType,
    ) -> Size:
        return product(attributes["size"]) * result.count


@primitive
class WindowMax(Window):
    """The largest number of each window; padding counts as -inf.

    x is [N, C, spatial…], the result [N, C, counts…]; without `stride` windows do not
    overlap.
    """

    name = "window_max"
    samples = (
        sample("f32[N, 3, 8, 8]", size=2),
        sample("f32[N, 3, 7, 6]", size=3, stride=2, padding=1),
        sample("f32[N, 3, H, W]", size=[3, 2], stride=1, padding="same"),
        sample("f32[N, 3, H, W]", size=[3, 2], stride=2, padding="same"),
        sample("f32[N, 2, T]", size=3, stride=1, dilation=2, padding="valid"),
        sample("f64[1, 2, 7, 7]", size=3, stride=2, padding="same"),
        sample("bf16[1, 2, 4, 4, 4]", size=2, padding=[0, 1, [1, 0]]),
        sample("i64[1, 1, 5]", size=2, padding=1),
        sample("u8[1, 1, 5]", size=2, padding=1),
    )

    def reference(
        self,
        x: Array,
        *,
        size: tuple[int, ...],
        stride: tuple[int, ...] | None = None,
        padding: Any = 0,
        dilation: Any = 1,
    ) -> Array:
        lowest = np.iinfo(x.dtype).min if x.dtype.kind in "iu" else -np.inf
        result: Array | None = None
        for _, part in patches.parts(
            x, size, stride or size, padding, dilation, lowest
        ):
            if result is None:
                result = part.copy("K")
            else:
                np.maximum(result, part, out=result)
        assert result is not None
        return result

    def gradient(
        self,
        b: Builder,
        dy: Term,
        y: Term,
        x: Term,
        *,
        size: tuple[int, ...],
        stride: tuple[int, ...],
        padding: geometry.Pairs,
        dilation: tuple[int, ...],
    ) -> Gradients:
        places = b.window_argmax(
            x, size=size, stride=stride, padding=padding, dilation=dilation
        )
        front = x.shape[:2]
        zeros = b.full(0, TensorType(x.dtype, (*front, product(x.shape[2:]))))
        line = (*front, product(dy.shape[2:]))
        sums = b.scatter_add(
            zeros, b.reshape(places, shape=line), b.reshape(dy, shape=line), axis=2
        )
        return (b.reshape(sums, shape=x.shape),)


@primitive
class WindowArgMax(Window):
    """Where the largest number of each window stands, of several equal ones the first.

    x is [N, C, spatial…], the result i64[N, C, counts…]: places in the spatial axes of
    x, counted with the last one fastest. The number that is there is that of
    `window_max`, and has all of its gradient.
    """

    name = "window_argmax"
    internal = "the gradient of window_max"
    no_gradient = "its result is an index"
    samples = (
        sample("f32[N, 3, 8, 8]", size=2),
        sample("f32[N, 3, 7, 6]", size=3, stride=2, padding=1),
        sample("f32[N, 3, H, W]", size=[3, 2], stride=1, padding="same"),
        sample("f32[N, 2, T]", size=3, stride=1, dilation=2, padding="valid"),
        sample("f64[1, 2, 4, 4, 4]", size=2, padding=[0, 1, [1, 0]]),
        sample("i64[1, 1, 5]", size=2, padding=1),
    )

    def infer(
        self, operands: tuple[TensorType, ...], attributes: Mapping[str, Any]
    ) -> TensorType:
        return TensorType(DType.I64, super().infer(operands, attributes).shape)

    def reference(
        self,
        x: Array,
        *,
        size: tuple[int, ...],
        stride: tuple[int, ...] | None = None,
        padding: Any = 0,
        dilation: Any = 1,
    ) -> Array:
        where = (stride or size, padding, dilation)
        places = np.arange(np.prod(x.shape[2:])).reshape(1, 1, *x.shape[2:])
        largest: Array | None = None
        for (_, part), (_, place) in zip(
            patches.parts(x, size, *where),
            patches.parts(places, size, *where, fill=-1),
            strict=True,
        ):
            if largest is None:
                largest = part.copy("K")
                result = np.empty_like(largest, np.int64)
                result[...] = place
            else:
                # The padding is never the largest, not even where all are -inf.
                better = (place >= 0) & ((part > largest) | (result < 0))
                np.copyto(largest, part, where=better)
                np.copyto(result, np.broadcast_to(place, result.shape), where=better)
        return result


@primitive
class WindowMean(Window):
    """The mean of each window, of floats; padding is left out.

    With `count_padding` it counts as zeros instead. x is [N, C, spatial…], the result
    [N, C, counts…]; without `stride` windows do not overlap.
    """

    name = "window_mean"
    kind = FLOAT
    samples = (
        sample("f32[N, 3, 8, 8]", size=2),
        sample("f32[N, 3, 7, 6]", size=3, stride=2, padding=1),
        sample("f32[N, 3, 7, 6]", size=3, stride=2, padding=1, count_padding=True),
        sample("f32[N, 3, H, W]", size=[3, 2], stride=1, padding="same"),
        sample("f32[N, 3, H, W]", size=[3, 2], stride=2, padding="same"),
        sample("f64[N, 2, T]", size=3, stride=2, padding="valid"),
        sample("bf16[1, 2, 4, 4, 4]", size=2, padding=[0, 1, [1, 0]]),
    )

    def reference(
        self,
        x: Array,
        *,
        size: tuple[int, ...],
        stride: tuple[int, ...] | None = None,
        padding: Any = 0,
        count_padding: bool = False,
    ) -> Array:
        def sums(values: Array) -> Array:
            result: Array | None = None
            once = (1,) * len(size)
            for _, part in patches.parts(values, size, stride or size, padding, once):
                if result is None:
                    result = part.copy("K")
                else:
                    result += part
            assert result is not None
            return result

        wide = widened(x)
        counts = np.prod(size) if count_padding else sums(np.ones_like(wide[:1, :1]))
        result: Array = (sums(wide) / counts).astype(x.dtype, copy=False)
        return result

    def gradient(
        self,
        b: Builder,
        dy: Term,
        y: Term,
        x: Term,
        *,
        size: tuple[int, ...],
        stride: tuple[int, ...],
        padding: geometry.Pairs,
        count_padding: bool,
    ) -> Gradients:
        spatial = x.shape[2:]
        area = math.prod(size)
        counts = b.constant(area, x.dtype)
        if not count_padding and any(map(any, padding)):
            # How many numbers each window has, the padding left out.
            inside = b.full(1, TensorType(x.dtype, (1, 1, *spatial)))
            shares = b.window_mean(
                inside, size=size, stride=stride, padding=padding, count_padding=True
            )
            counts = shares * area
        # Each channel by itself: a kernel of ones lays the shares where they came from.
        alone = (x.shape[0] * x.shape[1], 1)
        rest = [
            (n + low + high - k) % by
            for n, (low, high), k, by in zip(
                spatial, padding, size, stride, strict=True
            )
        ]
        back = b.conv_transpose(
            b.reshape(dy / counts, shape=(*alone, *dy.shape[2:])),
            b.full(1, TensorType(x.dtype, (1, 1, *size))),
            stride=stride,
            padding=padding,
            output_padding=rest,
        )
        return (b.reshape(back, shape=x.shape),)
