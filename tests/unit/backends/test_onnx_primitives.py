"""Every sample of every primitive, as a graph on ONNX Runtime, against NumPy."""

import zlib

import numpy as np
import pytest

from dlmc.backend import Unsupported
from dlmc.backends.onnx.lowering import lower
from dlmc.backends.onnx.primitives import EMISSIONS
from dlmc.interpreter import run
from dlmc.ir.types import DType
from dlmc.primitives import REGISTRY, Sample
from tests.unit.backends.onnx_graphs import (
    assert_close,
    checked,
    draw,
    run_graph,
    sample_module,
)

SAMPLES = [
    pytest.param(name, sample, id=f"{name}-{i}")
    for name, primitive in REGISTRY.items()
    for i, sample in enumerate(primitive.samples)
]
SIZES = ({"N": 1, "T": 5, "H": 6, "W": 5}, {"N": 7, "T": 8, "H": 9, "W": 8})


def is_expressible(name: str, sample: Sample) -> bool:
    """Of all that the language has, what stays without a form.

    `standardize` stands in the fields of data alone; no runtime computes erf in f64.
    """
    return name != "standardize" and not (
        name == "erf" and sample.operands[0].dtype is DType.F64
    )


@pytest.mark.parametrize(("name", "sample"), SAMPLES)
def test_sample(name: str, sample: Sample) -> None:
    module = sample_module(name, sample)
    if not is_expressible(name, sample):
        with pytest.raises(Unsupported) as caught:
            lower(module)
        assert caught.value.span is not None
        return
    graph = checked(lower(module))
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    for sizes in SIZES:
        inputs = {
            f"x{i}": draw(type_, sizes, rng, sample.ranges.get(i))
            for i, type_ in enumerate(sample.operands)
        }
        found = run_graph(graph, inputs)["y"]
        wanted = run(module, inputs, {}).outputs["y"]
        if name == "random_uniform":
            assert found.shape == wanted.shape
            assert ((found >= 0) & (found < 1)).all()
            continue
        dtype = module.inference.operations[-1].results[0].type.dtype
        narrow = any(type_.dtype is DType.BF16 for type_ in sample.operands)
        narrow |= sample.attributes.get("dtype") is DType.BF16
        if narrow and dtype.is_float:
            dtype = DType.BF16
        assert_close(found, wanted, dtype)


def test_every_primitive_has_an_emission() -> None:
    assert set(REGISTRY) - set(EMISSIONS) == {"standardize"}
