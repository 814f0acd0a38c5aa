"""Which inputs of a module have a gradient from which of its outputs."""

from collections.abc import Iterable

from dlmc.ir.module import Call, Module, Operation, Value

FLAT = frozenset({"ceil", "floor", "round", "sign", "stop_gradient"})
"""Primitives of floats whose gradient is zero wherever there is one. Those that give an
integer or a truth have none either."""


class Slopes:
    """The inputs that each output of a module has a gradient along, in training.

    The modules are given callees first. Sets of inputs are the bits of integers.
    """

    def __init__(self, modules: Iterable[Module]) -> None:
        self._outputs: dict[int, tuple[int, ...]] = {}
        for module in modules:
            bits = {
                value.name: 1 << i
                for i, value in enumerate(module.inputs)
                if value.type.dtype.is_float
            }
            for operation in module.training.operations:
                for i, result in enumerate(operation.results):
                    bits[result.name] = self._result(operation, i, result, bits)
            self._outputs[id(module)] = tuple(
                bits.get(output.name, 0) for output in module.training.outputs
            )

    def inputs(self, module: Module, output: int) -> list[int]:
        """The positions of the inputs that an output has a gradient along."""
        bits = self._outputs[id(module)][output]
        return [i for i in range(len(module.inputs)) if bits >> i & 1]

    def _result(
        self, operation: Operation, position: int, result: Value, bits: dict[str, int]
    ) -> int:
        if not result.type.dtype.is_float:
            return 0
        operands = operation.operands
        if isinstance(operation, Call):
            reached = self.inputs(operation.module, position)
            operands = tuple(operands[i] for i in reached)
        elif operation.primitive in FLAT:
            return 0
        found = 0
        for operand in operands:
            found |= bits.get(operand.name, 0)
        return found
