"""W0307: a convolution that takes channels for places, or the other way round.

Frameworks differ in where the channels of an image stand, and in whether a layer is
told how many come in.
"""

from collections.abc import Iterator

from dlmc.diagnostics import Diagnostic
from dlmc.ir.module import Call, Kind, Module
from dlmc.ir.traced import origin_of
from dlmc.lint.subject import Subject
from dlmc.lint.warning import warning
from dlmc.lint.wiring import is_library

LARGE = 8
"""A window from here on, with as many filters as channels, is a number of filters."""


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Convolutions whose numbers fit another framework's order."""
    for module in subject.own_modules:
        for call in module.training.operations:
            if isinstance(call, Call) and is_library(call, "Conv"):
                yield from _channels_last(call, module, subject)
                yield from _channels_given(call, subject)


def _channels_last(
    call: Call, module: Module, subject: Subject
) -> Iterator[Diagnostic]:
    """A window slides over a last axis of size 1, and another axis is longer."""
    type_ = call.operands[0].type
    _, channels, *places = type_.shape
    window = call.module.parameters[0].type.shape[-1]
    known = module.kind is Kind.MODEL or origin_of(places[-1]) is None
    if len(places) < 2 or places[-1] != 1 or not known or window == 1:
        return
    if all(size == 1 for size in places):
        return
    sizes = ", ".join(str(size) for size in (channels, *places[:-1]))
    yield warning(
        "W0307",
        f"the window of `Conv` is {window} wide, and the last axis of size 1",
        subject.place(call),
        f"of {type_}",
        hint=f"channels are the second axis here: an image is"
        f" {type_.dtype}[{type_.shape[0]}, 1, {sizes}]",
    )


def _channels_given(call: Call, subject: Subject) -> Iterator[Diagnostic]:
    """`Conv(3, 16, 3)` on three channels has 3 filters, of 16 by 16."""
    filters, size, stride = (call.arguments[n] for n in ("filters", "size", "stride"))
    if not all(isinstance(number, int) for number in (filters, size, stride)):
        return
    channels = call.operands[0].type.shape[1]
    if filters != channels or size < LARGE or stride < 2:
        return
    yield warning(
        "W0307",
        f"this `Conv` has {filters} filters, a window of {size} and a stride of"
        f" {stride}",
        subject.place(call),
        f"of {call.operands[0].type}",
        hint=f"the channels that come in are not given: `Conv({size}, {stride})`",
    )
