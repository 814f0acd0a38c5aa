"""Which library call follows which, through the blocks of a program.

A value that one block gives and another takes is the same tensor; what made it and what
takes it may stand in different modules. Looked at is the training body of each module,
for that is what a loss sees. The library's own modules are not looked into.
"""

from collections.abc import Iterable, Iterator

from dlmc.ir.module import Call, Module, Operation, Value
from dlmc.ir.program import Training


class Entering:
    """A value that is an input of the module, by position."""

    def __init__(self, position: int) -> None:
        self.position = position


Origin = Operation | Entering | None
"""What made a value; None for a parameter or a state."""


class Pair:
    """A library call and what made the tensor that it takes first.

    `is_local` says whether both stand in one module.
    """

    def __init__(self, before: Operation, after: Call, is_local: bool) -> None:
        self.before = before
        self.after = after
        self.is_local = is_local


def is_library(operation: object, *definitions: str) -> bool:
    """Whether it calls one of these definitions of the library."""
    return (
        isinstance(operation, Call)
        and operation.module.is_library
        and operation.module.definition in definitions
    )


class Wiring:
    """The origins of values in modules that are given callees first."""

    def __init__(self, modules: Iterable[Module]) -> None:
        self.modules = tuple(modules)
        self._origins: dict[int, dict[str, Origin]] = {}
        self._makers: dict[int, dict[str, Operation]] = {}
        for module in self.modules:
            self._origins[id(module)] = self._trace(module)

    def origin(self, module: Module, value: Value) -> Origin:
        """What made a value of a module, looked for inside of the blocks it calls."""
        return self._origins[id(module)].get(value.name)

    def output(self, module: Module, position: int) -> Origin:
        """What made an output."""
        return self.origin(module, module.training.outputs[position])

    def _trace(self, module: Module) -> dict[str, Origin]:
        found: dict[str, Origin] = {
            value.name: Entering(i) for i, value in enumerate(module.inputs)
        }
        makers = self._makers[id(module)] = {}
        for operation in module.training.operations:
            for i, result in enumerate(operation.results):
                makers[result.name] = operation
                origin: Origin = operation
                if isinstance(operation, Call) and not operation.module.is_library:
                    origin = self.output(operation.module, i)
                    if isinstance(origin, Entering):
                        origin = found.get(operation.operands[origin.position].name)
                found[result.name] = origin
        return found

    def pairs(self, trainings: Iterable[Training], *definitions: str) -> Iterator[Pair]:
        """Each call of a definition with the operation before it.

        A loss and a metric follow the outputs of their model. Of the calls that take
        one input of a block, the first of each definition stands for all.
        """
        takers: dict[int, dict[int, dict[str, Call]]] = {}
        for module in self.modules:
            own = takers[id(module)] = {}
            for operation in module.training.operations:
                if not isinstance(operation, Call):
                    continue
                if is_library(operation, *definitions):
                    taken = {0: {operation.module.definition: operation}}
                else:
                    taken = takers.get(id(operation.module), {})
                for position, calls in taken.items():
                    operand = operation.operands[position]
                    origin = self.origin(module, operand)
                    if isinstance(origin, Entering):
                        seen = own.setdefault(origin.position, {})
                        for definition, call in calls.items():
                            seen.setdefault(definition, call)
                    elif origin is not None:
                        maker = self._makers[id(module)].get(operand.name)
                        for call in calls.values():
                            local = call is operation and origin is maker
                            yield Pair(origin, call, local)
        for training in trainings:
            yield from self._of_training(training, takers)

    def _of_training(
        self, training: Training, takers: dict[int, dict[int, dict[str, Call]]]
    ) -> Iterator[Pair]:
        outputs = output_positions(training.model)
        for module in (training.loss, *(metric.module for metric in training.metrics)):
            for position, calls in takers[id(module)].items():
                output = outputs.get(module.inputs[position].name)
                if output is None:
                    continue
                origin = self.output(training.model, output)
                if origin is not None and not isinstance(origin, Entering):
                    for call in calls.values():
                        yield Pair(origin, call, False)


def output_positions(model: Module) -> dict[str, int]:
    """The position of each output by the name that a loss calls it."""
    return {output.name or "output": i for i, output in enumerate(model.outputs)}
