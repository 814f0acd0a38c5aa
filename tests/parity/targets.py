"""Models that run on the targets, as functions of NumPy arrays."""

from typing import Any

import numpy as np

from dlmc.initializers import initial_weights
from dlmc.ir.module import Module
from dlmc.ir.types import DType
from dlmc.primitives.arrays import numpy_dtype

TARGETS = ("torch", "tensorflow", "onnx")

Arrays = dict[str, np.ndarray[Any, Any]]


def weights_of(model: Module) -> Arrays:
    """Initial weights, with statistics and offsets that are not all 0 and 1."""
    rng = np.random.default_rng(0)
    return {
        name: value + rng.uniform(0.1, 0.5, value.shape).astype(value.dtype)
        if value.ndim == 1
        else value
        for name, value in initial_weights(model, 3).items()
    }


def batch_of(model: Module, size: int, **sizes: int) -> Arrays:
    """Random inputs of a batch size; `sizes` are those of other symbols."""
    rng = np.random.default_rng(size)
    arrays: Arrays = {}
    for value in model.inputs:
        shape = [
            s if isinstance(s, int) else sizes.get(str(s), size)
            for s in value.type.shape
        ]
        if value.type.dtype is DType.F32:
            arrays[value.name] = rng.normal(size=shape).astype(np.float32)
        else:
            drawn = rng.integers(0, 2, shape)
            arrays[value.name] = drawn.astype(numpy_dtype(value.type.dtype))
    return arrays


def outputs_of(target: str, live: Any, model: Module, inputs: Arrays) -> list[Any]:
    """What a live model of a target gives in inference, as NumPy arrays."""
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


def distance(expected: Any, actual: Any) -> float:
    """The largest difference of two arrays, relative to the largest number expected."""
    assert actual.shape == expected.shape
    assert actual.dtype == expected.dtype
    scale = np.abs(expected).max(initial=0)
    return float(np.abs(expected - actual).max(initial=0) / max(scale, 1e-30))
