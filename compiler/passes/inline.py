"""Calls replaced by what they call: a pure function as one flat list of primitives."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from dlmc.grammar.span import Span
from dlmc.ir.binding import Pair, argument_pairs, bind
from dlmc.ir.dimensions import Dim, Size
from dlmc.ir.module import (
    Apply,
    Body,
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
    """The same function without calls, in one of its two modes.

    Numbers lose their origins, and an operation from inside the library gets the span
    of the user's call. Parameters and states of the module itself stay; what it calls
    owns none. Calls of modules that are to be kept stay calls.
    """
    flat = _Flattener(training, keep)
    owned: tuple[Parameter | State, ...] = (*module.parameters, *module.states)
    scope = {value.name: value for value in module.inputs}
    scope |= {one.name: Value(one.name, one.type) for one in owned}
    flat.names.update(scope)
    flat.body(module, scope, {}, None)
    body = module.body(training)
    named = flat.named()
    made = Body(
        tuple(_renamed(operation, named) for operation in flat.operations),
        tuple(named(scope[output.name]) for output in body.outputs),
        tuple((name, named(scope[value.name])) for name, value in body.updates),
    )
    return replace(module, inference=made, training=made)


def _renamed(operation: Operation, named: Callable[[Value], Value]) -> Operation:
    operands = tuple(map(named, operation.operands))
    if isinstance(operation, Apply):
        return replace(operation, operands=operands, result=named(operation.result))
    results = tuple(map(named, operation.results))
    return replace(operation, operands=operands, results=results)


class _Flattener:
    """Collects operations in the terms of the outermost module."""

    def __init__(self, training: bool, keep: Callable[[Module], bool]) -> None:
        self.training = training
        self.keep = keep
        self.operations: list[Operation] = []
        self.names: set[str] = set()
        self.hints: dict[str, str] = {}
        """What a call says of a value that its caller has no name for."""

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
        name, count = hint, 1
        while name in self.names:
            count += 1
            name = f"{hint}.{count}"
        self.names.add(name)
        return name

    def body(
        self,
        module: Module,
        scope: dict[str, Value],
        sizes: Mapping[str, Size],
        span: Span | None,
    ) -> None:
        """Add a module's operations; `scope` gets its values.

        `sizes` says what its symbols stand for outside, where that differs; `span` is
        the call's.
        """
        for operation in module.body(self.training).operations:
            own = span if span is not None and module.is_library else operation.span
            operands = tuple(scope[operand.name] for operand in operation.operands)
            if isinstance(operation, Call) and not self.keep(operation.module):
                self.call(operation, operands, scope, sizes, own)
                continue
            results = tuple(self.value(result, sizes) for result in operation.results)
            for before, result in zip(operation.results, results, strict=True):
                scope[before.name] = result
            if isinstance(operation, Call):
                given = _all_outside(operation.arguments, sizes)
                self.operations.append(
                    Call(operation.module, None, operands, given, results, own)
                )
            else:
                given = _all_outside(operation.attributes, sizes)
                self.operations.append(
                    Apply(operation.primitive, operands, given, results[0], own)
                )

    def call(
        self,
        call: Call,
        operands: tuple[Value, ...],
        scope: dict[str, Value],
        sizes: Mapping[str, Size],
        span: Span,
    ) -> None:
        """Add what a call does."""
        callee = call.module
        assert callee.is_stateless, callee.definition
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
        self.body(callee, inner, bind(pairs), span)
        outputs = callee.body(self.training).outputs
        for result, output in zip(call.results, outputs, strict=True):
            scope[result.name] = inner[output.name]

    def value(self, value: Value, sizes: Mapping[str, Size]) -> Value:
        """A result, under a name that is free."""
        if value.hint is not None:
            name = self.free(value.hint)
        else:
            name = str(len(self.operations))
            assert name not in self.names
            self.names.add(name)
        shape = _outside(value.type.shape, sizes)
        return Value(name, TensorType(value.type.dtype, shape))


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
