"""Layouts: the order in which a tensor's axes lie in memory.

A layout is a permutation: entry i is the axis, counted as the program counts it, that
lies at place i. Channels last is (0, 2, 3, 1) for an image [N, C, H, W].
"""

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from dlmc.ir.dimensions import Size, product
from dlmc.ir.traced import origin_of

Layout: TypeAlias = tuple[int, ...]


def identity(rank: int) -> Layout:
    """The declared order."""
    return tuple(range(rank))


def is_identity(layout: Layout) -> bool:
    """Whether a layout is the declared order."""
    return layout == identity(len(layout))


def channels_last(rank: int) -> Layout:
    """(N, spatial…, C); of two axes or fewer the declared order is that already."""
    return identity(rank) if rank < 3 else (0, *range(2, rank), 1)


def kernel_last(rank: int) -> Layout:
    """(kernel…, I, O), of a convolution's weight that is declared (O, I, kernel…)."""
    return (*range(2, rank), 1, 0)


def lifted(layout: Layout, rank: int) -> Layout:
    """The layout of a tensor that this one broadcasts to: new axes come first."""
    new = rank - len(layout)
    return (*range(new), *(axis + new for axis in layout))


def reduced(layout: Layout, axes: Iterable[int]) -> Layout:
    """The layout that is left once some axes are gone."""
    gone = set(axes)
    return tuple(
        axis - sum(other < axis for other in gone)
        for axis in layout
        if axis not in gone
    )


def is_unit(size: Size) -> bool:
    """Whether a size is 1 wherever the module is used, not by an argument's chance."""
    return size == 1 and origin_of(size) is None


def grouped(
    before: Sequence[Size], after: Sequence[Size], layout: Layout
) -> Layout | None:
    """The layout in which a tensor comes out of a reshape without being moved first.

    None where axes that become one, or come of one, do not lie together and in order.
    """
    held = [axis for axis in layout if not is_unit(before[axis])]
    placed: list[tuple[int, tuple[int, ...]]] = []
    for inside, outside in _groups(before, after):
        places = [held.index(axis) for axis in inside]
        if not places or places != list(range(places[0], places[0] + len(places))):
            return None
        placed.append((places[0], outside))
    result = [axis for _, outside in sorted(placed) for axis in outside]
    for axis, size in enumerate(after):
        if is_unit(size):
            result.insert(result.index(axis - 1) + 1 if axis else 0, axis)
    return tuple(result) if len(result) == len(after) else None


def _groups(
    before: Sequence[Size], after: Sequence[Size]
) -> Iterable[tuple[tuple[int, ...], tuple[int, ...]]]:
    """The smallest runs of axes that become one another; those of size 1 left out."""
    inside = [axis for axis, size in enumerate(before) if not is_unit(size)]
    outside = [axis for axis, size in enumerate(after) if not is_unit(size)]
    while inside or outside:
        m, n = _shortest([before[a] for a in inside], [after[a] for a in outside])
        yield tuple(inside[:m]), tuple(outside[:n])
        inside, outside = inside[m:], outside[n:]


def _shortest(before: Sequence[Size], after: Sequence[Size]) -> tuple[int, int]:
    """The lengths of the shortest beginnings with equal products, else all."""
    for total in range(2, len(before) + len(after)):
        for m in range(max(1, total - len(after)), min(total, len(before) + 1)):
            if product(before[:m]) == product(after[: total - m]):
                return m, total - m
    return len(before), len(after)


def unit_axes_moved(
    before: Sequence[Size], after: Sequence[Size]
) -> dict[int, int] | None:
    """Where each axis of a reshape's result was, if it moves axes of size 1 alone."""
    inside = [axis for axis, size in enumerate(before) if not is_unit(size)]
    outside = [axis for axis, size in enumerate(after) if not is_unit(size)]
    if [before[axis] for axis in inside] != [after[axis] for axis in outside]:
        return None
    return dict(zip(outside, inside, strict=True))
