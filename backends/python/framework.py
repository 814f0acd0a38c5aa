"""What a framework adds to a project that is written in Python."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar

from dlmc.backends.python import tree as py
from dlmc.backends.python.flat import Code
from dlmc.backends.python.plan import Plan
from dlmc.ir.module import Module
from dlmc.ir.program import Program


class Framework(ABC):
    """A target whose projects are written in Python; made anew for each program."""

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

    # -- files --

    @abstractmethod
    def model_module(self, program: Program) -> str:
        """The text of `model.py`."""

    @abstractmethod
    def weights_module(self, program: Program) -> str:
        """The text of `weights.py`: `load(model, path)` and `save(model, path)`."""

    @abstractmethod
    def training_module(self, plan: Plan) -> str:
        """The text of `train.py`."""

    @abstractmethod
    def prediction_module(self, plan: Plan) -> str:
        """The text of `predict.py`."""

    # -- code --

    @abstractmethod
    def model_class(self, plan: Plan) -> str:
        """What the class of the plan's model is called in `model.py`."""

    def model_import(self, plan: Plan) -> py.Import:
        """The import of that class; renamed where the scripts mean something else."""
        return py.Import("model", self.model_class(plan), plan.model_name)

    @abstractmethod
    def model(self, plan: Plan) -> py.Expression:
        """A new model, as the plan's training has it: `Digits(classes=10)`."""

    @abstractmethod
    def function(self, module: Module, values: Mapping[str, py.Expression]) -> Code:
        """A pure function's code on the expressions of its inputs."""
