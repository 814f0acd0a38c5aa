"""Spatial layers in training: PyTorch against TensorFlow, number by number."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
import torch

from dlmc.backends.resizing import has_exact_neighbours
from tests.unit.backends import keras_models, torch_modules
from tests.unit.backends.spatial_models import SPATIAL
from tests.unit.backends.test_torch_models import close, inputs_of, random_weights
from tests.unit.elaborate.programs import model as model_of


def of_torch(module: Any, inputs: dict[str, Any], rates: list[Any]) -> dict[str, Any]:
    """Gradients of a weighted sum of the outputs."""
    model = torch_modules.made(module, random_weights(module))
    given = torch_modules.tensors(module, inputs)
    for tensor in given:
        tensor.requires_grad_(tensor.is_floating_point())
    result = model(*given)
    results = result if isinstance(result, tuple) else (result,)
    total = sum(
        (one * torch.from_numpy(rate)).sum()
        for one, rate in zip(results, rates, strict=True)
    )
    total.backward()
    found = {f"input {i}": tensor.grad for i, tensor in enumerate(given)}
    found |= {name: weight.grad for name, weight in model.named_parameters()}
    return {name: one.numpy() for name, one in found.items() if one is not None}


def of_tensorflow(
    module: Any, inputs: dict[str, Any], rates: list[Any]
) -> dict[str, Any]:
    """The same, of a step as a graph, in the layouts of files."""
    model = keras_models.made(module, random_weights(module))
    given = [tf.constant(array) for array in inputs.values()]
    floats = {f"input {i}": x for i, x in enumerate(given) if x.dtype.is_floating}
    named = {
        name: (layer, variable)
        for name, layer, variable in model.files.named(model.model)
        if variable.trainable
    }

    @tf.function
    def step() -> dict[str, Any]:
        with tf.GradientTape() as tape:
            tape.watch(list(floats.values()))
            total = sum(
                tf.reduce_sum(one * rate)
                for one, rate in zip(model.called(given, True), rates, strict=True)
            )
        values = {name: variable.value for name, (_, variable) in named.items()}
        found: dict[str, Any] = tape.gradient(total, {**floats, **values})
        return found

    result = {}
    for name, gradient in step().items():
        array = gradient.numpy()
        if name in named:
            layer, variable = named[name]
            like = SimpleNamespace(name=variable.name, numpy=lambda a=array: a)
            array = model.files.to_file(layer, like)
        result[name] = array
    return result


@pytest.mark.parametrize("text", SPATIAL.values(), ids=SPATIAL.keys())
def test_gradients(text: str) -> None:
    module = model_of(text)
    inputs = inputs_of(module)
    outputs = torch_modules.outputs(module, torch_modules.made(module), inputs)
    rng = np.random.default_rng(0)
    rates = [rng.uniform(size=y.shape).astype(y.dtype) for y in outputs.values()]
    close(of_tensorflow(module, inputs, rates), of_torch(module, inputs, rates), 1e-4)


@pytest.mark.parametrize("n", range(1, 65))
def test_neighbours_that_are_said_to_be_exact_are(n: int) -> None:
    """All sizes, in both frameworks, against whole numbers."""
    x = np.arange(n, dtype=np.float32)
    for m in range(1, 130):
        if not has_exact_neighbours([n], [m]):
            continue
        wanted = (2 * np.arange(m) + 1) * n // (2 * m)
        ours = torch.nn.functional.interpolate(
            torch.from_numpy(x)[None, None], size=(m,), mode="nearest-exact"
        )
        np.testing.assert_array_equal(ours[0, 0].numpy(), wanted)
        image = tf.image.resize(x[None, :, None, None], (m, 1), method="nearest")
        np.testing.assert_array_equal(image[0, :, 0, 0].numpy(), wanted)
