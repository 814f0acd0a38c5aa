"""Slices of tensors are those of NumPy."""

import numpy as np
import pytest

from dlmc.interpreter import run
from tests.unit.elaborate.programs import model

X = np.arange(2 * 7, dtype=np.float32).reshape(2, 7)
SYMBOLIC = "model M { input x: f32[N, T]  output y = x[:, INDEX] }"
KNOWN = SYMBOLIC.replace("T", "7", 1)
BOUNDS = ["", "0", "1", "3", "6", "7", "9", "-1", "-2", "-6", "-7", "-9"]
STEPS = ["", "1", "2", "-1", "-2", "-3"]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("start", BOUNDS)
def test_bounds_and_steps(start: str, step: str) -> None:
    """Of an axis of known size, all bounds are clipped."""
    for stop in BOUNDS:
        index = f"{start}:{stop}:{step}" if step else f"{start}:{stop}"
        expected = eval(f"x[:, {index}]", {"x": X})
        found = run(model(KNOWN.replace("INDEX", index)), {"x": X}, {}).outputs["y"]
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(
    "index", ["::-1", "::-2", "-2::-1", ":2:-1", "4:1:-1", "-2:-5:-2", "-2:1:-1"]
)
def test_backwards_along_an_axis_of_unknown_size(index: str) -> None:
    """Of one as long as the bounds ask for."""
    expected = eval(f"x[:, {index}]", {"x": X})
    found = run(model(SYMBOLIC.replace("INDEX", index)), {"x": X}, {}).outputs["y"]
    np.testing.assert_array_equal(found, expected)
