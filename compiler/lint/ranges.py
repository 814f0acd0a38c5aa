"""W0306: a decay that is no share of one."""

from collections.abc import Iterator
from typing import Any

from dlmc.diagnostics import Diagnostic
from dlmc.ir.module import Call
from dlmc.lint.subject import Subject, setting
from dlmc.lint.warning import warning
from dlmc.lint.wiring import is_library

OPTIMIZERS = ("momentum", "beta1", "beta2", "alpha", "rho")


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Arguments of the library that should be at least 0 and less than 1."""
    for module in subject.own_modules:
        for call in module.training.operations:
            if isinstance(call, Call) and is_library(call, "BatchNorm"):
                value = call.arguments.get("decay")
                if _is_outside(value):
                    yield warning(
                        "W0306",
                        f"`decay` of `BatchNorm` is {value}",
                        subject.place(call),
                        hint="it is the share of the old statistics that is kept: at"
                        " least 0, less than 1",
                    )
    for declaration, training in subject.trainings:
        rule = training.optimizer
        for argument in OPTIMIZERS if rule.is_library else ():
            value = rule.arguments.get(argument)
            if _is_outside(value):
                yield warning(
                    "W0306",
                    f"`{argument}` of `{rule.definition}` is {value}",
                    setting(declaration, "optimizer"),
                    hint="it is the share of the past that is kept: at least 0, less"
                    " than 1",
                )


def _is_outside(value: Any) -> bool:
    return isinstance(value, int | float) and not 0 <= value < 1
