"""Normalisations for which ONNX has an operator.

What is promised of them, `dlmc.backends.onnx.natives` says. The operators keep eps in
f32: what is in f64 is emitted from its body.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np

from dlmc.backends.onnx.builder import Tensor
from dlmc.backends.onnx.library import LibraryCall, Native
from dlmc.backends.onnx.sizes import reshape
from dlmc.ir.dimensions import Dim, product
from dlmc.ir.types import DType, TensorType


def _batch_norm(call: LibraryCall) -> Tensor | None:
    if call.result.dtype is DType.F64:
        return None
    owned = call.weights("weight", "bias", "running_mean", "running_var")
    return call.apply(
        "BatchNormalization", *call.operands, *owned, epsilon=call.argument("eps")
    )


def _layer_norm(call: LibraryCall) -> Tensor | None:
    (x,), axes = call.operands, call.argument("axes")
    sizes = x.shape[x.rank - axes :]
    known = [int(size) for size in sizes if isinstance(size, int)]
    if call.result.dtype is DType.F64 or len(known) < axes:
        return None
    learned = call.weights("weight", "bias")
    return call.apply(
        "LayerNormalization",
        x,
        *(learned or [call.graph.constant(np.ones(known), x.dtype)]),
        axis=-axes,
        epsilon=call.argument("eps"),
    )


def _instance_norm(call: LibraryCall) -> Tensor | None:
    channels = call.result.shape[1]
    if call.result.dtype is DType.F64 or isinstance(channels, Dim):
        return None
    learned = call.weights("weight", "bias")
    neutral = [_filled(call, start, channels) for start in (1.0, 0.0)]
    return call.apply(
        "InstanceNormalization",
        *call.operands,
        *(learned or neutral),
        epsilon=call.argument("eps"),
    )


def _group_norm(call: LibraryCall) -> Tensor | None:
    """InstanceNormalization of the groups.

    The operator GroupNormalization needs operator set 21, and ONNX Runtime takes it
    apart into more nodes than these: it takes three times as long.
    """
    if call.result.dtype is DType.F64:
        return None
    g, (x,) = call.graph, call.operands
    batch, channels, *spatial = x.shape
    groups = call.argument("groups")
    shape = (batch, groups, product((channels, *spatial)) // groups)
    (wide,) = g.widened("InstanceNormalization", reshape(g, x, shape))
    neutral = [g.constant([start] * groups, wide.dtype) for start in (1.0, 0.0)]
    y = g.node(
        "InstanceNormalization",
        [wide, *neutral],
        wide.type,
        epsilon=call.argument("eps"),
    )
    y = reshape(g, y, x.shape)
    for name, operator in (("weight", "Mul"), ("bias", "Add")):
        learned = call.weight(name)
        if learned is None:
            continue
        if spatial:
            ones = TensorType(learned.dtype, (*learned.shape, *[1] * len(spatial)))
            axes = g.integers(range(1, len(spatial) + 1))
            learned = g.node("Unsqueeze", [learned, axes], ones)
        y = g.node(operator, [y, g.cast(learned, y.dtype)], y.type)
    return g.cast(y, x.dtype)


def _rms_norm(call: LibraryCall) -> Tensor | None:
    """The six nodes that runtimes replace by one, in the order that they look for.

    The operator RMSNormalization would be one node too, but needs operator set 23. In
    f64 ONNX Runtime's replacement has another eps.
    """
    g, (x,) = call.graph, call.operands
    if x.dtype is DType.F64:
        return None
    wide = g.cast(x, DType.F32)
    two, eps = (g.constant(n, wide.dtype) for n in (2.0, call.argument("eps")))
    one_each = TensorType(wide.dtype, (*x.shape[:-1], 1))
    square = g.node("Pow", [wide, two], wide.type)
    last = g.integers([-1])
    mean = g.node("ReduceMean", [square, last], one_each, keepdims=1)
    root = g.node("Sqrt", [g.node("Add", [mean, eps], one_each)], one_each)
    y = g.cast(g.node("Div", [wide, root], wide.type), x.dtype)
    wide, scale = g.widened("Mul", y, *call.weights("weight"))
    return g.cast(g.node("Mul", [wide, scale], wide.type), x.dtype)


def _filled(call: LibraryCall, value: float, size: int) -> Tensor:
    return call.graph.constant([value] * size, call.operands[0].dtype)


def _local_response_norm(call: LibraryCall) -> Tensor | None:
    """LRN, whose window of an even size lies the other way."""
    dtype, size = call.result.dtype, call.argument("size")
    if dtype is not DType.F32 or size % 2 == 0 or call.operands[0].rank != 4:
        return None
    options = {"bias": call.argument("k")}
    options |= {name: call.argument(name) for name in ("alpha", "beta")}
    return call.apply("LRN", *call.operands, size=size, **options)


NORMALIZATIONS: Final[Mapping[str, Native]] = {
    "BatchNorm": _batch_norm,
    "LayerNorm": _layer_norm,
    "GroupNorm": _group_norm,
    "InstanceNorm": _instance_norm,
    "RMSNorm": _rms_norm,
    "local_response_norm": _local_response_norm,
}
"""By the definition's name."""
