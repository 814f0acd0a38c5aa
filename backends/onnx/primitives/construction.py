"""Tensors made of compile-time values, random ones, and casts."""

import numpy as np

from dlmc.backends.onnx.builder import Tensor
from dlmc.backends.onnx.dtypes import ELEMENT_TYPES
from dlmc.backends.onnx.emission import Use, emits
from dlmc.backends.onnx.sizes import all_known, size_scalar, size_vector
from dlmc.ir.traced import plain
from dlmc.ir.types import DType, TensorType
from dlmc.primitives.arrays import numpy_dtype


@emits("constant")
def _constant(use: Use) -> Tensor:
    return use.graph.constant(plain(use.attributes["value"]), use.result.dtype)


@emits("dimension")
def _dimension(use: Use) -> Tensor:
    return size_scalar(use.graph, use.attributes["size"], use.result.dtype)


@emits("broadcast")
def _broadcast(use: Use) -> Tensor:
    if use.operands[0].shape == use.result.shape:
        return use.operands[0]
    g = use.graph
    (x,) = g.widened("Expand", *use.operands)
    type_ = TensorType(x.dtype, use.result.shape)
    expanded = g.node("Expand", [x, size_vector(g, type_.shape)], type_)
    return g.cast(expanded, use.result.dtype)


@emits("iota")
def _iota(use: Use) -> Tensor:
    g = use.graph
    dtype = g.computed_in("Range", use.result.dtype)
    start, step = g.constant(0, dtype), g.constant(1, dtype)
    stop = size_scalar(g, use.attributes["size"], dtype)
    type_ = TensorType(dtype, use.result.shape)
    return g.cast(g.node("Range", [start, stop, step], type_), use.result.dtype)


@emits("cast")
def _cast(use: Use) -> Tensor:
    return use.graph.cast(use.operands[0], use.result.dtype)


@emits("stop_gradient", "total", "whole")
def _stop_gradient(use: Use) -> Tensor:
    return use.operands[0]


def _random(use: Use, operator: str) -> Tensor:
    """Random numbers in f32, or in f64 where that is asked for."""
    g, shape = use.graph, use.result.shape
    dtype = DType.F64 if use.result.dtype is DType.F64 else DType.F32
    type_, element = TensorType(dtype, shape), ELEMENT_TYPES[dtype]
    if shape and all_known(shape):
        sizes = [int(size) for size in shape if isinstance(size, int)]
        return g.node(operator, [], type_, shape=sizes, dtype=element)
    zeros = TensorType(DType.F32, shape)
    like = g.node("ConstantOfShape", [size_vector(g, shape)], zeros)
    return g.node(f"{operator}Like", [like], type_, dtype=element)


@emits("random_normal")
def _random_normal(use: Use) -> Tensor:
    return use.graph.cast(_random(use, "RandomNormal"), use.result.dtype)


@emits("random_uniform")
def _random_uniform(use: Use) -> Tensor:
    g, drawn = use.graph, _random(use, "RandomUniform")
    dtype, type_ = drawn.dtype, drawn.type
    if dtype is not use.result.dtype:
        # Rounding to 16 bits may reach 1, which the range excludes.
        kind = numpy_dtype(use.result.dtype)
        below = np.nextafter(np.asarray(1, kind), np.asarray(0, kind))
        drawn = g.node("Min", [drawn, g.constant(float(below), dtype)], type_)
    return g.cast(drawn, use.result.dtype)
