"""`train`: a model, its data, loss, optimizer and the rest."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from dlmc.diagnostics import Label
from dlmc.elaborate.arguments import Given, Wanted, bind
from dlmc.elaborate.calls import make_layer
from dlmc.elaborate.data import batch_type, field_names
from dlmc.elaborate.elsewhere import ARGUMENTS, NAMES
from dlmc.elaborate.expressions import evaluate
from dlmc.elaborate.frame import Frame
from dlmc.elaborate.problems import Poisoned, Problem, did_you_mean
from dlmc.elaborate.scope import Environment, FileScope
from dlmc.elaborate.session import Session
from dlmc.elaborate.settings import required, settings_by_name, whole_number
from dlmc.elaborate.specialise import specialise
from dlmc.elaborate.top import OptimizerDeclaration
from dlmc.elaborate.values import REQUIRED, BlockFunction, NamedFunction, describe
from dlmc.grammar import tree
from dlmc.grammar.span import Span
from dlmc.ir.dimensions import Dim
from dlmc.ir.module import Kind, Module, Output, Value
from dlmc.ir.program import Data, Metric, Optimizer, Schedule, Training
from dlmc.ir.traced import plain
from dlmc.ir.types import DType, TensorType

SETTINGS = ("loss", "metrics", "optimizer", "epochs", "batch", "seed")
LATER = (
    "steps", "accumulate", "clip_norm", "precision", "ema", "stop", "checkpoint", "log",
)  # fmt: skip
SCALAR = TensorType(DType.F64, ())
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Context:
    """What the settings' expressions are evaluated in."""

    declaration: tree.Train
    scope: FileScope
    session: Session
    model: Module
    data: Data

    def values(self) -> dict[str, TensorType]:
        """Tensors that a loss may speak of: outputs, inputs, fields, in this order."""
        found = {o.name or "output": _plain(o.type) for o in self.model.outputs}
        for value in self.model.inputs:
            found.setdefault(value.name, _plain(value.type))
        batch = self.batch_symbol
        for field in self.data.fields:
            found.setdefault(field.name, batch_type(field, batch))
        return found

    @property
    def batch_symbol(self) -> Dim:
        """The first dimension of the model's inputs."""
        size = self.model.inputs[0].type.shape[0]
        assert isinstance(size, Dim)
        return size


def elaborate_training(
    declaration: tree.Train,
    scope: FileScope,
    session: Session,
    datasets: dict[str, Data | None],
) -> Training:
    """The training of a declaration; raises `Problem` or `Poisoned`."""
    for setting in declaration.settings:
        if setting.name.name in LATER:
            raise Problem(
                "E0004",
                f"the setting `{setting.name.name}` is not supported yet",
                setting.name.span,
            )
    settings = settings_by_name(declaration.settings, SETTINGS, "train", session)
    model = _model(declaration, scope, session)
    data = _data(declaration, datasets)
    _check_inputs(declaration, model, data)
    context = _Context(declaration, scope, session, model, data)
    place = declaration.model.span

    def loss() -> Module:
        hint = "for example `loss = mse(prediction, target)`"
        setting = required(settings, "loss", place, hint)
        return _expression("loss", setting.value, context)

    def rule() -> tuple[Optimizer, Schedule | None]:
        hint = "for example `optimizer = adam(lr = 1e-3)`"
        return _optimizer(required(settings, "optimizer", place, hint), context)

    def number(name: str, default: int | None, least: int) -> int:
        return _number(settings, name, context, default, least)

    # Each setting is looked at, whatever is wrong with another.
    attempts = _Attempts(session)
    loss_module = attempts.of(loss)
    metrics = attempts.of(lambda: _metrics(settings.get("metrics"), context))
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
    return Training(
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


def _plain(type_: TensorType) -> TensorType:
    """A type outside of the model: where its sizes came from is known there alone."""
    return TensorType(type_.dtype, tuple(plain(size) for size in type_.shape))


def _number(
    settings: dict[str, tree.Setting],
    name: str,
    context: _Context,
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
        raise Problem(
            "E0310", f"a model is trained, not {describe(function)}", node.span
        )
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


def _data(declaration: tree.Train, datasets: dict[str, Data | None]) -> Data:
    name = declaration.data.name
    if name not in datasets:
        raise Problem(
            "E0201",
            f"there is no data `{name}`",
            declaration.data.span,
            hint=did_you_mean(name, list(datasets))
            or f"declare it: `data {name} {{ … }}`",
        )
    data = datasets[name]
    if data is None:
        raise Poisoned
    return data


def _check_inputs(declaration: tree.Train, model: Module, data: Data) -> None:
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
                hint=did_you_mean(value.name, list(fields))
                or f"its fields are {field_names(data)}",
            )
        shape = value.type.shape
        if not shape or not isinstance(shape[0], Dim):
            raise Problem(
                "E0505",
                f"the first dimension of the input `{value.name}` is the batch: a"
                " symbol such as `N`",
                declaration.model.span,
            )
        batch = shape[0] if batch is None else batch
        if shape[0] != batch:
            raise Problem(
                "E0505",
                f"the inputs' first dimensions differ: {batch} and {shape[0]}",
                declaration.model.span,
            )
        wanted = TensorType(value.type.dtype, shape[1:])
        if field.type != wanted:
            raise Problem(
                "E0505",
                f"the model's input `{value.name}` is {value.type}, and the field of a"
                f" sample is {field.type}",
                declaration.data.span,
                labels=(Label(field.span, f"this field is not {wanted}"),),
            )


def _expression(name: str, node: tree.Expression, context: _Context) -> Module:
    """A loss or a metric: a function of outputs, inputs and fields; a scalar."""
    session = context.session
    frame = Frame(session, True, name)
    outside = Environment(context.scope)
    types = context.values()
    for known, type_ in types.items():
        outside.bind(known, frame.owned(known, type_))
    value = evaluate(node, outside, frame)
    if not isinstance(value, Value) or value.type.shape != ():
        actual = value.type if isinstance(value, Value) else describe(value)
        raise Problem(
            "E0602",
            f"a {name} is one number, a scalar tensor, not {actual}",
            node.span,
            hint="`mean(…)` makes one number of a tensor",
        )
    if name == "loss" and not value.type.dtype.is_float:
        raise Problem("E0602", f"a loss is a float, not {value.type}", node.span)
    body = frame.body([value], {})
    read = {o.name for op in body.operations for o in op.operands}
    read |= {output.name for output in body.outputs}
    return Module(
        definition=name,
        kind=Kind.FUNCTION,
        is_library=False,
        arguments={},
        dimensions={},
        inputs=tuple(Value(n, t) for n, t in types.items() if n in read),
        outputs=(Output(None, value.type),),
        parameters=(),
        states=(),
        instances=(),
        inference=body,
        training=body,
        span=node.span,
    )


def _metrics(setting: tree.Setting | None, context: _Context) -> tuple[Metric, ...]:
    if setting is None:
        return ()
    if not isinstance(setting.value, tree.List):
        raise Problem(
            "E0603",
            "`metrics` is a list: `[accuracy(logits, label)]`",
            setting.value.span,
        )
    metrics: list[Metric] = []
    names: set[str] = set()
    for node in setting.value.items:
        stem = "metric"
        if isinstance(node, tree.Call) and isinstance(node.function, tree.Name):
            stem = node.function.name
        name, count = stem, 1
        while name in names or name == "loss":
            count += 1
            name = f"{stem}_{count}"
        names.add(name)
        metrics.append(Metric(name, _expression("metric", node, context)))
    return tuple(metrics)


def _optimizer(
    setting: tree.Setting, context: _Context
) -> tuple[Optimizer, Schedule | None]:
    node = setting.value
    if not isinstance(node, tree.Call) or not isinstance(node.function, tree.Name):
        raise Problem(
            "E0603",
            "an optimizer is a call such as `adam(lr = 1e-3)`",
            node.span,
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
    bound = bind(name, wanted, given, node.span, known_elsewhere=ARGUMENTS)
    if lr is None:
        raise Problem(
            "E0603", f"the optimizer `{name}` takes no learning rate `lr`", node.span
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
    return did_you_mean(name, known) or f"there are {', '.join(known)}"


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
    node: tree.Expression, context: _Context
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
    return _positive(value, node.span), None


def _positive(value: Any, span: Span) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise Problem(
            "E0603",
            f"a learning rate is a number of at least 0 or a schedule, not"
            f" {describe(value)}",
            span,
            hint="a schedule is `cosine(3e-4, warmup = 100)`",
        )
    return float(value)


def _schedule(
    function: NamedFunction, node: tree.Call, context: _Context
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
    bound = bind(name, wanted, given, node.span, known_elsewhere=ARGUMENTS)
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
