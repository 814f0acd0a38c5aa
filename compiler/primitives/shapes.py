"""The same numbers in another shape, or several tensors in one."""

from collections.abc import Mapping
from typing import Any

from dlmc.ir.dimensions import Dim, Size, exact_quotient, product
from dlmc.ir.types import DType, TensorType
from dlmc.primitives import checks
from dlmc.primitives.arrays import Array, np
from dlmc.primitives.base import (
    Builder,
    Fault,
    Gradients,
    Movement,
    Term,
    primitive,
    sample,
)


def _without_common(
    above: tuple[Size, ...], below: tuple[Size, ...]
) -> tuple[list[Size], list[Size]]:
    """Two lists of factors without those that are in both.

    Dividing products would give the same sizes, but none that is the operand's own.
    """
    rest = list(above)
    divisors: list[Size] = []
    for size in below:
        if size in rest:
            rest.remove(size)
        else:
            divisors.append(size)
    return rest, divisors


@primitive
class Reshape(Movement):
    """The same elements, last axis fastest, in another shape.

    One size may be -1: what the others leave. The counts of elements must be equal for
    every value of the symbols. In normal form every size is exact.
    """

    name = "reshape"
    is_view = True
    samples = (
        sample("f32[N, 3, 4]", shape=[Dim.symbol("N"), -1]),
        sample("f32[N, 3, 4]", shape=[-1, 4]),
        sample("i64[6]", shape=[2, 3]),
        sample("bool[1, 1]", shape=[]),
        sample("f64", shape=[1, 1]),
        sample("f32[N, T, 6]", shape=[Dim.symbol("N") * Dim.symbol("T"), 2, -1]),
        sample("f32[0, 4]", shape=[2, 0]),
    )

    def normalize(
        self, operands: tuple[TensorType, ...], attributes: Mapping[str, Any]
    ) -> dict[str, Any]:
        (x,) = operands
        shape = self.filled(attributes)["shape"]
        if not isinstance(shape, list | tuple):
            shape = (shape,)
        known = tuple(size for size in shape if size != -1)
        checks.sizes(self.name, "shape", known)
        if len(shape) - len(known) > 1:
            raise Fault(
                "reshape: only one size can be -1",
                hint="say all sizes but one",
                argument="shape",
            )
        if len(known) == len(shape):
            if product(known) != product(x.shape):
                raise Fault(
                    f"reshape cannot make {checks.shown(shape)}, "
                    f"{product(known)} elements, of {x}, {product(x.shape)} elements",
                    code="E0304",
                    hint="one of the sizes may be -1: it follows from the others",
                    argument="shape",
                )
            return {"shape": tuple(shape)}
        rest, divisors = _without_common(x.shape, known)
        missing = (
            None if 0 in known else exact_quotient(product(rest), product(divisors))
        )
        if missing is None:
            raise Fault(
                f"reshape: {x}, {product(x.shape)} elements, leaves no whole size "
                f"for the -1 in {checks.shown(shape)}",
                code="E0304",
                argument="shape",
            )
        return {"shape": tuple(missing if size == -1 else size for size in shape)}

    def infer(
        self, operands: tuple[TensorType, ...], attributes: Mapping[str, Any]
    ) -> TensorType:
        (x,) = operands
        return TensorType(x.dtype, attributes["shape"])

    def reference(self, x: Array, *, shape: tuple[int, ...]) -> Array:
        return np.reshape(x, shape)

    def gradient(
        self, b: Builder, dy: Term, y: Term, x: Term, *, shape: tuple[Size, ...]
    ) -> Gradients:
        return (b.reshape(dy, shape=x.shape),)


@primitive
class Transpose(Movement):
    """The axes in another order: axis i of the result is axis `axes[i]` of x.

    Without `axes` their order is reversed.
    """

    name = "transpose"
    is_view = True
    samples = (
        sample("f32[N, 3]"),
        sample("f32[N, 3, T]", axes=[0, -1, 1]),
        sample("i64[2, 3, 4, 5]"),
    )

    def normalize(
        self, operands: tuple[TensorType, ...], attributes: Mapping[str, Any]
    ) -> dict[str, Any]:
        (x,) = operands
        axes = self.filled(attributes)["axes"]
        if x.rank < 2:
            raise Fault(
                f"transpose expects x of two or more axes, got {x}", argument="x"
            )
        if axes is None:
            return {"axes": tuple(reversed(range(x.rank)))}
        normal = checks.axes_of(self.name, axes, x, "axes")
        if len(normal) != x.rank:
            raise Fault(
                f"transpose expects each axis of {x} once, got {checks.shown(axes)}",
                argument="axes",
            )
        return {"axes": normal}

    def infer(
        self, operands: tuple[TensorType, ...], attributes: Mapping[str, Any]
    ) -> TensorType:
        (x,) = operands
        return TensorType(x.dtype, tuple(x.shape[axis] for axis in attributes["axes"]))

    def reference(self, x: Array, *, axes: tuple[int, ...] | None = None) -> Array:
        return np.transpose(x, axes)

    def gradient(
        self, b: Builder, dy: Term, y: Term, x: Term, *, axes: tuple[int, ...]
    ) -> Gradients:
        back = tuple(axes.index(axis) for axis in range(len(axes)))
        return (b.transpose(dy, axes=back),)


@primitive
class Concat(Movement):
    """Tensors behind one another along an axis; their other sizes are equal."""

    name = "concat"
    variadic = True
    samples = (
        sample("f32[N, 3]", "f32[N, 4]", axis=-1),
        sample("i64[2]", "i64[3]", "i64[1]", axis=0),
        sample("f32[N, 3]", "f32[T, 3]", axis=0),
        sample("bf16[2, 2]", axis=1),
    )

    def normalize(
        self, operands: tuple[TensorType, ...], attributes: Mapping[str, Any]
    ) -> dict[str, Any]:
        axis = self.filled(attributes)["axis"]
        if not operands:
            raise Fault("concat needs at least one tensor")
        return {"axis": checks.axis_of(self.name, axis, operands[0])}

    def infer(
        self, operands: tuple[TensorType, ...], attributes: Mapping[str, Any]
    ) -> TensorType:
        axis = attributes["axis"]
        first, *others = operands
        size = first.shape[axis]
        for other in others:
            checks.expect_one_dtype(self.name, first, other)
            if other.rank != first.rank or any(
                a != b
                for i, (a, b) in enumerate(zip(first.shape, other.shape, strict=True))
                if i != axis
            ):
                raise Fault(
                    f"concat along axis {axis} expects equal sizes on all others, "
                    f"got {first} and {other}",
                    code="E0304",
                )
            size = size + other.shape[axis]
        shape = (*first.shape[:axis], size, *first.shape[axis + 1 :])
        return TensorType(first.dtype, shape)

    def reference(self, *operands: Array, axis: int) -> Array:
        return np.concatenate(operands, axis=axis)

    def gradient(
        self, b: Builder, dy: Term, y: Term, *operands: Term, axis: int
    ) -> Gradients:
        parts: list[Term] = []
        start: Size = 0
        for operand in operands:
            stop = start + operand.shape[axis]
            parts.append(
                b.slice(dy, start=[*[None] * axis, start], stop=[*[None] * axis, stop])
            )
            start = stop
        return parts


@primitive
class Pad(Movement):
    """x with `low` elements before and `high` after it on each axis, all `value`."""

    name = "pad"
    samples = (
        sample("f32[N, 3]", low=[0, 1], high=[0, 2]),
        sample("i64[3]", low=[2], high=[0], value=-1),
        sample("f32[2]", low=[0], high=[1], value=float("-inf")),
        sample("bool[2]", low=[1], high=[1], value=True),
    )

    def normalize(
        self, operands: tuple[TensorType, ...], attributes: Mapping[str, Any]
    ) -> dict[str, Any]:
        (x,) = operands
        filled = self.filled(attributes)
        normal: dict[str, Any] = {}
        for side in ("low", "high"):
            normal[side] = checks.sizes(self.name, side, filled[side])
            if len(normal[side]) != x.rank:
                raise Fault(
                    f"pad expects {side} to have a size for each axis of {x}, "
                    f"got {checks.shown(filled[side])}",
                    argument=side,
                )
        value = filled["value"]
        if x.dtype is DType.BOOL and value == 0:
            value = False
        return {**normal, "value": checks.number(self.name, "value", value, x.dtype)}

    def infer(
        self, operands: tuple[TensorType, ...], attributes: Mapping[str, Any]
    ) -> TensorType:
        (x,) = operands
        sizes = zip(x.shape, attributes["low"], attributes["high"], strict=True)
        return TensorType(x.dtype, tuple(n + low + high for n, low, high in sizes))

    def reference(
        self,
        x: Array,
        *,
        low: tuple[int, ...],
        high: tuple[int, ...],
        value: float = 0,
    ) -> Array:
        widths = tuple(zip(low, high, strict=True))
        return np.pad(x, widths, constant_values=np.asarray(value, x.dtype))

    def gradient(
        self,
        b: Builder,
        dy: Term,
        y: Term,
        x: Term,
        *,
        low: tuple[Size, ...],
        high: tuple[Size, ...],
        value: float,
    ) -> Gradients:
        stop = [first + size for first, size in zip(low, x.shape, strict=True)]
        return (b.slice(dy, start=low, stop=stop),)
