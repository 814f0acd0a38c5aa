"""Calls and pipelines: functions, primitives, blocks, layers."""

from collections.abc import Sequence
from inspect import Parameter
from typing import TYPE_CHECKING, Any

from dlmc.diagnostics import Label
from dlmc.elaborate.arguments import Given, Wanted, bind
from dlmc.elaborate.folding import fold
from dlmc.elaborate.operators import checked, in_terms, problem_of, to_tensors
from dlmc.elaborate.problems import Problem
from dlmc.elaborate.scope import Elsewhere, Environment
from dlmc.elaborate.standard import library_index
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
    holds_callable,
    holds_tensor,
    is_plain,
)
from dlmc.grammar import tree
from dlmc.grammar.span import Span
from dlmc.initializers import INITIALIZERS
from dlmc.ir.module import Initializer, Value
from dlmc.ir.types import DType
from dlmc.primitives.base import Fault

if TYPE_CHECKING:
    from dlmc.elaborate.frame import Frame
    from dlmc.elaborate.scope import FileScope


def call(
    node: tree.Call, environment: "Environment | FileScope", frame: "Frame"
) -> Any:
    """`function(arguments)`."""
    function = _callee(node.function, environment, frame)
    given = _evaluated(node.arguments, environment, frame, function)
    result = invoke(function, given, node.span, node.function.span, frame)
    if given:
        frame.stage(result, given[0].value, f"{node.function.span.text}(…)", node.span)
    return result


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
    result = invoke(function, [value, *given], node.span, place, frame)
    frame.stage(result, value.value, f"-> {stage.span.text}", stage.span)
    return result


def _callee(
    node: tree.Expression, environment: "Environment | FileScope", frame: "Frame"
) -> Any:
    from dlmc.elaborate.expressions import evaluate

    function = evaluate(node, environment, frame)
    if not isinstance(function, CALLABLE):
        found = environment.lookup(node.name) if isinstance(node, tree.Name) else None
        bound = None if found is None else found.span
        raise Problem(
            "E0310",
            f"{describe(function)} cannot be called",
            node.span,
            labels=() if bound is None else (Label(bound, "bound here"),),
            hint=_calling(function, node.span.text, environment),
        )
    return function


def _calling(
    value: Any, text: str, scope: "Environment | FileScope | Elsewhere"
) -> str | None:
    """A hint for a value that is called, and is no function and no layer."""
    while isinstance(scope, Environment | Elsewhere):
        scope = scope.parent
    hidden = scope.lookup(text)
    if hidden is not None and isinstance(hidden.value, CALLABLE):
        return f"it hides {describe(hidden.value)}: call the value otherwise"
    match value:
        case DType():
            return f"`cast(x, {text})` changes a dtype"
        case Value():
            return "a layer is bound without a tensor: `hidden = Dense(8)`"
        case Initializer():
            return "it is called already: a parameter starts from it as it is"
    return None


def _evaluated(
    arguments: Sequence[tree.Argument],
    environment: "Environment | FileScope",
    frame: "Frame",
    function: Any = None,
) -> list[Given]:
    from dlmc.elaborate.expressions import evaluate

    given: list[Given] = []
    for argument in arguments:
        fixed = set(frame.fixed)
        value = evaluate(argument.value, environment, frame)
        if _only_checks(function, argument, len(given)):
            frame.fixed = fixed
        span, name_span = argument.value.span, argument.name_span
        given.append(Given(value, span, argument.name, name_span))
    return given


def _only_checks(function: Any, argument: tree.Argument, position: int) -> bool:
    """Whether an argument decides that there is an error, and not what is computed.

    A body does not depend on the sizes that it compares: of others it is checked again.
    """
    if not isinstance(function, Builtin) or function.name != "require":
        return False
    return argument.name == "condition" if argument.name else position == 1


def invoke(
    function: Any, given: list[Given], span: Span, place: Span, frame: "Frame"
) -> Any:
    """Call a function value; `place` is where the callee stands, `span` the whole."""
    match function:
        case PrimitiveFunction():
            return _primitive(function, given, span, frame)
        case Builtin():
            return _builtin(function, given, place, frame)
        case InitializerFunction():
            return _initializer(function, given, place)
        case NamedFunction():
            return _function(function, given, span, place, frame)
        case Closure():
            wanted = _parameters(function.node.parameters)
            bound = bind("fn", wanted, given, place)
            around: Environment | Elsewhere = function.environment
            if function.frame is not frame:
                around = Elsewhere(function.environment, function.frame)
            inner = Environment(around)
            _bind_parameters(inner, function.node.parameters, bound, frame)
            return _inline(function.node.body, inner, place, frame, _spans(bound))
        case BlockFunction():
            return make_layer(function, given, span, frame)
        case Layer():
            return frame.session.apply_layer(function, given, span, place, frame)
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
    body: tree.Expression,
    environment: Environment,
    place: Span,
    frame: "Frame",
    given: dict[str, Span],
) -> Any:
    from dlmc.elaborate.expressions import evaluate

    with frame.session.entering(place, given=given):
        return evaluate(body, environment, frame)


def _primitive(
    function: PrimitiveFunction, given: list[Given], span: Span, frame: "Frame"
) -> Any:
    primitive = function.primitive
    attributes = primitive.attribute_defaults
    if primitive.variadic:
        operands = [g for g in given if g.name is None]
        named = [g for g in given if g.name is not None]
        if primitive.leading:
            texts = [g for g in operands if isinstance(g.value, str)]
            named = [*texts, *named]
            operands = [g for g in operands if g not in texts]
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
    bound = bind(primitive.name, wanted, named, span)
    if not primitive.variadic:
        operands = [bound[name] for name in primitive.operand_names]
    values = tuple(operand.value for operand in operands)
    given_attributes = {
        name: bound[name].value if name in bound else default
        for name, default in attributes.items()
    }
    for name in attributes:
        if name in bound and not is_plain(bound[name].value):
            raise Problem(
                "E0310",
                f"`{name}` of `{primitive.name}` is known when a program is compiled:"
                f" it cannot be {describe(bound[name].value)}",
                bound[name].span,
            )
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
            fault.hint = in_terms(fault.hint, fault.argument, place)
        if fault.hint is None and not all(isinstance(v, Value) for v in values):
            fault.hint = _layer_of(primitive.name)
        problem = problem_of(fault, place, of=primitive.name)
        if tensors:
            problem.about(tensors[0], frame)
        raise problem from None


def _layer_of(name: str) -> str | None:
    """The layer that has the tensors which its function wants."""
    layer = "".join(word.capitalize() for word in name.split("_"))
    return f"the layer is `{layer}`" if layer in library_index() else None


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
    if function.others is not None:
        names = [name for name, _ in function.parameters]
        more = dict.fromkeys(g.name for g in given if g.name not in (None, *names))
        wanted += [Wanted(name, None) for name in more if name is not None]
    bound = bind(function.name, wanted, given, place)
    values: dict[str, Any] = {
        name: bound[name].value if name in bound else default
        for name, default in function.parameters
    }
    if function.others is not None:
        values[function.others] = {
            name: argument.value
            for name, argument in bound.items()
            if name not in values
        }
    try:
        with frame.session.entering(place, given=_spans(bound)):
            result = function.run(frame, **values)
    except Fault as fault:
        span = bound[fault.argument].span if fault.argument in bound else place
        for name, argument in bound.items():
            fault.hint = in_terms(fault.hint, name, argument.span)
        raise problem_of(fault, span) from None
    return checked(result, place, frame) if isinstance(result, list) else result


def _initializer(
    function: InitializerFunction, given: list[Given], place: Span
) -> Initializer:
    definition = INITIALIZERS[function.name]
    wanted = [
        Wanted(n, REQUIRED if default is Parameter.empty else default)
        for n, default in definition.parameters.items()
    ]
    bound = bind(function.name, wanted, given, place)
    values = {name: argument.value for name, argument in bound.items()}
    for name, argument in bound.items():
        fault = definition.fault(name, argument.value, values)
        if fault is not None:
            said = f"{fault}, not {describe(argument.value)}"
            raise Problem("E0310", said, argument.span)
    # In the declared order, so that equal initialisers compare equal.
    return Initializer(
        function.name,
        tuple((name, values[name]) for name in definition.parameters if name in values),
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
    )
    inner = Environment(function.scope)
    spans = _spans(bound)
    with frame.session.entering(place, given=spans):
        values = _bind_parameters(inner, declaration.parameters, bound, frame)
    tensors = any(isinstance(value, Value) for value in values.values())
    # A module has no inputs that are functions, or lists of tensors.
    is_module = not any(map(holds_tensor, values.values()))
    if tensors and is_module and not holds_callable(list(values.values())):
        return frame.session.apply_function(function, values, span, place, frame, spans)
    return _inline(declaration.body, inner, place, frame, spans)


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
    inputs = {s.name.name for s in declaration.body if isinstance(s, tree.Input)}
    for argument in given:
        if argument.name in inputs and all(
            argument.name != p.name for p in declaration.parameters
        ):
            raise Problem(
                "E0203",
                f"`{argument.name}` is an input of `{name}`, not an argument",
                argument.name_span or argument.span,
                hint=f"give it where the layer is applied: `{name}(…)(x, …)`",
            )
    bound = bind(
        name,
        _parameters(declaration.parameters),
        given,
        span,
        declared=None if block.scope.is_library else declaration.name.span,
    )
    inner = Environment(block.scope)
    spans = _spans(bound)
    with frame.session.entering(span, given=spans):
        values = _bind_parameters(inner, declaration.parameters, bound, frame)
    loops = tuple(frame.loops)
    return Layer(block, values, span, frame, loops=loops, given=spans)


def _spans(bound: dict[str, Given]) -> dict[str, Span]:
    return {name: argument.span for name, argument in bound.items()}
