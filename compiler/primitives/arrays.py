"""NumPy for the references, imported when the first of them runs.

Checking and building a program needs no array, and importing NumPy would take longer
than all the rest of it.
"""

from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

from dlmc.ir.types import DType

if TYPE_CHECKING:
    import numpy as np

    Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]
else:

    class _Late:
        def __getattr__(self, name: str) -> Any:
            import numpy

            found = getattr(numpy, name)
            setattr(self, name, found)  # so that it is found at once from now on
            return found

    np = _Late()
    Array: TypeAlias = Any

__all__ = ["Array", "np", "numpy_dtype", "widened"]

_NAMES = {
    DType.F16: "float16",
    DType.F32: "float32",
    DType.F64: "float64",
    DType.I8: "int8",
    DType.I16: "int16",
    DType.I32: "int32",
    DType.I64: "int64",
    DType.U8: "uint8",
    DType.BOOL: "bool",
}


@cache
def numpy_dtype(dtype: DType) -> "np.dtype[Any]":
    """The NumPy dtype of a DLM dtype; bf16 is that of ml_dtypes, which onnx brings."""
    kind: Any
    if dtype is DType.BF16:
        from ml_dtypes import bfloat16 as kind
    else:
        kind = _NAMES[dtype]
    result: np.dtype[Any] = np.dtype(kind)
    return result


def widened(x: Array) -> Array:
    """`x` in a float wide enough to add many of its numbers up.

    What frameworks do too: 16-bit floats are summed in 32 bits and rounded once.
    """
    narrow = x.dtype in (numpy_dtype(DType.F16), numpy_dtype(DType.BF16))
    return x.astype(np.float32) if narrow else x
