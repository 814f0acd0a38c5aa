"""Places along an axis, by one index for each element of a tensor."""

from collections.abc import Mapping
from typing import Any

from dlmc.ir.dimensions import Size
from dlmc.ir.types import TensorType
from dlmc.primitives import checks
from dlmc.primitives.arrays import Array, np, widened
from dlmc.primitives.base import (
    Builder,
    Fault,
    Gradients,
    Movement,
    Primitive,
    Term,
    primitive,
    sample,
)
from dlmc.primitives.checks import INTEGER, NUMBER
from dlmc.primitives.indexing import check_range


def _check(name: str, x: TensorType, indices: TensorType, axis: int) -> None:
    """Fault unless the indices have the axes of x, and its sizes but on one of them."""
    checks.expect(name, "indices", INTEGER, indices)
    if indices.rank != x.rank:
        raise Fault(
            f"{name} expects indices of as many axes as x, got {x} and {indices}",
            code="E0304",
            hint="to take the same places everywhere: gather(x, indices, axis = …)",
            argument="indices",
        )
    for i, (size, wanted) in enumerate(zip(indices.shape, x.shape, strict=True)):
        if i != axis and size != wanted:
            raise Fault(
                f"{name} along axis {axis} expects indices of the size of x on all "
                f"other axes, got {x} and {indices}",
                code="E0304",
                hint="broadcast(indices, shape) repeats them",
                argument="indices",
            )


@primitive
class TakeAlongAxis(Movement):
    """Elements of x by their places along an axis, as NumPy's `take_along_axis`.

    With axis 0 element [i, j] is x[indices[i, j], j]. The indices have the sizes of x,
    but on the axis as many as there are to be. One outside 0 to size - 1 is an error.
    """

    name = "take_along_axis"
    samples = (
        sample("f32[N, 5]", "i64[N, 2]", ranges={1: (0, 5)}),
        sample("f32[4, T, 3]", "i64[6, T, 3]", axis=0, ranges={1: (0, 4)}),
        sample("i64[N, 3, 2]", "i32[N, 3, 2]", axis=-2, ranges={1: (0, 3)}),
        sample("bool[5]", "u8[3]", axis=0, ranges={1: (0, 5)}),
        sample("bf16[2, 3]", "i64[2, 3]", ranges={1: (0, 3)}),
    )

    def normalize(
        self, operands: tuple[TensorType, ...], attributes: Mapping[str, Any]
    ) -> dict[str, Any]:
        axis = self.filled(attributes)["axis"]
        return {"axis": checks.axis_of(self.name, axis, operands[0])}

    def infer(
        self, operands: tuple[TensorType, ...], attributes: Mapping[str, Any]
    ) -> TensorType:
        x, indices = operands
        _check(self.name, x, indices, attributes["axis"])
        return TensorType(x.dtype, indices.shape)

    def reference(self, x: Array, indices: Array, *, axis: int = -1) -> Array:
        check_range(self.name, indices, x.shape[axis])
        return np.take_along_axis(x, indices.astype(np.int64), axis=axis)

    def gradient(
        self,
        b: Builder,
        dy: Term,
        y: Term,
        x: Term,
        indices: Term,
        *,
        axis: int,
    ) -> Gradients:
        return b.scatter_add(b.full(0, x.type), indices, dy, axis=axis), None


@primitive
class ScatterAdd(Primitive):
    """x plus values at places along an axis; those for one place add up.

    With axis 0 values[i, j] is added to x[indices[i, j], j]. Indices and values have
    the sizes of x, but on the axis as many as there are to be added. An index outside 0
    to size - 1 is an error.
    """

    name = "scatter_add"
    samples = (
        sample("f32[N, 5]", "i64[N, 8]", "f32[N, 8]", ranges={1: (0, 5)}),
        sample("f64[4, 3]", "i64[6, 3]", "f64[6, 3]", axis=0, ranges={1: (0, 4)}),
        sample(
            "f32[N, 3, T]", "i32[N, 2, T]", "f32[N, 2, T]", axis=1, ranges={1: (0, 3)}
        ),
        sample("f32[5]", "u8[9]", "f32[9]", ranges={1: (0, 5)}),
        sample("f16[2, 3]", "i64[2, 4]", "f16[2, 4]", ranges={1: (0, 3)}),
        sample("bf16[2, 3]", "i64[2, 2]", "bf16[2, 2]", ranges={1: (0, 3)}),
        sample("i64[N, 3]", "i64[N, 5]", "i64[N, 5]", ranges={1: (0, 3)}),
    )

    def normalize(
        self, operands: tuple[TensorType, ...], attributes: Mapping[str, Any]
    ) -> dict[str, Any]:
        axis = self.filled(attributes)["axis"]
        return {"axis": checks.axis_of(self.name, axis, operands[0])}

    def infer(
        self, operands: tuple[TensorType, ...], attributes: Mapping[str, Any]
    ) -> TensorType:
        x, indices, values = operands
        checks.expect(self.name, "x", NUMBER, x)
        checks.expect_one_dtype(self.name, x, values)
        _check(self.name, x, indices, attributes["axis"])
        if values.shape != indices.shape:
            raise Fault(
                f"{self.name} expects a value for each index, got {indices} and "
                f"{values}",
                code="E0304",
                hint="broadcast(values, shape) repeats them",
                argument="values",
            )
        return x

    def flops(
        self,
        operands: tuple[TensorType, ...],
        attributes: Mapping[str, Any],
        result: TensorType,
    ) -> Size:
        return operands[2].count

    def reference(
        self, x: Array, indices: Array, values: Array, *, axis: int = -1
    ) -> Array:
        check_range(self.name, indices, x.shape[axis])
        total = widened(x).copy()
        places: list[Array] = list(np.indices(indices.shape, sparse=True))
        places[axis] = indices
        np.add.at(total, tuple(places), widened(values))
        return total.astype(x.dtype)

    def gradient(
        self,
        b: Builder,
        dy: Term,
        y: Term,
        x: Term,
        indices: Term,
        values: Term,
        *,
        axis: int,
    ) -> Gradients:
        return dy, None, b.take_along_axis(dy, indices, axis=axis)
