"""From a declaration and one use of it to a module."""

from collections.abc import Mapping
from dataclasses import dataclass
from operator import itemgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from dlmc.diagnostics import Label
from dlmc.elaborate.frame import Frame
from dlmc.elaborate.parameters import given_arguments, identity, inner_argument
from dlmc.elaborate.problems import Poisoned, Problem
from dlmc.elaborate.scope import Environment, FileScope
from dlmc.elaborate.types import name_free_size
from dlmc.elaborate.values import describe
from dlmc.grammar import tree
from dlmc.grammar.span import Span
from dlmc.ir.dimensions import Size
from dlmc.ir.module import Call, Kind, Module, Output, Parameter, State, Value
from dlmc.ir.program import SizeTest
from dlmc.ir.traced import origin_of
from dlmc.ir.types import TensorType

if TYPE_CHECKING:
    from dlmc.elaborate.session import Session


@dataclass(frozen=True, slots=True)
class Specialised:
    """A finished module, and where its dimensions are read off its inputs."""

    module: Module
    sources: dict[str, tuple[int, int]]
    is_single: bool = True
    tests: tuple[SizeTest, ...] = ()
    """The comparisons of sizes that an update rule went by."""


MAX_OPERATIONS = 500_000
"""More than a program has that is meant: the largest networks have thousands."""

NO_BOUNDS: Mapping[str, Size] = MappingProxyType({})
Declaration = tree.Block | tree.FunctionDeclaration | tree.Optimizer


def specialise(
    session: "Session",
    declaration: Declaration,
    scope: FileScope,
    kind: Kind,
    arguments: dict[str, Any],
    operands: tuple[TensorType, ...] | None,
    input_names: tuple[str, ...] = (),
    *,
    mixes_scalars: bool = False,
    bounds: Mapping[str, Size] = NO_BOUNDS,
    actual: Mapping[str, int] | None = None,
) -> Specialised:
    """The module of a declaration for arguments and input types.

    `operands` is None for a model by itself, whose declared types say everything.
    `input_names` are those parameters of a function that are tensors. `bounds` says how
    large the symbols in `operands` can be, `actual` how large they are for the weight
    whose update rule is made. Equal uses give the same module. Raises `Problem`, or
    `Poisoned` where problems were reported.
    """
    key = (
        id(declaration),
        tuple((name, identity(value)) for name, value in arguments.items()),
        operands,
        input_names,
        mixes_scalars,
        tuple(sorted(bounds.items(), key=itemgetter(0))),
        None if actual is None else tuple(actual.items()),
    )
    if key in session.finished:
        done = session.finished[key]
        if done is None:
            raise Poisoned
        return done
    session.finished[key] = None
    try:
        session.finished[key] = done = _both_modes(
            session, declaration, scope, kind, arguments, operands, input_names,
            mixes_scalars, bounds, actual,
        )  # fmt: skip
    except Problem:
        del session.finished[key]  # each use that fails is told so
        raise
    return done


def _both_modes(
    session: "Session",
    declaration: Declaration,
    scope: FileScope,
    kind: Kind,
    arguments: dict[str, Any],
    operands: tuple[TensorType, ...] | None,
    input_names: tuple[str, ...],
    mixes_scalars: bool,
    bounds: Mapping[str, Size],
    actual: Mapping[str, int] | None,
) -> Specialised:
    def run(training: bool) -> "_Run":
        frame = Frame(
            session,
            training,
            declaration.name.name,
            declaration,
            is_library=scope.is_library,
            mixes_scalars=mixes_scalars,
            outer_bounds=bounds,
            actual=actual,
            operands=operands,
            arguments=given_arguments(arguments),
        )
        return _run(declaration, scope, frame, arguments, input_names)

    inference = run(training=False)
    training = inference
    if inference.frame.uses_mode:
        training = run(training=True)
        _check_modes(declaration, inference.frame, training.frame)
    frame = inference.frame
    instances = {**frame.instances, **training.frame.instances}
    fixed = frame.fixed | training.frame.fixed
    body = frame.body([value for _, value in frame.outputs], inference.updates)
    training_body = body
    if training is not inference:
        training_body = training.frame.body(
            [value for _, value in training.frame.outputs], training.updates
        )
    module = Module(
        definition=declaration.name.name,
        kind=kind,
        is_library=scope.is_library,
        arguments=given_arguments(inference.arguments),
        dimensions=frame.dimensions,
        inputs=tuple(frame.inputs.values()),
        outputs=tuple(Output(name, value.type) for name, value in frame.outputs),
        parameters=tuple(frame.parameters.values()),
        states=tuple(frame.states.values()),
        instances=tuple(instances.values()),
        inference=body,
        training=training_body,
        borrowed=tuple({**frame.borrowed, **training.frame.borrowed}.values()),
        fixed=frozenset(fixed),
        bounds=frame.bounds,
        documentation=declaration.documentation,
        span=declaration.span,
    )
    session.sizes[module] = _written_out(module, session)
    tests = tuple(dict.fromkeys(frame.tests))
    return Specialised(module, frame.sources, inference.is_single, tests)


def _written_out(module: Module, session: "Session") -> int:
    """How many operations a module has with those of all that it calls."""
    total = 0
    for operation in module.training.operations:
        total += session.sizes[operation.module] if isinstance(operation, Call) else 1
        if total > MAX_OPERATIONS:
            raise Problem(
                "E0003",
                f"`{module.definition}` has more than {MAX_OPERATIONS:,} operations,"
                " with those of all blocks and functions in it",
                operation.span,
                hint="a block that uses another twice has twice its operations",
            )
    return total


@dataclass(frozen=True, slots=True)
class _Run:
    """One mode's frame once its declaration has run in it."""

    frame: Frame
    arguments: dict[str, Any]
    updates: dict[str, Value]
    is_single: bool = True


def _run(
    declaration: Declaration,
    scope: FileScope,
    frame: Frame,
    given: dict[str, Any],
    input_names: tuple[str, ...],
) -> _Run:
    from dlmc.elaborate.statements import run

    # The body's own names stand inside: a parameter `bias` may be declared under the
    # condition that the argument `bias` is true.
    outside = Environment(scope)
    environment = Environment(outside)
    arguments: dict[str, Any] = {}
    for parameter in declaration.parameters:
        name = parameter.name
        if name in input_names or name not in given:
            continue
        value = inner_argument(name, given[name], frame)
        arguments[name] = value
        outside.bind(name, value, parameter.span)
        if origin_of(value) is None:  # of a kind that cannot say where it came from
            frame.fixed.add(name)
    if isinstance(declaration, tree.FunctionDeclaration):
        is_single = _run_function(declaration, environment, frame, input_names)
        return _Run(frame, arguments, {}, is_single)
    if isinstance(declaration, tree.Optimizer):
        assert frame.operands is not None
        for name, type_ in zip(input_names, frame.operands, strict=True):
            _bind_input(name, type_, environment, frame, declaration.span)
        run(declaration.body, environment, frame)
        if frame.failed:
            raise Poisoned
        found = environment.lookup("weight")
        assert found is not None
        if found.value == frame.inputs["weight"]:
            raise Problem(
                "E0312",
                f"`{declaration.name.name}` gives `weight` no new value",
                declaration.name.span,
                hint="for example `weight = weight - lr * grad`",
            )
        frame.outputs.append(("weight", found.value))
    else:
        run(declaration.body, environment, frame)
        if frame.failed:
            raise Poisoned
        _check_interface(declaration, frame)
    updates: dict[str, Value] = {}
    for name in frame.states:
        own = environment.own(name)
        assert own is not None
        if own.value.name != name:
            updates[name] = own.value
    return _Run(frame, arguments, updates)


def _bind_input(
    name: str, type_: TensorType, environment: Environment, frame: Frame, span: Span
) -> None:
    position = len(frame.inputs)
    shape = tuple(
        name_free_size(size, position, axis, name, frame)
        for axis, size in enumerate(type_.shape)
    )
    value = frame.owned(name, TensorType(type_.dtype, shape))
    frame.inputs[name] = value
    environment.bind(name, value, span)


def _run_function(
    declaration: tree.FunctionDeclaration,
    environment: Environment,
    frame: Frame,
    input_names: tuple[str, ...],
) -> bool:
    from dlmc.elaborate.expressions import evaluate

    assert frame.operands is not None
    for name, type_ in zip(input_names, frame.operands, strict=True):
        _bind_input(name, type_, environment, frame, declaration.span)
    value = evaluate(declaration.body, environment, frame)
    is_single = isinstance(value, Value)
    results = [value] if is_single else value
    if not isinstance(results, list | tuple) or not all(
        isinstance(result, Value) for result in results
    ):
        raise Problem(
            "E0310",
            f"`{declaration.name.name}` of tensors gives {describe(value)}, not a"
            " tensor",
            declaration.body.span,
        )
    for i, result in enumerate(results):
        frame.outputs.append((None if is_single else str(i), result))
    return is_single


def _check_interface(declaration: tree.Block, frame: Frame) -> None:
    if not frame.outputs:
        raise Problem(
            "E0312",
            f"`{declaration.name.name}` has no output",
            declaration.name.span,
            hint="`output y = …` says what it gives",
        )
    unnamed = [value for name, value in frame.outputs if name is None]
    if len(frame.outputs) > 1 and unnamed:
        raise Problem(
            "E0202",
            "of several outputs each has a name",
            declaration.name.span,
            hint="write `output name = …`",
        )
    given = 0 if frame.operands is None else len(frame.operands)
    if frame.operands is not None and given > len(frame.inputs):
        raise Problem(
            "E0204",
            f"`{declaration.name.name}` has {len(frame.inputs)} inputs, {given} were"
            " given",
            declaration.name.span,
        )


def _owned(frame: Frame) -> dict[str, Parameter | State]:
    return {**frame.parameters, **frame.states}


def _check_modes(declaration: Declaration, inference: Frame, training: Frame) -> None:
    """Both modes own the same and give the same types."""

    def interface(frame: Frame) -> tuple[Any, ...]:
        return (
            {name: (type(o), o.type) for name, o in _owned(frame).items()},
            [(name, value.type) for name, value in frame.outputs],
            [value.type for value in frame.inputs.values()],
        )

    there, here = _owned(inference), _owned(training)
    for name, owned in {**there, **here}.items():
        if name not in there or name not in here:
            mode = "inference" if name in there else "training"
            raise Problem(
                "E0311",
                f"`{name}` of `{declaration.name.name}` is there in {mode} alone",
                owned.span,
                hint="declare it outside of the choice on `training`",
            )
    if interface(inference) != interface(training):
        raise Problem(
            "E0311",
            f"`{declaration.name.name}` has other parameters, states or outputs in"
            " training than in inference",
            declaration.name.span,
            hint="declare them outside `if training`",
        )
    for name in (n for n in inference.instances if n in training.instances):
        a, b = inference.instances[name].module, training.instances[name].module
        if [p.type for p in a.parameters] != [p.type for p in b.parameters]:
            raise Problem(
                "E0311",
                f"the layer `{name}` has other parameters in training than in"
                " inference",
                training.instances[name].span,
                labels=(Label(inference.instances[name].span, "in inference"),),
                hint="give the two different names by `as`",
            )
