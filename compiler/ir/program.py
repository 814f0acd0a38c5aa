"""A whole program: models, data and trainings, ready for a backend."""

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any, TypeAlias

from dlmc.grammar.span import Span
from dlmc.ir.dimensions import Dim, Size, substitute
from dlmc.ir.module import Module
from dlmc.ir.types import TensorType


@dataclass(frozen=True, slots=True)
class Column:
    """Columns of the source that one input of a field's expression reads.

    `stacked` says that they form an axis of their own (`columns(…)`); otherwise there
    is one column and its value is taken as it is. For an inline or npz source a column
    is a named array, whose shape per sample is the input's.
    """

    names: tuple[str, ...]
    stacked: bool
    patterns: tuple[str, ...] = ()
    """As written, for readable code: `pixel_*`."""


@dataclass(frozen=True, slots=True)
class Field:
    """One value of each sample.

    `module` computes it for one sample: a function whose inputs are `columns`, in
    order, and which has one output of type `type`. The library's data function
    `standardize` stands in it as an `Apply` of the primitive of that name.
    """

    name: str
    type: TensorType
    columns: tuple[Column, ...]
    module: Module
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Inline:
    """Samples written in the program: nested tuples of numbers by column name."""

    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Csv:
    """A table with a header line; `first` is the row after it, as it is written."""

    path: Path
    columns: tuple[str, ...]
    first: tuple[str, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Npz:
    """Named NumPy arrays whose first axis counts the samples."""

    path: Path
    shapes: Mapping[str, tuple[int, ...]]
    dtypes: Mapping[str, str]


Source: TypeAlias = Inline | Csv | Npz


@dataclass(frozen=True, slots=True)
class Split:
    """Fractions of the samples in a random split; without one, all are training."""

    train: float
    validation: float
    test: float
    seed: int


@dataclass(frozen=True, slots=True)
class Data:
    """Where samples come from and what each holds."""

    name: str
    source: Source
    fields: tuple[Field, ...]
    split: Split | None
    documentation: str | None = None


class Accumulation(Enum):
    """How a value of each batch becomes one of the part that is measured."""

    MEAN = "mean"
    """Their mean, each counted as often as its batch has samples."""
    TOTAL = "total"
    """Their sum."""
    WHOLE = "whole"
    """They stand behind one another, on the first axis."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A number, or a small table, that is reported of a part of the data.

    `batch` is computed on each batch; each of its outputs is accumulated over them, as
    `accumulations` say, and `result` makes the metric of these, its inputs in order.
    """

    name: str
    module: Module
    """The metric of a part that is one batch. Its inputs are named after the model's
    outputs, inputs and data fields; those of `batch` too."""
    batch: Module
    accumulations: tuple[Accumulation, ...]
    result: Module

    @property
    def is_table(self) -> bool:
        """Whether it is more than one number."""
        return bool(self.result.outputs[0].type.shape)


COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}


def compared(left: Any, operator: str, right: Any, sizes: Mapping[str, int]) -> bool:
    """A comparison of numbers and sizes whose symbols stand for these."""
    a, b = (substitute(size, sizes.__getitem__) for size in (left, right))
    return COMPARISONS[operator](a, b)


@dataclass(frozen=True, slots=True)
class SizeTest:
    """A comparison of sizes of a weight by which its rule was decided.

    The sizes are in the symbols of the weight's shape. `operator` is one of `<`, `<=`,
    `>`, `>=`, `==` and `!=`; `outcome` what came of it.
    """

    left: Size
    operator: str
    right: Size
    outcome: bool

    def holds(self, sizes: Mapping[str, int]) -> bool:
        """Whether the same comes of it where the symbols stand for these sizes."""
        found = compared(self.left, self.operator, self.right, sizes)
        return found is self.outcome


@dataclass(frozen=True, slots=True)
class Update:
    """What an update rule does to one kind of weights.

    `module` has inputs `weight`, `grad`, `step` (counted from 1, f64) and `lr` (f64),
    states for what it remembers of each weight and one output, the new weight. Its
    weight is f32 with a symbol for each axis, in the layout of the program. A state
    starts from `zeros`, `ones` or `constant`.
    """

    rank: int | None
    """The rank of the weights; None for a rule that goes element by element: it is
    written for f32[S], and holds for any shape."""
    tests: tuple[SizeTest, ...]
    module: Module

    def fits(self, shape: Sequence[int]) -> bool:
        """Whether it is the rule for a weight of some shape."""
        if self.rank is None:
            return True
        if self.rank != len(shape):
            return False
        sizes = self.sizes(shape)
        return all(test.holds(sizes) for test in self.tests)

    def sizes(self, shape: Sequence[int]) -> dict[str, int]:
        """What the symbols of the rule stand for, for a weight of some shape."""
        found = (math.prod(shape),) if self.rank is None else shape
        symbols = self.module.inputs[0].type.shape
        return {
            symbol.name: size
            for symbol, size in zip(symbols, found, strict=True)
            if isinstance(symbol, Dim) and symbol.name is not None
        }


@dataclass(frozen=True, slots=True)
class Optimizer:
    """The update rule of a training.

    `arguments` holds every argument of the rule but `lr`. `updates` are the rule for
    each kind of weights that the model has: a single one where it goes element by
    element.
    """

    definition: str
    is_library: bool
    arguments: Mapping[str, Any]
    lr: float
    """The learning rate; the peak or start, where there is a schedule."""
    updates: tuple[Update, ...]

    def update(self, shape: Sequence[int]) -> Update:
        """The rule for a weight of some shape, which the model has."""
        return next(update for update in self.updates if update.fits(shape))


@dataclass(frozen=True, slots=True)
class Schedule:
    """A learning rate that changes with the optimizer step.

    `module` has scalar f64 inputs `lr`, `step` (from 0), `steps` (of the whole
    training) and `epoch` (the steps of one epoch), in this order, and one scalar f64
    output. `arguments` holds the arguments that are known when it is compiled.
    """

    definition: str
    is_library: bool
    arguments: Mapping[str, Any]
    module: Module


@dataclass(frozen=True, slots=True)
class Training:
    """A model, its data, and how it learns."""

    name: str
    model: Module
    data: Data
    loss: Module
    """Inputs named after the model's outputs, inputs and data fields; scalar output."""
    metrics: tuple[Metric, ...]
    optimizer: Optimizer
    schedule: Schedule | None
    epochs: int
    batch: int
    seed: int
    documentation: str | None = None


@dataclass(frozen=True, slots=True)
class Program:
    """Everything a `.dlm` file says."""

    name: str
    """The file's name without its ending."""
    file: str
    """The file's name, for headers of generated code."""
    models: tuple[Module, ...]
    trainings: tuple[Training, ...]
    documentation: str | None = None

    @property
    def main(self) -> Module:
        """The model that it is about: the first one trained, or the last one."""
        return self.trainings[0].model if self.trainings else self.models[-1]
