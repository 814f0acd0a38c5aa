"""Python over PyTorch: the imports that generated code makes use of, and dtypes."""

from dlmc.backends.python import tree as py
from dlmc.backends.python.quotation import Quote
from dlmc.ir.types import DType

IMPORTS = {
    "torch": py.Import("torch"),
    "nn": py.Import("torch", "nn"),
    "F": py.Import("torch.nn.functional", alias="F"),
    "Tensor": py.Import("torch", "Tensor"),
    "math": py.Import("math"),
}

quote = Quote(IMPORTS)

TENSOR = quote("Tensor")

_DTYPES = {
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


def dtype(dtype: DType) -> py.Expression:
    """`torch.float32`."""
    return py.Attribute(quote("torch"), _DTYPES[dtype])


def with_dtype(given: DType, default: DType = DType.F32) -> dict[str, py.Expression]:
    """The keyword argument `dtype`, unless it is the default."""
    return {} if given is default else {"dtype": dtype(given)}
