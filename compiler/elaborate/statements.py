"""What statements in a block do."""

from collections.abc import Sequence
from typing import Any

from dlmc.diagnostics import Label
from dlmc.elaborate.expressions import evaluate
from dlmc.elaborate.frame import Frame
from dlmc.elaborate.operators import to_tensor, truth
from dlmc.elaborate.problems import Poisoned, Problem
from dlmc.elaborate.scope import Environment
from dlmc.elaborate.types import check_output, declared_type, match, model_type
from dlmc.elaborate.values import Layer, Poison, describe, is_number
from dlmc.grammar import tree
from dlmc.ir.dimensions import Dim
from dlmc.ir.module import Initializer, Parameter, State, Value
from dlmc.ir.types import TensorType


def run(
    statements: Sequence[tree.Statement], environment: Environment, frame: Frame
) -> None:
    """Run statements in order; after a mistake the next one is looked at."""
    for statement in statements:
        try:
            _run(statement, environment, frame)
        except Problem as problem:
            if frame.is_library:
                raise  # it is the use that is wrong
            frame.session.report(problem)
            frame.failed = True
            _poison(statement, environment)
        except Poisoned:
            frame.failed = True
            _poison(statement, environment)


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
        raise frame.session.at_use(problem) from None


def _tensor(value: Any, node: tree.Expression, frame: Frame) -> Value:
    if isinstance(value, Value):
        return value
    if isinstance(value, tuple) and len(value) == 1:
        return _tensor(value[0], node, frame)
    raise Problem("E0310", f"a tensor is needed, not {describe(value)}", node.span)


def _output(statement: tree.Output, environment: Environment, frame: Frame) -> None:
    if frame.loops:
        raise Problem("E0312", "an output stands outside loops", statement.span)
    value = evaluate(statement.value, environment, frame)
    tensor = _tensor(value, statement.value, frame)
    if statement.type is not None:
        check_output(
            statement.type, tensor.type, environment, frame, statement.value.span
        )
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
            hint=None if name else "write `output name = …`",
        )
    frame.outputs.append((name, tensor))


def _initializer(node: tree.Expression, environment: Environment, frame: Frame) -> Any:
    value = evaluate(node, environment, frame)
    if is_number(value) and not isinstance(value, Dim):
        return Initializer("constant", (("value", value),))
    if not isinstance(value, Initializer):
        raise Problem(
            "E0310",
            f"a parameter starts from an initialiser or a number, not"
            f" {describe(value)}",
            node.span,
            hint="for example `normal(std = 0.02)`, `zeros()` or `0.5`",
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
    _check_known(type_, statement.type)
    initializer = _initializer(statement.value, environment, frame)
    name = statement.name.name
    frame.parameters[name] = Parameter(name, type_, initializer, statement.span)
    environment.bind(name, frame.owned(name, type_), statement.name.span)


def _check_known(type_: TensorType, node: tree.Type) -> None:
    for size in type_.shape:
        if isinstance(size, Dim):
            raise Problem(
                "E0306",
                f"the size {size} is known only when the program runs; a parameter"
                " needs a known one",
                node.span,
            )


def _state(statement: tree.State, environment: Environment, frame: Frame) -> None:
    _declare(statement.name, frame, environment)
    if statement.type is None:
        type_ = frame.inputs["weight"].type if frame.mixes_scalars else None
        if type_ is None:
            raise Problem(
                "E0309", "a state has a type: `state s: f32[3] = zeros()`",
                statement.span,
            )  # fmt: skip
    else:
        type_ = declared_type(statement.type, environment, frame)
        _check_known(type_, statement.type)
    initializer = _initializer(statement.value, environment, frame)
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
            statement.span,
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
    if isinstance(value, Layer) and value.hint is None:
        value.hint = name
    owned = frame.states.get(name)
    if owned is not None or (frame.mixes_scalars and name == "weight"):
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


def _for(statement: tree.For, environment: Environment, frame: Frame) -> None:
    items = evaluate(statement.iterable, environment, frame)
    if not isinstance(items, list):
        raise Problem(
            "E0310",
            f"a loop goes over a list or a range, not {describe(items)}",
            statement.iterable.span,
            hint="a range is `0..n`",
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
