"""Transposed convolution in PyTorch, which pads both ends alike."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dlmc.backends.python import tree as py
from dlmc.backends.python.dialect import Operand, Scope
from dlmc.backends.torch.quoting import quote
from dlmc.backends.torch.windows import given_options, same_everywhere
from dlmc.ir.dimensions import Dim
from dlmc.ir.module import Apply


def evened(attributes: Mapping[str, Any]) -> tuple[Sequence[Any], Sequence[Any]] | None:
    """Padding of both ends, and output padding, which is more where the end loses less.

    None where torch has no such output padding.
    """
    padding, longer = attributes["padding"], attributes["output_padding"]
    limits = map(max, attributes["stride"], attributes["dilation"])
    put_on = [
        n if low == high else n + low - high
        for (low, high), n in zip(padding, longer, strict=True)
    ]
    for n, before, limit in zip(put_on, longer, limits, strict=True):
        if n is not before and (isinstance(n, Dim) or not 0 <= n < limit):
            return None
    return [low for low, _ in padding], put_on


def conv_transpose(
    apply: Apply, operands: Sequence[Operand], scope: Scope
) -> py.Expression:
    """`F.conv_transpose2d`; what torch cannot cut off is cut off after it."""
    x, weight = operands
    attributes = apply.attributes
    rank = x.type.rank - 2
    even = evened(attributes)
    padding, longer = even or ([0] * rank, attributes["output_padding"])
    options = given_options(
        scope,
        stride=(same_everywhere(attributes["stride"]), 1),
        padding=(same_everywhere(padding), 0),
        output_padding=(same_everywhere(longer), 0),
        groups=(attributes["groups"], 1),
        dilation=(same_everywhere(attributes["dilation"]), 1),
    )
    result = quote(
        f"F.conv_transpose{rank}d({{x}}, {{weight}}, **{{o}})",
        x=x.expression,
        weight=weight.expression,
        o=options,
    )
    if even is not None:
        return result
    return py.Subscript(result, kept(attributes["padding"], scope.numbers))


def kept(
    padding: Sequence[tuple[Any, Any]], write: Callable[[Any], py.Expression]
) -> py.Tuple:
    """The index of what is left once padding is cut off: `..., 1:, :-2`."""
    slices = (
        py.Slice(
            write(low) if low else None,
            py.Unary("-", write(high)) if high else None,
        )
        for low, high in padding
    )
    return py.Tuple((py.Literal(...), *slices))
