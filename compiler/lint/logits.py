"""W0301: a loss or a metric after an activation that gives it the wrong numbers.

A loss on logits has its softmax or sigmoid inside. A second one before it leaves
gradients that nearly vanish and probabilities that never come near 0 or 1; a relu
leaves no way to say no. `log_softmax` before `cross_entropy` changes nothing and is let
be.
"""

from collections.abc import Iterator
from typing import NamedTuple

from dlmc.diagnostics import Diagnostic, Label
from dlmc.ir.module import Call
from dlmc.lint.subject import Subject
from dlmc.lint.warning import warning
from dlmc.lint.wiring import is_library


class Taken(NamedTuple):
    """What a function takes first, which activations do not give it, the way out."""

    kind: str
    misfits: tuple[str, ...]
    hint: str


SOFTMAX = "give it what is before the `{}`: it has a softmax of its own"
SIGMOID = "give it what is before the `{}`: it has a sigmoid of its own"
POSITIVE = "give it what is before the `{}`: it asks which logits are above 0"

TAKEN = {
    "cross_entropy": Taken("logits", ("softmax", "sigmoid", "relu"), SOFTMAX),
    "ctc": Taken("logits", ("softmax", "sigmoid", "relu"), SOFTMAX),
    "focal": Taken("logits", ("sigmoid", "softmax", "log_softmax", "relu"), SIGMOID),
    "kl_divergence": Taken("logits", ("softmax", "sigmoid", "relu"), SOFTMAX),
    "binary_cross_entropy": Taken(
        "logits", ("sigmoid", "softmax", "log_softmax", "relu"), SIGMOID
    ),
    "binary_accuracy": Taken("logits", ("sigmoid", "softmax", "log_softmax"), POSITIVE),
    "precision": Taken("logits", ("sigmoid", "softmax", "log_softmax"), POSITIVE),
    "recall": Taken("logits", ("sigmoid", "softmax", "log_softmax"), POSITIVE),
    "f1": Taken("logits", ("sigmoid", "softmax", "log_softmax"), POSITIVE),
    "perplexity": Taken("logits", ("softmax", "sigmoid", "relu"), SOFTMAX),
    "nll": Taken(
        "logarithms of probabilities",
        ("softmax", "sigmoid", "relu"),
        "`log_softmax` gives them, in place of `{}`",
    ),
    "dice": Taken("probabilities", ("log_softmax",), "`softmax` gives them"),
}

GIVEN = {
    "softmax": "gives probabilities",
    "sigmoid": "gives probabilities",
    "log_softmax": "gives logarithms of probabilities, none above 0",
    "relu": "leaves no number below 0",
}


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Losses and metrics of the library that are given the wrong kind of numbers."""
    for pair in subject.wiring.pairs(subject.program.trainings, *TAKEN):
        before, function = pair.before, pair.after.module.definition
        taken = TAKEN[function]
        if not isinstance(before, Call) or not is_library(before, *taken.misfits):
            continue
        if taken.hint is POSITIVE and _has_labels(pair.after):
            continue
        name = before.module.definition
        yield warning(
            "W0301",
            f"`{name}` before `{function}`, which takes {taken.kind}",
            subject.place(before),
            GIVEN[name],
            labels=(Label(subject.place(pair.after), f"takes {taken.kind}"),),
            hint=taken.hint.format(name),
        )


def _has_labels(call: Call) -> bool:
    """Whether classes are asked for, the largest logits, and not yes or no."""
    logits, target = call.operands
    return logits.type.rank != target.type.rank
