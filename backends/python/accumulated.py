"""Metrics that are computed over all batches of a part, as code.

What each batch gives is put together in variables of `evaluate`; the metric is computed
from these after the last batch. How values are put together, a target says.
"""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dlmc.backends.python import tree as py
from dlmc.backends.python.flat import Code
from dlmc.backends.python.quotation import Quote
from dlmc.ir.program import Accumulation, Metric
from dlmc.ir.types import TensorType

quote = Quote()


@dataclass(frozen=True)
class Collected:
    """A variable in which the values of batches are put together.

    `type` is that of a batch's value.
    """

    name: str
    accumulation: Accumulation
    type: TensorType


class Accumulator(ABC):
    """A target's way to put totals and wholes together."""

    @abstractmethod
    def start(self, one: Collected) -> py.Expression:
        """What a variable is before the first batch."""

    @abstractmethod
    def add(self, one: Collected, value: py.Expression) -> Sequence[py.Statement]:
        """Put a batch's value to those before it."""

    @abstractmethod
    def end(self, one: Collected) -> py.Expression:
        """What all batches gave together, in the dtype of their values."""


@dataclass(frozen=True)
class Accumulated:
    """One metric.

    `arguments` are the variables that a batch's values are computed from by `batch`;
    `result` computes the metric from `parameters`, names that stand for what all
    batches gave.
    """

    metric: Metric
    variable: str
    collected: tuple[Collected, ...]
    is_shared: bool
    """Whether another metric before it collects the same."""
    arguments: tuple[str, ...]
    batch: Code
    parameters: tuple[str, ...]
    result: Code
    accumulator: Accumulator
    tensor: py.Expression

    # -- functions --

    def functions(self) -> Iterator[py.Function]:
        """Those of what takes more than an expression."""
        name = self.metric.name
        if self.batch.statements and not self.is_shared:
            results = self.batch.results
            several = len(results) > 1
            yield py.Function(
                f"collect_{self.variable}",
                self._parameters(self.arguments),
                (
                    *self.batch.statements,
                    py.Return(py.Tuple(results) if several else results[0]),
                ),
                quote("tuple[{t}, ...]", t=self.tensor) if several else self.tensor,
                f"What {name} is computed from, of a batch.",
            )
        if self._has_function:
            yield py.Function(
                f"compute_{self.variable}",
                self._parameters(self.parameters),
                (*self.result.statements, py.Return(self.result.results[0])),
                self.tensor,
                f"{name.capitalize()} from what all batches gave.",
            )

    def _parameters(self, names: Sequence[str]) -> tuple[py.Parameter, ...]:
        return tuple(py.Parameter(name, self.tensor) for name in names)

    @property
    def _has_function(self) -> bool:
        """Whether the result takes more than an expression, or a value twice."""
        uses = Counter(
            node.id
            for node in py.walk(self.result.results[0])
            if isinstance(node, py.Name)
        )
        return bool(self.result.statements) or any(
            uses[name] > 1 and end != py.Name(one.name)
            for name, one, end in zip(
                self.parameters, self.collected, self._ends, strict=True
            )
        )

    # -- statements --

    def start(self) -> list[py.Statement]:
        """Before the first batch."""
        return [
            py.Assign(py.Name(one.name), self.accumulator.start(one))
            for one in self.collected
            if not self.is_shared
        ]

    def add(self) -> list[py.Statement]:
        """For each batch."""
        made: list[py.Statement] = []
        if self.is_shared:
            return made
        values = self.batch.results
        if self.batch.statements:
            given = tuple(py.Name(name) for name in self.arguments)
            call = py.Call(py.Name(f"collect_{self.variable}"), given)
            values = (call,)
            if len(self.collected) > 1:
                values = tuple(py.Name(name) for name in self.parameters)
                made.append(py.Assign(py.Tuple(values), call))
        for one, value in zip(self.collected, values, strict=True):
            made += self.accumulator.add(one, value)
        return made

    def end(self) -> list[py.Statement]:
        """After the last batch: bind the metric."""
        if self._has_function:
            function = py.Name(f"compute_{self.variable}")
            value: py.Expression = py.Call(function, self._ends)
        else:
            value = replaced(
                self.result.results[0],
                dict(zip(self.parameters, self._ends, strict=True)),
            )
        variable = py.Name(self.variable)
        return [] if value == variable else [py.Assign(variable, value)]

    @property
    def _ends(self) -> tuple[py.Expression, ...]:
        return tuple(map(self.accumulator.end, self.collected))


def replaced(node: py.Expression, values: Mapping[str, py.Expression]) -> py.Expression:
    """An expression with others in the place of names."""

    def change(inner: Any) -> Any:
        is_name = isinstance(inner, py.Name) and inner.id in values
        return values[inner.id] if is_name else inner

    made: py.Expression = py.rewrite(node, change)
    return made
