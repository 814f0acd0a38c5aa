"""Matrix products."""

from collections.abc import Mapping
from typing import Any

from dlmc.ir.dimensions import Size
from dlmc.ir.types import TensorType
from dlmc.primitives import checks
from dlmc.primitives.arrays import Array, np, widened
from dlmc.primitives.base import Fault, Primitive, primitive, reads, sample
from dlmc.primitives.checks import NUMBER


@primitive
class MatMul(Primitive):
    """The matrix product over the last axis of a and the last but one of b.

    [..., M, K] @ [..., K, L] is [..., M, L]; the axes before broadcast. An operand of
    one axis is a vector [K], which leaves no axis in the result.
    """

    name = "matmul"
    gradients = reads(a="b", b="a")
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
