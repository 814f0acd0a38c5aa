"""Calls of library definitions, as natives see them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from dlmc.backends.onnx.builder import Builder, Tensor
from dlmc.ir.module import Module
from dlmc.ir.traced import plain
from dlmc.ir.types import TensorType


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


Native: TypeAlias = Callable[[LibraryCall], Tensor | tuple[Tensor, ...] | None]
"""Builds a call, with a tensor for each result, or gives None where the operator does
not keep its promise."""
