"""From a model to one flat ONNX graph, for inference."""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import Any

from onnx import ModelProto

from dlmc.backends.onnx.builder import Builder, Tensor
from dlmc.backends.onnx.emission import Use
from dlmc.backends.onnx.library import LibraryCall, Native, weight_types
from dlmc.backends.onnx.natives import NATIVES
from dlmc.backends.onnx.primitives import EMISSIONS
from dlmc.ir.binding import Pair, argument_pairs, bind
from dlmc.ir.dimensions import Dim, Size
from dlmc.ir.module import Apply, Call, Kind, Module, Operation, weights
from dlmc.ir.types import TensorType


def output_names(module: Module) -> dict[str, str]:
    """What each output of a model is called in its graph, by its name in the program.

    The same, but where an input or a weight is called so: all share one space there.
    """
    others = {value.name for value in module.inputs}
    others.update(weight.name for weight in weights(module))
    taken = {output.name for output in module.outputs} | others
    names: dict[str, str] = {}
    for output in module.outputs:
        called = name = output.name or "output"
        if name in others:
            while called in taken:
                called += "_output"
        names[name] = called
    return names


def lower(
    module: Module, documentation: str = "", natives: Mapping[str, Native] = NATIVES
) -> ModelProto:
    """The graph of a model's inference; its weights are declared and hold nothing.

    Blocks and functions are laid out flat; the names of nodes tell where they stand.
    A library definition that has none of `natives` is laid out as its body.

    Raises:
        Unsupported: ONNX cannot express an operation, or none that the runtime has.
    """
    names = output_names(module)
    graph = Builder(
        [
            *(value.name for value in module.inputs),
            *names.values(),
            *(weight.name for weight in weights(module)),
        ],
        module.span,
    )
    for weight in weights(module):
        graph.weight(weight.name, weight.type)
    operands = [graph.input(value.name, value.type) for value in module.inputs]
    results = _Lowering(graph, natives).module(module, operands, module.arguments, "")
    return graph.finish(
        module.definition,
        dict(zip(names.values(), results, strict=True)),
        documentation,
        {value.name: _note(module, value.type) for value in module.inputs},
    )


def _note(module: Module, type_: TensorType) -> str:
    """What is known of an input's sizes beyond its type."""
    symbols = [size.name for size in type_.shape if isinstance(size, Dim)]
    bounds = [
        f"{name} <= {module.bounds[name]}"
        for name in symbols
        if name is not None and name in module.bounds
    ]
    return ", ".join(bounds)


class _Lowering:
    """Builds modules in one graph."""

    def __init__(self, graph: Builder, natives: Mapping[str, Native]) -> None:
        self.graph = graph
        self.natives = natives

    def module(
        self,
        module: Module,
        operands: Sequence[Tensor],
        arguments: Mapping[str, Any],
        prefix: str,
    ) -> tuple[Tensor, ...]:
        """The outputs of a module on operands in the order of its inputs.

        `arguments` are its compile-time arguments in the model's dimensions; `prefix`
        is the full name of the instance, with a dot.
        """
        sizes = _sizes(module, operands, arguments)
        values = {
            value.name: operand
            for value, operand in zip(module.inputs, operands, strict=True)
        }
        for name, type_ in weight_types(module).items():
            values[name] = self.graph.weight(prefix + name, type_)
        for one in module.borrowed:
            values[one.name] = self.graph.weight(prefix + one.name, one.type)
        body = module.inference
        for name, _ in body.updates:
            self._refuse_update(module, name)
        for operation in body.operations:
            if not module.is_library:
                self.graph.span = operation.span
            given = [values[operand.name] for operand in operation.operands]
            results = self._operation(operation, given, sizes, prefix)
            for result, tensor in zip(operation.results, results, strict=True):
                values[result.name] = tensor
                if result.hint is not None and not module.is_library:
                    self.graph.call_it(tensor, result.hint)
        return tuple(values[output.name] for output in body.outputs)

    def _operation(
        self,
        operation: Operation,
        operands: Sequence[Tensor],
        sizes: Mapping[str, Size],
        prefix: str,
    ) -> tuple[Tensor, ...]:
        if isinstance(operation, Call):
            return self._call(operation, operands, sizes, prefix)
        return (self._apply(operation, operands, sizes),)

    def _apply(
        self, operation: Apply, operands: Sequence[Tensor], sizes: Mapping[str, Size]
    ) -> Tensor:
        emission = EMISSIONS.get(operation.primitive)
        if emission is None:
            raise self.graph.unsupported(f"`{operation.primitive}` has no form in ONNX")
        attributes = {
            name: _in_model(value, sizes)
            for name, value in operation.attributes.items()
        }
        result = _type_in_model(operation.result.type, sizes)
        return emission(Use(self.graph, operands, attributes, result))

    def _call(
        self,
        call: Call,
        operands: Sequence[Tensor],
        sizes: Mapping[str, Size],
        prefix: str,
    ) -> tuple[Tensor, ...]:
        module, span = call.module, self.graph.span
        if call.instance is not None:
            prefix = f"{prefix}{call.instance}."
        is_one_operation = len(module.inference.operations) == 1
        name = call.instance
        if module.kind is Kind.FUNCTION and not is_one_operation:
            name = module.definition
        native = self.natives.get(module.definition) if module.is_library else None
        if native is not None:
            result = _type_in_model(call.results[0].type, sizes)
            place = call.instance
            with nullcontext() if place is None else self.graph.within(place):
                made = native(LibraryCall(self.graph, module, operands, result, prefix))
            if made is not None:
                return made if isinstance(made, tuple) else (made,)
        arguments = {
            key: _in_model(value, sizes) for key, value in call.arguments.items()
        }
        with nullcontext() if name is None else self.graph.within(name):
            results = self.module(module, operands, arguments, prefix)
        self.graph.span = span
        return results

    def _refuse_update(self, module: Module, name: str) -> None:
        state = next(state for state in module.states if state.name == name)
        if not module.is_library:
            self.graph.span = state.span
        raise self.graph.unsupported(
            f"the state `{name}` changes in inference, which an ONNX graph cannot do",
            "change it under `if training { … }`",
        )


def _sizes(
    module: Module, operands: Sequence[Tensor], arguments: Mapping[str, Any]
) -> dict[str, Size]:
    """What the symbols of a module are in the model's dimensions."""
    pairs = [
        Pair(declared, actual, f"axis {axis} of {value.name}")
        for value, operand in zip(module.inputs, operands, strict=True)
        for axis, (declared, actual) in enumerate(
            zip(value.type.shape, operand.shape, strict=True)
        )
    ]
    for name, declared in module.arguments.items():
        pairs.extend(argument_pairs(declared, arguments.get(name), name))
    return bind(pairs)


def _in_model(value: Any, sizes: Mapping[str, Size]) -> Any:
    """A compile-time value of a module in the model's dimensions."""
    match value:
        case Dim():
            return value.substitute(sizes.__getitem__)
        case tuple() | list():
            return type(value)(_in_model(item, sizes) for item in value)
    return value


def _type_in_model(type_: TensorType, sizes: Mapping[str, Size]) -> TensorType:
    shape: tuple[Size, ...] = _in_model(type_.shape, sizes)
    return TensorType(type_.dtype, shape)
