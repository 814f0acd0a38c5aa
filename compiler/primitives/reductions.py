"""Many numbers made one, along axes."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from dlmc.ir.dimensions import Size
from dlmc.ir.types import DType, TensorType
from dlmc.primitives import checks
from dlmc.primitives.arrays import Array, np, widened
from dlmc.primitives.base import Fault, Primitive, Sample, primitive, reads, sample
from dlmc.primitives.checks import BOOL, FLOAT, NUMBER, Kind

AXES = (
    sample("f32[N, 3, 4]"),
    sample("f32[N, 3, 4]", axis=-1, keep=True),
    sample("f64[N, 3, 4]", axis=[2, 0]),
    sample("bf16[2, 5]", axis=0),
    sample("f16[2, 5]", keep=True),
    sample("f32"),
    sample("f32[2, 3]", axis=[]),
)
INTEGERS = (sample("i64[N, 3]", axis=1), sample("i8[2, 3]"), sample("u8[4]", axis=0))


class Reduction(Primitive):
    """y = f over the axes `axis`, all of them where none is said.

    `keep` leaves an axis of size 1 in the place of each. In normal form `axis` is a
    sorted tuple of axes counted from the front.
    """

    kind: ClassVar[Kind] = NUMBER
    needs_elements: ClassVar[bool] = False
    """Whether nothing at all has no result."""
    samples: ClassVar[Sequence[Sample]] = (*AXES, *INTEGERS)

    def normalize(
        self, operands: tuple[TensorType, ...], attributes: Mapping[str, Any]
    ) -> dict[str, Any]:
        (x,) = operands
        filled = self.filled(attributes)
        axis = range(x.rank) if filled["axis"] is None else filled["axis"]
        given = tuple(axis) if isinstance(axis, range) else axis
        axes = tuple(sorted(checks.axes_of(self.name, given, x)))
        return {
            "axis": axes,
            "keep": checks.boolean(self.name, "keep", filled["keep"]),
        }

    def infer(
        self, operands: tuple[TensorType, ...], attributes: Mapping[str, Any]
    ) -> TensorType:
        (x,) = operands
        checks.expect(self.name, "x", self.kind, x)
        axes = attributes["axis"]
        if self.needs_elements and any(x.shape[axis] == 0 for axis in axes):
            raise Fault(f"{self.name} of nothing: {x} has no element", argument="x")
        if attributes["keep"]:
            shape = tuple(1 if i in axes else n for i, n in enumerate(x.shape))
        else:
            shape = tuple(n for i, n in enumerate(x.shape) if i not in axes)
        return TensorType(x.dtype, shape)

    def flops(
        self,
        operands: tuple[TensorType, ...],
        attributes: Mapping[str, Any],
        result: TensorType,
    ) -> Size:
        return operands[0].count


@primitive
class Sum(Reduction):
    """The sum over axes; 0 of nothing."""

    name = "sum"
    gradients = reads(x="")

    def reference(
        self, x: Array, *, axis: tuple[int, ...] | None = None, keep: bool = False
    ) -> Array:
        total = np.sum(widened(x), axis=axis, keepdims=keep)
        result: Array = total.astype(x.dtype)
        return result


@primitive
class Mean(Reduction):
    """The mean over axes, of floats."""

    name = "mean"
    gradients = reads(x="")
    kind = FLOAT
    needs_elements = True
    samples = AXES

    def reference(
        self, x: Array, *, axis: tuple[int, ...] | None = None, keep: bool = False
    ) -> Array:
        mean = np.mean(widened(x), axis=axis, keepdims=keep)
        result: Array = mean.astype(x.dtype)
        return result


@primitive
class Product(Reduction):
    """The product over axes; 1 of nothing."""

    name = "prod"
    gradients = reads(x="x result")

    def reference(
        self, x: Array, *, axis: tuple[int, ...] | None = None, keep: bool = False
    ) -> Array:
        total = np.prod(widened(x), axis=axis, keepdims=keep)
        result: Array = total.astype(x.dtype)
        return result


@primitive
class Max(Reduction):
    """The largest number over axes."""

    name = "max"
    gradients = reads(x="x result")
    needs_elements = True

    def reference(
        self, x: Array, *, axis: tuple[int, ...] | None = None, keep: bool = False
    ) -> Array:
        return np.asarray(np.max(x, axis=axis, keepdims=keep))


@primitive
class Min(Reduction):
    """The smallest number over axes."""

    name = "min"
    gradients = reads(x="x result")
    needs_elements = True

    def reference(
        self, x: Array, *, axis: tuple[int, ...] | None = None, keep: bool = False
    ) -> Array:
        return np.asarray(np.min(x, axis=axis, keepdims=keep))


class Quantifier(Reduction):
    """A reduction of truth values."""

    gradients = reads()
    kind = BOOL
    samples = (
        sample("bool[N, 3]"),
        sample("bool[N, 3]", axis=-1, keep=True),
        sample("bool"),
    )


@primitive
class Any_(Quantifier):  # noqa: N801 - `Any` is typing's
    """Whether any is true; false of nothing."""

    name = "any"

    def reference(
        self, x: Array, *, axis: tuple[int, ...] | None = None, keep: bool = False
    ) -> Array:
        return np.asarray(np.any(x, axis=axis, keepdims=keep))


@primitive
class All(Quantifier):
    """Whether all are true; true of nothing."""

    name = "all"

    def reference(
        self, x: Array, *, axis: tuple[int, ...] | None = None, keep: bool = False
    ) -> Array:
        return np.asarray(np.all(x, axis=axis, keepdims=keep))


class ArgReduction(Primitive):
    """The index of one number along one axis; of several equal ones the first."""

    gradients = reads()
    samples: ClassVar[Sequence[Sample]] = (
        sample("f32[N, 5]"),
        sample("f32[N, 5]", axis=0, keep=True),
        sample("i64[2, 3, 4]", axis=1),
        sample("bf16[7]"),
    )

    def normalize(
        self, operands: tuple[TensorType, ...], attributes: Mapping[str, Any]
    ) -> dict[str, Any]:
        (x,) = operands
        filled = self.filled(attributes)
        return {
            "axis": checks.axis_of(self.name, filled["axis"], x),
            "keep": checks.boolean(self.name, "keep", filled["keep"]),
        }

    def infer(
        self, operands: tuple[TensorType, ...], attributes: Mapping[str, Any]
    ) -> TensorType:
        (x,) = operands
        axis = attributes["axis"]
        checks.expect(self.name, "x", NUMBER, x)
        if x.shape[axis] == 0:
            raise Fault(f"{self.name} of nothing: {x} has no element", argument="x")
        kept = (1,) if attributes["keep"] else ()
        return TensorType(DType.I64, (*x.shape[:axis], *kept, *x.shape[axis + 1 :]))

    def flops(
        self,
        operands: tuple[TensorType, ...],
        attributes: Mapping[str, Any],
        result: TensorType,
    ) -> Size:
        return operands[0].count


@primitive
class ArgMax(ArgReduction):
    """The index of the largest number along an axis, the first of equal ones."""

    name = "argmax"

    def reference(self, x: Array, *, axis: int = -1, keep: bool = False) -> Array:
        return np.asarray(np.argmax(x, axis=axis, keepdims=keep), np.int64)


@primitive
class ArgMin(ArgReduction):
    """The index of the smallest number along an axis, the first of equal ones."""

    name = "argmin"

    def reference(self, x: Array, *, axis: int = -1, keep: bool = False) -> Array:
        return np.asarray(np.argmin(x, axis=axis, keepdims=keep), np.int64)
