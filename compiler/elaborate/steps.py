"""How a tensor came to be: the stages that led to it, for messages about shapes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dlmc.diagnostics import Step
from dlmc.grammar.span import Span
from dlmc.ir.dimensions import Dim
from dlmc.ir.module import Value
from dlmc.ir.types import TensorType

if TYPE_CHECKING:
    from dlmc.elaborate.frame import Frame

SHOWN = 12
"""The longest chain that is shown in full."""
WIDE = 48
"""The longest text of a stage that is shown in full."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What made a value of another one; `text` is how the source says it."""

    value: Value
    before: Value
    text: str
    span: Span


def steps_to(value: Value, frame: "Frame") -> tuple[Step, ...]:
    """The chain that ends in a value; none for one that nothing led to."""
    chain: list[Step] = []
    stage = frame.stages.get(value.name)
    if stage is None:
        return ()
    while stage is not None:
        chain.append(Step(_short(stage.text), str(stage.value.type), stage.span))
        value = stage.before
        stage = frame.stages.get(value.name)
    first = value.name if value.name in frame.reserved else "a value"
    chain.append(Step(first, str(value.type), None))
    chain.reverse()
    if len(chain) > SHOWN:
        left_out = len(chain) - SHOWN + 1
        chain[1 : left_out + 1] = [Step(f"… {left_out} more", "", None)]
    return tuple(chain)


def channels_last(value: Value, frame: "Frame") -> str | None:
    """A hint where a tensor comes of images whose channels seem to stand last."""
    while (stage := frame.stages.get(value.name)) is not None:
        value = stage.before
    if value.type.rank != 4:
        return None
    batch, height, width, channels = value.type.shape
    if channels not in (1, 3, 4) or isinstance(height, Dim) or isinstance(width, Dim):
        return None
    if min(height, width) <= 2 * channels:
        return None
    meant = TensorType(value.type.dtype, (batch, channels, height, width))
    return (
        f"channels are the second axis here: if `{value.name}` is an image, declare it"
        f" {meant}"
    )


def longest_chain(values: Sequence[Value], frame: "Frame") -> Value:
    """Of several values the first, or one that was made of it in further stages."""
    first, *others = values
    for other in others:
        value = other
        while (stage := frame.stages.get(value.name)) is not None:
            value = stage.before
            if value == first:
                return other
    return first


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= WIDE else f"{text[: WIDE - 1]}…"
