"""Calls replaced by what they call: a module as one flat list of primitives."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from dlmc.grammar.span import Span
from dlmc.ir.binding import Pair, argument_pairs, bind
from dlmc.ir.dimensions import Dim, Size
from dlmc.ir.module import (
    Apply,
    Body,
    Borrowed,
    Call,
    Module,
    Operation,
    Parameter,
    State,
    Value,
)
from dlmc.ir.traced import plain
from dlmc.ir.types import TensorType


def inline(
    module: Module,
    training: bool = False,
    keep: Callable[[Module], bool] = lambda _: False,
) -> Module:
    """The same module without calls, in one of its two modes.

    All that it owns, itself or through instances, becomes its own, under full dotted
    names and in the order of `dlmc.ir.module.weights`; what one use of an instance
    changes is seen changed by the next. Numbers lose their origins, and an operation
    from inside the library gets the span of the user's call. Calls of modules that are
    to be kept, which own nothing, stay calls.
    """
    flat = Flattener(training, keep)
    parameters, states = owned(module)
    flat.own(parameters, states)
    flat.names.update(value.name for value in module.inputs)
    given = {value.name: value for value in module.inputs}
    outputs = flat.body(module, given, {}, None)
    made = flat.made(outputs)
    return replace(
        module,
        parameters=parameters,
        states=states,
        instances=(),
        borrowed=(),
        inference=made,
        training=made,
    )


def owned(
    module: Module, prefix: str = ""
) -> tuple[tuple[Parameter, ...], tuple[State, ...]]:
    """All parameters and all states of a module, by their full dotted names."""
    parameters = [_owned(one, prefix) for one in module.parameters]
    states = [_owned(one, prefix) for one in module.states]
    for instance in module.instances:
        inner = owned(instance.module, f"{prefix}{instance.name}.")
        parameters.extend(inner[0])
        states.extend(inner[1])
    return tuple(parameters), tuple(states)


Own = TypeVar("Own", Parameter, State)


def _owned(one: Own, prefix: str) -> Own:
    type_ = TensorType(one.type.dtype, _outside(one.type.shape, {}))
    return replace(one, name=prefix + one.name, type=type_)


def _renamed(operation: Operation, named: Callable[[Value], Value]) -> Operation:
    operands = tuple(map(named, operation.operands))
    if isinstance(operation, Apply):
        return replace(operation, operands=operands, result=named(operation.result))
    results = tuple(map(named, operation.results))
    return replace(operation, operands=operands, results=results)


class Flattener:
    """Collects operations in the terms of the outermost module."""

    def __init__(self, training: bool, keep: Callable[[Module], bool]) -> None:
        self.training = training
        self.keep = keep
        self.operations: list[Operation] = []
        self.names: set[str] = set()
        self.hints: dict[str, str] = {}
        """What a call says of a value that its caller has no name for."""
        self.weights: dict[str, Value] = {}
        """What each parameter and state is at the moment, by full dotted name."""
        self.updates: dict[str, Value] = {}
        self._counts: dict[str, int] = {}

    def own(self, parameters: tuple[Parameter, ...], states: tuple[State, ...]) -> None:
        """Note what the outermost module owns."""
        own: tuple[Parameter | State, ...] = (*parameters, *states)
        for one in own:
            self.weights[one.name] = Value(one.name, one.type)
        self.names.update(self.weights)

    def made(self, outputs: tuple[Value, ...]) -> Body:
        """The body of all operations so far."""
        named = self.named()
        return Body(
            tuple(_renamed(operation, named) for operation in self.operations),
            tuple(map(named, outputs)),
            tuple((name, named(value)) for name, value in self.updates.items()),
        )

    def named(self) -> Callable[[Value], Value]:
        """What gives values the names that calls have for them."""
        names: dict[str, str] = {}
        for name, hint in self.hints.items():
            names[name] = self.free(hint)

        def renamed(value: Value) -> Value:
            return Value(names.get(value.name, value.name), value.type)

        return renamed

    def free(self, hint: str) -> str:
        """A name after a hint that no value has."""
        name = hint
        while name in self.names:
            self._counts[hint] = count = self._counts.get(hint, 1) + 1
            name = f"{hint}.{count}"
        self.names.add(name)
        return name

    def body(
        self,
        module: Module,
        scope: dict[str, Value],
        sizes: Mapping[str, Size],
        span: Span | None,
        prefix: str = "",
    ) -> tuple[Value, ...]:
        """Add a module's operations, and give its outputs.

        `scope` has the values of its inputs. `sizes` says what its symbols stand for
        outside, where that differs; `span` is the call's, and `prefix` the full name of
        the instance with a dot.
        """
        own: tuple[Parameter | State | Borrowed, ...]
        own = (*module.parameters, *module.states, *module.borrowed)
        for one in own:
            scope[one.name] = self.weights[prefix + one.name]
        body = module.body(self.training)
        for operation in body.operations:
            at = span if span is not None and module.is_library else operation.span
            operands = tuple(scope[operand.name] for operand in operation.operands)
            if isinstance(operation, Call) and not self.keep(operation.module):
                results = self.call(operation, operands, sizes, at, prefix)
            else:
                results = tuple(self.value(value, sizes) for value in operation.results)
                self.operations.append(
                    _translated(operation, operands, results, sizes, at)
                )
            for before, result in zip(operation.results, results, strict=True):
                scope[before.name] = result
        for name, value in body.updates:
            self.weights[prefix + name] = scope[value.name]
            self.updates[prefix + name] = scope[value.name]
        return tuple(scope[output.name] for output in body.outputs)

    def call(
        self,
        call: Call,
        operands: tuple[Value, ...],
        sizes: Mapping[str, Size],
        span: Span,
        prefix: str = "",
    ) -> tuple[Value, ...]:
        """Add what a call does, and give its results."""
        callee = call.module
        if call.instance is not None:
            prefix = f"{prefix}{call.instance}."
        pairs = [
            Pair(declared, actual, value.name)
            for value, operand in zip(callee.inputs, operands, strict=True)
            for declared, actual in zip(
                value.type.shape, operand.type.shape, strict=True
            )
        ]
        for name, declared in callee.arguments.items():
            given = _outside(call.arguments.get(name), sizes)
            pairs.extend(argument_pairs(declared, given, name))
        inner = {
            value.name: operand
            for value, operand in zip(callee.inputs, operands, strict=True)
        }
        for value, operand in zip(callee.inputs, operands, strict=True):
            if operand.hint is None and value.hint is not None:
                self.hints.setdefault(operand.name, value.hint)
        return self.body(callee, inner, bind(pairs), span, prefix)

    def value(self, value: Value, sizes: Mapping[str, Size]) -> Value:
        """A result, under a name that is free."""
        if value.hint is not None:
            name = self.free(value.hint)
        else:
            name = str(len(self.names))
            assert name not in self.names
            self.names.add(name)
        shape = _outside(value.type.shape, sizes)
        return Value(name, TensorType(value.type.dtype, shape))


def _translated(
    operation: Operation,
    operands: tuple[Value, ...],
    results: tuple[Value, ...],
    sizes: Mapping[str, Size],
    span: Span,
) -> Operation:
    """An operation in the outermost module's terms."""
    if isinstance(operation, Call):
        given = _all_outside(operation.arguments, sizes)
        return Call(operation.module, None, operands, given, results, span)
    given = _all_outside(operation.attributes, sizes)
    return Apply(operation.primitive, operands, given, results[0], span)


def _all_outside(given: Mapping[str, Any], sizes: Mapping[str, Size]) -> dict[str, Any]:
    return {name: _outside(value, sizes) for name, value in given.items()}


def _outside(value: Any, sizes: Mapping[str, Size]) -> Any:
    """A compile-time value in the outermost module's symbols, without origins."""
    match value:
        case Dim():
            return value.substitute(lambda name: sizes.get(name, Dim.symbol(name)))
        case tuple() | list():
            return type(value)(_outside(item, sizes) for item in value)
    return plain(value)
