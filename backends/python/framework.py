"""What a framework adds to the scripts of a project."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar

from dlmc.backends.python import tree as py
from dlmc.backends.python.flat import Code
from dlmc.backends.python.plan import Plan
from dlmc.ir.module import Module


class Framework(ABC):
    """A target whose project is written in Python."""

    title: ClassVar[str]
    """What people call it."""
    requirements: ClassVar[tuple[str, ...]]
    """Lines of requirements.txt for the model alone."""
    training_requirements: ClassVar[tuple[str, ...]]
    """Further lines for the scripts."""

    @property
    @abstractmethod
    def words(self) -> frozenset[str]:
        """The names that its scripts use, which those of a program keep clear of."""

    @abstractmethod
    def function(self, module: Module, values: Mapping[str, py.Expression]) -> Code:
        """A pure function's code on the expressions of its inputs."""

    @abstractmethod
    def model(self, plan: Plan) -> py.Expression:
        """A new model, as the plan's training has it: `Digits(classes=10)`."""

    @abstractmethod
    def training_module(self, plan: Plan) -> str:
        """The text of `train.py`."""

    @abstractmethod
    def prediction_module(self, plan: Plan) -> str:
        """The text of `predict.py`."""
