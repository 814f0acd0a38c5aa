"""Tensors made of compile-time values, random ones, and casts."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dlmc.backends.onnx.builder import Builder, Tensor
from dlmc.backends.onnx.dtypes import ELEMENT_TYPES
from dlmc.backends.onnx.emission import emits
from dlmc.backends.onnx.sizes import all_known, size_scalar, size_vector
from dlmc.ir.traced import plain
from dlmc.ir.types import DType, TensorType
from dlmc.primitives.arrays import numpy_dtype


@emits("constant")
def _constant(
    g: Builder,
    operands: Sequence[Tensor],
    attributes: Mapping[str, Any],
    result: TensorType,
) -> Tensor:
    return g.constant(plain(attributes["value"]), result.dtype)


@emits("dimension")
def _dimension(
    g: Builder,
    operands: Sequence[Tensor],
    attributes: Mapping[str, Any],
    result: TensorType,
) -> Tensor:
    return size_scalar(g, attributes["size"], result.dtype)


@emits("broadcast")
def _broadcast(
    g: Builder,
    operands: Sequence[Tensor],
    attributes: Mapping[str, Any],
    result: TensorType,
) -> Tensor:
    if operands[0].shape == result.shape:
        return operands[0]
    (x,) = g.widened("Expand", *operands)
    type_ = TensorType(x.dtype, result.shape)
    return g.cast(
        g.node("Expand", [x, size_vector(g, result.shape)], type_), result.dtype
    )


@emits("iota")
def _iota(
    g: Builder,
    operands: Sequence[Tensor],
    attributes: Mapping[str, Any],
    result: TensorType,
) -> Tensor:
    dtype = g.computed_in("Range", result.dtype)
    start, step = g.constant(0, dtype), g.constant(1, dtype)
    stop = size_scalar(g, attributes["size"], dtype)
    numbers = g.node("Range", [start, stop, step], TensorType(dtype, result.shape))
    return g.cast(numbers, result.dtype)


@emits("cast")
def _cast(
    g: Builder,
    operands: Sequence[Tensor],
    attributes: Mapping[str, Any],
    result: TensorType,
) -> Tensor:
    return g.cast(operands[0], result.dtype)


@emits("stop_gradient")
def _stop_gradient(
    g: Builder,
    operands: Sequence[Tensor],
    attributes: Mapping[str, Any],
    result: TensorType,
) -> Tensor:
    return operands[0]


@emits("random_uniform")
def _random_uniform(
    g: Builder,
    operands: Sequence[Tensor],
    attributes: Mapping[str, Any],
    result: TensorType,
) -> Tensor:
    dtype = DType.F64 if result.dtype is DType.F64 else DType.F32
    type_ = TensorType(dtype, result.shape)
    if all_known(result.shape):
        drawn = g.node(
            "RandomUniform",
            [],
            type_,
            shape=[int(size) for size in result.shape],
            dtype=ELEMENT_TYPES[dtype],
        )
    else:
        like = g.node(
            "ConstantOfShape",
            [size_vector(g, result.shape)],
            TensorType(DType.F32, result.shape),
        )
        drawn = g.node("RandomUniformLike", [like], type_, dtype=ELEMENT_TYPES[dtype])
    if result.dtype is dtype:
        return drawn
    # Rounding to 16 bits may reach 1, which the range excludes.
    kind = numpy_dtype(result.dtype)
    below = np.nextafter(np.asarray(1, kind), np.asarray(0, kind))
    limit = g.constant(float(below), dtype)
    return g.cast(g.node("Min", [drawn, limit], type_), result.dtype)
