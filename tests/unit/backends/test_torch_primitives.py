"""Every sample of every primitive, as PyTorch code, against NumPy."""

import zlib

import numpy as np
import pytest

from dlmc.interpreter import run
from dlmc.primitives import REGISTRY, Sample
from tests.unit.backends.onnx_graphs import assert_close, draw, sample_module
from tests.unit.backends.torch_modules import made, outputs

SAMPLES = [
    pytest.param(name, sample, id=f"{name}-{i}")
    for name, primitive in REGISTRY.items()
    for i, sample in enumerate(primitive.samples)
    # It stands in the fields of data alone.
    if name != "standardize"
]
SIZES = ({"N": 1, "T": 5, "H": 6, "W": 5}, {"N": 7, "T": 8, "H": 9, "W": 8})


@pytest.mark.parametrize(("name", "sample"), SAMPLES)
def test_sample(name: str, sample: Sample) -> None:
    module = sample_module(name, sample)
    model = made(module)
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    for sizes in SIZES:
        inputs = {
            f"x{i}": draw(type_, sizes, rng, sample.ranges.get(i))
            for i, type_ in enumerate(sample.operands)
        }
        found = outputs(module, model, inputs)["y"]
        wanted = run(module, inputs, {}).outputs["y"]
        if name == "random_uniform":
            assert found.shape == wanted.shape
            assert ((found >= 0) & (found < 1)).all()
            continue
        assert_close(found, wanted, module.outputs[0].type.dtype)
