"""Windows of the spatial axes made one number each: what pooling is made of."""

from collections.abc import Mapping
from typing import Any, ClassVar

from dlmc.ir.dimensions import Size, product
from dlmc.ir.types import TensorType
from dlmc.primitives import checks, geometry
from dlmc.primitives.arrays import Array, np, widened
from dlmc.primitives.base import Fault, Primitive, primitive, reads, sample
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


def _last(rank: int) -> tuple[int, ...]:
    return tuple(range(-rank, 0))


@primitive
class WindowMax(Window):
    """The largest number of each window; padding counts as -inf.

    x is [N, C, spatial…], the result [N, C, counts…]; without `stride` windows do not
    overlap.
    """

    name = "window_max"
    gradients = reads(x="x result")
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
        seen = geometry.windows(
            x, size, stride or size, padding, dilation, np.asarray(lowest, x.dtype)
        )
        return np.asarray(np.max(seen, axis=_last(len(size))))


@primitive
class WindowMean(Window):
    """The mean of each window, of floats; padding is left out.

    With `count_padding` it counts as zeros instead. x is [N, C, spatial…], the result
    [N, C, counts…]; without `stride` windows do not overlap.
    """

    name = "window_mean"
    gradients = reads(x="")
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
            once = (1,) * len(size)
            seen = geometry.windows(values, size, stride or size, padding, once, 0)
            return np.asarray(np.sum(seen, axis=_last(len(size))))

        wide = widened(x)
        counts = np.prod(size) if count_padding else sums(np.ones_like(wide[:1, :1]))
        result: Array = (sums(wide) / counts).astype(x.dtype)
        return result
