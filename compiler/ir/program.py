"""A whole program: models, data and trainings, ready for a backend."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from dlmc.grammar.span import Span
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


@dataclass(frozen=True, slots=True)
class Metric:
    """A scalar reported for each epoch: the mean over samples of its batch values."""

    name: str
    module: Module
    """Its inputs are named after the model's outputs, inputs and data fields."""


@dataclass(frozen=True, slots=True)
class Optimizer:
    """The update rule of a training.

    `arguments` holds every argument of the rule but `lr`. `module` has inputs `weight`,
    `grad`, `step` (counted from 1, f64) and `lr` (f64), states for what it remembers of
    each weight (zeros at the start) and one output, the new weight; it is written for a
    weight f32[S] of any one size and holds for any shape, being elementwise.
    """

    definition: str
    is_library: bool
    arguments: Mapping[str, Any]
    lr: float
    """The learning rate; the peak or start, where there is a schedule."""
    module: Module


@dataclass(frozen=True, slots=True)
class Schedule:
    """A learning rate that changes with the optimizer step.

    `module` has scalar f64 inputs `lr`, `step` (from 0), `steps` (of the whole
    training), in this order, and one scalar f64 output.
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
