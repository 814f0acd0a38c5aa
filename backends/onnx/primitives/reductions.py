"""Many numbers made one, along axes."""

from typing import Final

from dlmc.backends.onnx.builder import Tensor
from dlmc.backends.onnx.emission import Emission, Use, emits
from dlmc.ir.types import TensorType

_REDUCTIONS: Final = {
    "sum": "ReduceSum",
    "mean": "ReduceMean",
    "prod": "ReduceProd",
    "max": "ReduceMax",
    "min": "ReduceMin",
    # Of truth values, as 0 and 1.
    "any": "ReduceMax",
    "all": "ReduceMin",
}


def _reduction(operator: str) -> Emission:
    def emission(use: Use) -> Tensor:
        axes = use.attributes["axis"]
        if not axes:
            return use.operands[0]
        g = use.graph
        (x,) = g.widened(operator, *use.operands)
        reduced = g.node(
            operator,
            [x, g.integers(axes)],
            TensorType(x.dtype, use.result.shape),
            keepdims=int(use.attributes["keep"]),
        )
        return g.cast(reduced, use.result.dtype)

    return emission


def _arg_reduction(operator: str) -> Emission:
    def emission(use: Use) -> Tensor:
        return use.graph.node(
            operator,
            use.graph.widened(operator, *use.operands),
            use.result,
            axis=int(use.attributes["axis"]),
            keepdims=int(use.attributes["keep"]),
        )

    return emission


for _primitive, _operator in _REDUCTIONS.items():
    emits(_primitive)(_reduction(_operator))
emits("argmax")(_arg_reduction("ArgMax"))
emits("argmin")(_arg_reduction("ArgMin"))
