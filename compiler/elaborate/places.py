"""Primitives that have a meaning in some places of a program alone."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from dlmc.elaborate.problems import Problem
from dlmc.grammar.span import Span
from dlmc.ir.module import Call, Module
from dlmc.ir.program import Training

METRICS = "metrics"
FIELDS = "data fields"
PLACES: Mapping[str, str] = {
    "total": METRICS,
    "whole": METRICS,
    "standardize": FIELDS,
}
"""Where each of them stands."""
_HINTS: Mapping[str, str] = {
    METRICS: "it is of all batches, and a loss and a model see one: `mean` is of that",
    FIELDS: 'compute a field by it: `x: f32[3] = standardize(column("x"))`',
}


@dataclass(frozen=True, slots=True)
class _Use:
    """Where one of them is used: by itself, or by a definition of the library."""

    span: Span
    definition: str | None = None


def misplaced(
    models: Mapping[str, Module], trainings: Sequence[Training]
) -> Iterator[Problem]:
    """What stands where it has no meaning, once for each part of a program."""
    memory: dict[Module, Mapping[str, _Use]] = {}
    parts = [(module, "") for module in models.values()]
    for training in trainings:
        parts += [(training.model, ""), (training.loss, "")]
        parts += [(field.module, FIELDS) for field in training.data.fields]
        parts += [(metric.module, METRICS) for metric in training.metrics]
        parts += [(update.module, "") for update in training.optimizer.updates]
        if training.schedule is not None:
            parts.append((training.schedule.module, ""))
    for module, place in parts:
        for name, use in _uses(module, memory).items():
            if PLACES[name] != place:
                yield Problem(
                    "E0312",
                    f"`{use.definition or name}` stands in {PLACES[name]} alone",
                    use.span,
                    hint=_HINTS[PLACES[name]],
                )


def _uses(
    module: Module, memory: dict[Module, Mapping[str, _Use]]
) -> Mapping[str, _Use]:
    """The first use of each of them in a module and all that it calls.

    That of a library definition is a use by whoever calls it.
    """
    if module not in memory:
        found: dict[str, _Use] = {}
        for body in (module.inference, module.training):
            for operation in body.operations:
                if not isinstance(operation, Call):
                    if operation.primitive in PLACES:
                        found.setdefault(operation.primitive, _Use(operation.span))
                    continue
                callee = operation.module
                for name, use in _uses(callee, memory).items():
                    if callee.is_library:
                        use = _Use(operation.span, callee.definition)
                    found.setdefault(name, use)
        memory[module] = found
    return memory[module]
