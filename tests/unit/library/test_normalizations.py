"""Normalisations against PyTorch's own functions and by hand, where conformance to the
interpreter says too little: statistics that are frozen, and several axes."""

from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from dlmc.initializers import initial_weights
from dlmc.interpreter import run
from tests.unit.backends import keras_models, torch_modules
from tests.unit.backends.test_torch_models import close, inputs_of, random_weights
from tests.unit.elaborate.programs import errors
from tests.unit.library.models import model_with, text_of

SHAPES = ["f32[N, 4]", "f32[N, 4, T]", "f32[N, 4, H, W]", "f32[N, 4, 2, 3, 5]"]


@pytest.mark.parametrize("type_", SHAPES)
def test_frozen_statistics(type_: str) -> None:
    """In training they are used as they are; the scale and the shift still learn."""
    module = model_with(type_, "x -> BatchNorm(freeze_stats = true) as n")
    weights, inputs = random_weights(module), inputs_of(module)
    own = {name: torch.from_numpy(weights[f"n.{name}"]) for name in ("weight", "bias")}
    for one in own.values():
        one.requires_grad_()
    mean, var = (torch.from_numpy(weights[f"n.running_{s}"]) for s in ("mean", "var"))
    wanted = F.batch_norm(torch.from_numpy(inputs["x"]), mean, var, **own, eps=1e-5)
    wanted.square().sum().backward()
    for training in (True, False):
        result = run(module, inputs, weights, training=training)
        assert not result.updates
        close(result.outputs, {"output": wanted.detach().numpy()}, 1e-5)
    for natives in (True, False):
        model = torch_modules.made(module, weights, natives)
        model.train()
        found = model(torch.from_numpy(inputs["x"]))
        found.square().sum().backward()
        close({"y": found.detach().numpy()}, {"y": wanted.detach().numpy()}, 1e-5)
        for name, parameter in model.named_parameters():
            reference = own[name.removeprefix("n.")].grad
            assert reference is not None
            close({name: parameter.grad.numpy()}, {name: reference.numpy()}, 1e-4)
        after = {n: t.numpy() for n, t in model.state_dict().items() if n in weights}
        close(after, weights, 0)
        keras_model = keras_models.made(module, weights, natives)
        gradients = keras_gradients(keras_model, inputs["x"])
        for name, one in own.items():
            assert one.grad is not None
            close({name: gradients[f"n.{name}"]}, {name: one.grad.numpy()}, 1e-4)
        close(keras_model.weights(), weights, 0)


def keras_gradients(model: Any, x: Any) -> dict[str, Any]:
    """Of the sum of squares, in a step of training."""
    import tensorflow as tf

    variables = {n: v for n, v in model.named().items() if v.trainable}
    with tf.GradientTape() as tape:
        (y,) = model.called([tf.constant(x)], training=True)
        total = tf.reduce_sum(y**2)
    found = tape.gradient(total, {n: v.value for n, v in variables.items()})
    return {name: gradient.numpy() for name, gradient in found.items()}


def test_frozen_statistics_take_a_batch_of_one_sample() -> None:
    module = model_with("f32[N, 4]", "x -> BatchNorm(freeze_stats = true)")
    code = torch_modules.source(module)
    assert "nn.BatchNorm1d(4, eps=1e-5)" in code
    assert "class BatchNorm1d" not in code
    model = torch_modules.made(module)
    x = torch.arange(4.0)[None]
    np.testing.assert_allclose(model(x).detach(), x / (1 + 1e-5) ** 0.5, rtol=1e-6)


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_layer_norm_over_several_axes(axes: int) -> None:
    module = model_with("f32[N, 3, 4, 5]", f"x -> LayerNorm(axes = {axes}) as n")
    weights, inputs = random_weights(module), inputs_of(module)
    shape = (3, 4, 5)[-axes:]
    assert weights["n.weight"].shape == weights["n.bias"].shape == shape
    owned = [torch.from_numpy(weights[f"n.{name}"]) for name in ("weight", "bias")]
    wanted = F.layer_norm(torch.from_numpy(inputs["x"]), shape, *owned, eps=1e-5)
    close(run(module, inputs, weights).outputs, {"output": wanted.numpy()}, 1e-5)
    written = f"nn.LayerNorm({shape if axes > 1 else 5}, eps=1e-5)"
    assert written in torch_modules.source(module)


def test_more_axes_than_there_are() -> None:
    for axes in (0, 5):
        (message,) = errors(text_of("f32[N, 3, 4]", f"x -> LayerNorm(axes = {axes})"))
        said = "`axes` of `LayerNorm`: must be at least 1, and no more than x has axes"
        assert message.startswith(said)


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 9])
@pytest.mark.parametrize("type_", SHAPES[1:])
def test_local_response_norm(size: int, type_: str) -> None:
    given = "alpha = 0.7, beta = 0.6, k = 1.5"
    module = model_with(type_, f"local_response_norm(x, {size}, {given})")
    inputs = inputs_of(module)
    wanted = F.local_response_norm(
        torch.from_numpy(inputs["x"]), size, alpha=0.7, beta=0.6, k=1.5
    )
    close(run(module, inputs, {}).outputs, {"output": wanted.numpy()}, 1e-5)


def test_statistics_of_the_library_start_neutral() -> None:
    module = model_with("f32[N, 4]", "x -> BatchNorm as n")
    x = {"x": np.random.default_rng(0).standard_normal((3, 4)).astype(np.float32)}
    found = run(module, x, initial_weights(module, 0)).outputs["output"]
    np.testing.assert_allclose(found, x["x"] / (1 + 1e-5) ** 0.5, rtol=1e-6)
