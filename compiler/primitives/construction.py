"""Tensors made of compile-time values, and what changes a tensor's type alone."""

from collections.abc import Mapping
from typing import Any

from dlmc.ir.dimensions import Dim, Size
from dlmc.ir.types import DType, TensorType
from dlmc.primitives import checks
from dlmc.primitives.arrays import Array, np, numpy_dtype
from dlmc.primitives.base import (
    Builder,
    Fault,
    Gradients,
    Movement,
    Term,
    primitive,
    sample,
)
from dlmc.primitives.checks import NUMBER


@primitive
class Constant(Movement):
    """A tensor written in the program: a number, or lists of lists of numbers.

    Its shape is that of the lists. In normal form `value` is a number or nested tuples;
    a number of a float dtype is a float, unless it carries an origin.
    """

    name = "constant"
    no_gradient = "it depends on no value"
    samples = (
        sample(value=2, dtype=DType.F32),
        sample(value=-0.5, dtype=DType.BF16),
        sample(value=float("inf"), dtype=DType.F16),
        sample(value=True, dtype=DType.BOOL),
        sample(value=[[1, 2, 3], [4, 5, 6]], dtype=DType.I64),
        sample(value=[0.1, 2], dtype=DType.F64),
        sample(value=[], dtype=DType.F32),
    )

    def normalize(
        self, operands: tuple[TensorType, ...], attributes: Mapping[str, Any]
    ) -> dict[str, Any]:
        filled = self.filled(attributes)
        dtype = checks.dtype(self.name, "dtype", filled["dtype"])
        value = self._normal(filled["value"], dtype)
        self._shape(value)
        return {"value": value, "dtype": dtype}

    def _normal(self, value: Any, dtype: DType) -> Any:
        if isinstance(value, list | tuple):
            return tuple(self._normal(item, dtype) for item in value)
        return checks.number(self.name, "value", value, dtype)

    def _shape(self, value: Any) -> tuple[int, ...]:
        if not isinstance(value, tuple):
            return ()
        inner = {self._shape(item) for item in value}
        if len(inner) > 1:
            raise Fault(
                "the lists of a tensor must be of equal length", argument="value"
            )
        return (len(value), *(inner.pop() if inner else ()))

    def infer(
        self, operands: tuple[TensorType, ...], attributes: Mapping[str, Any]
    ) -> TensorType:
        return TensorType(attributes["dtype"], self._shape(attributes["value"]))

    def reference(self, *, value: Any, dtype: DType) -> Array:
        return np.asarray(value, numpy_dtype(dtype))


@primitive
class Dimension(Movement):
    """A size as a scalar tensor, for arithmetic with values: `sum(x) / T`."""

    name = "dimension"
    no_gradient = "it depends on no value"
    samples = (
        sample(size=3, dtype=DType.F32),
        sample(size=3, dtype=DType.I64),
    )

    def normalize(
        self, operands: tuple[TensorType, ...], attributes: Mapping[str, Any]
    ) -> dict[str, Any]:
        filled = self.filled(attributes)
        (size,) = checks.sizes(self.name, "size", (filled["size"],))
        dtype = checks.dtype(self.name, "dtype", filled["dtype"], NUMBER)
        return {"size": size, "dtype": dtype}

    def infer(
        self, operands: tuple[TensorType, ...], attributes: Mapping[str, Any]
    ) -> TensorType:
        return TensorType(attributes["dtype"], ())

    def reference(self, *, size: int, dtype: DType) -> Array:
        return np.asarray(size, numpy_dtype(dtype))


@primitive
class Broadcast(Movement):
    """x repeated to a shape: axes of size 1 stretch, and new axes come first."""

    name = "broadcast"
    is_view = True
    samples = (
        sample("f32", shape=[2, 3]),
        sample("i64[3, 1]", shape=[4, 3, 5]),
        sample("bool[N, 3]", shape=[Dim.symbol("N"), 3]),
    )

    def normalize(
        self, operands: tuple[TensorType, ...], attributes: Mapping[str, Any]
    ) -> dict[str, Any]:
        filled = self.filled(attributes)
        return {"shape": checks.sizes(self.name, "shape", filled["shape"])}

    def infer(
        self, operands: tuple[TensorType, ...], attributes: Mapping[str, Any]
    ) -> TensorType:
        (x,) = operands
        shape: tuple[Size, ...] = attributes["shape"]
        result = TensorType(x.dtype, shape)
        # strict=False: axes that x lacks are new.
        pairs = zip(reversed(x.shape), reversed(shape), strict=False)
        if x.rank > len(shape) or any(a not in (1, b) for a, b in pairs):
            raise Fault(
                f"broadcast cannot stretch {x} to {result}",
                code="E0304",
                hint="each axis of x must be 1 or of the size wanted",
                argument="shape",
            )
        return result

    def reference(self, x: Array, *, shape: tuple[int, ...]) -> Array:
        return np.broadcast_to(x, shape)

    def gradient(
        self, b: Builder, dy: Term, y: Term, x: Term, *, shape: tuple[Size, ...]
    ) -> Gradients:
        return (dy,)


@primitive
class Iota(Movement):
    """The numbers 0, 1, …, size - 1."""

    name = "iota"
    no_gradient = "it depends on no value"
    samples = (
        sample(size=5),
        sample(size=4, dtype=DType.F32),
        sample(size=0, dtype=DType.I32),
    )

    def normalize(
        self, operands: tuple[TensorType, ...], attributes: Mapping[str, Any]
    ) -> dict[str, Any]:
        filled = self.filled(attributes)
        (size,) = checks.sizes(self.name, "size", (filled["size"],))
        dtype = checks.dtype(self.name, "dtype", filled["dtype"], NUMBER)
        return {"size": size, "dtype": dtype}

    def infer(
        self, operands: tuple[TensorType, ...], attributes: Mapping[str, Any]
    ) -> TensorType:
        return TensorType(attributes["dtype"], (attributes["size"],))

    def reference(self, *, size: int, dtype: DType = DType.I64) -> Array:
        return np.arange(size).astype(numpy_dtype(dtype))
