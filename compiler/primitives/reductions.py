"""Many numbers made one, along axes."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, TypeAlias

from dlmc.ir.dimensions import Size, product
from dlmc.ir.types import DType, TensorType
from dlmc.primitives import checks
from dlmc.primitives.arrays import Array, np, widened
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


Axes: TypeAlias = tuple[int, ...]


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


def _along(b: Builder, reduced: Term, x: Term, axis: Axes) -> Term:
    """A result of a reduction of x, with its axes in line with those of x."""
    kept = tuple(1 if i in axis else n for i, n in enumerate(x.shape))
    return b.reshape(reduced, shape=kept)


def _shared(b: Builder, dy: Term, y: Term, x: Term, axis: Axes) -> Term:
    """A gradient shared equally by all numbers of x that are the result y."""
    chosen = b.cast(b.equal(x, _along(b, y, x, axis)), dtype=x.dtype)
    count = b.sum(chosen, axis=axis, keep=True)
    return _along(b, dy, x, axis) / count * chosen


@primitive
class Sum(Reduction):
    """The sum over axes; 0 of nothing."""

    name = "sum"

    def reference(
        self, x: Array, *, axis: tuple[int, ...] | None = None, keep: bool = False
    ) -> Array:
        total = np.sum(widened(x), axis=axis, keepdims=keep)
        result: Array = total.astype(x.dtype)
        return result

    def gradient(
        self,
        b: Builder,
        dy: Term,
        y: Term,
        x: Term,
        *,
        axis: tuple[int, ...],
        keep: bool,
    ) -> Gradients:
        return (_along(b, dy, x, axis),)


@primitive
class Mean(Reduction):
    """The mean over axes, of floats."""

    name = "mean"
    kind = FLOAT
    needs_elements = True
    samples = AXES

    def reference(
        self, x: Array, *, axis: tuple[int, ...] | None = None, keep: bool = False
    ) -> Array:
        mean = np.mean(widened(x), axis=axis, keepdims=keep)
        result: Array = mean.astype(x.dtype)
        return result

    def gradient(
        self,
        b: Builder,
        dy: Term,
        y: Term,
        x: Term,
        *,
        axis: tuple[int, ...],
        keep: bool,
    ) -> Gradients:
        count = product(x.shape[i] for i in axis)
        return (_along(b, dy / b.size(count, x.dtype), x, axis),)


@primitive
class Product(Reduction):
    """The product over axes; 1 of nothing."""

    name = "prod"

    def reference(
        self, x: Array, *, axis: tuple[int, ...] | None = None, keep: bool = False
    ) -> Array:
        total = np.prod(widened(x), axis=axis, keepdims=keep)
        result: Array = total.astype(x.dtype)
        return result

    def gradient(
        self,
        b: Builder,
        dy: Term,
        y: Term,
        x: Term,
        *,
        axis: tuple[int, ...],
        keep: bool,
    ) -> Gradients:
        """The product of the others, in which one zero leaves the rest of them."""
        is_zero = b.equal(x, 0)
        numbers = b.select(is_zero, 1, x)
        rest = b.prod(numbers, axis=axis, keep=True)
        zeros = b.sum(b.cast(is_zero, dtype=x.dtype), axis=axis, keep=True)
        others = b.select(is_zero, rest * b.cast(b.equal(zeros, 1), dtype=x.dtype), 0)
        others = b.select(b.equal(zeros, 0), rest / numbers, others)
        return (_along(b, dy, x, axis) * others,)


@primitive
class Max(Reduction):
    """The largest number over axes."""

    name = "max"
    needs_elements = True

    def reference(
        self, x: Array, *, axis: tuple[int, ...] | None = None, keep: bool = False
    ) -> Array:
        return np.asarray(np.max(x, axis=axis, keepdims=keep))

    def gradient(
        self,
        b: Builder,
        dy: Term,
        y: Term,
        x: Term,
        *,
        axis: tuple[int, ...],
        keep: bool,
    ) -> Gradients:
        return (_shared(b, dy, y, x, axis),)


@primitive
class Min(Reduction):
    """The smallest number over axes."""

    name = "min"
    needs_elements = True

    def reference(
        self, x: Array, *, axis: tuple[int, ...] | None = None, keep: bool = False
    ) -> Array:
        return np.asarray(np.min(x, axis=axis, keepdims=keep))

    def gradient(
        self,
        b: Builder,
        dy: Term,
        y: Term,
        x: Term,
        *,
        axis: tuple[int, ...],
        keep: bool,
    ) -> Gradients:
        return (_shared(b, dy, y, x, axis),)


class Quantifier(Reduction):
    """A reduction of truth values."""

    no_gradient = "its result is no number"
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

    no_gradient = "its result is an index"
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
