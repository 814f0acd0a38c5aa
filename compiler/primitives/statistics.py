"""What the training data as a whole decides."""

from collections.abc import Mapping
from typing import Any

from dlmc.ir.dimensions import Size
from dlmc.ir.types import TensorType
from dlmc.primitives import checks
from dlmc.primitives.arrays import Array, np
from dlmc.primitives.base import Primitive, primitive, sample
from dlmc.primitives.checks import FLOAT


@primitive
class Standardize(Primitive):
    """(x - mean) / std, element by element, over the training part of the samples.

    It stands in data fields alone, where x is one sample. `mean` and `std` have x's
    shape; whoever runs the field computes them with `statistics` from the values that
    x takes in the training part, and gives them for every part.
    """

    name = "standardize"
    no_gradient = "it stands in data fields alone"
    supplied = ("mean", "std")
    samples = (sample("f32[13]"), sample("f64"), sample("f32[2, 3]"))

    def infer(
        self, operands: tuple[TensorType, ...], attributes: Mapping[str, Any]
    ) -> TensorType:
        (x,) = operands
        checks.expect(self.name, "x", FLOAT, x)
        return x

    def flops(
        self,
        operands: tuple[TensorType, ...],
        attributes: Mapping[str, Any],
        result: TensorType,
    ) -> Size:
        return 2 * result.count

    @staticmethod
    def statistics(samples: Array) -> tuple[Array, Array]:
        """Mean and standard deviation over the first axis; a deviation of 0 is 1."""
        wide = samples.astype(np.float64)
        std = wide.std(axis=0)
        return wide.mean(axis=0), np.where(std == 0, 1.0, std)

    def reference(self, x: Array, *, mean: Array, std: Array) -> Array:
        result: Array = ((x - mean) / std).astype(x.dtype)
        return result
