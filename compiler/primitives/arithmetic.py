"""Operators on two operands, element by element, broadcasting as NumPy does."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from dlmc.ir.dimensions import Size
from dlmc.ir.types import DType, TensorType
from dlmc.primitives.arrays import Array, np
from dlmc.primitives.base import (
    Builder,
    Fault,
    Gradients,
    Primitive,
    Sample,
    Term,
    primitive,
    sample,
)
from dlmc.primitives.checks import (
    ANY,
    BOOL,
    FLOAT,
    NUMBER,
    Kind,
    broadcast,
    expect,
    expect_one_dtype,
)

SHAPES = (
    sample("f32[N, 3]", "f32[N, 3]"),
    sample("f32[N, 1, 3]", "f32[4, 1]"),
    sample("f64", "f64[2, 3]"),
)
NUMBERS = (*SHAPES, sample("i64[N]", "i64[1]"), sample("bf16[2]", "bf16[2]"))
LOGICAL = (sample("bool[N, 3]", "bool[3]"), sample("bool", "bool"))


def _divisors(*pairs: tuple[str, str]) -> tuple[Sample, ...]:
    """Samples whose second operand keeps clear of zero."""
    return tuple(sample(*pair, ranges={1: (1.0, 4.0)}) for pair in pairs)


class Binary(Primitive):
    """y = a op b on one dtype, with NumPy's broadcasting of symbolic shapes."""

    kind: ClassVar[Kind] = NUMBER
    operator: ClassVar[str | None] = None
    """How DLM writes it, where it is not a function."""
    samples: ClassVar[Sequence[Sample]] = NUMBERS

    @property
    def title(self) -> str:
        """What messages call it."""
        return self.name if self.operator is None else f"`{self.operator}`"

    def infer(
        self, operands: tuple[TensorType, ...], attributes: Mapping[str, Any]
    ) -> TensorType:
        a, b = operands
        expect_one_dtype(self.title, a, b)
        expect(self.title, "a", self.kind, a)
        return TensorType(self.result_dtype(a.dtype), broadcast(self.title, a, b))

    def flops(
        self,
        operands: tuple[TensorType, ...],
        attributes: Mapping[str, Any],
        result: TensorType,
    ) -> Size:
        return result.count

    def result_dtype(self, dtype: DType) -> DType:
        """The dtype of the result from that of the operands."""
        return dtype


@primitive
class Add(Binary):
    """a + b."""

    name = "add"
    operator = "+"

    def reference(self, a: Array, b: Array) -> Array:
        return np.add(a, b)

    def gradient(
        self, build: Builder, dy: Term, y: Term, a: Term, b: Term
    ) -> Gradients:
        return dy, dy


@primitive
class Subtract(Binary):
    """a - b."""

    name = "sub"
    operator = "-"

    def reference(self, a: Array, b: Array) -> Array:
        return np.subtract(a, b)

    def gradient(
        self, build: Builder, dy: Term, y: Term, a: Term, b: Term
    ) -> Gradients:
        return dy, -dy


@primitive
class Multiply(Binary):
    """a * b."""

    name = "mul"
    operator = "*"

    def reference(self, a: Array, b: Array) -> Array:
        return np.multiply(a, b)

    def gradient(
        self, build: Builder, dy: Term, y: Term, a: Term, b: Term
    ) -> Gradients:
        return dy * b, dy * a


@primitive
class Divide(Binary):
    """a / b, of floats."""

    name = "div"
    operator = "/"
    kind = FLOAT
    samples = _divisors(
        ("f32[N, 3]", "f32[N, 3]"), ("f64[2, 3]", "f64"), ("bf16[2]", "bf16[2]")
    )

    def infer(
        self, operands: tuple[TensorType, ...], attributes: Mapping[str, Any]
    ) -> TensorType:
        a, b = operands
        if a.dtype.is_integer and b.dtype.is_integer:
            raise Fault(
                f"`/` expects float[...], got {a} and {b}",
                hint="divide whole numbers with `//`, or cast(…, f32) first",
                argument="a",
            )
        return super().infer(operands, attributes)

    def reference(self, a: Array, b: Array) -> Array:
        return np.true_divide(a, b)

    def gradient(
        self, build: Builder, dy: Term, y: Term, a: Term, b: Term
    ) -> Gradients:
        return dy / b, -(dy / b) * (a / b)


@primitive
class FloorDivide(Binary):
    """floor(a / b): rounded down, so that -7 // 3 is -3."""

    name = "floordiv"
    no_gradient = "it is constant but for jumps"
    operator = "//"
    samples = _divisors(
        ("f32[N, 3]", "f32[N, 3]"), ("i64[2, 3]", "i64"), ("i8[5]", "i8[5]")
    )

    def reference(self, a: Array, b: Array) -> Array:
        return np.floor_divide(a, b)


@primitive
class Modulo(Binary):
    """a - b * floor(a / b): what `//` leaves, with the sign of b."""

    name = "mod"
    operator = "%"
    samples = (
        *_divisors(("f32[N, 3]", "f32[N, 3]"), ("i64[2, 3]", "i64"), ("i8[5]", "i8")),
        sample("i64[5]", "i64[5]", ranges={1: (-4, 0)}),
    )

    def reference(self, a: Array, b: Array) -> Array:
        return np.mod(a, b)

    def gradient(
        self, build: Builder, dy: Term, y: Term, a: Term, b: Term
    ) -> Gradients:
        return dy, -dy * build.floordiv(a, b)


@primitive
class Power(Binary):
    """a to the power of b; for integers b must not be negative."""

    name = "pow"
    operator = "**"
    samples = (
        sample("f32[N, 3]", "f32[3]", ranges={0: (0.1, 3.0)}),
        sample("f64[2, 3]", "f64", ranges={0: (0.1, 3.0)}),
        sample("i64[N]", "i64[N]", ranges={1: (0, 4)}),
    )

    def reference(self, a: Array, b: Array) -> Array:
        return np.power(a, b)

    def gradient(
        self, build: Builder, dy: Term, y: Term, a: Term, b: Term
    ) -> Gradients:
        power = build.number(b)
        if power is None:
            # At 0 ** 0 a number times 0 would be no number.
            slope = build.select(build.equal(b, 0), 0, b * build.pow(a, b - 1))
            growth = build.select(build.equal(a, 0) & (b >= 0), 0, y * build.log(a))
            return dy * slope, dy * growth
        if power == 0:
            return None, None
        return dy * (power * (a if power == 2 else build.pow(a, b - 1))), None


@primitive
class Maximum(Binary):
    """The larger of a and b."""

    name = "maximum"

    def reference(self, a: Array, b: Array) -> Array:
        return np.maximum(a, b)

    def gradient(
        self, build: Builder, dy: Term, y: Term, a: Term, b: Term
    ) -> Gradients:
        """A half for each where they are equal."""
        share = build.select(build.equal(a, b), 0.5, build.cast(a > b, dtype=a.dtype))
        return dy * share, dy * (1 - share)


@primitive
class Minimum(Binary):
    """The smaller of a and b."""

    name = "minimum"

    def reference(self, a: Array, b: Array) -> Array:
        return np.minimum(a, b)

    def gradient(
        self, build: Builder, dy: Term, y: Term, a: Term, b: Term
    ) -> Gradients:
        """A half for each where they are equal."""
        share = build.select(build.equal(a, b), 0.5, build.cast(a < b, dtype=a.dtype))
        return dy * share, dy * (1 - share)


class Comparison(Binary):
    """Two tensors of one dtype compared: true or false for each element."""

    no_gradient = "its result is no number"

    def result_dtype(self, dtype: DType) -> DType:
        return DType.BOOL


@primitive
class Equal(Comparison):
    """a == b."""

    name = "equal"
    operator = "=="
    kind = ANY
    samples = (*NUMBERS, *LOGICAL)

    def reference(self, a: Array, b: Array) -> Array:
        return np.equal(a, b)


@primitive
class NotEqual(Comparison):
    """a != b."""

    name = "not_equal"
    operator = "!="
    kind = ANY
    samples = (*NUMBERS, *LOGICAL)

    def reference(self, a: Array, b: Array) -> Array:
        return np.not_equal(a, b)


@primitive
class Less(Comparison):
    """a < b."""

    name = "less"
    operator = "<"

    def reference(self, a: Array, b: Array) -> Array:
        return np.less(a, b)


@primitive
class LessEqual(Comparison):
    """a <= b."""

    name = "less_equal"
    operator = "<="

    def reference(self, a: Array, b: Array) -> Array:
        return np.less_equal(a, b)


@primitive
class Greater(Comparison):
    """a > b."""

    name = "greater"
    operator = ">"

    def reference(self, a: Array, b: Array) -> Array:
        return np.greater(a, b)


@primitive
class GreaterEqual(Comparison):
    """a >= b."""

    name = "greater_equal"
    operator = ">="

    def reference(self, a: Array, b: Array) -> Array:
        return np.greater_equal(a, b)


@primitive
class And(Binary):
    """true where a and b are."""

    name = "and"
    no_gradient = "its result is no number"
    operator = "and"
    kind = BOOL
    samples = LOGICAL

    def reference(self, a: Array, b: Array) -> Array:
        return np.logical_and(a, b)


@primitive
class Or(Binary):
    """true where a or b is."""

    name = "or"
    no_gradient = "its result is no number"
    operator = "or"
    kind = BOOL
    samples = LOGICAL

    def reference(self, a: Array, b: Array) -> Array:
        return np.logical_or(a, b)


@primitive
class Select(Primitive):
    """a where the condition is true, b elsewhere; all three broadcast together."""

    name = "select"
    samples = (
        sample("bool[N, 3]", "f32[N, 3]", "f32[N, 3]"),
        sample("bool[4, 1]", "i64[3]", "i64"),
        sample("bool", "bool[N]", "bool[N]"),
    )

    def infer(
        self, operands: tuple[TensorType, ...], attributes: Mapping[str, Any]
    ) -> TensorType:
        condition, a, b = operands
        expect(self.name, "condition", BOOL, condition)
        expect_one_dtype(self.name, a, b)
        return TensorType(a.dtype, broadcast(self.name, *operands))

    def flops(
        self,
        operands: tuple[TensorType, ...],
        attributes: Mapping[str, Any],
        result: TensorType,
    ) -> Size:
        return result.count

    def reference(self, condition: Array, a: Array, b: Array) -> Array:
        return np.where(condition, a, b)

    def gradient(
        self, build: Builder, dy: Term, y: Term, condition: Term, a: Term, b: Term
    ) -> Gradients:
        return None, build.select(condition, dy, 0), build.select(condition, 0, dy)
