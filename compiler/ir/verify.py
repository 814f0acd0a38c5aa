"""The rules that every module keeps, checked between passes in tests."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dlmc.grammar.span import Span
from dlmc.initializers import INITIALIZERS
from dlmc.ir.binding import BindingError, Pair, argument_pairs, bind
from dlmc.ir.dimensions import Dim, Size
from dlmc.ir.module import (
    Apply,
    Body,
    Call,
    Kind,
    Module,
    Operation,
    Parameter,
    State,
    Value,
    weights,
)
from dlmc.ir.traced import evaluate, origin_of, plain, variables
from dlmc.ir.traversal import reachable
from dlmc.ir.types import TensorType
from dlmc.primitives import REGISTRY, Fault


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that a module breaks, and the node that breaks it."""

    module: Module
    node: object
    rule: str

    def __str__(self) -> str:
        place = getattr(self.node, "span", None) or "no place"
        return f"{self.module.definition}: {_title(self.node)}: {self.rule} ({place})"


class VerificationError(Exception):
    """Modules that break rules: a mistake of the compiler, not of a program."""

    def __init__(self, violations: tuple[Violation, ...]) -> None:
        super().__init__("\n".join(map(str, violations)))
        self.violations = violations


def verify(module: Module) -> None:
    """Check a module and all that it needs.

    Raises:
        VerificationError: with every broken rule.
    """
    violations = tuple(
        violation for one in reachable([module]) for violation in violations_of(one)
    )
    if violations:
        raise VerificationError(violations)


def violations_of(module: Module) -> Iterator[Violation]:
    """The rules that a module itself breaks."""
    return (Violation(module, node, rule) for node, rule in _Check(module).all())


def _title(node: object) -> str:
    match node:
        case Apply():
            return f"{node.result} = {node.primitive}"
        case Call():
            return f"{', '.join(map(str, node.results))} = @{node.module.definition}"
        case Body() | Module():
            return "the module"
    return str(getattr(node, "name", node))


Found = Iterator[tuple[object, str]]


class _Check:
    """Checks one module."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self.symbols = set(_symbols([value.type.shape for value in module.inputs]))
        self.symbols.update(_symbols(list(module.arguments.values())))
        # What a traced number may come from, by name.
        self.origins: dict[str, Any] = {**module.arguments, **module.dimensions}
        for value in module.inputs:
            for axis, size in enumerate(value.type.shape):
                self.origins[f"{value.name}.shape[{axis}]"] = size

    def all(self) -> Found:
        module = self.module
        yield from self._interface()
        yield from self._instances()
        yield from self._body(module.inference)
        if module.training is not module.inference:
            yield from self._body(module.training)

    def _interface(self) -> Found:
        module = self.module
        names = [value.name for value in module.inputs]
        for value in module.inputs:
            yield from self._numbers(value, value.type.shape)
        owned: tuple[tuple[Parameter | State, ...], ...]
        owned = (module.parameters, module.states)
        for group in owned:
            for own in group:
                names.append(own.name)
                yield from _spanned(own)
                yield from self._numbers(own, own.type.shape)
                is_known = not any(isinstance(size, Dim) for size in own.type.shape)
                # An optimizer's states have the shape of any weight.
                if not is_known and module.kind is not Kind.OPTIMIZER:
                    yield own, f"a size of {own.type} is not known"
                yield from _initialised(own)
        for name in names:
            if names.count(name) > 1:
                yield name, "the name stands for two values"
        outputs = [output.name for output in module.outputs]
        if not outputs:
            yield module, "there is no output"
        if len(set(outputs)) < len(outputs) or (len(outputs) > 1 and None in outputs):
            yield module, "of several outputs each has a name of its own"
        for output in module.outputs:
            yield from self._numbers(output, output.type.shape)
        for name in module.fixed | module.bounds.keys():
            if name not in self.origins and name not in self.symbols:
                yield module, f"there is no argument or dimension {name}"

    def _instances(self) -> Found:
        names = [instance.name for instance in self.module.instances]
        for instance in self.module.instances:
            yield from _spanned(instance)
            if names.count(instance.name) > 1:
                yield instance, "two instances have this name"
            yield from _same_names(instance, instance.module, instance.arguments)
            yield from self._numbers(instance, tuple(instance.arguments.values()))
        for one in self.module.borrowed:
            yield from self._numbers(one, one.type.shape)
            owners = [i for i in self.module.instances if i.name == one.instance]
            found = [p for i in owners for p in i.module.parameters]
            if one.parameter not in [parameter.name for parameter in found]:
                yield one, f"no instance owns {one.name}"

    def _body(self, body: Body) -> Found:
        module = self.module
        defined = {value.name: value for value in module.inputs}
        for owned in (module.parameters, module.states, module.borrowed):
            defined.update((own.name, Value(own.name, own.type)) for own in owned)
        for operation in body.operations:
            yield from _spanned(operation)
            for operand in operation.operands:
                yield from _defined(operation, operand, defined)
            yield from self._apply(operation)
            for result in operation.results:
                if result.name in defined:
                    yield operation, f"{result} is defined twice"
                defined[result.name] = result
                yield from self._numbers(operation, result.type.shape)
        if len(body.outputs) != len(module.outputs):
            yield (
                body,
                f"{len(body.outputs)} values for {len(module.outputs)} outputs",
            )
        for value, output in zip(body.outputs, module.outputs, strict=False):
            yield from _defined(body, value, defined)
            if value.type != output.type:
                name = output.name or "output"
                yield body, f"{name} is {output.type}, but {value} is {value.type}"
        yield from self._updates(body, defined)

    def _updates(self, body: Body, defined: Mapping[str, Value]) -> Found:
        states = {state.name: state for state in self.module.states}
        names = [name for name, _ in body.updates]
        for name, value in body.updates:
            yield from _defined(body, value, defined)
            if name not in states:
                yield body, f"there is no state {name} to update"
            elif value.type != states[name].type:
                yield body, f"{name} is {states[name].type}, not {value.type}"
            if names.count(name) > 1:
                yield body, f"{name} is updated twice"

    def _apply(self, operation: Operation) -> Found:
        if isinstance(operation, Call):
            yield from self._call(operation)
            return
        yield from self._numbers(operation, tuple(operation.attributes.values()))
        primitive = REGISTRY.get(operation.primitive)
        if primitive is None:
            yield operation, f"there is no primitive {operation.primitive}"
            return
        count = len(operation.operands)
        if not primitive.variadic and count != len(primitive.operand_names):
            yield operation, f"{count} operands for {primitive.operand_names}"
            return
        types = tuple(operand.type for operand in operation.operands)
        try:
            normal = primitive.normalize(types, operation.attributes)
            if _exact(normal) != _exact(dict(operation.attributes)):
                yield (
                    operation,
                    f"attributes {dict(operation.attributes)} are not in normal form "
                    f"{normal}",
                )
            inferred = primitive.infer(types, normal)
        except Fault as fault:
            yield operation, fault.message
            return
        if inferred != operation.result.type:
            yield operation, f"the result is {inferred}, not {operation.result.type}"

    def _call(self, call: Call) -> Found:
        callee = call.module
        yield from self._numbers(call, tuple(call.arguments.values()))
        yield from _same_names(call, callee, call.arguments)
        yield from self._of_instance(call)
        if len(call.operands) != len(callee.inputs):
            yield call, f"{len(call.operands)} operands for {len(callee.inputs)} inputs"
            return
        if len(call.results) != len(callee.outputs):
            yield call, f"{len(call.results)} results for {len(callee.outputs)} outputs"
            return
        pairs: list[Pair] = []
        for value, operand in zip(callee.inputs, call.operands, strict=True):
            wanted, given = value.type, operand.type
            if wanted.dtype is not given.dtype or wanted.rank != given.rank:
                yield call, f"{value.name} is {wanted}, not {given}"
                return
            pairs.extend(
                Pair(size, actual, f"axis {axis} of {value.name}")
                for axis, (size, actual) in enumerate(
                    zip(wanted.shape, given.shape, strict=True)
                )
            )
        for name, declared in callee.arguments.items():
            pairs.extend(argument_pairs(declared, call.arguments.get(name), name))
        try:
            sizes = bind(pairs)
        except BindingError as error:
            yield call, str(error)
            return
        for name in callee.arguments.keys() & call.arguments.keys():
            declared = _translated(callee.arguments[name], sizes)
            if declared != plain(call.arguments[name]):
                yield call, f"{name} is {declared}, not {call.arguments[name]}"
        for result, output in zip(call.results, callee.outputs, strict=True):
            shape = _translated(output.type.shape, sizes)
            wanted = TensorType(output.type.dtype, shape)
            if result.type != wanted:
                yield call, f"{result} is {wanted}, not {result.type}"

    def _of_instance(self, call: Call) -> Found:
        if call.instance is None:
            if not call.module.is_stateless:
                yield call, "its parameters and states are no instance's"
            return
        named = [i for i in self.module.instances if i.name == call.instance]
        if not named:
            yield call, f"there is no instance {call.instance}"
            return

        def owned(module: Module) -> list[tuple[str, TensorType]]:
            return sorted(
                ((weight.name, weight.type) for weight in weights(module)),
                key=lambda item: item[0],
            )

        if owned(named[0].module) != owned(call.module):
            yield call, f"it owns something else than the instance {call.instance}"

    def _numbers(self, node: object, values: Any) -> Found:
        """Symbols are the module's own, and traced numbers are what they say."""
        if isinstance(values, list | tuple):
            for value in values:
                yield from self._numbers(node, value)
            return
        for name in sorted(set(_symbols(values)) - self.symbols):
            yield node, f"no input says what {name} is"
        origin = origin_of(values)
        if origin is None:
            return
        unknown = sorted(set(variables(origin)) - self.origins.keys())
        if unknown:
            yield node, f"{values} comes from {unknown[0]}, which is unknown here"
        elif evaluate(origin, self.origins) != values:
            yield node, f"{values} comes from {origin}, which is something else"


def _exact(value: Any) -> Any:
    """A value that equals another only where their kinds do: `1` is not `1.0`."""
    if isinstance(value, dict):
        return {name: _exact(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value), [_exact(item) for item in value]
    number = plain(value)
    return type(number), number


def _spanned(node: Any) -> Found:
    if not isinstance(node.span, Span):
        yield node, "it has no place in a source"


def _initialised(node: Parameter | State) -> Found:
    initializer = node.initializer
    definition = INITIALIZERS.get(initializer.name)
    if definition is None:
        yield node, f"there is no initialiser {initializer.name}"
        return
    rank = node.type.rank
    if rank < definition.min_rank or rank > (definition.max_rank or rank):
        yield node, f"{initializer.name} does not initialise {node.type}"
    for name, _ in initializer.arguments:
        if name not in definition.parameters:
            yield node, f"{initializer.name} has no argument {name}"


def _same_names(node: object, module: Module, arguments: Mapping[str, Any]) -> Found:
    for name in module.arguments.keys() ^ arguments.keys():
        yield node, f"{module.definition} and its use differ in the argument {name}"


def _defined(node: object, value: Value, defined: Mapping[str, Value]) -> Found:
    if value.name not in defined:
        yield node, f"{value} is used before it is defined"
    elif value.type != defined[value.name].type:
        yield node, f"{value} is {defined[value.name].type}, not {value.type}"


def _symbols(value: Any) -> Iterator[str]:
    if isinstance(value, Dim):
        yield from value.symbols()
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _symbols(item)


def _translated(value: Any, sizes: Mapping[str, Size]) -> Any:
    """A compile-time value in a callee's terms, in the caller's."""
    if isinstance(value, Dim):
        return value.substitute(lambda name: sizes.get(name, Dim.symbol(name)))
    if isinstance(value, list | tuple):
        return type(value)(_translated(item, sizes) for item in value)
    return plain(value)
