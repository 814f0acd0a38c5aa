"""The loss and the metrics of a training, as code over the variables of a batch."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from dlmc.backends.python import tree as py
from dlmc.backends.python.flat import Code
from dlmc.backends.python.names import free_name
from dlmc.backends.python.plan import Plan
from dlmc.ir.module import Module
from dlmc.ir.program import Program
from dlmc.passes.inline import inline

Write = Callable[[Module, Mapping[str, py.Expression]], Code]
"""A target's way to write a pure function: its code on given expressions."""


@dataclass(frozen=True)
class Measures:
    """A plan's loss and metrics.

    One that takes more than an expression becomes a function of its own, since training
    and evaluation both need it. `tensor` is the type of its parameters.
    """

    plan: Plan
    write: Write
    tensor: py.Expression

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The variable of each measure: `loss`, then the metrics."""
        taken = {*self.plan.words, *self.plan.values.values()} - {"loss"}
        taken |= {
            imported.bound
            for code in self._codes
            for imported in py.imports((*code.statements, *code.results))
        }
        names = ["loss"]
        for metric in self.plan.training.metrics:
            names.append(free_name(metric.name, {*taken, *names}))
        return tuple(names)

    @cached_property
    def _codes(self) -> tuple[Code, ...]:
        values = {
            name: py.Name(variable) for name, variable in self.plan.values.items()
        }
        return tuple(
            self.write(module, {v.name: values[v.name] for v in module.inputs})
            for module in self.plan.measures
        )

    def _is_short(self, code: Code) -> bool:
        return not code.statements

    def _function_name(self, position: int) -> str:
        return f"compute_{self.names[position]}"

    def functions(self) -> list[py.Statement]:
        """The functions of the measures that take more than an expression."""
        made: list[py.Statement] = []
        for i, (module, code) in enumerate(
            zip(self.plan.measures, self._codes, strict=True)
        ):
            if self._is_short(code):
                continue
            made.append(
                py.Function(
                    self._function_name(i),
                    tuple(
                        py.Parameter(n, self.tensor) for n in self._arguments(module)
                    ),
                    (*code.statements, py.Return(code.results[0])),
                    self.tensor,
                    f"{self.plan.measure_names[i].capitalize()} of a batch.",
                )
            )
        return made

    def _arguments(self, module: Module) -> list[str]:
        return [self.plan.values[value.name] for value in module.inputs]

    def fields(self, count: int | None = None) -> py.Expression:
        """What a batch is unpacked to, for the model and the first measures."""
        plan = self.plan
        read = self._read(count) | {plan.field_names[f.name] for f in plan.inputs}
        return targets(_used(plan.field_names.values(), read))

    def outputs(self, count: int | None = None) -> py.Expression:
        """What the model's result is bound to, for the first measures."""
        return result_target(_used(self.plan.output_names, self._read(count)))

    def _read(self, count: int | None) -> set[str]:
        modules = self.plan.measures[:count]
        return {name for module in modules for name in self._arguments(module)}

    def assign(self, count: int | None = None) -> list[py.Statement]:
        """Bind the first measures, all if not said, to their variables."""
        made: list[py.Statement] = []
        pairs = zip(self.plan.measures, self._codes, strict=True)
        for i, (module, code) in list(enumerate(pairs))[:count]:
            value = code.results[0]
            if not self._is_short(code):
                arguments = tuple(py.Name(name) for name in self._arguments(module))
                value = py.Call(py.Name(self._function_name(i)), arguments)
            made.append(py.Assign(py.Name(self.names[i]), value))
        return made


def _used(names: Iterable[str], read: Collection[str]) -> list[str]:
    return [name if name in read else "_" for name in names]


def measures_of(
    program: Program, is_native: Callable[[Module], bool]
) -> dict[Module, Module]:
    """The losses and metrics of a program, each with the form in which it is written.

    The library's functions in it that are no natives are taken apart; what they do
    becomes part of an expression. A user's own stay functions.
    """

    def keep(module: Module) -> bool:
        return not module.is_library or is_native(module)

    found: dict[Module, Module] = {}
    for training in program.trainings:
        for module in (training.loss, *(m.module for m in training.metrics)):
            found[module] = inline(module, keep=keep)
    return found


def targets(names: Sequence[str]) -> py.Expression:
    """What several values are unpacked to."""
    return py.Tuple(tuple(py.Name(name) for name in names))


def result_target(names: Sequence[str]) -> py.Expression:
    """What a model's result is bound to: one name, or a tuple of several."""
    return py.Name(names[0]) if len(names) == 1 else targets(names)
