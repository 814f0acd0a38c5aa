"""Many numbers made one, along axes."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from dlmc.backends.onnx.builder import Builder, Tensor
from dlmc.backends.onnx.emission import EMISSIONS, Emission
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
    def emission(
        g: Builder,
        operands: Sequence[Tensor],
        attributes: Mapping[str, Any],
        result: TensorType,
    ) -> Tensor:
        axes = attributes["axis"]
        if not axes:
            return operands[0]
        (x,) = g.widened(operator, *operands)
        reduced = g.node(
            operator,
            [x, g.integers(axes)],
            TensorType(x.dtype, result.shape),
            keepdims=int(attributes["keep"]),
        )
        return g.cast(reduced, result.dtype)

    return emission


for _primitive, _operator in _REDUCTIONS.items():
    EMISSIONS[_primitive] = _reduction(_operator)


def _arg_reduction(operator: str) -> Emission:
    def emission(
        g: Builder,
        operands: Sequence[Tensor],
        attributes: Mapping[str, Any],
        result: TensorType,
    ) -> Tensor:
        return g.node(
            operator,
            g.widened(operator, *operands),
            result,
            axis=int(attributes["axis"]),
            keepdims=int(attributes["keep"]),
        )

    return emission


EMISSIONS["argmax"] = _arg_reduction("ArgMax")
EMISSIONS["argmin"] = _arg_reduction("ArgMin")
