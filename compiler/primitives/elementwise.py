"""Functions of one operand, element by element."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from dlmc.ir.dimensions import Size
from dlmc.ir.types import TensorType
from dlmc.primitives.arrays import Array, np
from dlmc.primitives.base import (
    Builder,
    Gradients,
    Primitive,
    Sample,
    Term,
    primitive,
    sample,
)
from dlmc.primitives.checks import BOOL, FLOAT, SIGNED, Kind, expect
from dlmc.primitives.error_function import erf

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
    kind = SIGNED
    samples = SIGNEDS

    def reference(self, x: Array) -> Array:
        return np.negative(x)

    def gradient(self, b: Builder, dy: Term, y: Term, x: Term) -> Gradients:
        return (-dy,)


@primitive
class Absolute(Elementwise):
    """|x|, of floats and signed integers."""

    name = "abs"
    kind = SIGNED
    samples = SIGNEDS

    def reference(self, x: Array) -> Array:
        return np.abs(x)

    def gradient(self, b: Builder, dy: Term, y: Term, x: Term) -> Gradients:
        return (dy * b.sign(x),)


@primitive
class Sign(Elementwise):
    """-1, 0 or 1: the sign of x, of floats and signed integers."""

    name = "sign"
    no_gradient = "it is constant but for jumps"
    kind = SIGNED
    samples = SIGNEDS

    def reference(self, x: Array) -> Array:
        return np.sign(x)


@primitive
class Exponential(Elementwise):
    """e^x."""

    name = "exp"

    def reference(self, x: Array) -> Array:
        return np.exp(x)

    def gradient(self, b: Builder, dy: Term, y: Term, x: Term) -> Gradients:
        return (dy * y,)


@primitive
class ExponentialMinusOne(Elementwise):
    """e^x - 1, exact where x is small."""

    name = "expm1"

    def reference(self, x: Array) -> Array:
        return np.expm1(x)

    def gradient(self, b: Builder, dy: Term, y: Term, x: Term) -> Gradients:
        return (dy * (y + 1),)


@primitive
class Logarithm(Elementwise):
    """The natural logarithm; -inf at 0, NaN below."""

    name = "log"
    samples = _between(0.1, 4.0)

    def reference(self, x: Array) -> Array:
        return np.log(x)

    def gradient(self, b: Builder, dy: Term, y: Term, x: Term) -> Gradients:
        return (dy / x,)


@primitive
class LogarithmOnePlus(Elementwise):
    """log(1 + x), exact where x is small."""

    name = "log1p"
    samples = _between(-0.9, 4.0)

    def reference(self, x: Array) -> Array:
        return np.log1p(x)

    def gradient(self, b: Builder, dy: Term, y: Term, x: Term) -> Gradients:
        return (dy / (1 + x),)


@primitive
class SquareRoot(Elementwise):
    """The square root; NaN below 0."""

    name = "sqrt"
    samples = _between(0.0, 4.0)

    def reference(self, x: Array) -> Array:
        return np.sqrt(x)

    def gradient(self, b: Builder, dy: Term, y: Term, x: Term) -> Gradients:
        return (dy / (2 * y),)


@primitive
class ReciprocalSquareRoot(Elementwise):
    """1 / sqrt(x)."""

    name = "rsqrt"
    samples = _between(0.1, 4.0)

    def reference(self, x: Array) -> Array:
        return np.reciprocal(np.sqrt(x))

    def gradient(self, b: Builder, dy: Term, y: Term, x: Term) -> Gradients:
        return (-0.5 * dy * (y * y * y),)


@primitive
class Sine(Elementwise):
    """sin(x), x in radians."""

    name = "sin"

    def reference(self, x: Array) -> Array:
        return np.sin(x)

    def gradient(self, b: Builder, dy: Term, y: Term, x: Term) -> Gradients:
        return (dy * b.cos(x),)


@primitive
class Cosine(Elementwise):
    """cos(x), x in radians."""

    name = "cos"

    def reference(self, x: Array) -> Array:
        return np.cos(x)

    def gradient(self, b: Builder, dy: Term, y: Term, x: Term) -> Gradients:
        return (-dy * b.sin(x),)


@primitive
class Tanh(Elementwise):
    """The hyperbolic tangent."""

    name = "tanh"

    def reference(self, x: Array) -> Array:
        return np.tanh(x)

    def gradient(self, b: Builder, dy: Term, y: Term, x: Term) -> Gradients:
        return (dy * (1 - y * y),)


@primitive
class ErrorFunction(Elementwise):
    """erf(x) = 2/sqrt(pi) * the integral of exp(-t^2) from 0 to x."""

    name = "erf"

    def reference(self, x: Array) -> Array:
        return erf(x).astype(x.dtype, copy=False)

    def gradient(self, b: Builder, dy: Term, y: Term, x: Term) -> Gradients:
        return (dy * (2 / math.sqrt(math.pi) * b.exp(-(x * x))),)


@primitive
class Floor(Elementwise):
    """The largest whole number that is not above x; a float still."""

    name = "floor"
    no_gradient = "it is constant but for jumps"

    def reference(self, x: Array) -> Array:
        return np.floor(x)


@primitive
class Ceiling(Elementwise):
    """The smallest whole number that is not below x; a float still."""

    name = "ceil"
    no_gradient = "it is constant but for jumps"

    def reference(self, x: Array) -> Array:
        return np.ceil(x)


@primitive
class Round(Elementwise):
    """The nearest whole number, of two equally near the even one; a float still."""

    name = "round"
    no_gradient = "it is constant but for jumps"

    def reference(self, x: Array) -> Array:
        return np.rint(x)


@primitive
class Not(Elementwise):
    """true where x is false."""

    name = "not"
    no_gradient = "its result is no number"
    kind = BOOL
    samples = (sample("bool[N, 3]"), sample("bool"))

    def reference(self, x: Array) -> Array:
        return np.logical_not(x)
