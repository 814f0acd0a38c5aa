"""W0604: a batch that is larger than the data."""

from collections.abc import Iterator

from dlmc.diagnostics import Diagnostic, Label
from dlmc.lint.samples import counted, most_trained_on
from dlmc.lint.subject import Subject, setting
from dlmc.lint.warning import warning


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Batches of more samples than are trained on."""
    for declaration, training in subject.trainings:
        count = most_trained_on(training.data)
        if count is not None and training.batch > count:
            yield warning(
                "W0604",
                f"a batch of {training.batch} is more than there is to train on",
                setting(declaration, "batch"),
                labels=(Label(declaration.data.span, f"{counted(count)} to train on"),),
                hint=f"`batch = {count}` says that each step sees all of them",
            )
