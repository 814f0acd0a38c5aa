"""W0602: layers of a trained model that no loss depends on."""

from collections.abc import Iterator

from dlmc.diagnostics import Diagnostic, Label
from dlmc.grammar.span import Span
from dlmc.ir.module import Call, Module
from dlmc.ir.program import Training
from dlmc.lint.subject import Subject, setting
from dlmc.lint.warning import warning
from dlmc.lint.wiring import output_positions


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Weights that stay as they start, in every training of their model."""
    idle: dict[str, dict[str, Span]] = {}
    losses: dict[str, Span] = {}
    for declaration, training in subject.trainings:
        found = _idle(training, subject)
        name = training.model.definition
        losses.setdefault(name, setting(declaration, "loss"))
        before = idle.get(name)
        idle[name] = (
            found
            if before is None
            else {part: span for part, span in before.items() if part in found}
        )
    for name, found in idle.items():
        if not found:
            continue
        (first, span), *rest = found.items()
        others = f" and {len(rest)} more" if rest else ""
        verb = "are" if rest else "is"
        does_not = f"does not depend on {'them' if rest else 'it'}"
        yield warning(
            "W0602",
            f"`{first}`{others} of `{name}` {verb} never trained",
            span,
            labels=(Label(losses[name], does_not),),
            hint="add what comes of it to the loss, or take it out of the model",
        )


def _idle(training: Training, subject: Subject) -> dict[str, Span]:
    """The parts with weights on which what the loss takes does not depend."""
    model = training.model
    outputs = output_positions(model)
    body = model.training
    needed = {
        body.outputs[outputs[value.name]].name
        for value in training.loss.inputs
        if value.name in outputs
    }
    if not needed:
        return {}  # the loss is what is wrong
    trained: set[str | None] = set()
    for operation in reversed(body.operations):
        if any(result.name in needed for result in operation.results):
            needed.update(operand.name for operand in operation.operands)
            if isinstance(operation, Call):
                trained.add(operation.instance)
    idle = {
        operation.instance
        for operation in body.operations
        if isinstance(operation, Call) and operation.instance not in trained
    }
    used = {
        operand.name for operation in body.operations for operand in operation.operands
    }
    used -= needed
    found = {p.name: p.span for p in model.parameters if p.name in used}
    for instance in model.instances:
        if instance.name in idle and _has_weights(instance.module):
            found[instance.name] = subject.place(instance)
    return found


def _has_weights(module: Module) -> bool:
    waiting = [module]
    while waiting:
        module = waiting.pop()
        if module.parameters:
            return True
        waiting.extend(instance.module for instance in module.instances)
    return False
