"""Library definitions for which ONNX has an operator, or a form that runtimes know.

A native is a promise: it computes what the definition's body does. Where an operator
keeps it for some uses alone, the native gives None for the others, and the body is
emitted. What has no entry here is emitted from its body, which ends in primitives:
pooling, `Embedding`, `silu` come out as one would write them by hand.
"""

from typing import Final

from dlmc.backends.onnx.builder import Tensor
from dlmc.backends.onnx.elementary import ELEMENTARY
from dlmc.backends.onnx.functions import FUNCTIONS
from dlmc.backends.onnx.library import LibraryCall, Native
from dlmc.backends.onnx.normalizations import NORMALIZATIONS
from dlmc.backends.onnx.spatial import SPATIAL


def _flatten(call: LibraryCall) -> Tensor | None:
    return call.apply("Flatten", *call.operands, axis=1)


def _dense(call: LibraryCall) -> Tensor | None:
    """One Gemm for a matrix; a tensor of more axes is what MatMul is for."""
    (x,) = call.operands
    bias = call.weight("bias")
    if x.rank != 2 or bias is None or call.argument("reparametrize") is not False:
        return None
    return call.apply("Gemm", x, *call.weights("weight"), bias, transB=1)


NATIVES: Final[dict[str, Native]] = {
    **FUNCTIONS,
    **ELEMENTARY,
    **NORMALIZATIONS,
    **SPATIAL,
    "flatten": _flatten,
    "Dense": _dense,
}
"""By the definition's name."""
