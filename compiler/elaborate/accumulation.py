"""A metric in two parts: what each batch gives, and what is made of it in the end.

`total` and `whole` are where the parts meet. A metric means what it is on the part that
is measured, taken as one batch; so nothing else of a batch may reach its end.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from dlmc.elaborate.problems import Problem
from dlmc.ir.dimensions import Dim, Size, substitute
from dlmc.ir.module import Apply, Body, Call, Kind, Module, Operation, Output, Value
from dlmc.ir.program import Accumulation, Metric
from dlmc.ir.types import DType, TensorType
from dlmc.passes.inline import inline
from dlmc.passes.prune import prune

ACCUMULATIONS: Mapping[str, Accumulation] = {
    "total": Accumulation.TOTAL,
    "whole": Accumulation.WHOLE,
}
"""The primitives that are computed over batches."""


def metric_of(name: str, module: Module) -> Metric:
    """A metric of the library or of a program; raises `Problem` (E0604)."""
    memory: dict[Module, bool] = {}
    flat = prune(inline(module, keep=lambda callee: not _accumulates(callee, memory)))
    split = _Split(flat)
    split.run()
    if not split.collected:
        type_ = module.outputs[0].type
        dtype = type_.dtype if type_.dtype.is_float else DType.F32
        mean = Value("mean", TensorType(dtype, type_.shape))
        result = _function(module, "result", (mean,), (), (mean,))
        return Metric(name, module, module, (Accumulation.MEAN,), result)
    split.count()
    operands = tuple(one.operand for one in split.collected)
    batch = _function(module, "batch", flat.inputs, split.earlier, operands)
    kinds = tuple(one.kind for one in split.collected)
    return Metric(name, module, batch, kinds, split.end())


@dataclass
class _Collected:
    """A value of each batch that is collected, and what it is called in the end."""

    operand: Value
    kind: Accumulation
    value: Value
    results: list[str] = field(default_factory=list)


class _Split:
    """Sorts the operations of a flat module by what they are computed from."""

    def __init__(self, flat: Module) -> None:
        self.flat = flat
        self.earlier: list[Operation] = []
        self.later: list[Operation] = []
        self.collected: list[_Collected] = []
        self.of_batch = {value.name for value in flat.inputs}
        self.of_part: set[str] = set()
        self.names = {value.name for value in flat.inputs}
        self.hints: dict[str, str] = {}
        """What a call has for a name of a value that has none itself."""
        for operation in flat.inference.operations:
            self.names.update(result.name for result in operation.results)
            if isinstance(operation, Call):
                pairs = zip(operation.module.inputs, operation.operands, strict=True)
                for value, operand in pairs:
                    self.hints.setdefault(operand.name, value.name)

    def run(self) -> None:
        """Sort all; what is of neither stands in both lists."""
        body = self.flat.inference
        for operation in body.operations:
            if isinstance(operation, Apply) and operation.primitive in ACCUMULATIONS:
                self._collect(operation)
                continue
            names = {operand.name for operand in operation.operands}
            results = {result.name for result in operation.results}
            if names & self.of_part:
                if names & self.of_batch:
                    raise _mixed(operation)
                self.of_part |= results
                self.later.append(operation)
            elif names & self.of_batch:
                self.of_batch |= results
                self.earlier.append(operation)
            else:
                self.earlier.append(operation)
                self.later.append(operation)

    def _collect(self, operation: Apply) -> None:
        (operand,) = operation.operands
        if operand.name in self.of_part:
            raise Problem(
                "E0604",
                f"`{operation.primitive}` of what is of all batches already",
                operation.span,
                hint="a metric goes over the batches once; `whole(…)` has all of them"
                " to compute with in the end",
            )
        _check_shape(operation)
        kind = ACCUMULATIONS[operation.primitive]
        self.of_part.add(operation.result.name)
        for one in self.collected:
            if (one.operand.name, one.kind) == (operand.name, kind):
                one.results.append(operation.result.name)
                return
        hint = self.hints.get(operation.result.name, operation.primitive)
        value = Value(self._named(operation.result.hint or hint), operation.result.type)
        self.collected.append(_Collected(operand, kind, value, [operation.result.name]))

    def count(self) -> None:
        """Sizes of a batch that the end needs are added up, too."""
        known = {
            symbol
            for one in self.collected
            if one.kind is Accumulation.WHOLE
            for symbol in _symbols(one.operand.type.shape)
        }
        for operation in self.end().inference.operations:
            given = (
                operation.attributes
                if isinstance(operation, Apply)
                else operation.arguments
            )
            if set(_symbols(list(given.values()))) <= known:
                continue
            if not (
                isinstance(operation, Apply)
                and operation.primitive == "dimension"
                and _adds_up(operation.attributes["size"])
            ):
                raise Problem(
                    "E0604",
                    "this has the size of a batch, in what is of all batches",
                    operation.span,
                    hint="`total(…)` and `whole(…)` stand around what is of a batch",
                )
            result = operation.result
            name = self._named(self.hints.get(result.name, "count"))
            counted = Value(name, result.type)
            self.collected.append(
                _Collected(result, Accumulation.TOTAL, counted, [result.name])
            )

    def end(self) -> Module:
        """What is computed of all that is collected."""
        ends = {result: one.value for one in self.collected for result in one.results}
        return _function(
            self.flat,
            "result",
            tuple(one.value for one in self.collected),
            tuple(_renamed(operation, ends) for operation in self.later),
            tuple(ends.get(o.name, o) for o in self.flat.inference.outputs),
        )

    def _named(self, wish: str) -> str:
        """A name that no value has."""
        count, name = 1, wish
        while name in self.names:
            count += 1
            name = f"{wish}.{count}"
        self.names.add(name)
        return name


def _mixed(operation: Operation) -> Problem:
    return Problem(
        "E0604",
        "this meets a value of one batch with one of all batches",
        operation.span,
        hint="`total(…)` adds a value up over all batches, and `whole(…)` has it of all"
        " samples",
    )


def _check_shape(operation: Apply) -> None:
    """A total has one shape in all batches; the whole, as many values a sample."""
    (operand,) = operation.operands
    shape = operand.type.shape
    if operation.primitive == "total":
        if list(_symbols(shape)):
            raise Problem(
                "E0604",
                f"the shape of {operand.type} depends on the batch, and cannot be"
                " added up",
                operation.span,
                hint="write `total(sum(…))`, or `total(sum(…, axis = 0))`",
            )
    elif not _adds_up(shape[0]) or list(_symbols(shape[1:])):
        raise Problem(
            "E0604",
            f"{operand.type} has no axis of samples in front, along which those of"
            " other batches could stand behind it",
            operation.span,
            hint="`total(…)` adds up what a batch has one of",
        )


def _adds_up(size: Size) -> bool:
    """Whether a size of two batches together is the sum of both sizes."""
    if not isinstance(size, Dim):
        return False

    def other(name: str) -> Dim:
        return Dim.symbol(f"{name}'")

    both = substitute(size, lambda name: Dim.symbol(name) + other(name))
    return both == size + substitute(size, other)


def _symbols(value: Any) -> Iterator[str]:
    match value:
        case Dim():
            yield from value.symbols()
        case tuple() | list():
            for item in value:
                yield from _symbols(item)


def _accumulates(module: Module, memory: dict[Module, bool]) -> bool:
    """Whether anything in a function is computed over batches."""
    if module not in memory:
        memory[module] = any(
            _accumulates(operation.module, memory)
            if isinstance(operation, Call)
            else operation.primitive in ACCUMULATIONS
            for operation in module.inference.operations
        )
    return memory[module]


def _renamed(operation: Operation, names: Mapping[str, Value]) -> Operation:
    operands = tuple(names.get(o.name, o) for o in operation.operands)
    return replace(operation, operands=operands)


def _function(
    whole: Module,
    name: str,
    inputs: Sequence[Value],
    operations: Sequence[Operation],
    outputs: Sequence[Value],
) -> Module:
    """A part of a metric, as a function of those inputs that it reads."""
    body = Body(tuple(operations), tuple(outputs))
    names: list[str | None] = [None]
    if len(outputs) > 1:
        names = [str(i) for i in range(len(outputs))]
    made = Module(
        definition=name,
        kind=Kind.FUNCTION,
        is_library=False,
        arguments={},
        dimensions={},
        inputs=tuple(inputs),
        outputs=tuple(
            Output(n, value.type) for n, value in zip(names, outputs, strict=True)
        ),
        parameters=(),
        states=(),
        instances=(),
        inference=body,
        training=body,
        span=whole.span,
    )
    made = prune(made)
    read = {o.name for one in made.inference.operations for o in one.operands}
    read |= {output.name for output in outputs}
    return replace(made, inputs=tuple(i for i in inputs if i.name in read))
