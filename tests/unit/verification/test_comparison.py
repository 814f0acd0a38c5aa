"""How far apart two answers are."""

import math

import numpy as np
import pytest

from dlmc.verification import comparison
from dlmc.verification.comparison import Difference, difference


@pytest.mark.parametrize(
    ("expected", "actual", "size"),
    [
        ([1.0, -4.0], [1.0, -4.0], 0.0),
        ([1.0, -4.0], [1.5, -4.0], 0.25),
        ([math.inf, 1.0, math.nan], [math.inf, 1.0, math.nan], 0.0),
        ([1.0, 2.0], [1.0, math.nan], math.inf),
        ([math.nan, 2.0], [1.0, 2.0], math.inf),
        ([math.inf], [-math.inf], math.inf),
        ([1.0], [[1.0]], math.inf),
        ([], [], 0.0),
        ([True, False], [True, True], 0.5),
    ],
)
def test_difference(expected: list[float], actual: list[float], size: float) -> None:
    """In terms of a scale; what is not finite is equal to itself alone."""
    a, b = np.asarray(expected), np.asarray(actual)
    assert difference(a, b, 2.0) == size


def test_yardsticks() -> None:
    """Each output has its own; weights of a model share one for those that are tiny."""
    expected = {"a": np.asarray([100.0]), "b": np.asarray([1e-9])}
    actual = {"a": np.asarray([100.0]), "b": np.asarray([2e-9])}
    assert comparison.outputs(expected, actual) == Difference(1.0, "b")
    found = comparison.weights(expected, actual)
    assert (found.where, found.size) == ("b", pytest.approx(1e-9))
    # One of ordinary size is measured by itself.
    actual = {"a": np.asarray([101.0]), "b": np.asarray([1e-9])}
    assert comparison.weights(expected, actual) == Difference(0.01, "a")


def test_nothing_is_larger_than_what_cannot_be_compared() -> None:
    """NaN does not hide behind a number."""
    nan = Difference(math.nan, "x")
    assert comparison.largest([Difference(1.0, "y"), nan, Difference(2.0, "z")]) is nan
    assert comparison.largest([]) == comparison.NONE
