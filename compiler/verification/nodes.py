"""The operations of a program, each as a program of its own.

What a user's block computes is a row of operations: primitives, functions and layers of
the library. Each is put by itself on the very operands that it has in the program, so
that what differs in it is its own, and no other's before it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dlmc.grammar.span import Span
from dlmc.interpreter.evaluation import Evaluator
from dlmc.ir.dimensions import Size
from dlmc.ir.module import (
    Apply,
    Body,
    Call,
    Instance,
    Kind,
    Module,
    Operation,
    Output,
    Value,
    weights,
)
from dlmc.ir.program import Program
from dlmc.ir.types import TensorType
from dlmc.primitives.arrays import Array, np


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """An operation with the arrays that it has: of its operands and its weights."""

    title: str
    """`block.conv` (Conv)"""
    span: Span
    module: Module
    """A model that does this alone; its inputs are the operands."""
    inputs: Mapping[str, Array]
    weights: Mapping[str, Array]

    def program(self, of: Program) -> Program:
        """The node as a program, called as the one that it is of."""
        return replace(of, models=(self.module,), trainings=(), documentation=None)


class _Recorder(Evaluator):
    """Evaluates modules, and takes note of the operations in those of the user."""

    def __init__(self, values: Mapping[str, Array], *, training: bool) -> None:
        rng = np.random.Generator(np.random.Philox(0))
        super().__init__(values, training=training, rng=rng)
        self.nodes: list[Node] = []
        self.depth = 0
        """How many calls of the library are under way."""
        self.constants: list[dict[str, Apply]] = []
        """What has no operands, in each block under way, by the result's name."""

    def evaluate(
        self,
        module: Module,
        operands: Sequence[Array],
        arguments: Mapping[str, Any],
        prefix: str = "",
    ) -> tuple[Array, ...]:
        self.constants.append({})
        results = super().evaluate(module, operands, arguments, prefix)
        self.constants.pop()
        return results

    def _apply(
        self, operation: Apply, operands: tuple[Array, ...], sizes: Mapping[str, Size]
    ) -> Array:
        result = super()._apply(operation, operands, sizes)
        if not self.depth:
            given = {
                name: self.concrete(value, sizes)
                for name, value in operation.attributes.items()
            }
            shape = tuple(result.shape)
            type_ = TensorType(operation.result.type.dtype, shape)
            own = Value(operation.result.name, type_)
            made = replace(operation, attributes=given, result=own)
            if not operands:
                self.constants[-1][own.name] = made
                return result
            title = f"`{operation.primitive}`"
            self._note(title, made, operands, (result,), (), {})
        return result

    def _call(
        self,
        call: Call,
        operands: tuple[Array, ...],
        sizes: Mapping[str, Size],
        prefix: str,
    ) -> tuple[Array, ...]:
        if self.depth or not call.module.is_library:
            return super()._call(call, operands, sizes, prefix)
        before = {**self.weights, **self.updates}
        self.depth += 1
        results = super()._call(call, operands, sizes, prefix)
        self.depth -= 1
        if not operands:
            return results
        given = {
            name: self.concrete(value, sizes) for name, value in call.arguments.items()
        }
        name = call.module.definition
        title = f"`{name}`"
        instances: tuple[Instance, ...] = ()
        values: dict[str, Array] = {}
        if call.instance is not None:
            own = prefix + call.instance
            title = f"`{own}` ({name})"
            instance = Instance(call.instance, call.module, given, call.span)
            instances = (instance,)
            values = {
                f"{call.instance}.{one.name}": before[f"{own}.{one.name}"]
                for one in weights(call.module)
            }
        made = replace(call, arguments=given)
        self._note(title, made, operands, results, instances, values)
        return results

    def _note(
        self,
        title: str,
        operation: Operation,
        operands: Sequence[Array],
        results: Sequence[Array],
        instances: tuple[Instance, ...],
        values: Mapping[str, Array],
    ) -> None:
        named: dict[str, Value] = {}
        arrays: dict[str, Array] = {}
        operations: list[Operation] = []
        for value, array in zip(operation.operands, operands, strict=True):
            if value.name in named:
                continue
            constant = self.constants[-1].get(value.name)
            if constant is not None:
                own = Value(f"c{len(operations)}", constant.result.type)
                operations.append(replace(constant, result=own))
                named[value.name] = own
            else:
                name = f"x{len(arrays)}" if len(operation.operands) > 1 else "x"
                type_ = TensorType(value.type.dtype, tuple(array.shape))
                named[value.name] = Value(name, type_)
                arrays[name] = array
        if not arrays:
            return
        outputs = tuple(
            Value(
                f"y{i}" if len(results) > 1 else "y",
                TensorType(value.type.dtype, tuple(array.shape)),
            )
            for i, (value, array) in enumerate(
                zip(operation.results, results, strict=True)
            )
        )
        given = tuple(named[value.name] for value in operation.operands)
        made: Operation
        if isinstance(operation, Apply):
            made = replace(operation, operands=given, result=outputs[0])
        else:
            made = replace(operation, operands=given, results=outputs)
        body = Body((*operations, made), outputs)
        module = Module(
            definition="Node",
            kind=Kind.MODEL,
            is_library=False,
            arguments={},
            dimensions={},
            inputs=tuple(v for v in named.values() if v.name in arrays),
            outputs=tuple(Output(one.name, one.type) for one in outputs),
            parameters=(),
            states=(),
            instances=instances,
            inference=body,
            training=body,
            span=operation.span,
        )
        self.nodes.append(Node(title, operation.span, module, arrays, values))


def model_nodes(
    model: Module, inputs: Mapping[str, Array], values: Mapping[str, Array]
) -> tuple[list[Node], dict[str, Array]]:
    """The operations of a model in training mode, in order, and its outputs."""
    recorder = _Recorder(values, training=True)
    operands = [inputs[value.name] for value in model.inputs]
    with np.errstate(all="ignore"):
        results = recorder.evaluate(model, operands, {})
    names = [output.name or "output" for output in model.outputs]
    return recorder.nodes, dict(zip(names, results, strict=True))


def function_nodes(module: Module, operands: Mapping[str, Array]) -> list[Node]:
    """The operations of a pure function, in order."""
    recorder = _Recorder({}, training=True)
    given = [operands[value.name] for value in module.inputs]
    with np.errstate(all="ignore"):
        recorder.evaluate(module, given, {})
    return recorder.nodes


def distinct(nodes: Sequence[Node]) -> Iterator[Node]:
    """The nodes but those that do the same as one before, on the same shapes."""
    seen: set[Any] = set()
    for node in nodes:
        key = tuple(map(_key, node.module.inference.operations))
        types = tuple(value.type for value in node.module.inputs)
        if (key, types) not in seen:
            seen.add((key, types))
            yield node


def _key(operation: Operation) -> Any:
    places = tuple(value.name for value in operation.operands)
    if isinstance(operation, Apply):
        return operation.primitive, str(dict(operation.attributes)), places
    return id(operation.module), str(dict(operation.arguments)), places
