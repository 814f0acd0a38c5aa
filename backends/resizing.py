"""Uses of the library's resizing and padding, as backends need to know them."""

from collections.abc import Iterable, Sequence
from typing import Any

from dlmc.ir.dimensions import Size
from dlmc.ir.traced import plain

LINEAR = {1: "linear", 2: "bilinear", 3: "trilinear"}
"""Linear interpolation over so many axes, as it is called."""


def is_scaled(scale: Any, sizes: Sequence[Size], new_sizes: Sequence[Size]) -> bool:
    """Whether a use of `resize` is by the whole numbers that its `scale` says."""
    scales = per_axis(scale, len(sizes))
    if not all(isinstance(by, int) for by in scales):
        return False
    wanted = [n * by for n, by in zip(sizes, scales, strict=True)]
    return wanted == list(new_sizes)


def has_exact_neighbours(sizes: Iterable[Size], new_sizes: Iterable[Size]) -> bool:
    """Whether the nearest elements are the same where places are computed in f32.

    The middle of a new element may lie where two old ones meet, which a rounding error
    turns over. That is so where 2 divides the old size more often than the new one;
    and there is no error where the rest of the new size divides the old one.
    """
    return all(
        _twos(n) <= _twos(m) or n % (m // _twos(m)) == 0
        for n, m in zip(plain(list(sizes)), plain(list(new_sizes)), strict=True)
        if isinstance(n, int) and isinstance(m, int)
    )


def _twos(n: int) -> int:
    """The largest power of 2 that divides a number."""
    return n & -n


def pairs(padding: Any, axes: int) -> list[tuple[Any, Any]]:
    """Padding (before, after) of each axis, from any way to write the argument."""
    return [
        (value[0], value[1]) if isinstance(value, list | tuple) else (value, value)
        for value in per_axis(padding, axes)
    ]


def per_axis(value: Any, axes: int) -> list[Any]:
    """A value of each axis, from one for all or a list."""
    return list(value) if isinstance(value, list | tuple) else [value] * axes
