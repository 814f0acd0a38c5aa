"""The optimizer of a training, and its learning rate."""

from typing import Any

from dlmc.diagnostics import Label
from dlmc.elaborate.arguments import Given, Wanted, bind
from dlmc.elaborate.elsewhere import NAMES
from dlmc.elaborate.expressions import evaluate
from dlmc.elaborate.frame import Frame
from dlmc.elaborate.measures import Context
from dlmc.elaborate.problems import Problem, did_you_mean, listing
from dlmc.elaborate.scope import Environment, FileScope
from dlmc.elaborate.specialise import specialise
from dlmc.elaborate.top import OptimizerDeclaration
from dlmc.elaborate.unknown import foreign_module
from dlmc.elaborate.values import (
    REQUIRED,
    NamedFunction,
    describe,
)
from dlmc.grammar import tree
from dlmc.grammar.span import Span
from dlmc.ir.dimensions import Dim
from dlmc.ir.module import Kind
from dlmc.ir.program import Optimizer, Schedule
from dlmc.ir.types import DType, TensorType

SCALAR = TensorType(DType.F64, ())


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
            lr, schedule = _learning_rate(argument.value, context)
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
    weight = TensorType(DType.F32, (Dim.symbol("S"),))
    with context.session.entering(node.function.span):
        done = specialise(
            context.session,
            rule.declaration,
            rule.scope,
            Kind.OPTIMIZER,
            arguments,
            (weight, weight, SCALAR, SCALAR),
            ("weight", "grad", "step", "lr"),
            mixes_scalars=True,
        )
    optimizer = Optimizer(name, rule.scope.is_library, arguments, lr, done.module)
    return optimizer, schedule


def _optimizer_hint(name: str, scope: FileScope) -> str | None:
    known = [
        other for other in dict.fromkeys(scope.names()) if _is_optimizer(scope, other)
    ]
    elsewhere = NAMES.get(name)
    if elsewhere in known:
        return f"it is called `{elsewhere}` here"
    return did_you_mean(name, known) or f"there are {listing(known)}"


def _is_optimizer(scope: FileScope, name: str) -> bool:
    found = scope.lookup(name)
    return found is not None and isinstance(found.value, OptimizerDeclaration)


def _lr_node(
    node: tree.Call, parameters: tuple[tree.Parameter, ...]
) -> tree.Expression | None:
    """The argument that is the learning rate."""
    for i, argument in enumerate(node.arguments):
        by_position = argument.name is None and i < len(parameters)
        name = parameters[i].name if by_position else argument.name
        if name == "lr":
            return argument.value
    return None


def _learning_rate(
    node: tree.Expression, context: Context
) -> tuple[float, Schedule | None]:
    """A number, or a schedule: a function with `lr`, `step` and `steps`."""
    frame = Frame(context.session, False, "lr")
    if isinstance(node, tree.Call):
        function = evaluate(node.function, context.scope, frame)
        if isinstance(function, NamedFunction):
            names = [p.name for p in function.declaration.parameters]
            if {"lr", "step", "steps"} <= set(names):
                return _schedule(function, node, context)
    value = evaluate(node, context.scope, frame)
    if isinstance(value, NamedFunction):
        return _positive(value, node.span, f"write `{node.span.text}(1e-3)`"), None
    return _positive(value, node.span), None


def _positive(
    value: Any, span: Span, hint: str = "for example `1e-3` or `cosine(1e-3)`"
) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise Problem(
            "E0603",
            f"a learning rate is a number of at least 0 or a schedule, not"
            f" {describe(value)}",
            span,
            hint=hint,
        )
    return float(value)


def _schedule(
    function: NamedFunction, node: tree.Call, context: Context
) -> tuple[float, Schedule]:
    declaration = function.declaration
    frame = Frame(context.session, False, declaration.name.name)
    given = [
        Given(
            evaluate(a.value, context.scope, frame), a.value.span, a.name, a.name_span
        )
        for a in node.arguments
    ]
    own = [p for p in declaration.parameters if p.name not in ("step", "steps")]
    wanted = [Wanted(p.name, REQUIRED if p.default is None else p.default) for p in own]
    name = declaration.name.name
    bound = bind(name, wanted, given, node.span)
    lr = _positive(bound["lr"].value, bound["lr"].span)
    environment = Environment(function.scope)
    arguments: dict[str, Any] = {}
    for parameter in own:
        if parameter.name == "lr":
            continue
        if parameter.name in bound:
            value = bound[parameter.name].value
        else:
            assert parameter.default is not None
            value = evaluate(parameter.default, environment, frame)
        environment.bind(parameter.name, value)
        arguments[parameter.name] = value
    with context.session.entering(node.function.span):
        done = specialise(
            context.session,
            declaration,
            function.scope,
            Kind.FUNCTION,
            arguments,
            (SCALAR, SCALAR, SCALAR),
            ("lr", "step", "steps"),
            mixes_scalars=True,
        )
    module = done.module
    return lr, Schedule(name, function.scope.is_library, arguments, module)
