"""W0606: a warm-up that the training does not outlast."""

from collections.abc import Iterator

from dlmc.diagnostics import Diagnostic
from dlmc.lint.samples import counted, most_trained_on
from dlmc.lint.subject import Subject, setting
from dlmc.lint.warning import warning


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Schedules of the library that never reach their learning rate."""
    for declaration, training in subject.trainings:
        schedule = training.schedule
        if schedule is None or not schedule.is_library:
            continue
        length = schedule.arguments.get("warmup")
        if not isinstance(length, int) or length < 2:
            continue
        count = most_trained_on(training.data)
        if count is None:
            continue
        steps = training.epochs * -(-count // training.batch)
        if length > steps:
            yield warning(
                "W0606",
                f"the warm-up of {length} steps is longer than the training of {steps}",
                setting(declaration, "optimizer"),
                hint=f"there are {counted(count)} to train on, so an epoch has"
                f" {steps // training.epochs}",
            )
