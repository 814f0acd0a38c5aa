"""Same weights, same outputs: every example on every target and in NumPy."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import dlmc
from dlmc.initializers import initial_weights
from dlmc.interpreter import run
from dlmc.ir.module import Module
from dlmc.ir.types import DType

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.dlm"))
TOLERANCE = 1e-5
"""Relative to the largest number of an output."""

Arrays = dict[str, np.ndarray[Any, Any]]


def test_there_are_examples() -> None:
    """The parametrisation below is not empty."""
    assert {"linear", "digits", "wine", "autoencoder"} <= {p.stem for p in EXAMPLES}


def weights_of(model: Module) -> Arrays:
    """Initial weights, with statistics and offsets that are not all 0 and 1."""
    rng = np.random.default_rng(0)
    return {
        name: value + rng.uniform(0.1, 0.5, value.shape).astype(value.dtype)
        if value.ndim == 1
        else value
        for name, value in initial_weights(model, 3).items()
    }


def batch_of(model: Module, size: int) -> Arrays:
    """Random inputs of a batch size."""
    rng = np.random.default_rng(size)
    arrays: Arrays = {}
    for value in model.inputs:
        shape = [size if not isinstance(s, int) else s for s in value.type.shape]
        if value.type.dtype is DType.F32:
            arrays[value.name] = rng.normal(size=shape).astype(np.float32)
        else:
            arrays[value.name] = rng.integers(0, 2, shape)
    return arrays


def outputs_of(target: str, live: Any, model: Module, inputs: Arrays) -> list[Any]:
    """What a live model of a target gives, as NumPy arrays."""
    arrays = [inputs[value.name] for value in model.inputs]
    if target == "torch":
        import torch

        live.eval()
        with torch.inference_mode():
            results = live(*map(torch.from_numpy, arrays))
        results = results if isinstance(results, tuple) else (results,)
        return [result.numpy() for result in results]
    if target == "tensorflow":
        results = live(*arrays, training=False)
        results = results if isinstance(results, tuple) else (results,)
        return [np.asarray(result) for result in results]
    return list(live(**inputs).values())


@pytest.mark.parametrize("target", ["torch", "tensorflow", "onnx"])
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_outputs_are_the_interpreters(path: Path, target: str) -> None:
    """In inference, at batch sizes 1 and 7."""
    model = dlmc.read(path).models[-1]
    weights = weights_of(model)
    live = dlmc.load(path, target=target, weights=weights)
    for size in (1, 7):
        inputs = batch_of(model, size)
        expected = run(model, inputs, weights).outputs.values()
        actual = outputs_of(target, live, model, inputs)
        for a, b in zip(expected, actual, strict=True):
            assert a.shape == b.shape
            assert a.dtype == b.dtype
            assert np.abs(a - b).max() <= TOLERANCE * np.abs(a).max()
