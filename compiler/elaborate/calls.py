"""Calls and pipelines: functions, primitives, blocks, layers."""

from collections.abc import Sequence
from inspect import Parameter
from typing import TYPE_CHECKING, Any

from dlmc.elaborate.arguments import Given, Wanted, bind
from dlmc.elaborate.elsewhere import ARGUMENTS
from dlmc.elaborate.folding import fold
from dlmc.elaborate.operators import problem_of, to_tensors
from dlmc.elaborate.problems import Problem
from dlmc.elaborate.scope import Environment
from dlmc.elaborate.values import (
    CALLABLE,
    REQUIRED,
    BlockFunction,
    Builtin,
    Closure,
    InitializerFunction,
    Layer,
    NamedFunction,
    PrimitiveFunction,
    describe,
)
from dlmc.grammar import tree
from dlmc.grammar.span import Span
from dlmc.initializers import INITIALIZERS
from dlmc.ir.module import Initializer, Value
from dlmc.primitives.base import Fault

if TYPE_CHECKING:
    from dlmc.elaborate.frame import Frame
    from dlmc.elaborate.scope import FileScope


def call(
    node: tree.Call, environment: "Environment | FileScope", frame: "Frame"
) -> Any:
    """`function(arguments)`."""
    function = _callee(node.function, environment, frame)
    given = _evaluated(node.arguments, environment, frame)
    return invoke(function, given, node, node.function.span, frame)


def pipe(
    node: tree.Pipe,
    name: tree.String | None,
    environment: "Environment | FileScope",
    frame: "Frame",
) -> Any:
    """`value -> stage`, or `value -> stage as name`."""
    from dlmc.elaborate.expressions import evaluate, interpolate
    from dlmc.elaborate.layers import name_value

    value = Given(evaluate(node.value, environment, frame), node.value.span)
    stage = node.stage
    if isinstance(stage, tree.Call):
        function = _callee(stage.function, environment, frame)
        given = _evaluated(stage.arguments, environment, frame)
        place = stage.function.span
    else:
        function, given, place = _callee(stage, environment, frame), [], stage.span
    if isinstance(function, BlockFunction):
        function, given = make_layer(function, given, stage.span, frame), []
    if name is not None:
        if not isinstance(function, Layer):
            raise Problem(
                "E0310",
                "`as` names a layer, and this stage makes none",
                name.span,
                hint=f"to name the result: `{name.value} = …`",
            )
        text = interpolate(name, environment, frame)
        function = name_value(function, text, name)
    return invoke(function, [value, *given], node, place, frame)


def _callee(
    node: tree.Expression, environment: "Environment | FileScope", frame: "Frame"
) -> Any:
    from dlmc.elaborate.expressions import evaluate

    function = evaluate(node, environment, frame)
    if not isinstance(function, CALLABLE):
        raise Problem(
            "E0310",
            f"{describe(function)} cannot be called",
            node.span,
        )
    return function


def _evaluated(
    arguments: Sequence[tree.Argument],
    environment: "Environment | FileScope",
    frame: "Frame",
) -> list[Given]:
    from dlmc.elaborate.expressions import evaluate

    return [
        Given(
            evaluate(argument.value, environment, frame),
            argument.value.span,
            argument.name,
            argument.name_span,
        )
        for argument in arguments
    ]


def invoke(
    function: Any, given: list[Given], node: tree.Node, place: Span, frame: "Frame"
) -> Any:
    """Call a function value; `place` is where the callee stands, `node` the whole."""
    match function:
        case PrimitiveFunction():
            return _primitive(function, given, node.span, frame)
        case Builtin():
            return _builtin(function, given, place, frame)
        case InitializerFunction():
            return _initializer(function, given, place)
        case NamedFunction():
            return _function(function, given, node.span, place, frame)
        case Closure():
            wanted = _parameters(function.node.parameters)
            bound = bind("fn", wanted, given, place)
            inner = Environment(function.environment)
            _bind_parameters(inner, function.node.parameters, bound, frame)
            return _inline(function.node.body, inner, place, frame)
        case BlockFunction():
            return make_layer(function, given, node.span, frame)
        case Layer():
            return frame.session.apply_layer(function, given, node.span, place, frame)
    raise AssertionError(function)


def _parameters(parameters: Sequence[tree.Parameter]) -> list[Wanted]:
    return [
        Wanted(p.name, REQUIRED if p.default is None else p.default) for p in parameters
    ]


def _bind_parameters(
    environment: Environment,
    parameters: Sequence[tree.Parameter],
    bound: dict[str, Given],
    frame: "Frame",
) -> dict[str, Any]:
    """Bind each parameter in turn; a default sees the parameters before it."""
    from dlmc.elaborate.expressions import evaluate

    values: dict[str, Any] = {}
    for parameter in parameters:
        if parameter.name in bound:
            value = bound[parameter.name].value
        else:
            assert parameter.default is not None
            value = evaluate(parameter.default, environment, frame)
        environment.bind(parameter.name, value, parameter.span)
        values[parameter.name] = value
    return values


def _inline(
    body: tree.Expression, environment: Environment, place: Span, frame: "Frame"
) -> Any:
    from dlmc.elaborate.expressions import evaluate

    with frame.session.entering(place):
        return evaluate(body, environment, frame)


def _primitive(
    function: PrimitiveFunction, given: list[Given], span: Span, frame: "Frame"
) -> Any:
    primitive = function.primitive
    attributes = primitive.attribute_defaults
    if primitive.variadic:
        operands = [g for g in given if g.name is None]
        named = [g for g in given if g.name is not None]
        if len(operands) == 1 and isinstance(operands[0].value, list):
            operands = [Given(v, operands[0].span) for v in operands[0].value]
        if not operands:
            raise Problem("E0204", f"`{primitive.name}` needs a tensor", span)
    else:
        operands, named = [], given
    wanted = [
        *(Wanted(n) for n in primitive.operand_names if not primitive.variadic),
        *(
            Wanted(n, REQUIRED if default is Parameter.empty else default)
            for n, default in attributes.items()
        ),
    ]
    bound = bind(
        primitive.name, wanted, named, span, known_elsewhere=ARGUMENTS
    )  # fmt: skip
    if not primitive.variadic:
        operands = [bound[name] for name in primitive.operand_names]
    values = tuple(operand.value for operand in operands)
    given_attributes = {
        name: bound[name].value if name in bound else default
        for name, default in attributes.items()
    }
    if operands and not any(isinstance(value, Value) for value in values):
        return _folded(primitive.name, values, given_attributes, operands, span, frame)
    spans = tuple(operand.span for operand in operands)
    tensors = to_tensors(values, spans, span, frame)
    try:
        return frame.apply(primitive.name, tensors, given_attributes, span)
    except Fault as fault:
        place = span
        if fault.argument in bound:
            place = bound[fault.argument].span
        raise problem_of(fault, place) from None


def _folded(
    name: str,
    values: tuple[Any, ...],
    attributes: dict[str, Any],
    operands: list[Given],
    span: Span,
    frame: "Frame",
) -> Any:
    """A primitive on compile-time values is computed at once."""
    if name == "cast":
        return frame.session.cast_number(values[0], attributes["dtype"], span, frame)
    try:
        result = fold(name, values)
    except Fault as fault:
        raise problem_of(fault, operands[0].span) from None
    frame.fix(list(values))
    return result


def _builtin(function: Builtin, given: list[Given], place: Span, frame: "Frame") -> Any:
    wanted = [Wanted(name, default) for name, default in function.parameters]
    bound = bind(function.name, wanted, given, place)
    values = {
        name: bound[name].value if name in bound else default
        for name, default in function.parameters
    }
    try:
        return function.run(frame, **values)
    except Fault as fault:
        span = bound[fault.argument].span if fault.argument in bound else place
        raise problem_of(fault, span) from None


def _initializer(
    function: InitializerFunction, given: list[Given], place: Span
) -> Initializer:
    definition = INITIALIZERS[function.name]
    wanted = [
        Wanted(n, REQUIRED if default is Parameter.empty else default)
        for n, default in definition.parameters.items()
    ]
    bound = bind(function.name, wanted, given, place)
    for argument in bound.values():
        if isinstance(argument.value, bool) or not isinstance(
            argument.value, int | float
        ):
            raise Problem(
                "E0310",
                f"`{function.name}` takes numbers, not {describe(argument.value)}",
                argument.span,
            )
    # In the declared order, so that equal initialisers compare equal.
    return Initializer(
        function.name,
        tuple(
            (name, bound[name].value) for name in definition.parameters if name in bound
        ),
    )


def _function(
    function: NamedFunction,
    given: list[Given],
    span: Span,
    place: Span,
    frame: "Frame",
) -> Any:
    declaration = function.declaration
    wanted = _parameters(declaration.parameters)
    bound = bind(
        declaration.name.name,
        wanted,
        given,
        place,
        declared=None if function.scope.is_library else declaration.name.span,
        known_elsewhere=ARGUMENTS,
    )
    inner = Environment(function.scope)
    with frame.session.entering(place):
        values = _bind_parameters(inner, declaration.parameters, bound, frame)
    tensors = any(isinstance(value, Value) for value in values.values())
    if tensors and not any(isinstance(v, CALLABLE) for v in values.values()):
        return frame.session.apply_function(function, values, span, place, frame)
    return _inline(declaration.body, inner, place, frame)


def make_layer(
    block: BlockFunction, given: list[Given], span: Span, frame: "Frame"
) -> Layer:
    """A layer from a block and its compile-time arguments."""
    declaration = block.declaration
    name = declaration.name.name
    for argument in given:
        if isinstance(argument.value, Value) and argument.name is None:
            raise Problem(
                "E0204",
                f"`{name}(…)` makes a layer; a tensor is not one of its arguments",
                argument.span,
                hint=f"apply it by a pipeline: `x -> {name}(…)`, or `{name}(…)(x)`",
            )
    bound = bind(
        name,
        _parameters(declaration.parameters),
        given,
        span,
        declared=None if block.scope.is_library else declaration.name.span,
        known_elsewhere=ARGUMENTS,
    )
    inner = Environment(block.scope)
    with frame.session.entering(span):
        values = _bind_parameters(inner, declaration.parameters, bound, frame)
    return Layer(block, values, span, frame)
