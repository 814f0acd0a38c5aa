"""W0302: an activation of what an activation has just given."""

from collections.abc import Iterator

from dlmc.diagnostics import Diagnostic, Label
from dlmc.ir.module import Call
from dlmc.lint.subject import Subject
from dlmc.lint.warning import warning
from dlmc.lint.wiring import is_library

WRONG = {
    "softmax": ("softmax",),
    "log_softmax": ("softmax",),
    "sigmoid": ("sigmoid", "softmax"),
}
"""What makes other numbers than those meant, by what stands before it."""
USELESS = {
    "relu": ("relu", "sigmoid", "softmax"),
    "log_softmax": ("log_softmax",),
}
"""What changes nothing. A block may well begin so whatever it is given: these two have
to stand in one body."""


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Activations that are one too many."""
    kinds = dict.fromkeys((*WRONG, *USELESS))
    for pair in subject.wiring.pairs((), *kinds):
        before, after = pair.before, pair.after
        name = after.module.definition
        if not isinstance(before, Call):
            continue
        wrong = is_library(before, *WRONG.get(name, ()))
        useless = pair.is_local and is_library(before, *USELESS.get(name, ()))
        if not wrong and not useless:
            continue
        if pair.is_local and after.span.end <= before.span.end:
            continue  # another turn of a loop
        axes = _axis(before), _axis(after)
        if None not in axes and axes[0] != axes[1]:
            continue
        other = before.module.definition
        what = "squashes it again" if wrong else "changes nothing"
        yield warning(
            "W0302",
            f"`{name}` of the result of `{other}` {what}",
            subject.place(after),
            labels=(Label(subject.place(before), f"the `{other}`"),),
            hint="one of them is enough",
        )


def _axis(call: Call) -> int | None:
    axis = call.arguments.get("axis")
    return int(axis) % call.operands[0].type.rank if isinstance(axis, int) else None
