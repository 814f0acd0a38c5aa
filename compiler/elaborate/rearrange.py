"""`rearrange`: axes split, moved and joined as a pattern names them.

The notation is that of einops (Rogozhnikov, 2022). What comes of a pattern is a
reshape, a transposition and a reshape, each where it is needed.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dlmc.elaborate.values import describe
from dlmc.ir.dimensions import Dim, Size, exact_quotient, product
from dlmc.ir.module import Value
from dlmc.ir.types import TensorType
from dlmc.primitives.base import Fault

if TYPE_CHECKING:
    from dlmc.elaborate.frame import Frame

REST = "..."
_TOKEN = re.compile(r"\s*(\.\.\.|[A-Za-z_][A-Za-z0-9_]*|\d+|\S)")

Names = tuple[str, ...]
Side = tuple[Names, ...]
"""The axes of a tensor; each is made of none, one or several named ones."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """What a pattern says, for a tensor: `...` stands for names of its own."""

    text: str
    before: Side
    after: Side

    def fault(
        self, message: str, *, code: str = "E0304", hint: str | None = None
    ) -> Fault:
        """What is wrong with the pattern, or with it for a tensor."""
        return Fault(
            f'`rearrange`: "{self.text}" {message}',
            code=code,
            hint=hint,
            argument="pattern",
        )


def rearrange(
    frame: "Frame", tensor: Any, pattern: Any, sizes: Mapping[str, Any]
) -> Value:
    """The tensor as the pattern says; `sizes` are those of axes by their names.

    Raises:
        Fault: The pattern is none, or does not fit the tensor and the sizes.
    """
    if not isinstance(tensor, Value):
        raise Fault(
            f"a tensor is needed, not {describe(tensor)}",
            code="E0310",
            argument="tensor",
        )
    if not isinstance(pattern, str):
        raise Fault(
            f"a pattern is a string, not {describe(pattern)}",
            code="E0310",
            hint='for example rearrange(x, "n c h w -> n (h w) c")',
            argument="pattern",
        )
    parsed = _parse(pattern, tensor.type)
    known = _sizes(parsed, tensor.type, sizes)
    old = [name for axis in parsed.before for name in axis]
    new = [name for axis in parsed.after for name in axis]
    shape = tuple(product([known[name] for name in axis]) for axis in parsed.after)
    place = frame.session.uses[-1].place

    def apply(primitive: str, operand: Value, **attributes: Any) -> Value:
        return frame.apply(primitive, (operand,), attributes, place)

    result = tensor
    splits, joins = (
        any(len(axis) != 1 for axis in side) for side in (parsed.before, parsed.after)
    )
    if old != new:
        if splits:
            result = apply("reshape", result, shape=[known[name] for name in old])
            splits = False
        result = apply("transpose", result, axes=[old.index(name) for name in new])
    if splits or joins:
        result = apply("reshape", result, shape=list(shape))
    return result


# --- The pattern ---


def _parse(text: str, tensor: TensorType) -> Pattern:
    bare = Pattern(text, (), ())
    left, arrow, right = text.partition("->")
    if not arrow:
        hint = 'for example rearrange(x, "n c h w -> n (h w) c")'
        raise bare.fault("has no `->`", hint=hint)
    before, after = (tuple(_axes(side, bare, (REST,))) for side in (left, right))
    if any(REST in axis and axis != (REST,) for axis in before):
        raise bare.fault("has `...` in parentheses before the arrow")
    _check_names(bare, before, after)
    has_rest = (REST,) in before
    rest = tensor.rank - (len(before) - has_rest)
    if rest < 0 or (rest > 0 and not has_rest):
        named = len(before) - has_rest
        raise bare.fault(
            f"is for {'at least ' * has_rest}{named} {'axis' if named == 1 else 'axes'}"
            f", the tensor is {tensor}"
        )
    further = tuple(f"{REST}{i}" for i in range(rest))
    before, after = (tuple(_axes(side, bare, further)) for side in (left, right))
    return Pattern(text, before, after)


def _check_names(pattern: Pattern, before: Side, after: Side) -> None:
    """That each name stands once on each side."""
    old, new = ([name for axis in side for name in axis] for side in (before, after))
    for names in (old, new):
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise pattern.fault(f"has `{twice}` twice on one side of the arrow")
    for name in old:
        if name not in new:
            raise pattern.fault(
                f"leaves out `{name}` after the arrow",
                hint="every axis stays: mean(x, axis = …) takes one away",
            )
    for name in new:
        if name not in old:
            raise pattern.fault(
                f"has `{name}` after the arrow alone",
                hint="broadcast(x, shape) repeats a tensor along a new axis",
            )


def _axes(side: str, pattern: Pattern, further: Names) -> Iterator[Names]:
    """The axes of one side: a name, `1`, `...`, or several in parentheses.

    `further` are the names that `...` stands for.
    """
    group: list[str] | None = None
    for token in _TOKEN.findall(side):
        match token:
            case "(" if group is None:
                group = []
            case ")" if group is not None:
                yield tuple(group)
                group = None
            case "(" | ")":
                raise pattern.fault(f"has a `{token}` too many")
            case "1":
                if group is None:
                    yield ()
            case "...":
                if group is None:
                    yield from ((name,) for name in further)
                else:
                    group.extend(further)
            case _ if not token.isidentifier():
                hint = "a size has a name: rearrange(x, …, h = 8)"
                raise pattern.fault(
                    f"has a `{token}`, which names no axis",
                    hint=hint if token.isdigit() else None,
                )
            case _ if group is None:
                yield (token,)
            case _:
                group.append(token)
    if group is not None:
        raise pattern.fault("has a `(` that is not closed")


# --- The sizes ---


def _sizes(
    pattern: Pattern, tensor: TensorType, given: Mapping[str, Any]
) -> dict[str, Size]:
    """The size of each name; those given must fit the tensor."""
    names = {name for axis in pattern.before for name in axis}
    for name, size in given.items():
        if name not in names:
            raise pattern.fault(f"has no axis `{name}`, whose size is given")
        if not isinstance(size, int | Dim) or isinstance(size, bool):
            raise Fault(
                f"the size of `{name}` is a whole number, not {describe(size)}",
                code="E0310",
                hint="`//` rounds down" if isinstance(size, float) else None,
                argument=name,
            )
    known: dict[str, Size] = dict(given)
    for axis, size in zip(pattern.before, tensor.shape, strict=True):
        _share(pattern, axis, size, known)
    return known


def _share(pattern: Pattern, axis: Names, size: Size, known: dict[str, Size]) -> None:
    """Find the size of the one name of an axis that is not known."""
    shown = f"`({' '.join(axis)})`" if len(axis) > 1 else f"`{''.join(axis) or 1}`"
    open_names = [name for name in axis if name not in known]
    if len(open_names) > 1:
        raise pattern.fault(
            f"does not say the sizes in {shown}",
            hint=f"give all but one of them: rearrange(x, …, {open_names[0]} = …)",
        )
    others = [known[name] for name in axis if name in known]
    share = product(others)
    if not open_names:
        if share != size:
            said = _said(others)
            raise pattern.fault(f"takes {shown} for {said}, the axis is {size}")
        return
    if not others:
        known[open_names[0]] = size
        return
    whole = _quotient(size, share)
    if whole is None:
        by = _said(others)
        is_sure = isinstance(size, int) and isinstance(share, int)
        message = (
            f"cannot divide {shown}, {size}, by {by}"
            if is_sure
            else f"divides {shown}, {size}, by {by}, which may leave a rest"
        )
        raise pattern.fault(message, code="E0307")
    known[open_names[0]] = whole


def _said(sizes: Sequence[Size]) -> str:
    if not sizes:
        return "1"
    return " * ".join(f"({s})" if " " in f"{s}" else f"{s}" for s in sizes)


def _quotient(size: Size, share: Size) -> Size | None:
    """A size divided by what must divide it."""
    if isinstance(size, Dim) or isinstance(share, Dim):
        return exact_quotient(size, share) if share != 0 else None
    return None if share == 0 or size % share != 0 else size // share
