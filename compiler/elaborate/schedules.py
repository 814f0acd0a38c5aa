"""The learning rate of an optimizer: a number, or a schedule."""

from typing import Any

from dlmc.elaborate.arguments import Given, Wanted, bind
from dlmc.elaborate.calls import invoke
from dlmc.elaborate.expressions import evaluate
from dlmc.elaborate.frame import Frame
from dlmc.elaborate.measures import Context
from dlmc.elaborate.problems import Problem
from dlmc.elaborate.scope import Environment
from dlmc.elaborate.values import REQUIRED, NamedFunction, describe
from dlmc.grammar import tree
from dlmc.grammar.span import Span
from dlmc.ir.module import Kind, Module, Output, Value
from dlmc.ir.program import Schedule
from dlmc.ir.types import DType, TensorType

SCALAR = TensorType(DType.F64, ())
GIVEN = ("step", "steps")
"""The parameters of a schedule that the training supplies."""
IN_ARGUMENTS = ("steps", "epoch")
"""What the arguments of a schedule may speak of: steps of the training, of an epoch."""


def learning_rate(
    node: tree.Expression, context: Context
) -> tuple[float, Schedule | None]:
    """A number, or a schedule: a function with `lr`, `step` and `steps`."""
    frame = Frame(context.session, False, "lr")
    if isinstance(node, tree.Call):
        function = evaluate(node.function, context.scope, frame)
        if isinstance(function, NamedFunction) and is_schedule(function.declaration):
            return _schedule(function, node, context)
    value = evaluate(node, context.scope, frame)
    if isinstance(value, NamedFunction) and is_schedule(value.declaration):
        return _positive(value, node.span, f"write `{node.span.text}(1e-3)`"), None
    return _positive(value, node.span), None


def is_schedule(declaration: tree.FunctionDeclaration) -> bool:
    """Whether a function is a schedule, by its parameters."""
    names = {parameter.name for parameter in declaration.parameters}
    return {"lr", *GIVEN} <= names


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
    name = declaration.name.name
    frame = Frame(context.session, False, name, mixes_scalars=True)
    inputs = [frame.owned(n, SCALAR) for n in ("lr", "step", "steps", "epoch")]
    lr_input, step, steps, epoch = inputs
    scope = Environment(context.scope)
    for known, value in zip(IN_ARGUMENTS, (steps, epoch), strict=True):
        if context.scope.lookup(known) is None:
            scope.bind(known, value)
    given = [
        Given(evaluate(a.value, scope, frame), a.value.span, a.name, a.name_span)
        for a in node.arguments
    ]
    own = [p for p in declaration.parameters if p.name not in GIVEN]
    wanted = [Wanted(p.name, REQUIRED if p.default is None else p.default) for p in own]
    bound = bind(name, wanted, given, node.span)
    lr = _positive(bound["lr"].value, bound["lr"].span)
    for parameter, argument in bound.items():
        value = argument.value
        if isinstance(value, Value) and value.type.shape != ():
            raise Problem(
                "E0310", f"`{parameter}` of `{name}` is a number", argument.span
            )
    place = node.function.span
    called = [
        *(
            Given(lr_input if key == "lr" else one.value, one.span, key)
            for key, one in bound.items()
        ),
        Given(step, place, "step"),
        Given(steps, place, "steps"),
    ]
    rate = invoke(function, called, node.span, place, frame)
    if not isinstance(rate, Value) or rate.type != SCALAR:
        raise Problem(
            "E0603",
            f"the schedule `{name}` gives {describe(rate)}, and a learning rate is"
            " one number",
            node.span,
        )
    arguments = {
        key: one.value
        for key, one in bound.items()
        if key != "lr" and not isinstance(one.value, Value)
    }
    body = frame.body([rate], {})
    module = Module(
        definition=name,
        kind=Kind.FUNCTION,
        is_library=False,
        arguments={},
        dimensions={},
        inputs=tuple(inputs),
        outputs=(Output(None, SCALAR),),
        parameters=(),
        states=(),
        instances=(),
        inference=body,
        training=body,
        span=node.span,
    )
    return lr, Schedule(name, function.scope.is_library, arguments, module)
