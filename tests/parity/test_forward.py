"""Same weights, same outputs: every example on every target and in NumPy."""

from pathlib import Path

import pytest

import dlmc
from dlmc.interpreter import run
from tests.parity.targets import TARGETS, batch_of, distance, outputs_of, weights_of

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.dlm"))
TOLERANCE = 1e-5
"""Relative to the largest number of an output."""
SIZES = {"mobilenet": (1,)}
"""The batch sizes, where they are others than 1 and 7."""


def test_there_are_examples() -> None:
    """The parametrisation below is not empty."""
    assert {"linear", "digits", "wine", "resnet"} <= {p.stem for p in EXAMPLES}


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_outputs_are_the_interpreters(path: Path, target: str) -> None:
    """In inference, of the model that the program is about."""
    model = dlmc.read(path).main
    weights = weights_of(model)
    live = dlmc.load(path, target=target, weights=weights)
    for size in SIZES.get(path.stem, (1, 7)):
        inputs = batch_of(model, size)
        expected = run(model, inputs, weights).outputs.values()
        actual = outputs_of(target, live, model, inputs)
        for a, b in zip(expected, actual, strict=True):
            assert distance(a, b) <= TOLERANCE
