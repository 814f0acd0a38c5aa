"""W0306: a rate or a decay that is no share of one."""

from collections.abc import Iterator
from typing import Any

from dlmc.diagnostics import Diagnostic
from dlmc.ir.module import Call
from dlmc.lint.subject import Subject, setting
from dlmc.lint.warning import warning
from dlmc.lint.wiring import is_library

LAYERS = {
    "Dropout": ("rate", "is the share that becomes 0"),
    "BatchNorm": ("decay", "is the share of the old statistics that is kept"),
}
OPTIMIZERS = ("momentum", "beta1", "beta2")


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Arguments of the library that should be at least 0 and less than 1."""
    for module in subject.own_modules:
        for call in module.training.operations:
            if isinstance(call, Call) and is_library(call, *LAYERS):
                argument, meaning = LAYERS[call.module.definition]
                value = call.arguments.get(argument)
                if _is_outside(value):
                    yield warning(
                        "W0306",
                        f"`{argument}` of `{call.module.definition}` is {value}",
                        subject.place(call),
                        hint=f"it {meaning}: at least 0, less than 1",
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
