"""A module run without numbers: what each operation costs, forward and backward.

A run leaves a tape of primitives, in order, on tensors that have a type and no values.
The tape read from its end says where gradients pass, and what they read.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dlmc.grammar.span import Span
from dlmc.ir.binding import Pair, argument_pairs, bind
from dlmc.ir.dimensions import Dim, Size, substitute
from dlmc.ir.module import Apply, Call, Module
from dlmc.ir.types import TensorType
from dlmc.passes.differentiate import Reads, reads
from dlmc.primitives import REGISTRY, Primitive
from dlmc.primitives.arithmetic import Binary
from dlmc.summary.rows import Row

Sizes = Mapping[str, Size]

UNCALLED = ("neg", "not", "constant", "dimension", "slice")
"""Primitives that are no binary operators, and that no program calls by a name."""


class SizeError(ValueError):
    """Sizes for which a model has no meaning, and the place where that shows."""

    def __init__(self, message: str, span: Span | None) -> None:
        super().__init__(message)
        self.message = message
        self.span = span


@dataclass(frozen=True, slots=True, eq=False)
class Storage:
    """Memory that holds a value for the backward pass; views share it."""

    bytes: Size


@dataclass(frozen=True, slots=True, eq=False)
class Tensor:
    """A value of a run.

    `storage` is None for what is there anyway: weights, states, constants.
    `is_trained` says whether a weight had a part in it that a gradient can reach.
    """

    type: TensorType
    storage: Storage | None
    is_trained: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Kernel:
    """A definition of the library that frameworks compute as one operation."""

    arguments: tuple[Tensor, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """A primitive on the tape, with the row that it counts for."""

    primitive: Primitive
    operands: tuple[Tensor, ...]
    result: Tensor
    flops: Size
    row: Row
    kernel: Kernel | None
    reads: Reads
    """What the gradient of each operand reads; see `differentiate.reads`."""

    def gradients(self) -> Iterator[tuple[Tensor, tuple[Tensor, ...]]]:
        """Each operand that gets a gradient, and the tensors which that reads."""
        tensors = (*self.operands, self.result)
        for operand, read in zip(self.operands, self.reads, strict=True):
            if read is not None and operand.is_trained:
                yield operand, tuple(tensors[i] for i in read)


@dataclass(slots=True)
class Tape:
    """A run of modules in one mode."""

    training: bool
    steps: list[Step] = field(default_factory=list)
    turns: dict[tuple[int, str, str], int] = field(default_factory=dict)
    """How often a row has had a use of one kind and name."""
    _known: dict[Any, Reads] = field(default_factory=dict)

    def run(
        self,
        module: Module,
        operands: Sequence[Tensor],
        sizes: Sizes,
        row: Row,
        kernel: Kernel | None = None,
    ) -> tuple[Tensor, ...]:
        """Run a module; `sizes` says what its symbols stand for. Gives its outputs."""
        scope = {
            value.name: operand
            for value, operand in zip(module.inputs, operands, strict=True)
        }
        scope |= _owned(module, sizes)
        body = module.body(self.training)
        for operation in body.operations:
            given = tuple(scope[operand.name] for operand in operation.operands)
            if isinstance(operation, Call):
                made = self._call(operation, given, sizes, row, kernel)
            else:
                made = (self._apply(operation, given, sizes, row, kernel),)
            for value, result in zip(operation.results, made, strict=True):
                scope[value.name] = result
        return tuple(scope[output.name] for output in body.outputs)

    def _call(
        self,
        call: Call,
        operands: tuple[Tensor, ...],
        sizes: Sizes,
        row: Row,
        kernel: Kernel | None,
    ) -> tuple[Tensor, ...]:
        callee = call.module
        inner = call_sizes(callee, [o.type for o in operands], call.arguments, sizes)
        if not row.is_open:
            return self.run(callee, operands, inner, row, kernel)
        name = call.instance or callee.definition
        is_instance = call.instance is not None
        turn = self._turn(row, "layer" if is_instance else "fn", name)
        below = row.child(name, turn, call.span, callee, is_instance=is_instance)
        if callee.is_library and not below.is_open:
            kernel = Kernel(operands)
        results = self.run(callee, operands, inner, below, kernel)
        below.outputs = tuple(result.type for result in results)
        return results

    def _turn(self, row: Row, kind: str, name: str) -> int:
        """How often a row has had a use of that name before."""
        key = (id(row), kind, name)
        turn = self.turns.get(key, 0)
        self.turns[key] = turn + 1
        return turn

    def _apply(
        self,
        operation: Apply,
        operands: tuple[Tensor, ...],
        sizes: Sizes,
        row: Row,
        kernel: Kernel | None,
    ) -> Tensor:
        primitive = REGISTRY[operation.primitive]
        attributes = {
            name: _outside(value, sizes) for name, value in operation.attributes.items()
        }
        type_ = actual(operation.result.type, sizes)
        declared = operation.result.type.shape
        for before, size in zip(declared, type_.shape, strict=True):
            if isinstance(before, Dim) and isinstance(size, int) and size < 1:
                raise SizeError(f"{primitive.name} makes {type_}", operation.span)
        if row.is_open and _is_called(primitive, operation.span):
            turn = self._turn(row, "primitive", primitive.name)
            row = row.child(primitive.name, turn, operation.span)
            row.outputs = (type_,)
        flops = primitive.flops(tuple(o.type for o in operands), attributes, type_)
        read = self._reads(primitive, operands, attributes)
        is_trained = any(
            operand.is_trained and of_it is not None
            for operand, of_it in zip(operands, read, strict=True)
        )
        storage = _storage(primitive, operands, type_)
        result = Tensor(type_, storage, type_.dtype.is_float and is_trained)
        self.steps.append(Step(primitive, operands, result, flops, row, kernel, read))
        return result

    def _reads(
        self,
        primitive: Primitive,
        operands: tuple[Tensor, ...],
        attributes: Mapping[str, Any],
    ) -> Reads:
        """What the gradients of a step read, which equal steps have in common."""
        types = tuple(operand.type for operand in operands)
        if not self.training or not any(operand.is_trained for operand in operands):
            return (None,) * len(operands)
        key = (primitive.name, types, repr(attributes))
        if key not in self._known:
            self._known[key] = reads(primitive, types, attributes)
        return self._known[key]

    def backward(self, outputs: Sequence[Tensor]) -> None:
        """Count in each row the backward pass that starts from gradients of outputs."""
        reached = {id(output) for output in outputs if output.is_trained}
        read: dict[int, list[Storage]] = {}
        for step in reversed(self.steps):
            if id(step.result) not in reached:
                continue
            for operand, tensors in step.gradients():
                reached.add(id(operand))
                step.row.backward = step.row.backward + step.flops
                found = read.setdefault(id(step), [])
                found.extend(t.storage for t in tensors if t.storage is not None)
        self._keep(read)

    def _keep(self, read: Mapping[int, list[Storage]]) -> None:
        """Count each storage once, in the first row that reads it."""
        inside: dict[int, list[Storage]] = {}
        for step in self.steps:
            if step.kernel is not None and id(step) in read:
                inside.setdefault(id(step.kernel), []).extend(read[id(step)])
        random = {
            id(step.kernel) for step in self.steps if "rng" in step.primitive.supplied
        }
        kept: set[int] = set()
        for step in self.steps:
            storages = read.get(id(step), [])
            if step.kernel is not None and storages and id(step.kernel) not in random:
                storages = _cheaper(step.kernel, inside[id(step.kernel)])
            for storage in storages:
                if id(storage) not in kept:
                    kept.add(id(storage))
                    step.row.kept = step.row.kept + storage.bytes

    def forward(self) -> None:
        """Count in each row the operations of this run."""
        for step in self.steps:
            if self.training:
                step.row.training = step.row.training + step.flops
            else:
                step.row.forward = step.row.forward + step.flops


def _is_called(primitive: Primitive, span: Span) -> bool:
    """Whether the program calls it by a name, and not by an operator or an index."""
    if primitive.name == "reshape":  # an index such as [:, 0] makes one
        return not span.text.endswith("]")
    is_operator = isinstance(primitive, Binary) and primitive.operator is not None
    return not is_operator and primitive.name not in UNCALLED


def _cheaper(kernel: Kernel, inside: list[Storage]) -> list[Storage]:
    """What a kernel keeps: values from inside, or its arguments where that is less."""
    arguments = [t.storage for t in kernel.arguments if t.storage is not None]
    if not arguments:
        return inside
    saved = _bytes(inside, without=arguments) - _bytes(arguments, without=inside)
    terms = saved.terms if isinstance(saved, Dim) else (((), saved),)
    return arguments if all(c >= 0 for _, c in terms) else inside


def _bytes(storages: list[Storage], without: list[Storage]) -> Size:
    left = {id(s) for s in without}
    total: Size = 0
    for storage in {id(s): s for s in storages}.values():
        if id(storage) not in left:
            total = total + storage.bytes
    return total


def _owned(module: Module, sizes: Sizes) -> Iterator[tuple[str, Tensor]]:
    for parameter in module.parameters:
        yield parameter.name, Tensor(actual(parameter.type, sizes), None, True)
    for borrowed in module.borrowed:
        yield borrowed.name, Tensor(actual(borrowed.type, sizes), None, True)
    for state in module.states:
        yield state.name, Tensor(actual(state.type, sizes), None)


def _storage(
    primitive: Primitive, operands: tuple[Tensor, ...], type_: TensorType
) -> Storage | None:
    if primitive.name in ("constant", "dimension"):
        return None
    if primitive.is_view:
        return operands[0].storage
    return Storage(type_.bytes)


def call_sizes(
    callee: Module,
    operands: Sequence[TensorType],
    arguments: Mapping[str, Any],
    sizes: Sizes,
) -> Sizes:
    """What a callee's symbols stand for; `arguments` are in the caller's symbols."""
    pairs = [
        Pair(declared, given, value.name)
        for value, operand in zip(callee.inputs, operands, strict=True)
        for declared, given in zip(value.type.shape, operand.shape, strict=True)
    ]
    for name, declared in callee.arguments.items():
        given = _outside(arguments.get(name), sizes)
        pairs.extend(argument_pairs(declared, given, name))
    return bind(pairs)


def actual(type_: TensorType, sizes: Sizes) -> TensorType:
    """A type of a module, in the symbols of who runs it."""
    return TensorType(type_.dtype, _outside(type_.shape, sizes))


def _outside(value: Any, sizes: Sizes) -> Any:
    match value:
        case Dim():
            return substitute(value, lambda name: sizes.get(name, Dim.symbol(name)))
        case tuple() | list():
            return type(value)(_outside(item, sizes) for item in value)
    return value
