"""Orders and places along an axis, and cumulative sums, in PyTorch."""

from collections.abc import Sequence
from typing import Any

from dlmc.backends.python import tree as py
from dlmc.backends.python.dialect import Operand, Scope
from dlmc.backends.torch.quoting import quote, with_dtype
from dlmc.ir.module import Apply
from dlmc.ir.types import DType


def cumsum(apply: Apply, operands: Sequence[Operand], scope: Scope) -> py.Expression:
    """`cumsum`, from the end between two flips."""
    (x,) = operands
    axis = _axis(apply, x)
    options: dict[str, Any] = {"dim": axis}
    if not x.type.dtype.is_float:
        # torch adds integers up in 64 bits.
        options |= with_dtype(x.type.dtype, DType.I64)
    if not apply.attributes["reverse"]:
        return quote("{x}.cumsum(**{o})", x=x.expression, o=options)
    return quote(
        "{x}.flip({axis}).cumsum(**{o}).flip({axis})",
        x=x.expression,
        axis=axis,
        o=options,
    )


def argsort(apply: Apply, operands: Sequence[Operand], scope: Scope) -> py.Expression:
    """`argsort`, which keeps the order of equal numbers if told so."""
    (x,) = operands
    options: dict[str, Any] = {"dim": _axis(apply, x)}
    if apply.attributes["descending"]:
        options["descending"] = True
    return quote("{x}.argsort(**{o}, stable=True)", x=x.expression, o=options)


def take_along_axis(
    apply: Apply, operands: Sequence[Operand], scope: Scope
) -> py.Expression:
    """`gather`."""
    x, indices = operands
    return quote(
        "{x}.gather({axis}, {indices})",
        x=x.expression,
        axis=_axis(apply, x),
        indices=_long(indices),
    )


def scatter_add(
    apply: Apply, operands: Sequence[Operand], scope: Scope
) -> py.Expression:
    """`scatter_add`."""
    x, indices, values = operands
    return quote(
        "{x}.scatter_add({axis}, {indices}, {values})",
        x=x.expression,
        axis=_axis(apply, x),
        indices=_long(indices),
        values=values.expression,
    )


def _axis(apply: Apply, x: Operand) -> int:
    """The axis as one would write it: -1 is the last one."""
    axis: int = apply.attributes["axis"]
    return -1 if axis == x.type.rank - 1 else int(axis)


def _long(indices: Operand) -> py.Expression:
    if indices.type.dtype is DType.I64:
        return indices.expression
    return quote("{i}.long()", i=indices.expression)
