"""How one shape follows from another."""

from collections.abc import Sequence

from dlmc.ir.dimensions import Size


def same_sizes(a: Sequence[Size], b: Sequence[Size]) -> bool:
    """Whether two shapes are equal, for every value of their symbols."""
    return len(a) == len(b) and all(x == y for x, y in zip(a, b, strict=True))


def inserted_axis(old: Sequence[Size], new: Sequence[Size]) -> int | None:
    """The axis of size 1 that the new shape has beside the old one's.

    The last one is -1; None where the shapes differ in another way.
    """
    if len(new) != len(old) + 1:
        return None
    for axis in reversed(range(len(new))):
        if new[axis] == 1 and same_sizes((*new[:axis], *new[axis + 1 :]), old):
            return axis - len(new) if axis == len(new) - 1 else axis
    return None
