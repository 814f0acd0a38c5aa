"""Library definitions for which ONNX has an operator, or a form that runtimes know.

A native is a promise: it computes what the definition's body does. Where an operator
keeps it for some uses alone, the native gives None for the others, and the body is
emitted. What has no entry here is emitted from its body, which ends in primitives:
pooling, `Embedding`, `silu` come out as one would write them by hand.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from dlmc.backends.onnx.builder import Builder, Tensor
from dlmc.backends.onnx.emission import Use
from dlmc.backends.onnx.primitives.windows import convolution
from dlmc.ir.module import Apply, Module
from dlmc.ir.traced import plain
from dlmc.ir.types import DType, TensorType


@dataclass(frozen=True, slots=True)
class LibraryCall:
    """One call of a library definition, to be built in a graph."""

    graph: Builder
    module: Module
    operands: Sequence[Tensor]
    result: TensorType
    prefix: str
    """The full name of the instance, with a dot; empty for a function."""

    def argument(self, name: str) -> Any:
        """A compile-time argument."""
        return plain(self.module.arguments[name])

    def weight(self, name: str) -> Tensor | None:
        """A parameter or state of the instance, None where it has none so called."""
        owned = weight_types(self.module).get(name)
        return None if owned is None else self.graph.weight(self.prefix + name, owned)

    def weights(self, *names: str) -> list[Tensor]:
        """Parameters and states that every instance has."""
        found = [self.weight(name) for name in names]
        return [weight for weight in found if weight is not None]

    def apply(self, operator: str, *inputs: Tensor, **attributes: Any) -> Tensor:
        """An operator on inputs of one dtype, in the dtype that it is computed in."""
        g = self.graph
        wide = g.widened(operator, *inputs)
        type_ = TensorType(wide[0].dtype, self.result.shape)
        return g.cast(g.node(operator, wide, type_, **attributes), self.result.dtype)


def weight_types(module: Module) -> dict[str, TensorType]:
    """The parameters and states that a module itself owns."""
    types = {parameter.name: parameter.type for parameter in module.parameters}
    return types | {state.name: state.type for state in module.states}


Native: TypeAlias = Callable[[LibraryCall], Tensor | None]


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


def _flatten(call: LibraryCall) -> Tensor | None:
    return call.apply("Flatten", *call.operands, axis=1)


def _dense(call: LibraryCall) -> Tensor | None:
    """One Gemm for a matrix; a tensor of more axes is what MatMul is for."""
    (x,) = call.operands
    bias = call.weight("bias")
    if x.rank != 2 or bias is None:
        return None
    return call.apply("Gemm", x, *call.weights("weight"), bias, transB=1)


def _conv(call: LibraryCall) -> Tensor | None:
    (convolved,) = (
        operation
        for operation in call.module.inference.operations
        if isinstance(operation, Apply) and operation.primitive == "conv"
    )
    operands = [*call.operands, *call.weights("weight")]
    use = Use(call.graph, operands, convolved.attributes, call.result)
    return convolution(use, call.weight("bias"))


def _batch_norm(call: LibraryCall) -> Tensor | None:
    if call.result.dtype is DType.F64:
        return None  # the operator keeps eps in f32
    owned = call.weights("weight", "bias", "running_mean", "running_var")
    return call.apply(
        "BatchNormalization", *call.operands, *owned, epsilon=call.argument("eps")
    )


def _layer_norm(call: LibraryCall) -> Tensor | None:
    if call.result.dtype is DType.F64:
        return None  # the operator keeps eps in f32
    return call.apply(
        "LayerNormalization",
        *call.operands,
        *call.weights("weight", "bias"),
        axis=-1,
        epsilon=call.argument("eps"),
    )


NATIVES: Final[dict[str, Native]] = {
    "relu": _relu,
    "sigmoid": _sigmoid,
    "gelu": _gelu,
    "softmax": _softmax,
    "log_softmax": _log_softmax,
    "flatten": _flatten,
    "Dense": _dense,
    "Conv": _conv,
    "BatchNorm": _batch_norm,
    "LayerNorm": _layer_norm,
}
"""By the definition's name."""
