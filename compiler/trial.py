"""A program on one target, live in this process and led from outside, step by step.

`dlmc verify` leads the trials of all targets in the same steps and compares what they
say. Whatever a trial computes is computed by the code that the target's project has;
arrays are NumPy's, by the names and in the layouts of the weight file.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TypeAlias

from dlmc.ir.module import weights
from dlmc.ir.program import Program
from dlmc.ir.types import DType
from dlmc.primitives.arrays import Array

Arrays: TypeAlias = Mapping[str, Array]


class DataError(Exception):
    """The program's data cannot be read, on any target: what is wrong, and where."""


class Trial(ABC):
    """A model that can be run."""

    @contextmanager
    def active(self) -> Iterator[None]:
        """Where the trial is called: what it needs to be so in the whole process."""
        yield

    @abstractmethod
    def set_weights(self, weights: Arrays) -> None:
        """Give the model every parameter and state, by full dotted name."""

    @abstractmethod
    def forward(self, inputs: Arrays, training: bool) -> Arrays:
        """The outputs by name (a single one without a name is `output`), in one mode.

        In training, which is asked of a `TrainableTrial` alone, the model's states
        change.
        """


class TrainableTrial(Trial):
    """A model that has gradients and, where the program says so, a training."""

    @abstractmethod
    def weights(self) -> Arrays:
        """Every parameter and state as they are now."""

    @abstractmethod
    def pull(self, inputs: Arrays, cotangents: Arrays) -> Arrays:
        """Gradients of the sum of all outputs times `cotangents`, in training mode.

        `cotangents` has an array for each output of floats. The gradient of an input
        goes by its name with `input ` before it, that of a parameter by its name.
        """

    @abstractmethod
    def begin(self, samples: Arrays, batch: int) -> None:
        """Start the training anew on these samples, from the weights that there are.

        `samples` has the fields of the data, in the program's dtypes. A full
        batch has `batch` of them, by which schedules know how long the training is.
        """

    @abstractmethod
    def loss_and_gradients(self, batch: Array) -> tuple[float, Arrays]:
        """The loss on the samples of these indices, and each parameter's gradient.

        States change as in a step; parameters do not.
        """

    @abstractmethod
    def step(self, batch: Array) -> float:
        """Take the next step of the training on these samples; the loss before it."""

    @abstractmethod
    def learning_rate(self) -> float:
        """The learning rate of the last step."""


class ProjectTrial(TrainableTrial):
    """One of a project, which reads its data itself."""

    @abstractmethod
    def samples(self) -> Arrays:
        """The training part of the data, by field, as the project reads it.

        Raises:
            DataError: It cannot.
        """

    @abstractmethod
    def order(self, size: int, seed: int, epoch: int) -> Array:
        """The order in which an epoch visits so many samples."""


def is_wide(program: Program) -> bool:
    """Whether the main model computes in f64 alone, as a framework then has to."""
    model = program.main
    types = [value.type for value in model.inputs]
    types += [weight.type for weight in weights(model)]
    return all(t.dtype is DType.F64 for t in types if t.dtype.is_float)
