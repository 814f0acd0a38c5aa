"""How far two answers are apart."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dlmc.primitives.arrays import Array, np

OUTPUT = 1e-5
"""Of outputs, the loss and states: relative to the largest number of each."""
GRADIENT = 1e-4
"""Of gradients: relative to the largest number of each."""
STEADY = 1e-5
"""Along a training by sgd."""
ADAPTIVE = 1e-4
"""Along a training by a rule that divides by what it remembers of gradients."""
SHARE = 1e-2
"""A gradient or weight that is smaller than this share of the model's largest is
measured by that share: one that is 0 but for rounding has no size of its own."""


@dataclass(frozen=True, slots=True)
class Difference:
    """The largest relative difference, and what it is of."""

    size: float
    where: str

    def __lt__(self, other: "Difference") -> bool:
        # NaN is the largest: there is nothing to compare.
        return self.size < other.size or other.size != other.size


NONE = Difference(0.0, "")


def difference(expected: Array, actual: Array, scale: float) -> float:
    """The largest difference of two arrays in terms of a scale.

    Equal infinities and NaN in the same places are equal; any other number that is not
    finite is infinitely far.
    """
    if expected.shape != actual.shape:
        return float("inf")
    a = np.asarray(expected, np.float64)
    b = np.asarray(actual, np.float64)
    with np.errstate(all="ignore"):
        is_same = (a == b) | (np.isnan(a) & np.isnan(b))
        apart = np.where(is_same, 0, np.abs(a - b))
    largest = float(np.max(apart, initial=0))
    if not np.isfinite(largest):
        return float("inf")
    return largest / scale if largest else 0.0


def size(array: Array) -> float:
    """The largest absolute value among the finite ones."""
    values = np.abs(np.asarray(array, np.float64))
    return float(np.max(values, initial=0, where=np.isfinite(values)))


def outputs(expected: Mapping[str, Array], actual: Mapping[str, Array]) -> Difference:
    """Of arrays that stand for themselves: each in terms of its own largest number."""
    return largest(
        Difference(difference(array, actual[name], size(array) or 1.0), name)
        for name, array in expected.items()
    )


def weights(expected: Mapping[str, Array], actual: Mapping[str, Array]) -> Difference:
    """Of arrays of one model, whose sizes can be compared: see `SHARE`."""
    sizes = {name: size(array) for name, array in expected.items()}
    least = SHARE * max(sizes.values(), default=0.0)
    return largest(
        Difference(
            difference(array, actual[name], max(sizes[name], least) or 1.0), name
        )
        for name, array in expected.items()
    )


def largest(differences: Iterable[Difference]) -> Difference:
    """The largest difference, the first among equals."""
    found = NONE
    for one in differences:
        if found < one:
            found = one
    return found
