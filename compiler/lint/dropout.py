"""W0305: a dropout right before the loss, on what the model says."""

from collections.abc import Iterator

from dlmc.diagnostics import Diagnostic, Label
from dlmc.ir.module import Call
from dlmc.lint.subject import Subject, setting
from dlmc.lint.warning import warning
from dlmc.lint.wiring import is_library, output_positions

DROPOUTS = ("Dropout", "ChannelDropout", "AlphaDropout", "GaussianDropout")


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Outputs that a loss takes and a dropout gives."""
    for declaration, training in subject.trainings:
        outputs = output_positions(training.model)
        for value in training.loss.inputs:
            if value.name not in outputs:
                continue
            found = subject.wiring.output(training.model, outputs[value.name])
            if not isinstance(found, Call) or not is_library(found, *DROPOUTS):
                continue
            if found.arguments["rate"] == 0:
                continue
            yield warning(
                "W0305",
                f"the dropout is the last step to the output `{value.name}`",
                subject.place(found),
                "in training, some of the outputs are 0 and the others too large",
                labels=(Label(setting(declaration, "loss"), "which the loss takes"),),
                hint="it belongs before the last layer",
            )
