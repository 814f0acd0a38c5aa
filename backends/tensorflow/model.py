"""`model.py` in Keras, and pure functions for the other files."""

from collections.abc import Mapping, Sequence
from typing import Any

from dlmc.backends.python import printer
from dlmc.backends.python import tree as py
from dlmc.backends.python.emitter import Emitter
from dlmc.backends.python.flat import Code
from dlmc.backends.python.measures import measures_of
from dlmc.backends.python.models import constructor_arguments, models_of
from dlmc.backends.python.script import render, script
from dlmc.backends.tensorflow import natives
from dlmc.backends.tensorflow.dialect import EXTREMES, OWN, TensorFlowDialect
from dlmc.backends.tensorflow.layout import LayoutPass
from dlmc.backends.tensorflow.padding import PaddingPass
from dlmc.backends.tensorflow.quoting import IMPORTS
from dlmc.backends.tensorflow.spatial import GROUPED
from dlmc.ir.module import Module
from dlmc.ir.program import Program

MODEL = "model"
"""The name of the module in which models and functions are."""
TEMPLATES = "tensorflow/templates"


class TensorFlowModels:
    """The models of a program as classes, and the functions of its trainings.

    Without `has_natives` all of the library is written out, which tests compare.
    """

    def __init__(self, program: Program, has_natives: bool = True) -> None:
        self.program = program
        keeping = natives.keeping if has_natives else _no_native
        self._layout = LayoutPass(keeping)
        self._padding = PaddingPass(lambda module: keeping(module) is not None)
        self._lowered: dict[Module, Module] = {}
        roots = [self.lowered(model) for model in models_of(program)]
        measures = measures_of(program, lambda module: keeping(module) is not None)
        self.measures = {m: self.lowered(flat) for m, flat in measures.items()}
        self.dialect = TensorFlowDialect(roots, program.name, has_natives)
        self.emitter = Emitter(self.dialect, roots, tuple(self.measures.values()))

    def lowered(self, module: Module) -> Module:
        """A model or function laid out and padded as Keras has it."""
        if module not in self._lowered:
            laid_out = self._layout.root(module)
            self._lowered[module] = self._padding.padded(laid_out)
        return self._lowered[module]

    def class_name(self, model: Module) -> str:
        """What the class of a model is called."""
        return self.emitter.of[self.lowered(model)].name

    def arguments(self, model: Module) -> dict[str, Any]:
        """What the class of a model is given to make it."""
        return constructor_arguments(self.emitter, self.lowered(model))

    def module(self) -> str:
        """The text of `model.py`."""
        definitions = self.emitter.definitions()
        parts = [*self._helpers(definitions), printer.statements(definitions)]
        body = "\n\n\n".join(part.strip("\n") for part in parts)
        return script(self._title(), self.program.file, body, IMPORTS)

    def function(self, module: Module, values: Mapping[str, py.Expression]) -> Code:
        """A loss or metric on the expressions of its inputs.

        What it calls and Keras does not have is imported from `model.py`.
        """
        made = self.emitter.inlined(self.measures[module], values, MODEL)

        def change(node: Any) -> Any:
            match node:
                case py.Name(name, None) if name in OWN:
                    return py.Name(name, py.Import(MODEL, name))
            return node

        return Code(
            py.rewrite(made.statements, change), py.rewrite(made.results, change)
        )

    def _title(self) -> str:
        names = [self.class_name(model) for model in self.program.models]
        said = (self.program.documentation or "").strip()
        return said or f"The model{'s' * (len(names) > 1)} {_listed(names)}."

    def _helpers(self, definitions: Sequence[py.Statement]) -> list[str]:
        """What the project uses that neither Keras nor the program has."""
        used = _names(definitions)
        for module in self.measures:
            values = {value.name: py.Name("x") for value in module.inputs}
            code = self.function(module, values)
            used |= _names((*code.statements, *code.results))
        package = self.program.name
        return [
            *(_own(name) for name in OWN if name in used),
            *(
                _batch_norm(name, package, is_image)
                for name, is_image in self.dialect.helpers.items()
            ),
            *(_grouped_conv(name, package) for name in self.dialect.grouped),
        ]


def _no_native(module: Module) -> None:
    """None of Keras's own."""


def _listed(names: Sequence[str]) -> str:
    *rest, last = names
    return f"{', '.join(rest)} and {last}" if rest else last


def _names(nodes: Sequence[py.Node]) -> set[str]:
    """All names that code reads."""
    return {
        node.id for root in nodes for node in py.walk(root) if isinstance(node, py.Name)
    }


def _own(name: str) -> str:
    """A function that the project has of its own."""
    if name not in EXTREMES:
        return render(f"{TEMPLATES}/{name}.py.jinja", name=name)
    says = {"maximum": "larger", "minimum": "smaller"}[name]
    return render(f"{TEMPLATES}/extreme.py.jinja", name=name, says=says)


def _grouped_conv(name: str, package: str) -> str:
    """The layer for a convolution in groups of channels."""
    return render(
        f"{TEMPLATES}/grouped_conv.py.jinja",
        name=name,
        keras=name.removeprefix(GROUPED),
        package=printer.expression(py.Literal(package)),
    )


def _batch_norm(name: str, package: str, is_image: bool) -> str:
    """The layer for `BatchNorm`."""
    template = "batch_norm_2d" if is_image else "batch_norm"
    written = printer.expression(py.Literal(package))
    return render(f"{TEMPLATES}/{template}.py.jinja", name=name, package=written)
