"""Padding of convolutions and windows: Keras's "same" where it is what is meant."""

from collections.abc import Sequence
from typing import Any

from dlmc.ir.traced import origin_of
from dlmc.ir.types import DType

Pairs = Sequence[tuple[int, int]]


def keras_padding(
    kernel: Sequence[int], stride: Sequence[int], dilation: Sequence[int], pairs: Pairs
) -> str | None:
    """`"valid"` or `"same"` where one of them pads so, None where pads must be put.

    With a stride, "same" pads by the image's size, so it never counts. Nor does it
    where an argument of the block decides a number, which may be another one elsewhere.
    """
    if all(pair == (0, 0) and not _is_open(pair) for pair in pairs):
        return "valid"
    if any(map(_is_open, (kernel, stride, dilation, *pairs))):
        return None
    is_same = all(
        s == 1 and pair == _same(k, d)
        for k, s, d, pair in zip(kernel, stride, dilation, pairs, strict=True)
    )
    return "same" if is_same else None


def _is_open(numbers: Sequence[int]) -> bool:
    return any(origin_of(number) is not None for number in numbers)


def _same(kernel: int, dilation: int) -> tuple[int, int]:
    total = dilation * (kernel - 1)
    return total // 2, total - total // 2


def pad_widths(pairs: Pairs) -> tuple[tuple[int, int], ...]:
    """Padding for every axis of an image that is laid out channels last."""
    return ((0, 0), *(tuple(pair) for pair in pairs), (0, 0))  # type: ignore[arg-type]


_LEAST = {
    DType.I8: -(2**7),
    DType.I16: -(2**15),
    DType.I32: -(2**31),
    DType.I64: -(2**63),
    DType.U8: 0,
}


def lowest(dtype: DType) -> Any:
    """What is never the largest: -inf, or the least integer."""
    return -float("inf") if dtype.is_float else _LEAST[dtype]
