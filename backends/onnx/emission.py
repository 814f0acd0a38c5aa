"""How primitives are said in ONNX: the table that every family adds to."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from dlmc.backends.onnx.builder import Builder, Tensor
from dlmc.ir.types import TensorType

Emission: TypeAlias = Callable[
    [Builder, Sequence[Tensor], Mapping[str, Any], TensorType], Tensor
]
"""Builds a primitive from its operands, normal attributes and the result's type."""

EMISSIONS: dict[str, Emission] = {}
"""The emission of each primitive, by its name."""


def emits(*primitives: str) -> Callable[[Emission], Emission]:
    """Register the emission of some primitives."""

    def register(emission: Emission) -> Emission:
        for name in primitives:
            if name in EMISSIONS:
                raise ValueError(f"two emissions of {name}")
            EMISSIONS[name] = emission
        return emission

    return register
