"""The optimizer of a training, and its learning rate."""

from typing import Any

from dlmc.diagnostics import Label
from dlmc.elaborate.arguments import Given, Wanted, bind
from dlmc.elaborate.arguments_elsewhere import argument_here
from dlmc.elaborate.elsewhere import NAMES
from dlmc.elaborate.expressions import evaluate
from dlmc.elaborate.frame import Frame
from dlmc.elaborate.measures import Context
from dlmc.elaborate.problems import Problem, did_you_mean
from dlmc.elaborate.schedules import is_schedule, learning_rate
from dlmc.elaborate.scope import Environment, FileScope
from dlmc.elaborate.top import OptimizerDeclaration
from dlmc.elaborate.unknown import foreign_module
from dlmc.elaborate.updates import updates_of
from dlmc.elaborate.values import REQUIRED, NamedFunction
from dlmc.grammar import tree
from dlmc.ir.program import Optimizer, Schedule

SHOWN = 3
"""How many optimizers a message names."""


def optimizer_of(
    setting: tree.Setting, context: Context
) -> tuple[Optimizer, Schedule | None]:
    """The update rule of a setting, and its schedule where the rate has one."""
    node = setting.value
    if isinstance(node, tree.Call) and isinstance(node.function, tree.Attribute):
        foreign = foreign_module(node.function, context.scope)
        if foreign is not None:
            raise foreign
    if not isinstance(node, tree.Call) or not isinstance(node.function, tree.Name):
        name = ""
        if isinstance(node, tree.Name):
            name = node.name
        elif isinstance(node, tree.String):
            name = node.value
        name = name if _is_optimizer(context.scope, name) else "adam"
        raise Problem(
            "E0603",
            "an optimizer is a call with a learning rate",
            node.span,
            hint=f"write `optimizer = {name}(lr = 1e-3)`",
        )
    found = context.scope.lookup(node.function.name)
    if found is None or not isinstance(found.value, OptimizerDeclaration):
        raise Problem(
            "E0201",
            f"there is no optimizer `{node.function.name}`",
            node.function.span,
            hint=_optimizer_hint(node.function.name, context.scope),
        )
    rule: OptimizerDeclaration = found.value
    parameters = rule.declaration.parameters
    wanted = [
        Wanted(p.name, REQUIRED if p.default is None else p.default) for p in parameters
    ]
    frame = Frame(context.session, False, "optimizer")
    lr_node = _lr_node(node, parameters)
    schedule: Schedule | None = None
    given: list[Given] = []
    lr: float | None = None
    for argument in node.arguments:
        if argument.value is lr_node:
            lr, schedule = learning_rate(argument.value, context)
            value: Any = lr
        else:
            value = evaluate(argument.value, context.scope, frame)
        given.append(
            Given(value, argument.value.span, argument.name, argument.name_span)
        )
    name = rule.declaration.name.name
    bound = bind(name, wanted, given, node.span)
    if lr is None:
        raise Problem(
            "E0603",
            f"the optimizer `{name}` takes no learning rate `lr`",
            node.span,
            labels=(Label(rule.declaration.name.span, "declared here"),),
            hint=f"declare it with one: `optimizer {name}(lr) {{ … }}`",
        )
    environment = Environment(rule.scope)
    arguments: dict[str, Any] = {}
    for parameter in parameters:
        if parameter.name in bound:
            value = bound[parameter.name].value
        else:
            assert parameter.default is not None
            value = evaluate(parameter.default, environment, frame)
        environment.bind(parameter.name, value)
        if parameter.name != "lr":
            arguments[parameter.name] = value
    with context.session.entering(node.function.span):
        updates = updates_of(rule, arguments, context.model, context.session)
    optimizer = Optimizer(name, rule.scope.is_library, arguments, lr, updates)
    return optimizer, schedule


def _optimizer_hint(name: str, scope: FileScope) -> str | None:
    known = [
        other for other in dict.fromkeys(scope.names()) if _is_optimizer(scope, other)
    ]
    elsewhere = NAMES.get(name)
    if elsewhere in known:
        return f"it is called `{elsewhere}` here"
    found = scope.lookup(name)
    value = None if found is None else found.value
    if isinstance(value, NamedFunction) and is_schedule(value.declaration):
        return f"it is a schedule, of a learning rate: `adam(lr = {name}(1e-3))`"
    some = ", ".join(f"`{other}`" for other in known[:SHOWN])
    return did_you_mean(name, known) or (
        f"there are {some} and others: `dlmc ops` lists them"
    )


def _is_optimizer(scope: FileScope, name: str) -> bool:
    found = scope.lookup(name)
    return found is not None and isinstance(found.value, OptimizerDeclaration)


def _lr_node(
    node: tree.Call, parameters: tuple[tree.Parameter, ...]
) -> tree.Expression | None:
    """The argument that is the learning rate, though it may be called otherwise."""
    for i, argument in enumerate(node.arguments):
        by_position = argument.name is None and i < len(parameters)
        name = parameters[i].name if by_position else argument.name
        if name is not None and "lr" in (name, argument_here(name, ["lr"])):
            return argument.value
    return None
