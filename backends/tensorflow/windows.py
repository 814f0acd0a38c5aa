"""Padding of convolutions and windows: Keras's "same" where it is what is meant."""

from collections.abc import Sequence

from dlmc.ir.traced import origin_of

Pairs = Sequence[tuple[int, int]]


def keras_padding(
    kernel: Sequence[int], stride: Sequence[int], dilation: Sequence[int], pairs: Pairs
) -> str | None:
    """`"valid"` or `"same"` where one of them pads so, None where pads must be put.

    Where a number depends on an argument of the block, only what holds for every value
    of it counts. With a stride, "same" pads by the image's size, so it never counts.
    """
    numbers = [*kernel, *stride, *dilation, *(n for pair in pairs for n in pair)]
    if any(origin_of(number) is not None for number in numbers):
        return None
    if all(pair == (0, 0) for pair in pairs):
        return "valid"
    is_same = all(
        s == 1 and pair == _same(k, d)
        for k, s, d, pair in zip(kernel, stride, dilation, pairs, strict=True)
    )
    return "same" if is_same else None


def _same(kernel: int, dilation: int) -> tuple[int, int]:
    total = dilation * (kernel - 1)
    return total // 2, total - total // 2
