"""Python over Keras and TensorFlow: the imports that generated code uses, dtypes."""

from collections.abc import Mapping

from dlmc.backends.python import tree as py
from dlmc.backends.python.quotation import Quote
from dlmc.ir.types import DType

IMPORTS: Mapping[str, py.Import] = {
    "Any": py.Import("typing", "Any"),
    "keras": py.Import("keras"),
    "layers": py.Import("keras", "layers"),
    "math": py.Import("math"),
    "ops": py.Import("keras", "ops"),
    "tf": py.Import("tensorflow", alias="tf"),
}

quote = Quote(IMPORTS)

TENSOR = quote("tf.Tensor")

DTYPES: Mapping[DType, str] = {
    DType.F16: "float16",
    DType.BF16: "bfloat16",
    DType.F32: "float32",
    DType.F64: "float64",
    DType.I8: "int8",
    DType.I16: "int16",
    DType.I32: "int32",
    DType.I64: "int64",
    DType.U8: "uint8",
    DType.BOOL: "bool",
}


def dtype_of(dtype: DType) -> py.Expression:
    """A dtype where `tf` is asked for it: `tf.float32`."""
    return py.Attribute(quote("tf"), DTYPES[dtype])


def cast(x: py.Expression, dtype: DType) -> py.Expression:
    """A tensor in another dtype."""
    return quote("ops.cast({x}, {dtype})", x=x, dtype=DTYPES[dtype])
