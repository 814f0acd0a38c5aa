"""How primitives are said in ONNX: the table that every family adds to."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from dlmc.backends.onnx.builder import Builder, Tensor
from dlmc.ir.types import TensorType


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a primitive, to be built in a graph."""

    graph: Builder
    operands: Sequence[Tensor]
    attributes: Mapping[str, Any]
    """In their normal form, with sizes in the model's dimensions."""
    result: TensorType


Emission: TypeAlias = Callable[[Use], Tensor]

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
