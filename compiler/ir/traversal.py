"""Walks over modules."""

from collections.abc import Iterable, Iterator

from dlmc.ir.module import Call, Module
from dlmc.ir.program import Program


def callees(module: Module) -> Iterator[Module]:
    """The modules that a module calls or owns, with repetitions."""
    bodies = [module.inference]
    if module.training is not module.inference:
        bodies.append(module.training)
    for body in bodies:
        for operation in body.operations:
            if isinstance(operation, Call):
                yield operation.module
    for instance in module.instances:
        yield instance.module


def reachable(roots: Iterable[Module]) -> tuple[Module, ...]:
    """The modules and all that they need, each once, callees first."""
    found: dict[int, Module] = {}
    seen: set[int] = set()
    # No recursion: blocks may be nested deeper than Python's calls.
    waiting: list[tuple[Module | None, Iterator[Module]]] = [(None, iter(roots))]
    while waiting:
        module, rest = waiting[-1]
        for callee in rest:
            if id(callee) not in seen:
                seen.add(id(callee))
                waiting.append((callee, callees(callee)))
                break
        else:
            waiting.pop()
            if module is not None:
                found[id(module)] = module
    return tuple(found.values())


def roots(program: Program) -> Iterator[tuple[str, Module]]:
    """The modules that a program names itself, each with what it is there."""
    for model in program.models:
        yield f"model {model.definition}", model
    for training in program.trainings:
        title = f"train {training.name}"
        for field in training.data.fields:
            yield f"{title}: field {field.name}", field.module
        yield f"{title}: model", training.model
        yield f"{title}: loss", training.loss
        for metric in training.metrics:
            yield f"{title}: metric {metric.name}", metric.module
            if metric.batch is not metric.module:
                yield f"{title}: metric {metric.name} of a batch", metric.batch
                yield f"{title}: metric {metric.name} of all batches", metric.result
        for update in training.optimizer.updates:
            yield f"{title}: optimizer", update.module
        if training.schedule is not None:
            yield f"{title}: schedule", training.schedule.module
