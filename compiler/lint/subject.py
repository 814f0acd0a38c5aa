"""What the checks look at, and what several of them need."""

from functools import cached_property

from dlmc.grammar import tree
from dlmc.grammar.parser import parse
from dlmc.grammar.span import Source, Span
from dlmc.ir.module import Call, Instance, Module
from dlmc.ir.program import Program, Training
from dlmc.ir.traversal import reachable, roots
from dlmc.lint.syntax import nodes
from dlmc.lint.wiring import Wiring


class Subject:
    """A file and the program that it means."""

    def __init__(self, file: tree.File, program: Program) -> None:
        self.file = file
        self.program = program
        self._stages: dict[Source, dict[Span, Span]] = {}

    @cached_property
    def modules(self) -> tuple[Module, ...]:
        """Every module of the program, callees first."""
        return reachable(module for _, module in roots(self.program))

    @cached_property
    def own_modules(self) -> tuple[Module, ...]:
        """The modules that are not the library's, callees first."""
        return tuple(module for module in self.modules if not module.is_library)

    @cached_property
    def wiring(self) -> Wiring:
        """Which operation follows which, across blocks."""
        return Wiring(self.own_modules)

    @cached_property
    def trainings(self) -> tuple[tuple[tree.Train, Training], ...]:
        """Each training beside its declaration."""
        declared = [d for d in self.file.declarations if isinstance(d, tree.Train)]
        return tuple(zip(declared, self.program.trainings, strict=True))

    def place(self, call: Call | Instance) -> Span:
        """Where the program calls: of a pipeline, the stage."""
        source = call.span.source
        if source not in self._stages:
            own = source == self.file.span.source
            self._stages[source] = {
                node.span: node.stage.span
                for node in nodes(self.file if own else parse(source))
                if isinstance(node, tree.Pipe)
            }
        return self._stages[source].get(call.span, call.span)


def setting(declaration: tree.Train, name: str) -> Span:
    """Where a training says a setting's value, else where it names its model."""
    for found in declaration.settings:
        if found.name.name == name:
            return found.value.span
    return declaration.model.span
