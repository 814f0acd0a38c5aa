"""Losses and metrics: expressions on outputs, inputs and fields."""

from dataclasses import dataclass
from typing import Any

from dlmc.diagnostics import Label
from dlmc.elaborate.accumulation import metric_of
from dlmc.elaborate.data import batch_type
from dlmc.elaborate.expressions import evaluate
from dlmc.elaborate.frame import Frame
from dlmc.elaborate.layers import refuse_layers
from dlmc.elaborate.problems import Problem, nearest
from dlmc.elaborate.scope import Environment, FileScope
from dlmc.elaborate.session import Session
from dlmc.elaborate.values import (
    BlockFunction,
    NamedFunction,
    describe,
)
from dlmc.grammar import tree
from dlmc.grammar.names import bindings
from dlmc.ir.dimensions import Dim
from dlmc.ir.module import Kind, Module, Output, Value
from dlmc.ir.program import Accumulation, Data, Metric
from dlmc.ir.traced import plain
from dlmc.ir.types import TensorType


@dataclass(frozen=True, slots=True)
class Context:
    """What the settings' expressions are evaluated in."""

    declaration: tree.Train
    scope: FileScope
    session: Session
    model: Module
    data: Data

    def values(self) -> dict[str, TensorType]:
        """Tensors that a loss may speak of: outputs, inputs, fields, in this order."""
        found = {o.name: _plain(o.type) for o in self.model.outputs if o.name}
        for value in self.model.inputs:
            found.setdefault(value.name, _plain(value.type))
        batch = self.batch_symbol
        for field in self.data.fields:
            found.setdefault(field.name, batch_type(field, batch))
        return found

    def explain(self, node: tree.Name) -> Problem | None:
        """A name that a loss cannot speak of, though the model has a value of it."""
        body = trained(self.declaration, self.scope).body
        inside = [b.span for b in bindings(body) if b.name == node.name]
        if inside:
            return Problem(
                "E0201",
                f"`{node.name}` is a name inside of the model",
                node.span,
                labels=(Label(inside[-1], "bound here"),),
                hint=f"make it an output: `output {node.name} = …`",
            )
        unnamed = [s for s in body if isinstance(s, tree.Output) and s.name is None]
        known = [o.name for o in self.model.outputs if o.name is not None]
        if not known and unnamed and nearest(node.name, list(self.values())) is None:
            return Problem(
                "E0201",
                f"there is no `{node.name}`",
                node.span,
                labels=(Label(unnamed[0].span, "this output has no name"),),
                hint=f"give it one: `output {node.name} = …`",
            )
        return None

    @property
    def batch_symbol(self) -> Dim:
        """The first dimension of the model's inputs."""
        size = self.model.inputs[0].type.shape[0]
        assert isinstance(size, Dim)
        return size


def trained(declaration: tree.Train, scope: FileScope) -> tree.Block:
    """The declaration of the model that is trained, which was found to be one."""
    node = declaration.model
    name = node.function if isinstance(node, tree.Call) else node
    assert isinstance(name, tree.Name)
    found = scope.lookup(name.name)
    assert found is not None
    assert isinstance(found.value, BlockFunction)
    return found.value.declaration


def _plain(type_: TensorType) -> TensorType:
    """A type outside of the model: where its sizes came from is known there alone."""
    return TensorType(type_.dtype, tuple(plain(size) for size in type_.shape))


def example(function: str, context: Context) -> str:
    """A call of a loss or metric with what there is: an output, and a field."""
    outputs = [output.name or "output" for output in context.model.outputs]
    inputs = {value.name for value in context.model.inputs}
    fields = [field.name for field in context.data.fields if field.name not in inputs]
    first = outputs[0] if outputs[0] != "output" else "prediction"
    return f"{function}({first}, {fields[0] if fields else 'target'})"


def expression(name: str, node: tree.Expression, context: Context) -> Module:
    """A loss or a metric: a function of outputs, inputs and fields.

    A loss is a scalar; a metric may also be a small table.
    """
    session = context.session
    frame = Frame(session, True, name)
    outside = Environment(context.scope)
    types = context.values()
    for known, type_ in types.items():
        outside.bind(known, frame.owned(known, type_))
    frame.explain = context.explain
    value = evaluate(node, outside, frame)
    refuse_layers(frame, f"a {name}")
    if not isinstance(value, Value) or not (
        value.type.shape == () or (name == "metric" and _is_small(value.type))
    ):
        actual = value.type if isinstance(value, Value) else describe(value)
        raise Problem(
            "E0602",
            f"a {name} is one number, a scalar tensor, not {actual}",
            node.span,
            hint=_one_number(name, value, context),
        )
    if name == "loss" and not value.type.dtype.is_float:
        raise Problem(
            "E0602", f"a loss is a float, not {value.type}", node.span,
            hint="a loss has a derivative, and whole numbers have none",
        )  # fmt: skip
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


def _is_small(type_: TensorType) -> bool:
    """Whether a metric can be a table of this type, of known sizes."""
    return type_.rank <= 2 and all(isinstance(size, int) for size in type_.shape)


def _one_number(setting: str, value: Any, context: Context) -> str:
    """How to write a loss or metric in the place of another value."""
    if isinstance(value, Value):
        return "`mean(…)` makes one number of a tensor"
    if isinstance(value, list) and setting == "loss":
        return "several losses are one sum: `loss = a + 0.5 * b`"
    name = value
    if isinstance(value, NamedFunction):
        name = value.declaration.name.name
    found = context.scope.lookup(name) if isinstance(name, str) else None
    if found is None or not isinstance(found.value, NamedFunction):
        name = "mse"
    return f"write an expression: `{example(name, context)}`"


def metrics_of(setting: tree.Setting | None, context: Context) -> tuple[Metric, ...]:
    """The metrics that a setting lists, each called after its function."""
    if setting is None:
        return ()
    if not isinstance(setting.value, tree.List):
        raise Problem(
            "E0603",
            "`metrics` is a list",
            setting.value.span,
            hint=f"write `metrics = [{setting.value.span.text}]`"
            if isinstance(setting.value, tree.Call)
            else f"write `metrics = [{example('mae', context)}]`",
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
        metric = metric_of(name, expression("metric", node, context))
        if metric.is_table and Accumulation.MEAN in metric.accumulations:
            raise Problem(
                "E0602",
                f"a metric is one number, not {metric.module.outputs[0].type}",
                node.span,
                hint="`mean(…)` makes one number of a tensor; a table is of `total`s",
            )
        metrics.append(metric)
    return tuple(metrics)
