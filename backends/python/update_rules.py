"""An optimizer's update rule as code on one weight and what is remembered of it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeGuard

from dlmc.backend import Unsupported
from dlmc.backends.python import tree as py
from dlmc.backends.python.dialect import Operand, Scope
from dlmc.backends.python.flat import Rule, Stored, Use, write
from dlmc.backends.python.names import Names, free_name
from dlmc.backends.python.numbers import Numbers
from dlmc.backends.python.quotation import Quote
from dlmc.backends.python.repetition import rolled
from dlmc.backends.python.schedule import scalar_rule
from dlmc.ir.dimensions import Dim
from dlmc.ir.module import Apply, Body, Module, State, Value
from dlmc.ir.types import DType, TensorType
from dlmc.passes.inline import inline

quote = Quote()

Primitive = Callable[[Apply, Sequence[Operand], Scope], py.Expression]
"""A dialect's way to say a primitive."""
Array = Callable[[Any, DType, Scope], py.Expression]
"""A dialect's way to say nested lists of numbers as a tensor."""
Store = Callable[[str, py.Expression], py.Statement]
"""The statement that changes a tensor, by its variable."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """A state of a rule: one for each weight.

    `shape` is its shape as code that speaks of `weight.shape`, None where it is the
    weight's; `is_number` says that it is a number of Python.
    """

    name: str
    variable: str
    start: float
    dtype: DType
    shape: py.Expression | None
    is_number: bool


@dataclass(frozen=True, slots=True)
class UpdateRule:
    """The statements of one update, and the variables that they read."""

    statements: tuple[py.Statement, ...]
    used: frozenset[str]
    """Of the rule's inputs, those that are read."""
    states: tuple[Remembered, ...]


@dataclass(frozen=True)
class Framework:
    """How a framework says an update.

    Args:
        primitive: How it says a primitive.
        array: How it says nested lists of numbers.
        store: The statement that changes a state.
        copy: A template for a tensor `{x}` that keeps its numbers when x changes.
        numbers: The inputs that are numbers of Python, not tensors. Scalar states that
            come of them alone are then numbers too.
        keep: The statement that keeps such a number, by the state's name.
        weight: What the rule calls the weight.
        grad: What it calls the gradient.
        assign: The statement that changes the weight, if not `store`.
    """

    primitive: Primitive
    array: Array
    store: Store
    copy: str
    numbers: Collection[str] = ()
    keep: Store | None = None
    weight: str = "weight"
    grad: str = "grad"
    assign: Store | None = None


@dataclass
class _RuleScope(Scope):
    """What emissions ask of the code around them."""

    numbers: Numbers
    weight: py.Expression
    array: Array
    taken: set[str]
    before: list[py.Statement] = field(default_factory=list)

    def anchor(self) -> py.Expression:
        return self.weight

    def constant(self, value: Any, dtype: DType) -> py.Expression:
        return self.array(value, dtype, self)

    def named(self, expression: py.Expression, hint: str) -> py.Expression:
        if isinstance(expression, py.Name):
            return expression
        name = free_name(hint, self.taken)
        self.taken.add(name)
        self.before.append(py.Assign(py.Name(name), expression))
        return py.Name(name)


def update_rule(
    module: Module, framework: Framework, taken: Collection[str] = ()
) -> UpdateRule:
    """The statements that change a weight and the rule's states.

    They read variables that are called as the rule's inputs, and one for each state.

    Args:
        module: The update rule.
        framework: How the framework says it.
        taken: Names that no variable may have.

    Raises:
        Unsupported: for an operation that the framework cannot do there.
    """
    flat = inline(module, training=True)
    body = flat.inference
    inputs = {value.name: value.name for value in flat.inputs}
    inputs |= {"weight": framework.weight, "grad": framework.grad}
    states: dict[str, str] = {}
    for state in flat.states:
        reserved = {*taken, *inputs.values(), *states.values()}
        states[state.name] = free_name(state.name, reserved)
    variables = {**inputs, **states}
    plain = _numbers(flat, body, framework)
    weight_type = flat.inputs[0].type
    sizes = _sizes(weight_type, py.Name(framework.weight))
    scope = _RuleScope(
        sizes,
        py.Name(framework.weight),
        framework.array,
        {*taken, *variables.values()},
    )

    def rule_of(name: str) -> Rule | None:
        return lambda use: _expression(use, framework, scope, plain)

    def store(name: str, value: py.Expression) -> py.Statement:
        if name == "weight":
            return (framework.assign or framework.store)(framework.weight, value)
        if name in plain:
            return py.Assign(py.Name(states[name]), value)
        return framework.store(states[name], value)

    def storing(name: str) -> Callable[[py.Expression], Stored]:
        return lambda value: Stored(store(name, value), py.Name(states[name]))

    wanted = (*(value for _, value in body.updates), *body.outputs)
    stored = {
        value.name: storing(name)
        for name, value in body.updates
        if wanted.count(value) == 1 and _is_free(name, value, body.operations, wanted)  # type: ignore[arg-type]
    }
    code = write(
        body,
        {name: py.Name(variable) for name, variable in variables.items()},
        rule_of,
        taken={*taken, "math"},
        wanted=wanted,
        stored=stored,
        unnamed="change",
        place="in an optimizer",
        extra=scope.before,
        rebinds=True,
    )
    *updates, weight = code.results
    later = {
        name: expression
        for (name, value), expression in zip(body.updates, updates, strict=True)
        if value.name not in stored
    }
    changes = {**later, "weight": weight}
    lines = list(rolled(code.statements))
    if later:
        lines += _kept(changes, variables, plain, framework.copy, taken, lines)
    lines += (store(name, value) for name, value in changes.items())
    for name in states:
        if name in plain and framework.keep is not None:
            lines.append(framework.keep(name, py.Name(states[name])))
    names = {
        node.id
        for statement in lines
        for node in py.walk(statement)
        if isinstance(node, py.Name)
    }
    used = frozenset(name for name, variable in inputs.items() if variable in names)
    remembered = tuple(
        _remembered(state, states[state.name], weight_type, state.name in plain)
        for state in flat.states
    )
    return UpdateRule(tuple(lines), used, remembered)


def _kept(
    changes: dict[str, py.Expression],
    variables: Mapping[str, str],
    plain: Collection[str],
    copy: str,
    taken: Collection[str],
    lines: Sequence[py.Statement],
) -> list[py.Statement]:
    """Name all new values before the first is stored, since they read the old ones."""
    own = {*taken, *variables.values()}
    names = Names(own | {n.id for s in lines for n in py.walk(s) if _is_name(n)})
    changed = {variables[name] for name in changes}
    made: list[py.Statement] = []
    for name, value in changes.items():
        if isinstance(value, py.Name):
            if value.id not in changed:
                continue  # nothing changes it
            if name not in plain:
                value = quote(copy, x=value)
        kept = py.Name(names.new(f"new_{variables[name]}"))
        made.append(py.Assign(kept, value))
        changes[name] = kept
    return made


def _is_name(node: py.Node) -> TypeGuard[py.Name]:
    return isinstance(node, py.Name)


def _numbers(flat: Module, body: Body, framework: Framework) -> set[str]:
    """The values that are numbers of Python: all that comes of numbers alone."""
    scalar = TensorType(DType.F64, ())
    states = {
        state.name
        for state in flat.states
        if state.type == scalar and framework.keep is not None
    }
    while True:
        found = {*framework.numbers, *states}
        for operation in body.operations:
            assert isinstance(operation, Apply)
            made = operation.primitive in ("constant", "dimension")
            if not operation.result.type.rank and (
                made
                or (
                    operation.operands
                    and all(operand.name in found for operand in operation.operands)
                )
            ):
                found.add(operation.result.name)
        tensors = {
            name
            for name, value in body.updates
            if name in states and value.name not in found
        }
        if not tensors:
            return found
        states -= tensors


def _sizes(weight: TensorType, variable: py.Expression) -> Numbers:
    """Writes the sizes of a weight."""
    axes = {
        size.name: axis
        for axis, size in enumerate(weight.shape)
        if isinstance(size, Dim) and size.name is not None
    }
    return Numbers(
        lambda name: quote("{weight}.shape[{axis}]", weight=variable, axis=axes[name]),
        {},
    )


def _remembered(
    state: State, variable: str, weight: TensorType, is_number: bool
) -> Remembered:
    start = state.initializer.number
    assert start is not None
    shape = None
    if state.type.shape != weight.shape:
        shape = _shape(state.type, weight)
    return Remembered(state.name, variable, start, state.type.dtype, shape, is_number)


def _shape(state: TensorType, weight: TensorType) -> py.Expression:
    """The shape of a state in terms of the weight's: `(*weight.shape[:-1], 1)`.

    Axes count from the end, so that it holds for any rank where the rule does.
    """
    whole = quote("weight.shape")
    common = 0
    while (
        common < min(state.rank, weight.rank)
        and state.shape[common] == weight.shape[common]
    ):
        common += 1
    axes = {size: axis - weight.rank for axis, size in enumerate(weight.shape)}
    written: list[py.Expression] = []
    if common:
        some = quote("weight.shape[:{end}]", end=common - weight.rank)
        if common == state.rank:
            return some
        written.append(py.Starred(some))
    numbers = _sizes(weight, py.Name("weight"))
    for size in state.shape[common:]:
        at = axes.get(size)
        item = numbers(size)
        if at is not None:
            item = quote("{whole}[{at}]", whole=whole, at=at)
        written.append(item)
    return py.Tuple(tuple(written))


def _expression(
    use: Use, framework: Framework, scope: _RuleScope, plain: set[str]
) -> py.Expression:
    apply = use.apply
    name = apply.primitive
    if name == "dimension":
        return scope.numbers(use.attributes["size"])
    if apply.result.name in plain:
        rule = scalar_rule(name)
        if rule is None:
            raise Unsupported(
                f"{name} of numbers cannot be computed in an optimizer", apply.span
            )
        return rule(use)
    if name == "constant":
        return framework.array(use.attributes["value"], use.attributes["dtype"], scope)
    match name, use.operands:
        case ("mul" | "div", (x, py.Literal(1))) | ("mul", (py.Literal(1), x)):
            return x
    operands = [
        Operand(expression, operand.type, operand.name in plain)
        for expression, operand in zip(use.operands, apply.operands, strict=True)
    ]
    return framework.primitive(apply, operands, scope)


def _is_free(
    state: str,
    value: Value,
    operations: Sequence[Apply],
    wanted: Sequence[Value],
) -> bool:
    """Whether nothing reads what a state was once its new value is known."""
    old = {state}
    known = False
    for operation in operations:
        if operation.result.name == value.name:
            known = True
            continue
        reads = any(operand.name in old for operand in operation.operands)
        if known and reads:
            return False
        if reads:
            old.add(operation.result.name)
    others = (other.name for other in wanted if other != value)
    return known and old.isdisjoint(others)
