"""The order of numbers along an axis."""

from collections.abc import Mapping
from typing import Any

from dlmc.ir.dimensions import Size
from dlmc.ir.types import DType, TensorType
from dlmc.primitives import checks
from dlmc.primitives.arrays import Array, np
from dlmc.primitives.base import Primitive, primitive, sample
from dlmc.primitives.checks import NUMBER


@primitive
class ArgSort(Primitive):
    """The indices that sort x along an axis, upwards, or downwards if `descending`.

    Of equal numbers the one that stands first comes first, in both directions.
    """

    name = "argsort"
    no_gradient = "it gives places, which change in jumps"
    samples = (
        sample("f32[N, 5]"),
        sample("f32[N, T, 3]", axis=1),
        sample("f64[4, 3]", axis=0, descending=True),
        sample("i64[N, 9]", descending=True, ranges={0: (-2, 3)}),
        sample("i8[9]", ranges={0: (-2, 3)}),
        sample("u8[9]", ranges={0: (0, 3)}),
        sample("bf16[2, 6]", descending=True),
        sample("f16[2, 6]"),
    )

    def normalize(
        self, operands: tuple[TensorType, ...], attributes: Mapping[str, Any]
    ) -> dict[str, Any]:
        filled = self.filled(attributes)
        return {
            "axis": checks.axis_of(self.name, filled["axis"], operands[0]),
            "descending": checks.boolean(self.name, "descending", filled["descending"]),
        }

    def infer(
        self, operands: tuple[TensorType, ...], attributes: Mapping[str, Any]
    ) -> TensorType:
        (x,) = operands
        checks.expect(self.name, "x", NUMBER, x)
        return TensorType(DType.I64, x.shape)

    def flops(
        self,
        operands: tuple[TensorType, ...],
        attributes: Mapping[str, Any],
        result: TensorType,
    ) -> Size:
        # A comparison for each element, as of what goes over an axis once: how often
        # an element is compared is the algorithm's affair.
        return result.count

    def reference(self, x: Array, *, axis: int = -1, descending: bool = False) -> Array:
        # Backwards, so that of equal ones the first is the last to be turned round.
        given = np.flip(x, axis) if descending else x
        order = np.argsort(given, axis=axis, kind="stable")
        if descending:
            order = np.flip(x.shape[axis] - 1 - order, axis)
        result: Array = order.astype(np.int64)
        return result
