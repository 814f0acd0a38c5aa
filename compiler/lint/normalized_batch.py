"""W0605: a batch normalisation of one number."""

from collections.abc import Iterator

from dlmc.diagnostics import Diagnostic, Label
from dlmc.ir.module import Call, Module
from dlmc.ir.traversal import reachable
from dlmc.lint.subject import Subject, setting
from dlmc.lint.warning import warning
from dlmc.lint.wiring import is_library


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Batch normalisations that see one number of each channel in a step."""
    for declaration, training in subject.trainings:
        if training.batch != 1:
            continue
        for call in _calls(training.model):
            yield warning(
                "W0605",
                "in training, `BatchNorm` sees one number of each channel",
                subject.place(call),
                "its result is its bias, whatever it is given",
                labels=(Label(setting(declaration, "batch"), "a batch of one"),),
                hint="take a larger batch, or `LayerNorm`",
            )


def _calls(model: Module) -> Iterator[Call]:
    for module in reachable([model]):
        for operation in () if module.is_library else module.training.operations:
            if isinstance(operation, Call) and is_library(operation, "BatchNorm"):
                shape = operation.operands[0].type.shape
                if all(size == 1 for size in shape[2:]):
                    yield operation
