"""Matrix products."""

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
    Primitive,
    Term,
    primitive,
    sample,
)
from dlmc.primitives.checks import NUMBER


def _transposed(build: Builder, x: Term) -> Term:
    """A stack of matrices, each transposed."""
    return build.transpose(x, axes=[*range(x.rank - 2), -1, -2])


@primitive
class MatMul(Primitive):
    """The matrix product over the last axis of a and the last but one of b.

    [..., M, K] @ [..., K, L] is [..., M, L]; the axes before broadcast. An operand of
    one axis is a vector [K], which leaves no axis in the result.
    """

    name = "matmul"
    samples = (
        sample("f32[N, 3]", "f32[3, 4]"),
        sample("f32[N, T, 3]", "f32[3, 4]"),
        sample("f64[N, 1, T, 3]", "f64[2, 3, 4]"),
        sample("f32[3]", "f32[3]"),
        sample("f32[3]", "f32[N, 3, 4]"),
        sample("f32[N, 2, 3]", "f32[3]"),
        sample("bf16[2, 3]", "bf16[3, 4]"),
        sample("i64[2, 3]", "i64[3, 4]"),
    )

    def infer(
        self, operands: tuple[TensorType, ...], attributes: Mapping[str, Any]
    ) -> TensorType:
        a, b = operands
        checks.expect_one_dtype("`@`", a, b)
        for argument, operand in (("a", a), ("b", b)):
            checks.expect("`@`", argument, NUMBER, operand)
            if operand.rank == 0:
                raise Fault(
                    f"`@` expects tensors, got {a} and {b}",
                    hint="multiply by a scalar with `*`",
                    argument=argument,
                )
        rows, inner = a.shape[-2:-1], a.shape[-1]
        if b.rank > 1:
            shared, columns = b.shape[-2], b.shape[-1:]
        else:
            shared, columns = b.shape[0], ()
        if inner != shared:
            raise Fault(
                f"`@` expects the last axis of a and the "
                f"{'last but one' if b.rank > 1 else 'axis'} of b to be equal, "
                f"got {a} and {b}: {inner} and {shared}",
                code="E0304",
                hint="`a @ transpose(b)` fits"
                if b.rank == 2 and b.shape[1] == inner
                else None,
            )
        batch = checks.broadcast(
            "`@`",
            TensorType(a.dtype, a.shape[:-2]),
            TensorType(b.dtype, b.shape[:-2]),
        )
        return TensorType(a.dtype, (*batch, *rows, *columns))

    def flops(
        self,
        operands: tuple[TensorType, ...],
        attributes: Mapping[str, Any],
        result: TensorType,
    ) -> Size:
        return 2 * operands[0].shape[-1] * result.count

    def reference(self, a: Array, b: Array) -> Array:
        product = np.matmul(widened(a), widened(b))
        result: Array = np.asarray(product).astype(a.dtype)
        return result

    def gradient(
        self, build: Builder, dy: Term, y: Term, a: Term, b: Term
    ) -> Gradients:
        # A vector is a matrix of one row, or of one column.
        row = a if a.rank > 1 else build.reshape(a, shape=(1, *a.shape))
        column = b if b.rank > 1 else build.reshape(b, shape=(*b.shape, 1))
        batch = y.shape[: y.rank - (a.rank > 1) - (b.rank > 1)]
        dy = build.reshape(dy, shape=(*batch, row.shape[-2], column.shape[-1]))
        da = build.matmul(dy, _transposed(build, column))
        if column.rank == 2:
            # One product, and not one for each matrix of the stack and their sum.
            row = build.reshape(row, shape=(-1, row.shape[-1]))
            dy = build.reshape(dy, shape=(-1, dy.shape[-1]))
        db = build.matmul(_transposed(build, row), dy)
        if a.rank == 1:
            da = build.reshape(build.fit(da, row.shape), shape=a.shape)
        if b.rank == 1:
            db = build.reshape(build.fit(db, column.shape), shape=b.shape)
        return da, db
