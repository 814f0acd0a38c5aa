"""Random numbers."""

from collections.abc import Mapping
from typing import Any

from dlmc.ir.types import DType, TensorType
from dlmc.primitives import checks
from dlmc.primitives.arrays import Array, np, numpy_dtype
from dlmc.primitives.base import Movement, primitive, sample
from dlmc.primitives.checks import FLOAT


class Random(Movement):
    """A primitive that draws numbers of a shape and a dtype, other ones on each run."""

    no_gradient = "it depends on no value"
    supplied = ("rng",)

    def normalize(
        self, operands: tuple[TensorType, ...], attributes: Mapping[str, Any]
    ) -> dict[str, Any]:
        filled = self.filled(attributes)
        shape = checks.sizes(self.name, "shape", filled["shape"])
        dtype = checks.dtype(self.name, "dtype", filled["dtype"], FLOAT)
        return {"shape": shape, "dtype": dtype}

    def infer(
        self, operands: tuple[TensorType, ...], attributes: Mapping[str, Any]
    ) -> TensorType:
        return TensorType(attributes["dtype"], attributes["shape"])


@primitive
class RandomUniform(Random):
    """Independent random numbers, uniform in [0, 1)."""

    name = "random_uniform"
    samples = (
        sample(shape=[2, 3]),
        sample(shape=[], dtype=DType.F64),
        sample(shape=[4], dtype=DType.BF16),
    )

    def reference(
        self,
        *,
        shape: tuple[int, ...],
        dtype: DType = DType.F32,
        rng: "np.random.Generator",
    ) -> Array:
        # Rounding may reach 1, most of all in 16 bits; the range excludes it.
        kind = numpy_dtype(dtype)
        drawn = rng.random(shape)
        rounded = drawn.astype(kind)
        below = np.nextafter(np.asarray(1, kind), np.asarray(0, kind))
        result: Array = np.minimum(rounded, below)
        return result


@primitive
class RandomNormal(Random):
    """Independent random numbers, normal with a mean of 0 and a variance of 1."""

    name = "random_normal"
    samples = (
        sample(shape=[2, 3]),
        sample(shape=[], dtype=DType.F64),
        sample(shape=[4], dtype=DType.BF16),
    )

    def reference(
        self,
        *,
        shape: tuple[int, ...],
        dtype: DType = DType.F32,
        rng: "np.random.Generator",
    ) -> Array:
        return np.asarray(rng.standard_normal(shape)).astype(numpy_dtype(dtype))
