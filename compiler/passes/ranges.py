"""What whole numbers a training can take: the ranges that its data must keep to.

A label outside of the classes, or a token outside of the vocabulary, is an error at
some step of a training, and on some devices none at all but a wrong result. Which
values of a field are used as an index, and into how much, follows from the program:
they come to a `one_hot`, a `gather` or the like without a change of their values.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from dlmc.ir.module import Apply, Body, Call, Module, Value
from dlmc.ir.program import Field, Training
from dlmc.ir.types import DType

Part: TypeAlias = tuple[tuple[int, int, int], ...]
"""Of each axis of a sample: start, stop, step."""


@dataclass(frozen=True, slots=True)
class Range:
    """Integers from 0 to size - 1, and some others, that a field's values must be."""

    field: str
    size: int
    others: frozenset[int]
    """What is looked for and replaced before values become an index: ignored labels."""
    is_class: bool
    """Whether the values are classes, not places in a table."""
    part: Part | None = None
    """Of each sample, where not the whole of it is used so."""

    def __and__(self, other: "Range") -> "Range":
        """What keeps to both."""
        others = {
            value
            for value in self.others | other.others
            if self.allows(value) and other.allows(value)
        }
        smaller = min(self, other, key=lambda one: one.size)
        kept = frozenset(v for v in others if not 0 <= v < smaller.size)
        return replace(smaller, others=kept)

    def allows(self, value: int) -> bool:
        """Whether a field may have a value."""
        return 0 <= value < self.size or value in self.others


def ranges(training: Training) -> tuple[Range, ...]:
    """The ranges for the fields of a training's data, in the order of the fields."""
    finder = _Finder()
    outputs = finder.model(training.model)
    scope: _Scope = {one.name: _Flow(one.name) for one in training.data.fields}
    scope |= outputs
    for measure in (training.loss, *(metric.module for metric in training.metrics)):
        given = [scope.get(value.name) for value in measure.inputs]
        finder.body(measure, measure.inference, given)
    fields = {one.name: one for one in training.data.fields}
    order = list(fields)
    return tuple(
        sorted(
            (r for r in finder.found.values() if not _is_sure(fields[r.field], r)),
            key=lambda one: order.index(one.field),
        )
    )


def input_ranges(model: Module) -> tuple[Range, ...]:
    """The ranges for the inputs of a model, called as these are."""
    finder = _Finder()
    finder.model(model)
    return tuple(finder.found.values())


def _is_sure(field: Field, range_: Range) -> bool:
    """Whether a field is in a range by what it is: the result of a comparison."""
    (output,) = field.module.inference.outputs
    for operation in field.module.inference.operations:
        if isinstance(operation, Apply) and operation.result == output:
            is_cast = operation.primitive == "cast"
            return (
                is_cast
                and operation.operands[0].type.dtype is DType.BOOL
                and range_.size >= 2
            )
    return False


@dataclass(frozen=True, slots=True)
class _Flow:
    """A tensor whose elements are values of a field, but for `others`."""

    field: str
    others: frozenset[int] = frozenset()
    part: Part | None = None
    is_shaped: bool = True
    """Whether its axes are still those of the field."""


@dataclass(frozen=True, slots=True)
class _Test:
    """A tensor that says where a field's values are some numbers, or where not."""

    flow: _Flow
    values: frozenset[int]
    is_negated: bool = False


@dataclass(frozen=True, slots=True)
class _Number:
    """A tensor of one whole number."""

    value: int


_Known: TypeAlias = _Flow | _Test | _Number | None
_Scope: TypeAlias = dict[str, _Known]

_MOVING = frozenset(("reshape", "transpose", "broadcast", "stop_gradient"))
"""Primitives that leave values as they are."""
_INDEXED = frozenset(("gather", "take_along_axis", "scatter_add"))
"""Primitives whose second operand says places along their `axis` of the first."""


@dataclass
class _Finder:
    """Walks bodies, and collects ranges by field and part."""

    found: dict[tuple[str, Part | None], Range] = field(default_factory=dict)

    def model(self, model: Module) -> _Scope:
        """What is known of a model's outputs; its inputs are fields."""
        given = [_Flow(value.name) for value in model.inputs]
        for body in _bodies(model):
            results = self.body(model, body, given)
        names = (output.name or "output" for output in model.outputs)
        return dict(zip(names, results, strict=True))

    def body(
        self, module: Module, body: Body, operands: Sequence[_Known]
    ) -> list[_Known]:
        """What is known of the outputs of a body, given what is of its inputs."""
        names = (value.name for value in module.inputs)
        scope: _Scope = dict(zip(names, operands, strict=True))
        for operation in body.operations:
            given = [scope.get(operand.name) for operand in operation.operands]
            if isinstance(operation, Apply):
                scope[operation.result.name] = self.apply(operation, given)
            elif any(isinstance(one, _Flow | _Test) for one in given):
                scope.update(self.call(operation, given))
        return [scope.get(output.name) for output in body.outputs]

    def call(self, call: Call, given: Sequence[_Known]) -> Iterator[tuple[str, _Known]]:
        """The results of a call, in either mode."""
        module = call.module
        for body in _bodies(module):
            results = self.body(module, body, given)
        names = (result.name for result in call.results)
        return zip(names, results, strict=True)

    def apply(self, apply: Apply, given: Sequence[_Known]) -> _Known:
        """What is known of a primitive's result; an index in it is noted."""
        match apply.primitive, given:
            case "constant", _:
                value = apply.attributes["value"]
                is_whole = type(value) is not bool and isinstance(value, int)
                return _Number(int(value)) if is_whole else None
            case "one_hot", [_Flow() as flow]:
                self.note(flow, apply.attributes["depth"], True)
            case name, [_, _Flow() as flow, *_] if name in _INDEXED:
                shape = apply.operands[0].type.shape
                self.note(flow, shape[apply.attributes["axis"]], False)
            case "slice", [_Flow() as flow]:
                return _sliced(flow, apply)
            case "cast", [_Flow() as flow]:
                kinds = (apply.operands[0].type.dtype, apply.result.type.dtype)
                return flow if all(kind.is_integer for kind in kinds) else None
            case name, [_Flow() as flow] if name in _MOVING:
                return replace(flow, is_shaped=False)
            case ("equal" | "not_equal") as name, (
                [_Flow() as flow, _Number(value)] | [_Number(value), _Flow() as flow]
            ):
                return _Test(flow, frozenset({value}), name == "not_equal")
            case "not", [_Test() as test]:
                return replace(test, is_negated=not test.is_negated)
            case "or", [_Test(flow, a, False), _Test(other, b, False)] if flow == other:
                return _Test(flow, a | b)
            case "and", [_Test(flow, a, True), _Test(other, b, True)] if flow == other:
                return _Test(flow, a | b, True)
            case "select", [_Test(tested, values, negated), *choices]:
                kept = choices[0 if negated else 1]
                if isinstance(kept, _Flow) and kept == tested:
                    return replace(kept, others=kept.others | values)
        return None

    def note(self, flow: _Flow, size: object, is_class: bool) -> None:
        """A field's values are an index into so much."""
        if not isinstance(size, int):
            return
        others = frozenset(v for v in flow.others if not 0 <= v < size)
        new = Range(flow.field, int(size), others, is_class, flow.part)
        key = (flow.field, flow.part)
        self.found[key] = self.found[key] & new if key in self.found else new


def _bodies(module: Module) -> tuple[Body, ...]:
    """The body of each mode, inference last; one where both are the same."""
    same = module.training is module.inference
    return (module.inference,) if same else (module.training, module.inference)


def _sliced(flow: _Flow, apply: Apply) -> _Flow | None:
    """A part of each sample, where it can be said."""
    (x,) = apply.operands
    attributes = apply.attributes
    names = ("start", "stop", "step")
    entries = list(zip(*(attributes[name] for name in names), strict=True))
    if all(_is_all(x, axis, entries) for axis in range(x.type.rank)):
        return flow
    is_whole = flow.is_shaped and flow.part is None
    if not is_whole or not entries or not _is_all(x, 0, entries):
        return None
    if not all(isinstance(number, int) for entry in entries[1:] for number in entry):
        return None
    part = tuple((int(a), int(b), int(by)) for a, b, by in entries[1:])
    if any(by < 0 for _, _, by in part):
        return None
    return replace(flow, part=part, is_shaped=False)


def _is_all(x: Value, axis: int, entries: Sequence[tuple[object, ...]]) -> bool:
    return entries[axis] == (0, x.type.shape[axis], 1)
