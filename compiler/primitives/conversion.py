"""What changes how a tensor is taken, and not its numbers."""

from collections.abc import Mapping
from typing import Any

from dlmc.ir.types import DType, TensorType
from dlmc.primitives import checks
from dlmc.primitives.arrays import Array, numpy_dtype
from dlmc.primitives.base import Builder, Gradients, Movement, Term, primitive, sample


@primitive
class Cast(Movement):
    """x in another dtype: floats to integers towards zero, to bool whether not 0."""

    name = "cast"
    samples = (
        sample("f32[N, 3]", dtype=DType.I64),
        sample("i64[N]", dtype=DType.F32),
        sample("f32[N]", dtype=DType.BF16),
        sample("bf16[3]", dtype=DType.F64),
        sample("bool[3]", dtype=DType.F16),
        sample("f32[3]", dtype=DType.BOOL),
        sample("i64[3]", dtype=DType.U8, ranges={0: (0, 200)}),
    )

    def normalize(
        self, operands: tuple[TensorType, ...], attributes: Mapping[str, Any]
    ) -> dict[str, Any]:
        filled = self.filled(attributes)
        return {"dtype": checks.dtype(self.name, "dtype", filled["dtype"])}

    def infer(
        self, operands: tuple[TensorType, ...], attributes: Mapping[str, Any]
    ) -> TensorType:
        (x,) = operands
        return TensorType(attributes["dtype"], x.shape)

    def reference(self, x: Array, *, dtype: DType) -> Array:
        return x.astype(numpy_dtype(dtype))

    def gradient(
        self, b: Builder, dy: Term, y: Term, x: Term, *, dtype: DType
    ) -> Gradients:
        return (b.cast(dy, dtype=x.dtype) if x.dtype.is_float else None,)


@primitive
class StopGradient(Movement):
    """x itself, but no gradient passes through."""

    name = "stop_gradient"
    no_gradient = "that is what it is for"
    is_view = True
    samples = (sample("f32[N, 3]"), sample("i64"))

    def infer(
        self, operands: tuple[TensorType, ...], attributes: Mapping[str, Any]
    ) -> TensorType:
        (x,) = operands
        return x

    def reference(self, x: Array) -> Array:
        return x
