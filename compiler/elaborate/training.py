"""`train`: a model, its data, loss, optimizer and the rest."""

from collections.abc import Callable
from typing import Any, TypeVar

from dlmc.diagnostics import Label
from dlmc.elaborate.arguments import Given
from dlmc.elaborate.calls import make_layer
from dlmc.elaborate.data import batch_type, field_names
from dlmc.elaborate.expressions import evaluate
from dlmc.elaborate.frame import Frame
from dlmc.elaborate.measures import Context, example, expression, metrics_of, trained
from dlmc.elaborate.optimizers import optimizer_of
from dlmc.elaborate.problems import Poisoned, Problem, did_you_mean
from dlmc.elaborate.samples import check_samples
from dlmc.elaborate.scope import FileScope
from dlmc.elaborate.session import Session
from dlmc.elaborate.settings import required, settings_by_name, whole_number
from dlmc.elaborate.specialise import specialise
from dlmc.elaborate.top import DataDeclaration
from dlmc.elaborate.values import (
    BlockFunction,
    Poison,
    describe,
)
from dlmc.grammar import tree
from dlmc.ir.dimensions import Dim
from dlmc.ir.module import Kind, Module
from dlmc.ir.program import Data, Field, Optimizer, Schedule, Training
from dlmc.ir.types import TensorType

SETTINGS = ("loss", "metrics", "optimizer", "epochs", "batch", "seed")
LATER = (
    "steps", "accumulate", "clip_norm", "precision", "ema", "stop", "checkpoint", "log",
)  # fmt: skip
T = TypeVar("T")


def elaborate_training(
    declaration: tree.Train,
    scope: FileScope,
    session: Session,
) -> Training:
    """The training of a declaration; raises `Problem` or `Poisoned`."""
    later = [s for s in declaration.settings if s.name.name in LATER]
    for setting in later:
        session.report(
            Problem(
                "E0004",
                f"the setting `{setting.name.name}` is not supported yet",
                setting.name.span,
            )
        )
    today = [setting for setting in declaration.settings if setting not in later]
    settings = settings_by_name(today, SETTINGS, "train", session)
    attempts = _Attempts(session)
    model = attempts.of(lambda: _model(declaration, scope, session))
    data = attempts.of(lambda: _data(declaration, scope))
    if model is None or data is None:
        raise Poisoned
    _check_inputs(declaration, model, data, trained(declaration, scope))
    context = Context(declaration, scope, session, model, data)
    place = declaration.model.span

    def loss() -> Module:
        hint = f"for example `loss = {example('mse', context)}`"
        setting = required(settings, "loss", place, hint)
        return expression("loss", setting.value, context)

    def rule() -> tuple[Optimizer, Schedule | None]:
        hint = "for example `optimizer = adam(lr = 1e-3)`"
        return optimizer_of(required(settings, "optimizer", place, hint), context)

    def number(name: str, default: int | None, least: int) -> int:
        return _number(settings, name, context, default, least)

    # Each setting is looked at, whatever is wrong with another.
    loss_module = attempts.of(loss)
    metrics = attempts.of(lambda: metrics_of(settings.get("metrics"), context))
    optimizer = attempts.of(rule)
    epochs = attempts.of(lambda: number("epochs", None, 1))
    batch = attempts.of(lambda: number("batch", None, 1))
    seed = attempts.of(lambda: number("seed", 0, 0))
    if (
        loss_module is None
        or metrics is None
        or optimizer is None
        or epochs is None
        or batch is None
        or seed is None
    ):
        raise Poisoned
    training = Training(
        name=declaration.name.name if declaration.name else model.definition,
        model=model,
        data=data,
        loss=loss_module,
        metrics=metrics,
        optimizer=optimizer[0],
        schedule=optimizer[1],
        epochs=epochs,
        batch=batch,
        seed=seed,
        documentation=declaration.documentation,
    )
    check_samples(training)
    return training


class _Attempts:
    """Does one thing after another, and reports what is wrong with each."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def of(self, make: Callable[[], T]) -> T | None:
        """What `make` gives, None where that failed."""
        try:
            return make()
        except Problem as problem:
            self.session.report(problem)
        except Poisoned:
            pass  # reported where it went wrong
        return None


def _number(
    settings: dict[str, tree.Setting],
    name: str,
    context: Context,
    default: int | None,
    least: int,
) -> int:
    if name not in settings and default is not None:
        return default
    setting = required(
        settings, name, context.declaration.model.span, f"for example `{name} = 10`"
    )
    frame = Frame(context.session, False, name)
    value = evaluate(setting.value, context.scope, frame)
    return whole_number(value, name, setting.value.span, least=least)


def _model(declaration: tree.Train, scope: FileScope, session: Session) -> Module:
    node = declaration.model
    frame = Frame(session, False, "train")
    name = node.function if isinstance(node, tree.Call) else node
    function = evaluate(name, scope, frame)
    if not isinstance(function, BlockFunction) or not function.declaration.is_model:
        hint = "it is written `train Model on data { … }`"
        if isinstance(function, BlockFunction):
            hint = "a `block` becomes a `model` when every input has a full type"
        raise Problem(
            "E0310", f"a model is trained, not {describe(function)}", name.span,
            hint=hint,
        )  # fmt: skip
    given: list[Given] = []
    if isinstance(node, tree.Call):
        given = [
            Given(evaluate(a.value, scope, frame), a.value.span, a.name, a.name_span)
            for a in node.arguments
        ]
    layer = make_layer(function, given, node.span, frame)
    done = specialise(
        session,
        function.declaration,
        function.scope,
        Kind.MODEL,
        dict(layer.arguments),
        None,
    )
    return done.module


def _data(declaration: tree.Train, scope: FileScope) -> Data:
    name = declaration.data.name
    found = scope.lookup(name)
    if found is None:
        known = [n for n in scope.own_names() if _is_data(scope, n)]
        raise Problem(
            "E0201",
            f"there is no data `{name}`",
            declaration.data.span,
            hint=did_you_mean(name, known) or f"declare it: `data {name} {{ … }}`",
        )
    if isinstance(found.value, Poison):
        raise Poisoned
    if not isinstance(found.value, DataDeclaration):
        raise Problem(
            "E0310",
            f"a model is trained on data, not on {describe(found.value)}",
            declaration.data.span,
            hint="it is written `train Model on data { … }`",
        )
    return found.value.elaborated()


def _is_data(scope: FileScope, name: str) -> bool:
    found = scope.lookup(name)
    return found is not None and isinstance(found.value, DataDeclaration)


def _check_inputs(
    declaration: tree.Train, model: Module, data: Data, block: tree.Block
) -> None:
    """Each input of the model is a field, batched along its first dimension."""
    fields = {field.name: field for field in data.fields}
    batch: Any = None
    for value in model.inputs:
        field = fields.get(value.name)
        if field is None:
            raise Problem(
                "E0505",
                f"the model's input `{value.name}` is no field of `{data.name}`",
                declaration.data.span,
                labels=_place(value.name, block),
                hint=did_you_mean(value.name, list(fields))
                or f"its fields are {field_names(data)}: an input has the name of one",
            )
        shape = value.type.shape
        if not shape or not isinstance(shape[0], Dim):
            raise Problem(
                "E0505",
                f"the first dimension of the input `{value.name}` is the batch: a"
                " symbol such as `N`",
                declaration.model.span,
                labels=_place(value.name, block),
                hint=f"write `input {value.name}: {_with_batch(value.type)}`",
            )
        batch = shape[0] if batch is None else batch
        if shape[0] != batch:
            raise Problem(
                "E0505",
                f"the inputs' first dimensions differ: {batch} and {shape[0]}",
                declaration.model.span,
                labels=_place(value.name, block),
                hint=f"each sample has one of each input: write `{batch}` for both",
            )
        wanted = TensorType(value.type.dtype, shape[1:])
        if field.type != wanted:
            raise Problem(
                "E0505",
                f"the model's input `{value.name}` is {value.type}, and the field of a"
                f" sample is {field.type}",
                declaration.data.span,
                labels=(Label(field.span, f"this field is not {wanted}"),),
                hint=_field_hint(field, wanted),
            )


def _place(name: str, model: tree.Block) -> tuple[Label, ...]:
    """Where a model declares an input."""
    return tuple(
        Label(statement.name.span, "this input")
        for statement in model.body
        if isinstance(statement, tree.Input) and statement.name.name == name
    )


def _with_batch(type_: TensorType) -> TensorType:
    rest = type_.shape[1:]
    return TensorType(type_.dtype, (Dim.symbol("N"), *rest))


def _field_hint(field: Field, wanted: TensorType) -> str:
    """How a field comes to the type of an input."""
    if field.type.shape == wanted.shape:
        return f"declare the field `{field.name}: {wanted}`"
    return (
        f"declare the input `{field.name}: {_with_batch(batch_type(field, 0))}`, or"
        f" the field {wanted}"
    )
