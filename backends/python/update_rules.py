"""An optimizer's update rule as code on one weight and what is remembered of it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeGuard, cast

from dlmc.backend import Unsupported
from dlmc.backends.python import tree as py
from dlmc.backends.python.dialect import Operand, Scope
from dlmc.backends.python.flat import Rule, Stored, Use, write
from dlmc.backends.python.names import Names, free_name
from dlmc.backends.python.quotation import Quote
from dlmc.backends.python.schedule import scalar_rule
from dlmc.ir.module import Apply, Module, Value
from dlmc.passes.inline import inline
from dlmc.primitives import REGISTRY
from dlmc.primitives.arithmetic import Binary, Select
from dlmc.primitives.conversion import Cast, StopGradient
from dlmc.primitives.elementwise import Elementwise

quote = Quote()

Primitive = Callable[[Apply, Sequence[Operand], Scope], py.Expression]
"""A dialect's way to say a primitive."""


@dataclass(frozen=True, slots=True)
class UpdateRule:
    """The statements of one update, and the variables that they read."""

    statements: tuple[py.Statement, ...]
    used: frozenset[str]
    """Of the rule's inputs, those that are read."""
    states: Mapping[str, str]
    """The variable of each state."""


def update_rule(
    module: Module,
    primitive: Primitive,
    store: Callable[[str, py.Expression], py.Statement],
    copy: str,
    *,
    numbers: Collection[str] = (),
    taken: Collection[str] = (),
    renamed: Mapping[str, str] | None = None,
) -> UpdateRule:
    """The statements that change a weight and the rule's states.

    They read variables that are called as the rule's inputs, and one for each state.

    Args:
        module: The update rule.
        primitive: How the dialect says a primitive.
        store: The statement that changes the weight or a state, by its variable.
        copy: A template for a tensor `{x}` that keeps its numbers when x changes.
        numbers: The inputs that are plain numbers, not tensors.
        taken: Names that no variable may have.
        renamed: Inputs whose variables are called otherwise.

    Raises:
        Unsupported: for an operation that is not element by element.
    """
    flat = inline(module, training=True)
    body = flat.inference
    inputs = {value.name: value.name for value in flat.inputs} | dict(renamed or {})
    states: dict[str, str] = {}
    for state in flat.states:
        reserved = {*taken, *inputs.values(), *states.values()}
        states[state.name] = free_name(state.name, reserved)
    variables = {**inputs, **states}
    plain = _numbers(body.operations, numbers)  # type: ignore[arg-type]

    def rule_of(name: str) -> Rule | None:
        return lambda use: _expression(use, primitive, plain)

    def storing(name: str) -> Callable[[py.Expression], Stored]:
        return lambda value: Stored(store(name, value), py.Name(name))

    wanted = (*(value for _, value in body.updates), *body.outputs)
    stored = {
        value.name: storing(states[name])
        for name, value in body.updates
        if wanted.count(value) == 1
        and _is_free(name, value, body.operations, body.outputs)  # type: ignore[arg-type]
    }
    code = write(
        body,
        {name: py.Name(variable) for name, variable in variables.items()},
        rule_of,
        taken=taken,
        wanted=wanted,
        stored=stored,
        unnamed="change",
        place="in an optimizer",
    )
    *updates, weight = code.results
    later = {
        states[name]: expression
        for (name, value), expression in zip(body.updates, updates, strict=True)
        if value.name not in stored
    }
    changes = {**later, inputs["weight"]: weight}
    lines = list(code.statements)
    if later:
        lines += _kept(changes, copy, {*taken, *variables.values()}, lines)
    statements = (*lines, *(store(name, value) for name, value in changes.items()))
    names = {
        node.id
        for statement in statements
        for node in py.walk(statement)
        if isinstance(node, py.Name)
    }
    used = frozenset(name for name, variable in inputs.items() if variable in names)
    return UpdateRule(statements, used, states)


def _kept(
    changes: dict[str, py.Expression],
    copy: str,
    taken: set[str],
    lines: Sequence[py.Statement],
) -> list[py.Statement]:
    """Name all new values before the first is stored, since they read the old ones."""
    names = Names(taken | {n.id for s in lines for n in py.walk(s) if _is_name(n)})
    made: list[py.Statement] = []
    for variable, value in changes.items():
        if isinstance(value, py.Name):
            if value.id not in changes:
                continue  # nothing changes it
            value = quote(copy, x=value)
        kept = py.Name(names.new(f"new_{variable}"))
        made.append(py.Assign(kept, value))
        changes[variable] = kept
    return made


def _is_name(node: py.Node) -> TypeGuard[py.Name]:
    return isinstance(node, py.Name)


def _numbers(operations: Sequence[Apply], inputs: Collection[str]) -> set[str]:
    """The values that are plain numbers: all that comes of numbers alone."""
    found = set(inputs)
    for operation in operations:
        if all(operand.name in found for operand in operation.operands):
            found.add(operation.result.name)
    return found


def _expression(use: Use, primitive: Primitive, plain: set[str]) -> py.Expression:
    apply = use.apply
    if apply.result.name in plain:
        rule = scalar_rule(apply.primitive)
        if rule is not None:
            return rule(use)
    kinds = (Binary, Cast, Elementwise, Select, StopGradient)
    if not isinstance(REGISTRY[apply.primitive], kinds):
        raise Unsupported(
            f"{apply.primitive} cannot be computed in an optimizer",
            apply.span,
            "a rule updates each number of a weight by itself",
        )
    operands = [
        Operand(expression, operand.type, operand.name in plain)
        for expression, operand in zip(use.operands, apply.operands, strict=True)
    ]
    # What goes element by element asks nothing of the code around it.
    return primitive(apply, operands, cast(Scope, None))


def _is_free(
    state: str,
    value: Value,
    operations: Sequence[Apply],
    outputs: Sequence[Value],
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
    return known and not any(output.name in old for output in outputs)
