"""Totals and wholes of batches in the graph of TensorFlow."""

from collections.abc import Sequence

from dlmc.backends.python import tree as py
from dlmc.backends.python.accumulated import Accumulator, Collected
from dlmc.backends.python.quotation import expression_of
from dlmc.backends.python.script import code
from dlmc.backends.tensorflow.quoting import dtype_of, quote
from dlmc.ir.dimensions import Dim
from dlmc.ir.program import Accumulation
from dlmc.ir.types import DType


class TensorFlowAccumulator(Accumulator):
    """Sums, of floats in f64; arrays of what stands behind one another."""

    def start(self, one: Collected) -> py.Expression:
        """Zeros, or an empty array."""
        dtype = _dtype(one)
        if one.accumulation is Accumulation.WHOLE:
            sizes = [None if isinstance(n, Dim) else n for n in one.type.shape]
            return quote(
                "tf.TensorArray({dtype}, 0, dynamic_size=True, infer_shape=False,"
                " element_shape={shape})",
                dtype=dtype,
                shape=expression_of(sizes),
            )
        shape = expression_of(tuple(one.type.shape))
        return quote("tf.zeros({shape}, {dtype})", shape=shape, dtype=dtype)

    def add(self, one: Collected, value: py.Expression) -> Sequence[py.Statement]:
        """`x += value`, or `x = x.write(x.size(), value)`."""
        x = py.Name(one.name)
        if one.accumulation is Accumulation.WHOLE:
            return code("{x} = {x}.write({x}.size(), {value})", x=x, value=value)
        if _is_wide(one):
            value = quote("tf.cast({x}, {dtype})", x=value, dtype=_dtype(one))
        return code("{x} += {value}", x=x, value=value)

    def end(self, one: Collected) -> py.Expression:
        """The tensor."""
        x = py.Name(one.name)
        if one.accumulation is Accumulation.WHOLE:
            return quote("{x}.concat()", x=x)
        if _is_wide(one):
            dtype = dtype_of(one.type.dtype)
            return quote("tf.cast({x}, {dtype})", x=x, dtype=dtype)
        return x


def _dtype(one: Collected) -> py.Expression:
    """The dtype in which values are put together."""
    return dtype_of(DType.F64 if _is_wide(one) else one.type.dtype)


def _is_wide(one: Collected) -> bool:
    """Whether a sum has a wider dtype than its values."""
    dtype = one.type.dtype
    is_sum = one.accumulation is Accumulation.TOTAL
    return is_sum and dtype.is_float and dtype is not DType.F64
