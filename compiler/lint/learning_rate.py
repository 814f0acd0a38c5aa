"""W0603: a learning rate with which nothing is learned."""

from collections.abc import Iterator

from dlmc.diagnostics import Diagnostic
from dlmc.lint.subject import Subject, setting
from dlmc.lint.warning import warning

NORMALISED = ("adam", "adamw", "nadam", "adamax", "rmsprop", "lion")
"""Rules whose steps have about the size of the learning rate, whatever the gradient."""


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Rates of 0, and rates of 1 or more where a weight moves as far in each step."""
    for declaration, training in subject.trainings:
        rule, schedule = training.optimizer, training.schedule
        if not rule.is_library or (schedule is not None and not schedule.is_library):
            continue
        if rule.lr == 0:
            yield warning(
                "W0603",
                "the learning rate is 0: no weight changes",
                setting(declaration, "optimizer"),
                hint=f"for example `{rule.definition}(lr = 1e-3)`",
            )
        elif rule.lr >= 1 and rule.definition in NORMALISED:
            yield warning(
                "W0603",
                f"a learning rate of {rule.lr:g} is too large for `{rule.definition}`",
                setting(declaration, "optimizer"),
                "each step moves each weight by about as much",
                hint=f"for example `{rule.definition}(lr = 1e-3)`",
            )
