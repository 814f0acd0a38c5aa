"""Functions of numbers, and along axes, for which ONNX has an operator.

What is promised of them, `dlmc.backends.onnx.natives` says.
"""

import math
from collections.abc import Mapping
from typing import Final

from dlmc.backends.onnx.builder import Tensor
from dlmc.backends.onnx.library import LibraryCall, Native
from dlmc.ir.types import DType, TensorType


def _relu(call: LibraryCall) -> Tensor | None:
    if not call.result.dtype.is_float:
        return None
    return call.apply("Relu", *call.operands)


def _sigmoid(call: LibraryCall) -> Tensor | None:
    return call.apply("Sigmoid", *call.operands)


def _gelu(call: LibraryCall) -> Tensor | None:
    """The five nodes that runtimes replace by one, in the order that they look for.

    The operator Gelu would be one node too, but needs operator set 20.
    """
    (x,) = call.operands
    if x.dtype is DType.F64:
        return None
    g = call.graph
    (wide,) = g.widened("Erf", x)
    root, one, half = (
        g.constant(value, wide.dtype) for value in (math.sqrt(2), 1.0, 0.5)
    )
    erf = g.node("Erf", [g.node("Div", [wide, root], wide.type)], wide.type)
    weighted = g.node("Mul", [wide, g.node("Add", [erf, one], wide.type)], wide.type)
    return g.cast(g.node("Mul", [weighted, half], wide.type), x.dtype)


def _softmax(call: LibraryCall) -> Tensor | None:
    return call.apply("Softmax", *call.operands, axis=call.argument("axis"))


def _log_softmax(call: LibraryCall) -> Tensor | None:
    return call.apply("LogSoftmax", *call.operands, axis=call.argument("axis"))


def _curve(operator: str, *arguments: str, **attributes: float) -> Native:
    """An operator on each number; `arguments` become its attributes `alpha`, ...

    No runtime computes one of these in f64, and none takes a tensor for an attribute.
    """

    def build(call: LibraryCall) -> Tensor | None:
        if call.result.dtype is DType.F64 or len(call.operands) > 1:
            return None
        given = {name: float(call.argument(name)) for name in arguments}
        if arguments:
            given = {"alpha": given[arguments[0]]}
        return call.apply(operator, *call.operands, **attributes, **given)

    return build


def _p_relu(call: LibraryCall) -> Tensor | None:
    """PRelu, whose slopes broadcast along the axes after the channels."""
    if call.result.dtype is DType.F64:
        return None
    (slope,) = call.weights("weight")
    g, rank = call.graph, call.result.rank
    if rank > 2:
        shape = TensorType(slope.dtype, (*slope.shape, *[1] * (rank - 2)))
        slope = g.node("Unsqueeze", [slope, g.integers(range(1, rank - 1))], shape)
    return call.apply("PRelu", *call.operands, slope)


def _relu6(call: LibraryCall) -> Tensor | None:
    return _clipped(call, 0, 6)


def _clip(call: LibraryCall) -> Tensor | None:
    if len(call.operands) > 1:
        return None
    return _clipped(call, call.argument("low"), call.argument("high"))


def _clipped(call: LibraryCall, low: float, high: float) -> Tensor:
    g, (x,) = call.graph, call.operands
    bounds = [g.constant(bound, x.dtype) for bound in (low, high)]
    return call.apply("Clip", x, *bounds)


FUNCTIONS: Final[Mapping[str, Native]] = {
    "relu": _relu,
    "relu6": _relu6,
    "leaky_relu": _curve("LeakyRelu", "slope"),
    "PReLU": _p_relu,
    "elu": _curve("Elu", "alpha"),
    "selu": _curve("Selu"),
    "gelu": _gelu,
    "sigmoid": _sigmoid,
    "hard_sigmoid": _curve("HardSigmoid", alpha=1 / 6, beta=0.5),
    "softplus": _curve("Softplus"),
    "softsign": _curve("Softsign"),
    "softmax": _softmax,
    "log_softmax": _log_softmax,
    "clip": _clip,
}
"""By the definition's name."""
