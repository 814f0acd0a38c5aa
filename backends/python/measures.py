"""The loss and the metrics of a training, as code over the variables of a batch."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from dlmc.backends.python import tree as py
from dlmc.backends.python.accumulated import (
    Accumulated,
    Accumulator,
    Collected,
)
from dlmc.backends.python.flat import Code
from dlmc.backends.python.names import free_name
from dlmc.backends.python.options import listed
from dlmc.backends.python.plan import Plan
from dlmc.ir.module import Module
from dlmc.ir.program import Accumulation, Metric, Program
from dlmc.passes.inline import inline
from dlmc.passes.prune import prune

Write = Callable[[Module, Mapping[str, py.Expression]], Code]
"""A target's way to write a pure function: its code on given expressions."""


@dataclass(frozen=True)
class Measures:
    """A plan's loss and metrics.

    One that takes more than an expression becomes a function of its own, since training
    and evaluation both need it. `tensor` is the type of its parameters.
    """

    plan: Plan
    write: Write
    tensor: py.Expression
    accumulator: Accumulator

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The variable of each measure: `loss`, then the metrics."""
        names = ["loss"]
        for metric in self.plan.training.metrics:
            names.append(free_name(metric.name, {*self._taken, *names}))
        return tuple(names)

    @cached_property
    def _taken(self) -> frozenset[str]:
        """Names that mean something else."""
        taken = {*self.plan.words, *self.plan.values.values()} - {"loss"}
        ends = [
            self.write(m.result, {v.name: py.Name(v.name) for v in m.result.inputs})
            for m in self.plan.training.metrics
            if not is_mean(m)
        ]
        imported = {
            one.bound
            for code in (*self._codes, *ends)
            for one in py.imports((*code.statements, *code.results))
        }
        return frozenset(taken | imported)

    @cached_property
    def _codes(self) -> tuple[Code, ...]:
        values = {
            name: py.Name(variable) for name, variable in self.plan.values.items()
        }
        return tuple(
            self.write(module, {v.name: values[v.name] for v in module.inputs})
            for module in self.plan.measures
        )

    # -- means --

    @cached_property
    def means(self) -> tuple[int, ...]:
        """Which measures are means over samples: the loss, and metrics."""
        metrics = enumerate(self.plan.training.metrics, start=1)
        return (0, *(i for i, metric in metrics if is_mean(metric)))

    def _is_short(self, code: Code) -> bool:
        return not code.statements

    def _function_name(self, position: int) -> str:
        return f"compute_{self.names[position]}"

    def functions(self) -> list[py.Statement]:
        """The functions of the measures that take more than an expression."""
        made: list[py.Statement] = []
        for i in self.means if self.plan.has_evaluation else (0,):
            code = self._codes[i]
            if self._is_short(code):
                continue
            made.append(
                py.Function(
                    self._function_name(i),
                    tuple(
                        py.Parameter(n, self.tensor)
                        for n in self._arguments(self.plan.measures[i])
                    ),
                    (*code.statements, py.Return(code.results[0])),
                    self.tensor,
                    f"{self.plan.measure_names[i].capitalize()} of a batch.",
                )
            )
        if self.plan.has_evaluation:
            for one in self.accumulated:
                made += one.functions()
        return made

    def _arguments(self, module: Module) -> list[str]:
        return [self.plan.values[value.name] for value in module.inputs]

    def fields(self, count: int | None = None) -> py.Expression:
        """What a batch is unpacked to, for the model and the first measures."""
        plan = self.plan
        read = self._read(count) | {plan.field_names[f.name] for f in plan.inputs}
        return targets(_used(plan.field_names.values(), read))

    def outputs(self, count: int | None = None) -> py.Expression:
        """What the model's result is bound to, for the first measures."""
        return result_target(_used(self.plan.output_names, self._read(count)))

    def _read(self, count: int | None) -> set[str]:
        modules = self.plan.measures[:count]
        return {name for module in modules for name in self._arguments(module)}

    def assign(self, count: int | None = None) -> list[py.Statement]:
        """Bind those of the first measures that are means to their variables."""
        made: list[py.Statement] = []
        for i in self.means[:count]:
            value = self._codes[i].results[0]
            if not self._is_short(self._codes[i]):
                given = self._arguments(self.plan.measures[i])
                arguments = tuple(py.Name(name) for name in given)
                value = py.Call(py.Name(self._function_name(i)), arguments)
            made.append(py.Assign(py.Name(self.names[i]), value))
        return made

    # -- totals and wholes --

    @cached_property
    def accumulated(self) -> tuple[Accumulated, ...]:
        """The metrics that are computed over all batches.

        Those that collect the same share it.
        """
        taken = {*self._taken, *self.names}
        made: list[Accumulated] = []
        for i, metric in enumerate(self.plan.training.metrics, start=1):
            if is_mean(metric):
                continue
            same = [
                one
                for one in made
                if (one.batch, one.metric.accumulations)
                == (self._codes[i], metric.accumulations)
            ]
            collected = same[0].collected if same else self._collected(i, taken)
            made.append(self._accumulated(i, collected, bool(same)))
            taken |= {item.name for item in collected}
        return tuple(made)

    def _collected(
        self, position: int, taken: Collection[str]
    ) -> tuple[Collected, ...]:
        """Variables for what a metric collects: its own, where that is it already."""
        metric = self.plan.training.metrics[position - 1]
        variable = self.names[position]
        inputs = metric.result.inputs
        is_direct = metric.result.inference.outputs == inputs
        made: list[Collected] = []
        for value, accumulation in zip(inputs, metric.accumulations, strict=True):
            wish = f"{variable}_{value.hint or accumulation.value}"
            name = free_name(wish, {*taken, *(one.name for one in made)})
            name = variable if is_direct else name
            made.append(Collected(name, accumulation, value.type))
        return tuple(made)

    def _accumulated(
        self, position: int, collected: tuple[Collected, ...], is_shared: bool
    ) -> Accumulated:
        metric = self.plan.training.metrics[position - 1]
        taken = {*self._taken, *self.names}
        parameters: dict[str, str] = {}
        for value in metric.result.inputs:
            wish = value.hint or value.name
            parameters[value.name] = free_name(wish, {*taken, *parameters.values()})
        values = {name: py.Name(parameter) for name, parameter in parameters.items()}
        return Accumulated(
            metric,
            self.names[position],
            collected,
            is_shared,
            tuple(self._arguments(metric.batch)),
            self._codes[position],
            tuple(parameters.values()),
            self.write(metric.result, values),
            self.accumulator,
            self.tensor,
        )

    def figures(self, number: Callable[[py.Name], py.Expression]) -> py.List:
        """The measures that are one number; `number` makes one of a scalar tensor."""
        means = {self.names[i] for i in self.means}
        tables = {self.names[i] for i in self._tables}
        return py.List(
            tuple(
                py.Name(name) if name in means else number(py.Name(name))
                for name in self.names
                if name not in tables
            )
        )

    def tables(self, rows: Callable[[py.Name, int], py.Expression]) -> py.Dict:
        """The others by their names; `rows` makes rows of a tensor of a rank."""
        metrics = self.plan.training.metrics
        items: list[tuple[py.Expression | None, py.Expression]] = []
        for i in self._tables:
            metric = metrics[i - 1]
            value = rows(py.Name(self.names[i]), metric.result.outputs[0].type.rank)
            items.append((py.Literal(metric.name), value))
        return py.Dict(tuple(items))

    @property
    def _tables(self) -> list[int]:
        metrics = enumerate(self.plan.training.metrics, start=1)
        return [i for i, metric in metrics if metric.is_table]

    @property
    def mean_names(self) -> py.Expression:
        """What the means are bound to in the end."""
        return result_target([self.names[i] for i in self.means])

    @property
    def summary(self) -> str:
        """What `evaluate` does."""
        names = listed(self.plan.measure_names)
        if not self.accumulated:
            return f"Mean {names} over a part."
        return f"{names[:1].upper()}{names[1:]} over a part."


def is_mean(metric: Metric) -> bool:
    """Whether a metric is a mean over samples."""
    return metric.accumulations == (Accumulation.MEAN,)


def _used(names: Iterable[str], read: Collection[str]) -> list[str]:
    return [name if name in read else "_" for name in names]


def measures_of(
    program: Program, is_native: Callable[[Module], bool]
) -> dict[Module, Module]:
    """The losses and metrics of a program, each with the form in which it is written.

    The library's functions in it that are no natives are taken apart; what they do
    becomes part of an expression. A user's own stay functions.
    """

    def keep(module: Module) -> bool:
        return not module.is_library or is_native(module)

    found: dict[Module, Module] = {}
    for training in program.trainings:
        parts = [part for m in training.metrics for part in (m.batch, m.result)]
        for module in (training.loss, *parts):
            found[module] = prune(inline(module, keep=keep))
    return found


def targets(names: Sequence[str]) -> py.Expression:
    """What several values are unpacked to."""
    return py.Tuple(tuple(py.Name(name) for name in names))


def result_target(names: Sequence[str]) -> py.Expression:
    """What a model's result is bound to: one name, or a tuple of several."""
    return py.Name(names[0]) if len(names) == 1 else targets(names)
