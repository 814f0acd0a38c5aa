"""What has come together up to each place along an axis."""

from collections.abc import Mapping
from typing import Any

from dlmc.ir.dimensions import Size
from dlmc.ir.types import TensorType
from dlmc.primitives import checks
from dlmc.primitives.arrays import Array, np, widened
from dlmc.primitives.base import Builder, Gradients, Primitive, Term, primitive, sample
from dlmc.primitives.checks import NUMBER


@primitive
class CumulativeSum(Primitive):
    """The sum of all elements up to each place along an axis, its own with them.

    With `reverse` it is that of all elements from each place on.
    """

    name = "cumsum"
    samples = (
        sample("f32[N, 5]"),
        sample("f32[N, T, 3]", axis=1),
        sample("f32[N, T, 3]", axis=-2, reverse=True),
        sample("f64[T]", reverse=True),
        sample("i64[2, 4]", axis=0),
        sample("u8[2, 4]", ranges={0: (0, 9)}),
        sample("bf16[2, 6]"),
        sample("f16[2, 6]", reverse=True),
    )

    def normalize(
        self, operands: tuple[TensorType, ...], attributes: Mapping[str, Any]
    ) -> dict[str, Any]:
        filled = self.filled(attributes)
        return {
            "axis": checks.axis_of(self.name, filled["axis"], operands[0]),
            "reverse": checks.boolean(self.name, "reverse", filled["reverse"]),
        }

    def infer(
        self, operands: tuple[TensorType, ...], attributes: Mapping[str, Any]
    ) -> TensorType:
        (x,) = operands
        checks.expect(self.name, "x", NUMBER, x)
        return x

    def flops(
        self,
        operands: tuple[TensorType, ...],
        attributes: Mapping[str, Any],
        result: TensorType,
    ) -> Size:
        return result.count

    def reference(self, x: Array, *, axis: int = -1, reverse: bool = False) -> Array:
        wide = widened(x)
        if reverse:
            wide = np.flip(wide, axis)
        total = np.cumsum(wide, axis=axis).astype(x.dtype)
        return np.flip(total, axis) if reverse else total

    def gradient(
        self,
        b: Builder,
        dy: Term,
        y: Term,
        x: Term,
        *,
        axis: int,
        reverse: bool,
    ) -> Gradients:
        return (b.cumsum(dy, axis=axis, reverse=not reverse),)
