"""Every sample of every primitive, as Keras code, against NumPy."""

import zlib
from dataclasses import replace

import numpy as np
import pytest

from dlmc.backend import Unsupported
from dlmc.interpreter import run
from dlmc.ir.module import Value
from dlmc.ir.types import DType, TensorType
from dlmc.primitives import REGISTRY, Sample
from tests.unit.backends.keras_models import made, source
from tests.unit.backends.onnx_graphs import assert_close, draw, sample_module

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
    if not module.inputs:  # Keras calls no layer on nothing
        unused = Value("unused", TensorType(DType.F32, (2,)))
        module = replace(module, inputs=(unused,))
    model = made(module)
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    for sizes in SIZES:
        inputs = {
            f"x{i}": draw(type_, sizes, rng, sample.ranges.get(i))
            for i, type_ in enumerate(sample.operands)
        }
        if not inputs:
            inputs["unused"] = np.zeros(2, np.float32)
        found = model.outputs(inputs)["y"]
        wanted = run(module, inputs, {}).outputs["y"]
        if name == "random_uniform":
            assert found.shape == wanted.shape
            assert ((found >= 0) & (found < 1)).all()
            continue
        assert_close(found, wanted, module.outputs[0].type.dtype)


def test_what_tensorflow_cannot_do_is_said() -> None:
    x = TensorType(DType.F64, (1, 2, 4, 4, 4))
    with pytest.raises(Unsupported, match="three axes of f64"):
        source(sample_module("window_max", Sample((x,), {"size": 2})))
