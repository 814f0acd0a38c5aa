"""Functions of one operand, element by element."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from dlmc.ir.dimensions import Size
from dlmc.ir.types import TensorType
from dlmc.primitives.arrays import Array, np
from dlmc.primitives.base import Primitive, Sample, primitive, reads, sample
from dlmc.primitives.checks import BOOL, FLOAT, SIGNED, Kind, expect

FLOATS = tuple(sample(text) for text in ("f32[N, 3]", "f64", "f16[5]", "bf16[2, 3]"))
SIGNEDS = (*FLOATS, sample("i64[N]"), sample("i8[2, 3]"))


def _between(low: float, high: float) -> tuple[Sample, ...]:
    return tuple(
        sample(text, ranges={0: (low, high)})
        for text in ("f32[N, 3]", "f64", "f16[5]", "bf16[2, 3]")
    )


class Elementwise(Primitive):
    """y[i] = f(x[i]); the result has the type of x."""

    kind: ClassVar[Kind] = FLOAT
    samples: ClassVar[Sequence[Sample]] = FLOATS

    def infer(
        self, operands: tuple[TensorType, ...], attributes: Mapping[str, Any]
    ) -> TensorType:
        (x,) = operands
        expect(self.name, "x", self.kind, x)
        return x

    def flops(
        self,
        operands: tuple[TensorType, ...],
        attributes: Mapping[str, Any],
        result: TensorType,
    ) -> Size:
        return result.count


@primitive
class Negative(Elementwise):
    """-x, of floats and signed integers."""

    name = "neg"
    gradients = reads(x="")
    kind = SIGNED
    samples = SIGNEDS

    def reference(self, x: Array) -> Array:
        return np.negative(x)


@primitive
class Absolute(Elementwise):
    """|x|, of floats and signed integers."""

    name = "abs"
    gradients = reads(x="x")
    kind = SIGNED
    samples = SIGNEDS

    def reference(self, x: Array) -> Array:
        return np.abs(x)


@primitive
class Sign(Elementwise):
    """-1, 0 or 1: the sign of x, of floats and signed integers."""

    name = "sign"
    gradients = reads()
    kind = SIGNED
    samples = SIGNEDS

    def reference(self, x: Array) -> Array:
        return np.sign(x)


@primitive
class Exponential(Elementwise):
    """e^x."""

    name = "exp"
    gradients = reads(x="result")

    def reference(self, x: Array) -> Array:
        return np.exp(x)


@primitive
class ExponentialMinusOne(Elementwise):
    """e^x - 1, exact where x is small."""

    name = "expm1"
    gradients = reads(x="result")

    def reference(self, x: Array) -> Array:
        return np.expm1(x)


@primitive
class Logarithm(Elementwise):
    """The natural logarithm; -inf at 0, NaN below."""

    name = "log"
    gradients = reads(x="x")
    samples = _between(0.1, 4.0)

    def reference(self, x: Array) -> Array:
        return np.log(x)


@primitive
class LogarithmOnePlus(Elementwise):
    """log(1 + x), exact where x is small."""

    name = "log1p"
    gradients = reads(x="x")
    samples = _between(-0.9, 4.0)

    def reference(self, x: Array) -> Array:
        return np.log1p(x)


@primitive
class SquareRoot(Elementwise):
    """The square root; NaN below 0."""

    name = "sqrt"
    gradients = reads(x="result")
    samples = _between(0.0, 4.0)

    def reference(self, x: Array) -> Array:
        return np.sqrt(x)


@primitive
class ReciprocalSquareRoot(Elementwise):
    """1 / sqrt(x)."""

    name = "rsqrt"
    gradients = reads(x="result")
    samples = _between(0.1, 4.0)

    def reference(self, x: Array) -> Array:
        return np.reciprocal(np.sqrt(x))


@primitive
class Sine(Elementwise):
    """sin(x), x in radians."""

    name = "sin"
    gradients = reads(x="x")

    def reference(self, x: Array) -> Array:
        return np.sin(x)


@primitive
class Cosine(Elementwise):
    """cos(x), x in radians."""

    name = "cos"
    gradients = reads(x="x")

    def reference(self, x: Array) -> Array:
        return np.cos(x)


@primitive
class Tanh(Elementwise):
    """The hyperbolic tangent."""

    name = "tanh"
    gradients = reads(x="result")

    def reference(self, x: Array) -> Array:
        return np.tanh(x)


@primitive
class ErrorFunction(Elementwise):
    """erf(x) = 2/sqrt(pi) * the integral of exp(-t^2) from 0 to x."""

    name = "erf"
    gradients = reads(x="x")

    def reference(self, x: Array) -> Array:
        exact = np.vectorize(math.erf, otypes=[np.float64])
        result: Array = exact(x.astype(np.float64)).astype(x.dtype)
        return result


@primitive
class Floor(Elementwise):
    """The largest whole number that is not above x; a float still."""

    name = "floor"
    gradients = reads()

    def reference(self, x: Array) -> Array:
        return np.floor(x)


@primitive
class Ceiling(Elementwise):
    """The smallest whole number that is not below x; a float still."""

    name = "ceil"
    gradients = reads()

    def reference(self, x: Array) -> Array:
        return np.ceil(x)


@primitive
class Round(Elementwise):
    """The nearest whole number, of two equally near the even one; a float still."""

    name = "round"
    gradients = reads()

    def reference(self, x: Array) -> Array:
        return np.rint(x)


@primitive
class Not(Elementwise):
    """true where x is false."""

    name = "not"
    gradients = reads()
    kind = BOOL
    samples = (sample("bool[N, 3]"), sample("bool"))

    def reference(self, x: Array) -> Array:
        return np.logical_not(x)
