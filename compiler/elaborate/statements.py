"""What statements in a block do."""

from collections.abc import Sequence
from typing import Any

from dlmc.diagnostics import Label
from dlmc.elaborate.expressions import evaluate
from dlmc.elaborate.frame import Frame
from dlmc.elaborate.operators import to_tensor, truth
from dlmc.elaborate.parameters import layers_in, outer_of, translate
from dlmc.elaborate.problems import Exhausted, Poisoned, Problem
from dlmc.elaborate.scope import Environment
from dlmc.elaborate.types import check_output, declared_type, match, model_type
from dlmc.elaborate.unknown import unknown_name
from dlmc.elaborate.values import InitializerFunction, Poison, describe, is_number
from dlmc.grammar import tree
from dlmc.grammar.names import used_names
from dlmc.initializers import INITIALIZERS
from dlmc.ir.dimensions import Dim, Size
from dlmc.ir.module import Initializer, Parameter, State, Value
from dlmc.ir.traced import origin_of
from dlmc.ir.types import TensorType


def run(
    statements: Sequence[tree.Statement], environment: Environment, frame: Frame
) -> None:
    """Run statements in order; after a mistake the next one is looked at."""
    for statement in statements:
        try:
            _run(statement, environment, frame)
        except Problem as problem:
            if frame.is_library or isinstance(problem, Exhausted):
                raise  # it is the use that is wrong, or the whole
            frame.session.report(problem)
            _report_names(statement, environment, frame)
            frame.failed = True
            _poison(statement, environment)
        except Poisoned:
            _report_names(statement, environment, frame)
            frame.failed = True
            _poison(statement, environment)


def _report_names(
    statement: tree.Statement, environment: Environment, frame: Frame
) -> None:
    """Say which other names of a wrong statement have no meaning either.

    A pipeline stops at its first mistake, and whoever wrote one name as elsewhere has
    often written several. Loops and choices report their own statements.
    """
    if isinstance(statement, tree.For | tree.If | tree.Scan):
        return
    for name in used_names(statement):
        follows = name.span.source.text[name.span.end : name.span.end + 1]
        if follows != "." and environment.lookup(name.name) is None:
            unknown = unknown_name(name, environment, frame.declaration)
            frame.session.report(frame.explain(name) or unknown)


def _poison(statement: tree.Statement, environment: Environment) -> None:
    """What a statement would have bound has no value; asking for it is no mistake."""
    match statement:
        case tree.Binding(targets=targets) | tree.For(targets=targets):
            for target in targets:
                environment.bind(target.name, Poison(), target.span)
        case (
            tree.Input(name=name)
            | tree.Param(name=name)
            | tree.State(name=name)
            | tree.Emit(name=name)
            | tree.Output(name=tree.Identifier() as name)
        ):
            environment.bind(name.name, Poison(), name.span)
            if isinstance(statement, tree.Input):
                for dimension in statement.type.dimensions:
                    _poison_symbol(dimension, environment)
        case _:
            pass
    if isinstance(statement, tree.For | tree.Scan):
        for inner in statement.body:
            _poison(inner, environment)
    if isinstance(statement, tree.Scan):
        for carry in statement.carries:
            environment.bind(carry.name.name, Poison(), carry.name.span)
    if isinstance(statement, tree.If):
        for inner in (*statement.then, *statement.otherwise):
            _poison(inner, environment)


def _poison_symbol(
    dimension: tree.Expression | tree.Ellipsis, environment: Environment
) -> None:
    if isinstance(dimension, tree.Name) and environment.lookup(dimension.name) is None:
        environment.bind(dimension.name, Poison(), dimension.span)


def _run(statement: tree.Statement, environment: Environment, frame: Frame) -> None:
    match statement:
        case tree.Input():
            _input(statement, environment, frame)
        case tree.Output():
            _output(statement, environment, frame)
        case tree.Param():
            _param(statement, environment, frame)
        case tree.State():
            _state(statement, environment, frame)
        case tree.Binding():
            _binding(statement, environment, frame)
        case tree.For():
            _for(statement, environment, frame)
        case tree.If():
            condition = evaluate(statement.condition, environment, frame)
            taken = truth(condition, statement.condition, frame)
            body = statement.then if taken else statement.otherwise
            run(body, environment, frame)
        case tree.Scan() | tree.Emit():
            raise Problem(
                "E0004", "`scan` is not supported yet", statement.span,
                hint="a loop with a known number of turns is `for i in 0..n { … }`",
            )  # fmt: skip


def _declare(name: tree.Identifier, frame: Frame, environment: Environment) -> None:
    own = environment.own(name.name)
    if own is not None:
        raise Problem(
            "E0202",
            f"`{name.name}` is declared already",
            name.span,
            labels=() if own.span is None else (Label(own.span, "first here"),),
        )
    if name.name in frame.instances:
        raise Problem(
            "E0202",
            f"`{name.name}` is the name of a layer already",
            name.span,
            labels=(Label(frame.instances[name.name].span, "this one"),),
        )
    if frame.loops:
        raise Problem(
            "E0312",
            "inputs, parameters and states are declared outside loops",
            name.span,
            hint="in a `block` of its own: its uses in the loop each have their own",
        )


def _input(statement: tree.Input, environment: Environment, frame: Frame) -> None:
    _declare(statement.name, frame, environment)
    position = len(frame.inputs)
    name = statement.name.name
    if frame.operands is None:
        type_ = model_type(statement.type, position, environment, frame)
    elif position >= len(frame.operands):
        raise Problem(
            "E0204",
            f"`{frame.title}` has more inputs than the {len(frame.operands)} given",
            statement.span,
            at="nothing is given for this input",
        )
    else:
        type_ = match_input(statement, position, environment, frame)
    value = frame.owned(name, type_)
    frame.inputs[name] = value
    environment.bind(name, value, statement.name.span)


def match_input(
    statement: tree.Input, position: int, environment: Environment, frame: Frame
) -> TensorType:
    """The type of an input as its block sees it."""
    assert frame.operands is not None
    name = statement.name.name
    actual = frame.operands[position]
    try:
        return match(statement.type, actual, position, name, environment, frame)
    except Problem as problem:
        # What does not fit is the use: that is where to look first.
        raise frame.session.at_use(problem, position) from None


def _tensor(value: Any, node: tree.Expression, frame: Frame) -> Value:
    if isinstance(value, Value):
        return value
    if isinstance(value, tuple) and len(value) == 1:
        return _tensor(value[0], node, frame)
    raise Problem("E0310", f"a tensor is needed, not {describe(value)}", node.span)


def _output(statement: tree.Output, environment: Environment, frame: Frame) -> None:
    if frame.loops:
        raise Problem(
            "E0312", "an output stands outside loops", statement.span,
            hint="bind the value to a name in the loop, and give it out after the loop",
        )  # fmt: skip
    value = evaluate(statement.value, environment, frame)
    tensor = _tensor(value, statement.value, frame)
    if statement.type is not None:
        check_output(statement.type, tensor, environment, frame, statement.value.span)
    name: str | None = None
    if statement.name is not None:
        name = statement.name.name
        environment.bind(name, tensor, statement.name.span)
        frame.hints.setdefault(tensor.name, name)
    elif isinstance(statement.value, tree.Name):
        name = statement.value.name
    if any(other == name for other, _ in frame.outputs):
        raise Problem(
            "E0202",
            f"there are two outputs called `{name}`"
            if name
            else "of several outputs each has a name",
            statement.span,
            hint="call it otherwise" if name else "write `output name = …`",
        )
    frame.outputs.append((name, tensor))


def _initializer(
    node: tree.Expression, type_: TensorType, environment: Environment, frame: Frame
) -> Initializer:
    value = evaluate(node, environment, frame)
    if is_number(value) and not isinstance(value, Dim):
        if origin_of(value) is None and value in (0, 1):
            return Initializer("ones" if value else "zeros")
        return Initializer("constant", (("value", value),))
    if not isinstance(value, Initializer):
        hint = "for example `normal(std = 0.02)`, `zeros()` or `0.5`"
        if isinstance(value, InitializerFunction):
            hint = f"write `{value.name}()`: its arguments, if any, stand between"
        raise Problem(
            "E0310",
            f"a parameter starts from an initialiser or a number, not"
            f" {describe(value)}",
            node.span,
            hint=hint,
        )
    definition = INITIALIZERS[value.name]
    least, most = definition.min_rank, definition.max_rank
    if type_.rank < least or (most is not None and type_.rank > most):
        needed = f"{least}" if least == most else f"{least} or more"
        raise Problem(
            "E0304",
            f"the initialiser `{value.name}` is for {needed} axes, and {type_} has"
            f" {type_.rank}",
            node.span,
            hint="`normal(std = 0.02)`, `zeros()` and `ones()` fit any shape",
        )
    return value


def _param(statement: tree.Param, environment: Environment, frame: Frame) -> None:
    _declare(statement.name, frame, environment)
    type_ = declared_type(statement.type, environment, frame)
    if not type_.dtype.is_float:
        raise Problem(
            "E0303",
            f"a parameter is trained, so it is a float, not {type_.dtype}",
            statement.type.span,
            hint="what is not trained is a `state`",
        )
    _check_known(type_, statement.type, frame)
    initializer = _initializer(statement.value, type_, environment, frame)
    name = statement.name.name
    frame.parameters[name] = Parameter(name, type_, initializer, statement.span)
    environment.bind(name, frame.owned(name, type_), statement.name.span)


def _check_known(type_: TensorType, node: tree.Type, frame: Frame) -> None:
    aligned = len(type_.shape) == len(node.dimensions)
    for axis, size in enumerate(type_.shape):
        span = node.dimensions[axis].span if aligned else node.span
        if isinstance(size, Dim):
            shown: Size = size
            if frame.is_library and frame.operands is not None:
                shown = translate(size, outer_of(frame))  # as the caller calls it
            problem = Problem(
                "E0306",
                f"the size {shown} is known only when the program runs; a parameter"
                " needs a known one",
                span,
                hint="write a number in the type of the input that has this size",
            )
            for value in frame.inputs.values():
                problem.about(value, frame)
            raise problem


def _state(statement: tree.State, environment: Environment, frame: Frame) -> None:
    _declare(statement.name, frame, environment)
    if statement.type is None:
        type_ = frame.inputs["weight"].type if frame.is_update else None
        if type_ is None:
            raise Problem(
                "E0309",
                f"the state `{statement.name.name}` has no type",
                statement.name.span,
                hint=f"write `state {statement.name.name}: f32[3] = zeros()`",
            )
    else:
        type_ = declared_type(statement.type, environment, frame)
        if not frame.is_update:
            _check_known(type_, statement.type, frame)
    initializer = _initializer(statement.value, type_, environment, frame)
    if frame.is_update and initializer.number is None:
        raise Problem(
            "E0310",
            "a state of an optimizer starts from a number",
            statement.value.span,
            hint="for example `zeros()` or `0.5`",
        )
    name = statement.name.name
    frame.states[name] = State(name, type_, initializer, statement.span)
    environment.bind(name, frame.owned(name, type_), statement.name.span)


def _binding(statement: tree.Binding, environment: Environment, frame: Frame) -> None:
    value = evaluate(statement.value, environment, frame)
    targets = statement.targets
    if len(targets) == 1:
        _assign(targets[0], value, statement.value, environment, frame)
        return
    items = value if isinstance(value, list | tuple) else None
    if items is None or len(items) != len(targets):
        raise Problem(
            "E0310",
            f"{len(targets)} names for {describe(value)}",
            targets[0].span.to(targets[-1].span),
            labels=(Label(statement.value.span, f"this is {describe(value)}"),),
        )
    for target, item in zip(targets, items, strict=True):
        _assign(target, item, statement.value, environment, frame)


def _assign(
    target: tree.Identifier,
    value: Any,
    node: tree.Expression,
    environment: Environment,
    frame: Frame,
) -> None:
    name = target.name
    for hint, layer in layers_in(name, value):
        layer.hint = layer.hint or hint
    owned = frame.states.get(name)
    if owned is not None or (frame.is_update and name == "weight"):
        wanted = owned.type if owned is not None else frame.inputs["weight"].type
        value = to_tensor(value, node.span, frame.owned(name, wanted), frame)
        if value.type != wanted:
            raise Problem(
                "E0304",
                f"`{name}` is {wanted}; its new value is {value.type}",
                node.span,
            )
    if name in frame.parameters:
        raise Problem(
            "E0202",
            f"`{name}` is a parameter: training changes it, not an assignment",
            target.span,
            hint="call the new value otherwise",
        )
    if isinstance(value, Value):
        frame.hints.setdefault(value.name, name)
    environment.bind(name, value, target.span)


def _range_hint(value: Any, node: tree.Expression) -> str:
    """What a loop may go over in the place of a value that it cannot."""
    if isinstance(value, int):
        return f"a range is written `0..n`: `0..{node.span.text}`"
    if isinstance(value, Value) and value.type.rank:
        size = value.type.shape[0]
        if isinstance(size, int):
            return f"go over its positions: `for i in 0..{size} {{ … }}`, and `x[i]`"
        return f"its first axis has {size} items, which only a running program knows"
    return "a range is `0..n`"


def _for(statement: tree.For, environment: Environment, frame: Frame) -> None:
    items = evaluate(statement.iterable, environment, frame)
    if not isinstance(items, list):
        raise Problem(
            "E0310",
            f"a loop goes over a list or a range, not {describe(items)}",
            statement.iterable.span,
            hint=_range_hint(items, statement.iterable),
        )
    targets = statement.targets
    outer = frame.loops
    for turn, item in enumerate(items):
        parts = item if len(targets) > 1 else [item]
        if not isinstance(parts, list | tuple) or len(parts) != len(targets):
            raise Problem(
                "E0310",
                f"{len(targets)} names for {describe(item)}",
                statement.span,
            )
        for target, part in zip(targets, parts, strict=True):
            environment.bind(target.name, part, target.span)
        frame.loops = [*outer, turn]
        try:
            run(statement.body, environment, frame)
        finally:
            frame.loops = outer
        if frame.failed:
            return  # the other turns would say the same
