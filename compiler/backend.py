"""What a backend is to the rest of the compiler."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from dlmc.grammar.span import Span
from dlmc.ir.program import Program

if TYPE_CHECKING:
    from dlmc.trial import Trial


class Unsupported(Exception):
    """Something in the program that a target cannot express, at its place."""

    def __init__(self, message: str, span: Span, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.span = span
        self.hint = hint


class WeightsError(ValueError):
    """A weight file that cannot be read, or that belongs to another model."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A file of the project that is a copy of an existing one."""

    path: Path


Files: TypeAlias = Mapping[str, str | bytes | Copy]
"""A generated project: content by path relative to its folder, in a fixed order."""


class Backend(ABC):
    """One target. Found through the entry points of the group `dlmc.backends`."""

    name: ClassVar[str]
    """As on the command line: `torch`."""
    requirements: ClassVar[tuple[str, ...]]
    """Packages that generated projects import, for the hint when one is missing."""
    holds_weights: ClassVar[bool] = False
    """Whether a project holds trained weights itself, as a graph does."""
    can_train: ClassVar[bool] = False
    """Whether the project of a program that trains has a `train.py`."""

    @abstractmethod
    def build(self, program: Program, weights: Path | None = None) -> Files:
        """The whole project, without importing the framework.

        The same program gives the same bytes, whatever the machine and the time.

        Args:
            program: What to build.
            weights: A weight file for the project to hold, where `holds_weights`.

        Raises:
            Unsupported: The target cannot express something in the program.
            WeightsError: The weight file is not of the program's model.
        """

    @abstractmethod
    def native(self, program: Program, name: str) -> str | None:
        """What the target itself has for a definition or primitive, in one use of it.

        Args:
            program: Uses `name` in its first model, or as the optimizer or schedule of
                its training. A primitive's use is all that the model does.
            name: A definition of the library, or a primitive.

        Returns:
            Code of the target as its projects have it (`nn.Linear(784, 10)`), or its
            operators by name (`Gemm`); None where the projects write out what `name`
            means. No framework is imported.

        Raises:
            Unsupported: The target cannot express it.
        """

    @abstractmethod
    def trial(self, program: Program) -> "Trial":
        """The program's main model, and its first training, to be led step by step.

        What runs is what a project has: a backend that can train gives a
        `ProjectTrial`. Only this method and `load` import the framework.

        Raises:
            Unsupported: The target cannot express something in the program.
        """

    @abstractmethod
    def load(self, program: Program, weights: Mapping[str, Any] | None = None) -> Any:
        """The program's model, live in this process.

        `weights` are NumPy arrays by full dotted name, in the layout of the weight
        file; without them the target's own initialisers start it.
        """


def backend_names() -> tuple[str, ...]:
    """The names of all installed backends, sorted."""
    return tuple(sorted(point.name for point in entry_points(group="dlmc.backends")))


def backend(name: str) -> Backend:
    """The backend called `name`; raises `KeyError` where there is none."""
    for point in entry_points(group="dlmc.backends"):
        if point.name == name:
            made = point.load()()
            assert isinstance(made, Backend)
            return made
    raise KeyError(name)
