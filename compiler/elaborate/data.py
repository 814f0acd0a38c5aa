"""`data`: sources, fields, splits."""

from pathlib import Path
from typing import Any

from dlmc.diagnostics import Label
from dlmc.elaborate.arguments import Given as GivenArgument
from dlmc.elaborate.arguments import Wanted, bind
from dlmc.elaborate.columns import ColumnReader
from dlmc.elaborate.elsewhere import WRITTEN
from dlmc.elaborate.expressions import evaluate
from dlmc.elaborate.frame import Frame
from dlmc.elaborate.layers import refuse_layers
from dlmc.elaborate.operators import to_tensor
from dlmc.elaborate.problems import Poisoned, Problem, did_you_mean, listing
from dlmc.elaborate.scope import Environment, FileScope
from dlmc.elaborate.session import Session
from dlmc.elaborate.settings import required, settings_by_name, whole_number
from dlmc.elaborate.sources import csv_source, inline_source, npz_source
from dlmc.elaborate.types import declared_type
from dlmc.elaborate.values import REQUIRED, describe, is_number
from dlmc.grammar import tree
from dlmc.ir.dimensions import product
from dlmc.ir.module import Kind, Module, Output, Value
from dlmc.ir.program import Data, Field, Source, Split
from dlmc.ir.types import TensorType

SOURCES = ("inline", "csv", "npz")
LATER_SOURCES = ("parquet", "images", "text", "idx", "jsonl")


def elaborate_data(
    declaration: tree.Data, scope: FileScope, session: Session, folder: Path
) -> Data:
    """The data of a declaration; raises `Problem`."""
    name = declaration.name.name
    settings = settings_by_name(
        declaration.settings, ("source", "split"), "data", session
    )
    frame = Frame(session, False, name)
    environment = Environment(scope)
    source_setting = required(
        settings,
        "source",
        declaration.name.span,
        f'say where samples come from: `source = csv("{name}.csv")`',
    )
    source = _source(source_setting, environment, frame, folder)
    split = None
    failed = False
    if "split" in settings:
        try:
            split = _split(settings["split"], environment, frame)
        except Problem as problem:
            session.report(problem)
            failed = True
    if not declaration.fields:
        raise Problem(
            "E0601",
            f"`{name}` has no field",
            declaration.name.span,
            hint="a field is `x: f32[3]` or `x: f32[3] = expression`",
        )
    fields: dict[str, Field] = {}
    for node in declaration.fields:
        try:
            if node.name.name in fields:
                raise Problem(
                    "E0202",
                    f"there are two fields `{node.name.name}`",
                    node.name.span,
                    labels=(Label(fields[node.name.name].span, "first here"),),
                )
            fields[node.name.name] = _field(node, source, scope, session)
        except Problem as problem:
            session.report(problem)
            failed = True
    if failed:
        raise Poisoned
    return Data(name, source, tuple(fields.values()), split, declaration.documentation)


def _call(node: tree.Expression) -> tuple[str, tree.Call]:
    if isinstance(node, tree.Call) and isinstance(node.function, tree.Name):
        return node.function.name, node
    return "", tree.Call(node.span, node, ())


def _source(
    setting: tree.Setting, environment: Environment, frame: Frame, folder: Path
) -> Source:
    kind, node = _call(setting.value)
    if kind in LATER_SOURCES:
        raise Problem("E0004", f"`{kind}` is not supported yet", setting.value.span)
    if kind not in SOURCES:
        hint = did_you_mean(kind, SOURCES) if kind else None
        if isinstance(setting.value, tree.String):
            ending = "npz" if setting.value.value.endswith(".npz") else "csv"
            hint = f"write `source = {ending}({setting.value.span.text})`"
        elif kind in WRITTEN:
            hint = WRITTEN[kind]
        raise Problem(
            "E0603",
            "a source is one of `inline(…)`, `csv(path)` and `npz(path)`",
            node.function.span,
            hint=hint,
        )
    for argument in node.arguments:
        if isinstance(argument.value, tree.Attribute):  # `csv(data.csv)`
            text = argument.value.span.text
            raise Problem(
                "E0310", f"`{text}` is no string", argument.value.span,
                hint=f'a path stands in quotes: write `"{text}"`',
            )  # fmt: skip
    values = {
        argument.name or str(i): evaluate(argument.value, environment, frame)
        for i, argument in enumerate(node.arguments)
    }
    if kind == "inline":
        for argument in node.arguments:
            if argument.name is None:
                raise Problem(
                    "E0204", "each value of `inline` has a name", argument.span,
                    hint="`inline(x = [[1.0], [2.0]])`",
                )  # fmt: skip
        return inline_source(values, node)
    given = [
        GivenArgument(values[a.name or str(i)], a.value.span, a.name, a.name_span)
        for i, a in enumerate(node.arguments)
    ]
    bound = bind(kind, [Wanted("path", REQUIRED)], given, node.span)
    path = bound["path"].value
    if not isinstance(path, str):
        raise Problem(
            "E0310", f"a path is a string, not {describe(path)}", bound["path"].span,
            hint=f'for example `{kind}("data.{kind}")`',
        )  # fmt: skip
    read = csv_source if kind == "csv" else npz_source
    return read(path, folder, bound["path"].span)


def _split(setting: tree.Setting, environment: Environment, frame: Frame) -> Split:
    kind, node = _call(setting.value)
    if kind != "random":
        raise Problem(
            "E0603",
            "a split is a call of `random`",
            node.function.span,
            hint="`random(train = 80%, validation = 10%, test = 10%)`",
        )
    given = [
        GivenArgument(
            evaluate(a.value, environment, frame), a.value.span, a.name, a.name_span
        )
        for a in node.arguments
    ]
    wanted = [
        Wanted("train"),
        Wanted("validation", 0.0),
        Wanted("test", 0.0),
        Wanted("seed", 0),
    ]
    bound = bind("random", wanted, given, node.span)
    values: dict[str, Any] = {p.name: p.default for p in wanted}
    values |= {name: argument.value for name, argument in bound.items()}
    for name in ("train", "validation", "test"):
        value = values[name]
        if not is_number(value) or not 0 <= value <= 1:
            raise Problem(
                "E0504",
                f"`{name}` is a share between 0 and 1, not {describe(value)}",
                bound[name].span,
                hint=f"write `{value}%`" if value in range(2, 101) else "such as 80%",
            )
    total = values["train"] + values["validation"] + values["test"]
    if abs(total - 1) > 1e-9:
        raise Problem(
            "E0504",
            f"the shares add up to {total * 100:.6g}%, not to 100%",
            setting.value.span,
            hint=_rest(values, total),
        )
    if values["train"] == 0:
        raise Problem(
            "E0504", "nothing is left to train on", bound["train"].span,
            hint="`train = 80%` is a usual share",
        )  # fmt: skip
    seed = values["seed"]
    if "seed" in bound:
        seed = whole_number(seed, "seed", bound["seed"].span, least=0)
    return Split(
        float(values["train"]), float(values["validation"]), float(values["test"]), seed
    )


def _rest(values: dict[str, Any], total: float) -> str | None:
    """A hint: the share of the training that goes with the others."""
    train = values["train"] + 1 - total
    return f"`train = {train * 100:.6g}%` would" if 0 < train <= 1 else None


def _field(
    node: tree.Field, source: Source, scope: FileScope, session: Session
) -> Field:
    frame = Frame(session, False, node.name.name)
    environment = Environment(scope)
    type_ = declared_type(node.type, environment, frame)
    reader = ColumnReader(source, type_, frame)
    reader.bind(environment)
    frame.explain = reader.explain
    if node.value is None:
        value: Value = reader.own(node.name.name, node.name.span)
        place = node.type.span
    else:
        found = evaluate(node.value, environment, frame)
        refuse_layers(frame, "a field")
        like = frame.owned("", type_)
        frame.reserved.discard("")
        value = to_tensor(found, node.value.span, like, frame)
        place = node.value.span
    if value.type != type_:
        raise Problem(
            "E0503",
            f"the field `{node.name.name}` is declared {type_}, but its value is"
            f" {value.type}",
            node.type.span,
            at=f"declared {type_}",
            labels=(Label(place, f"this is {value.type}"),) if node.value else (),
            hint=_fitting(value.type, type_, node),
        )
    body = frame.body([value], {})
    module = Module(
        definition=node.name.name,
        kind=Kind.FUNCTION,
        is_library=False,
        arguments={},
        dimensions={},
        inputs=tuple(reader.values),
        outputs=(Output(None, type_),),
        parameters=(),
        states=(),
        instances=(),
        inference=body,
        training=body,
        span=node.span,
    )
    return Field(node.name.name, type_, tuple(reader.columns), module, node.span)


def _fitting(actual: TensorType, wanted: TensorType, node: tree.Field) -> str:
    """How a value and the declared type of its field come together."""
    if actual.dtype is not wanted.dtype:
        text = "x" if node.value is None else node.value.span.text
        return f"write `cast({text if len(text) <= 40 else '…'}, {wanted.dtype})`"
    if product(actual.shape) == product(wanted.shape):
        text = f'column("{node.name.name}")'
        if node.value is not None:
            text = node.value.span.text if len(node.value.span.text) <= 40 else "…"
        shape = ", ".join(str(size) for size in wanted.shape)
        return f"write `reshape({text}, [{shape}])`"
    return f"declare the field `{node.name.name}: {actual}`"


def batch_type(field: Field, size: Any) -> TensorType:
    """The type of a batch of a field."""
    return TensorType(field.type.dtype, (size, *field.type.shape))


def field_names(data: Data) -> str:
    """The fields, for messages."""
    return listing([field.name for field in data.fields])
