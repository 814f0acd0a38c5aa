"""DLM's dtypes in ONNX, and those that ONNX Runtime computes each operator in.

The standard allows more dtypes than any runtime has kernels for. Where one is missing
in the CPU provider, which every installation has, a node is computed in a wider dtype
that holds all of the narrow one's numbers, between two casts.
"""

from typing import Final

import numpy as np
from onnx import TensorProto

from dlmc.ir.types import DType
from dlmc.primitives.arrays import numpy_dtype

ELEMENT_TYPES: Final = {
    DType.F16: TensorProto.FLOAT16,
    DType.BF16: TensorProto.BFLOAT16,
    DType.F32: TensorProto.FLOAT,
    DType.F64: TensorProto.DOUBLE,
    DType.I8: TensorProto.INT8,
    DType.I16: TensorProto.INT16,
    DType.I32: TensorProto.INT32,
    DType.I64: TensorProto.INT64,
    DType.U8: TensorProto.UINT8,
    DType.BOOL: TensorProto.BOOL,
}
"""The number of each dtype in the file format."""

TYPE_NAMES: Final = {
    DType.F16: "tensor(float16)",
    DType.BF16: "tensor(bfloat16)",
    DType.F32: "tensor(float)",
    DType.F64: "tensor(double)",
    DType.I8: "tensor(int8)",
    DType.I16: "tensor(int16)",
    DType.I32: "tensor(int32)",
    DType.I64: "tensor(int64)",
    DType.U8: "tensor(uint8)",
    DType.BOOL: "tensor(bool)",
}
"""What operator schemas call a tensor of each dtype."""

WIDER: Final[dict[DType, tuple[DType, ...]]] = {
    DType.BOOL: (DType.U8, DType.I32),
    DType.U8: (DType.I32, DType.I64),
    DType.I8: (DType.I32, DType.I64),
    DType.I16: (DType.I32, DType.I64),
    DType.I32: (DType.I64,),
    DType.F16: (DType.F32,),
    DType.BF16: (DType.F32,),
}
"""Dtypes that hold every number of another, the narrowest first."""


def _dtypes(names: str) -> frozenset[DType]:
    return frozenset(DType(name) for name in names.split())


# 16-bit floats have few kernels, but the runtime itself casts around each such node.
_FLOATS = _dtypes("f16 f32 f64")
_FLOATS_AND_INTEGERS = _FLOATS | _dtypes("i32 i64")
_NUMBERS = _FLOATS_AND_INTEGERS | _dtypes("i8 i16 u8")

KERNELS: Final[dict[str, frozenset[DType]]] = {
    "Neg": _NUMBERS - _dtypes("u8"),
    "Abs": _NUMBERS,
    "Sign": _NUMBERS | _dtypes("bf16"),
    "Exp": _FLOATS,
    "Log": _FLOATS,
    "Sqrt": _FLOATS,
    "Reciprocal": _FLOATS,
    "Sin": _FLOATS,
    "Cos": _FLOATS,
    "Tanh": _FLOATS,
    **dict.fromkeys(
        ("Atan", "Asin", "Acos", "Tan", "Asinh", "Acosh", "Atanh", "Sinh", "Cosh"),
        _dtypes("f16 f32"),
    ),
    "Erf": _dtypes("f16 f32"),
    "Floor": _FLOATS,
    "Ceil": _FLOATS,
    "Round": _FLOATS,
    "Sigmoid": _FLOATS,
    "Relu": _FLOATS | _dtypes("i8 i32"),
    **dict.fromkeys(
        ("Elu", "Selu", "LeakyRelu", "PRelu", "HardSigmoid", "Softplus", "Softsign"),
        _dtypes("f16 f32"),
    ),
    "Clip": _NUMBERS - _dtypes("i16"),
    "Softmax": _FLOATS,
    "LogSoftmax": _FLOATS,
    "Add": _NUMBERS,
    "Sub": _NUMBERS,
    "Mul": _NUMBERS,
    "Div": _NUMBERS,
    "Mod": _NUMBERS,
    "Pow": _FLOATS_AND_INTEGERS,
    "Max": _NUMBERS - _dtypes("i16"),
    "Min": _NUMBERS - _dtypes("i16"),
    "Equal": _NUMBERS | _dtypes("bool"),
    "Less": _NUMBERS,
    "LessOrEqual": _NUMBERS,
    "Greater": _NUMBERS,
    "GreaterOrEqual": _NUMBERS,
    "Where": _NUMBERS - _dtypes("i16"),
    "ReduceSum": _FLOATS_AND_INTEGERS,
    "ReduceMean": _FLOATS_AND_INTEGERS,
    "ReduceProd": _FLOATS_AND_INTEGERS,
    "ReduceMax": _NUMBERS - _dtypes("i16"),
    "ReduceMin": _NUMBERS - _dtypes("i16"),
    "ArgMax": _NUMBERS - _dtypes("i16"),
    "ArgMin": _NUMBERS - _dtypes("i16"),
    "CumSum": _FLOATS_AND_INTEGERS,
    "TopK": _NUMBERS,
    "IsNaN": _FLOATS,
    "IsInf": _dtypes("f32 f64"),
    "Trilu": _FLOATS_AND_INTEGERS | _dtypes("bool"),
    "GatherElements": _NUMBERS | _dtypes("bool"),
    "ScatterElements": _NUMBERS - _dtypes("f16"),
    "Einsum": _FLOATS,
    "MatMul": _FLOATS_AND_INTEGERS,
    "Gemm": _FLOATS,
    "Conv": _dtypes("f16 f32"),
    "ConvTranspose": _dtypes("f16 f32"),
    "Resize": _dtypes("f32"),
    "DepthToSpace": _dtypes("f32 f64"),
    "MaxPool": _FLOATS | _dtypes("i8 u8"),
    "AveragePool": _dtypes("f16 f32"),
    "BatchNormalization": _FLOATS,
    "LayerNormalization": _FLOATS,
    "InstanceNormalization": _dtypes("f16 f32"),
    "Pad": (_NUMBERS | _dtypes("bool")) - _dtypes("i16"),
    "Expand": _NUMBERS | _dtypes("bool"),
    "Range": _dtypes("f32 f64 i16 i32 i64"),
    "RandomUniformLike": _dtypes("f32 f64"),
    "RandomNormalLike": _dtypes("f32 f64"),
}
"""The dtypes that the CPU provider computes an operator in; all, for those not here."""


def computed_in(operator: str, dtype: DType) -> DType | None:
    """The dtype to compute in: `dtype` itself, a wider one, or None where none does."""
    kernels = KERNELS.get(operator)
    if kernels is None or dtype in kernels:
        return dtype
    return next((wide for wide in WIDER.get(dtype, ()) if wide in kernels), None)


def item_bytes(dtype: DType) -> int:
    """The size of one number."""
    return int(np.dtype(numpy_dtype(dtype)).itemsize)
