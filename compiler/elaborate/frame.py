"""One body under construction."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from dlmc.elaborate.problems import Problem
from dlmc.elaborate.steps import Stage
from dlmc.grammar import tree
from dlmc.grammar.span import Span
from dlmc.ir.dimensions import Dim, Size
from dlmc.ir.module import (
    Apply,
    Body,
    Borrowed,
    Call,
    Instance,
    Module,
    Operation,
    Parameter,
    State,
    Value,
)
from dlmc.ir.program import SizeTest, compared
from dlmc.ir.traced import origin_of, plain, variables
from dlmc.ir.types import DType, TensorType
from dlmc.primitives import REGISTRY

if TYPE_CHECKING:
    from dlmc.elaborate.session import Session
    from dlmc.elaborate.values import Layer


def _nothing(name: tree.Name) -> Problem | None:
    return None


@dataclass(slots=True, eq=False)
class Frame:
    """What a module's body holds so far, in one mode.

    `fixed` collects the arguments and dimensions that decided what the body is;
    `uses_mode` says whether anything asked for `training`.
    """

    session: "Session"
    training: bool
    title: str
    declaration: tree.Declaration | None = None
    """What is elaborated, where it has a body of its own."""
    is_library: bool = False
    mixes_scalars: bool = False
    """Whether an f64 scalar takes the dtype of the tensor it meets (update rules)."""
    operations: list[Operation] = field(default_factory=list)
    hints: dict[str, str] = field(default_factory=dict)
    reserved: set[str] = field(default_factory=set)
    parameters: dict[str, Parameter] = field(default_factory=dict)
    states: dict[str, State] = field(default_factory=dict)
    instances: dict[str, Instance] = field(default_factory=dict)
    stages: dict[str, Stage] = field(default_factory=dict)
    """What made a value, by its name, where the source shows it."""
    borrowed: dict[str, Borrowed] = field(default_factory=dict)
    sites: dict[Span, str] = field(default_factory=dict)
    kinds: Counter[str] = field(default_factory=Counter)
    loops: list[int] = field(default_factory=list)
    fixed: set[str] = field(default_factory=set)
    uses_mode: bool = False
    float_dtype: DType | None = None
    int_dtype: DType | None = None
    operands: tuple[TensorType, ...] | None = ()
    """Types of the actual inputs, in the caller's terms; None for a model."""
    inputs: dict[str, Value] = field(default_factory=dict)
    outputs: list[tuple[str | None, Value]] = field(default_factory=list)
    dimensions: dict[str, Size] = field(default_factory=dict)
    """Symbols of the declared input types: traced integers, or the symbols."""
    sources: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Where each dimension is read off: input and axis."""
    arguments: dict[str, Any] = field(default_factory=dict)
    """The compile-time arguments in the caller's terms."""
    bounds: dict[str, Size] = field(default_factory=dict)
    outer_bounds: Mapping[str, Size] = field(default_factory=dict)
    """What the caller knows of its own symbols."""
    actual: Mapping[str, int] | None = None
    """Sizes of the weight that an update rule is made for, by which it may choose."""
    tests: list[SizeTest] = field(default_factory=list)
    """What it chose by."""
    explain: Callable[[tree.Name], Problem | None] = _nothing
    """What there is to say of an unknown name here, before all else."""
    failed: bool = False
    _count: int = 0

    def fresh(self, type_: TensorType) -> Value:
        """A new value without a name."""
        self._count += 1
        return Value(str(self._count), type_)

    def owned(self, name: str, type_: TensorType) -> Value:
        """The value of an input, a parameter or a state: it keeps its name."""
        self.reserved.add(name)
        return Value(name, type_)

    def apply(
        self,
        primitive: str,
        operands: tuple[Value, ...],
        attributes: Mapping[str, Any],
        span: Span,
    ) -> Value:
        """Add a primitive whose attributes are complete; raises its `Fault`."""
        definition = REGISTRY[primitive]
        types = tuple(operand.type for operand in operands)
        normal = definition.normalize(types, attributes)
        result = self.fresh(definition.infer(types, normal))
        self.operations.append(Apply(primitive, operands, normal, result, span))
        return result

    def call(
        self,
        module: Module,
        instance: str | None,
        operands: tuple[Value, ...],
        arguments: Mapping[str, Any],
        types: tuple[TensorType, ...],
        span: Span,
    ) -> tuple[Value, ...]:
        """Add a call with results of the given types, in this frame's terms."""
        results = tuple(self.fresh(type_) for type_ in types)
        self.operations.append(
            Call(module, instance, operands, arguments, results, span)
        )
        return results

    def stage(self, result: Any, before: Any, text: str, span: Span) -> None:
        """Note how the source makes a tensor of another one."""
        if (
            isinstance(result, Value)
            and isinstance(before, Value)
            and result.name not in self.stages
            and result.name not in self.reserved
            and result != before
        ):
            self.stages[result.name] = Stage(result, before, text, span)

    def fix(self, value: Any) -> None:
        """Record that the body depends on `value` in a way that numbers cannot say."""
        if isinstance(value, list | tuple):
            for item in value:
                self.fix(item)
        else:
            self.fixed.update(variables(origin_of(value)))

    @property
    def is_update(self) -> bool:
        """Whether it is an optimizer's update rule."""
        return isinstance(self.declaration, tree.Optimizer)

    def decided(self, left: Any, operator: str, right: Any) -> bool | None:
        """A comparison of sizes of an update rule's weight, None where it is none."""
        dims = [size for size in (left, right) if isinstance(size, Dim)]
        symbols = {name for size in dims for name in size.symbols()}
        if self.actual is None or not symbols <= self.actual.keys():
            return None
        outcome = compared(left, operator, right, self.actual)
        self.tests.append(SizeTest(plain(left), operator, plain(right), outcome))
        return outcome

    def owns(self, name: str) -> bool:
        """Whether an instance, a parameter or a state is called so."""
        return any(
            name in owned for owned in (self.instances, self.parameters, self.states)
        )

    def name_layer(self, layer: "Layer", kind: str) -> str:
        """A name for an instance that the source does not name by `as`.

        It is called after its binding, or counted from its kind. One place in the
        source has one name; the turns of the loops around it tell its instances apart
        (`block.0`).
        """
        site = layer.span
        turns = "".join(f".{turn}" for turn in layer.loops)
        base = self.sites.get(site)
        stem = layer.hint or kind
        while base is None or self.owns(base + turns):
            self.kinds[stem] += 1
            count = self.kinds[stem]
            base = stem if count == 1 else f"{stem}_{count}"
        self.sites[site] = base
        return base + turns

    def body(self, outputs: list[Value], updates: dict[str, Value]) -> Body:
        """The finished body, with values called as in the source."""
        names: dict[str, str] = {name: name for name in self.reserved}
        counts: Counter[str] = Counter(self.reserved)
        unnamed = 0
        for operation in self.operations:
            for result in operation.results:
                hint = self.hints.get(result.name)
                if hint is None:
                    unnamed += 1
                    names[result.name] = str(unnamed)
                    continue
                counts[hint] += 1
                names[result.name] = (
                    hint if counts[hint] == 1 else f"{hint}.{counts[hint]}"
                )

        def renamed(value: Value) -> Value:
            return Value(names[value.name], value.type)

        def finished(operation: Operation) -> Operation:
            operands = tuple(renamed(operand) for operand in operation.operands)
            if isinstance(operation, Apply):
                return replace(
                    operation, operands=operands, result=renamed(operation.result)
                )
            results = tuple(renamed(result) for result in operation.results)
            return replace(operation, operands=operands, results=results)

        live = _live(self.operations, [*outputs, *updates.values()])
        return Body(
            tuple(finished(operation) for operation in live),
            tuple(renamed(output) for output in outputs),
            tuple((name, renamed(value)) for name, value in updates.items()),
        )


def _live(operations: list[Operation], wanted: list[Value]) -> list[Operation]:
    """The operations that a result needs, in order; a call with states is kept."""
    needed = {value.name for value in wanted}
    kept: list[Operation] = []
    for operation in reversed(operations):
        has_effect = isinstance(operation, Call) and operation.module.has_states
        if has_effect or any(result.name in needed for result in operation.results):
            kept.append(operation)
            needed.update(operand.name for operand in operation.operands)
    return kept[::-1]
