"""W0304: a choice among one, or a deviation from a mean of one.

Along an axis of size 1 a softmax is 1, a cross-entropy 0 and a layer normalisation its
bias, whatever the numbers are. A block that has such an axis in one of its uses alone
may well be meant so.
"""

from collections.abc import Iterator

from dlmc.diagnostics import Diagnostic
from dlmc.ir.module import Call, Kind, Module
from dlmc.ir.traced import origin_of
from dlmc.lint.subject import Subject
from dlmc.lint.warning import warning
from dlmc.lint.wiring import is_library

ALWAYS = {
    "softmax": ("is always 1", "a probability of yes or no is a `sigmoid`"),
    "log_softmax": ("is always 0", None),
    "cross_entropy": ("is always 0", "for a yes or no: `binary_cross_entropy`"),
    "kl_divergence": ("does not depend on the logits", None),
    "accuracy": (
        "compares the target to class 0 alone",
        "for a yes or no: `binary_accuracy`",
    ),
    "LayerNorm": ("does not depend on what it is given", None),
}


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Library calls along an axis of size 1."""
    for module in subject.own_modules:
        for call in module.training.operations:
            if not isinstance(call, Call) or not is_library(call, *ALWAYS):
                continue
            type_ = call.operands[0].type
            axis = call.arguments.get("axis", -1)
            if not isinstance(axis, int) or not type_.shape:
                continue
            if not _is_one(type_.shape[axis], module):
                continue
            name = call.module.definition
            always, hint = ALWAYS[name]
            yield warning(
                "W0304",
                f"`{name}` along an axis of size 1 {always}",
                subject.place(call),
                f"of {type_}",
                hint=hint,
            )


def _is_one(size: object, module: Module) -> bool:
    """Whether a size is 1 in each use of the module."""
    if size != 1:
        return False
    return module.kind is Kind.MODEL or origin_of(size) is None
