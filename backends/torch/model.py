"""`model.py` in PyTorch, and pure functions for the other files."""

from collections.abc import Mapping, Sequence
from typing import Any

from dlmc.backends.python import printer
from dlmc.backends.python import tree as py
from dlmc.backends.python.emitter import Emitter
from dlmc.backends.python.flat import Code
from dlmc.backends.python.measures import measures_of
from dlmc.backends.python.models import constructor_arguments, models_of
from dlmc.backends.python.script import HEADER
from dlmc.backends.torch.dialect import TorchDialect
from dlmc.ir.module import Module
from dlmc.ir.program import Program

MODEL = "model"
"""The name of the module in which models and functions are."""


class TorchModels:
    """The models of a program as classes, and the functions of its trainings."""

    def __init__(self, program: Program) -> None:
        self.program = program
        models = models_of(program)
        dialect = TorchDialect(models)
        self.measures = measures_of(program, lambda m: dialect.native(m) is not None)
        measures = tuple(self.measures.values())
        self.emitter = Emitter(dialect, models, measures)

    def class_name(self, model: Module) -> str:
        """What the class of a model is called."""
        return self.emitter.of[model].name

    def arguments(self, model: Module) -> dict[str, Any]:
        """What the class of a model is given to make it."""
        return constructor_arguments(self.emitter, model)

    def module(self) -> str:
        """The text of `model.py`."""
        dialect = self.emitter.dialect
        assert isinstance(dialect, TorchDialect)
        body = [*dialect.support(), *self.emitter.definitions()]
        return printer.module(py.Module(tuple(body), self._documentation()))

    def _documentation(self) -> str:
        names = [self.class_name(model) for model in self.program.models]
        said = (self.program.documentation or "").strip()
        if not said:
            said = f"The model{'s' * (len(names) > 1)} {_listed(names)}."
        return f"{said}\n\n{HEADER.format(self.program.file)}"

    def function(self, module: Module, values: Mapping[str, py.Expression]) -> Code:
        """A loss or metric on the expressions of its inputs.

        What it calls and PyTorch does not have is imported from `model.py`.
        """
        made = self.emitter.inlined(self.measures[module], values, MODEL)
        return Code(made.statements, made.results)


def _listed(names: Sequence[str]) -> str:
    *rest, last = names
    return f"{', '.join(rest)} and {last}" if rest else last
