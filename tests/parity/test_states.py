"""Blocks of users that own parameters and states, trained step by step on each target.

At each step the interpreter says, from the weights that there are, what comes out and
what the states become; the frameworks then learn, and must agree with each other.
"""

from pathlib import Path
from typing import Any

import pytest
import tensorflow as tf
import torch

from dlmc.initializers import initial_weights
from dlmc.interpreter import run
from tests.unit.backends import keras_models, torch_modules
from tests.unit.backends.test_torch_models import close, inputs_of
from tests.unit.elaborate.programs import model as model_of

CENTER = """
block Center(decay = 0.9) { input x: float[..., D]
  param gain: float[D] = uniform(low = 0.5, high = 1.5)
  state average: float[D] = zeros()
  state seen: i64 = 0
  if training {
    average = decay * average + (1 - decay) * mean(x, axis = 0..x.rank - 1)
    seen = seen + 1
  }
  output gain * select(seen > 0, x - average, x)
}
"""
PROGRAMS = {
    "used twice": CENTER
    + """model M { input x: f32[N, 6]
  output x -> Center -> Dense(4) -> tanh -> Center(0.5) as half -> Dense(2) }""",
    "shared, and updated by each use": CENTER
    + """model M { input x: f32[N, 6]
  input y: f32[N, 6]
  center = Center()
  first = center(x)
  second = center(2 * first)
  output a = second -> Dense(2)
  output b = center(y) }""",
    "in loops and nested": CENTER
    + """block Unit(width) { input x: float[N, D]
  output x + (x -> Dense(width) -> Center(0.8) as inner -> relu -> Dense(D)) }
block Tower(depth) { input x: float[N, D]
  for i in 0..depth { x = x -> Unit(4 + i) as "unit{i}" }
  output x -> Center as last }
model M { input x: f32[N, 5]
  tower = Tower(2)
  output tower(x) + tower(-x) -> Tower(1) as other }""",
    "states that need each other": """
block Memory { input x: float[N, D]
  param mix: float[D, D] = identity()
  state last: float[D] = zeros()
  state before: float[D] = ones()
  y = x @ mix + 0.1 * last - 0.2 * before
  if training {
    before = last
    last = mean(x, axis = 0) + 0.5 * before
    before = 2 * before
  }
  output y + last * before }
model M { input x: f32[N, 3]
  memory = Memory()
  output memory(memory(x)) -> Memory as other }""",
    "a running covariance": """
block Whiten(decay = 0.9, eps = 0.1) { input x: float[N, D]
  param shift: float[D] = zeros()
  state center: float[D] = zeros()
  state spread: float[D, D] = identity()
  if training {
    center = decay * center + (1 - decay) * mean(x, axis = 0)
    d = x - center
    spread = decay * spread + (1 - decay) * (transpose(d) @ d) / cast(N, x.dtype)
  }
  scale = rsqrt(sum(spread ** 2, axis = 0) + eps)
  output (x - center) * scale + shift }
model M { input x: f32[N, 4]
  for i in 0..2 { x = x -> Whiten(0.5 + 0.25 * i) -> Dense(4) }
  output x }""",
    "of images": """
block Brightness { input x: float[N, C, H, W]
  param scale: float[C] = ones()
  state level: float[C] = zeros()
  if training { level = 0.7 * level + 0.3 * mean(abs(x), axis = [0, 2, 3]) }
  output x * reshape(scale / (1 + level), [1, C, 1, 1]) }
model M { input image: f32[N, 2, 6, 6]
  x = image -> Conv(4, 3) -> Brightness -> relu -> Conv(3, 3) -> Brightness
  output x -> BatchNorm -> flatten -> Dense(2) }""",
    "names that frameworks have": CENTER.replace("average", "weights")
    .replace("gain", "training_")
    .replace("seen", "dtype")
    + """model M { input x: f32[N, 6]
  output x -> Center as train -> Dense(2) as call -> Center as "layers.0" }""",
}
RATE = 0.1


def of_torch(model: Any, module: Any, inputs: dict[str, Any]) -> dict[str, Any]:
    """The outputs of a training step, after which the model has learned."""
    model.train()
    found = model(*torch_modules.tensors(module, inputs))
    several = found if isinstance(found, tuple) else (found,)
    total = sum((y * y).mean() for y in several)
    model.zero_grad()
    total.backward()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter -= RATE * parameter.grad
    names = [output.name or "output" for output in module.outputs]
    return {n: y.detach().numpy() for n, y in zip(names, several, strict=True)}


def of_keras(made: Any, module: Any, inputs: dict[str, Any]) -> dict[str, Any]:
    """The same, in a graph of its own for each step."""
    variables = made.model.trainable_variables

    @tf.function
    def step(*given: Any) -> Any:
        with tf.GradientTape() as tape:
            several = made.called(list(given), training=True)
            total = sum(tf.reduce_mean(y * y) for y in several)
        for v, g in zip(variables, tape.gradient(total, variables), strict=True):
            v.assign_sub(RATE * g)
        return several

    several = step(*(tf.constant(inputs[value.name]) for value in module.inputs))
    names = [output.name or "output" for output in module.outputs]
    return {n: y.numpy() for n, y in zip(names, several, strict=True)}


def state_of(model: Any) -> dict[str, Any]:
    return {
        name: tensor.detach().numpy().copy()
        for name, tensor in model.state_dict().items()
        if not name.endswith("num_batches_tracked")
    }


@pytest.mark.parametrize("name", PROGRAMS)
def test_training_steps(name: str, tmp_path: Path) -> None:
    module = model_of(PROGRAMS[name])
    weights = initial_weights(module, 0)
    in_torch = torch_modules.made(module, weights)
    in_keras = keras_models.made(module, weights)
    states = [w for w in weights if w not in dict(in_torch.named_parameters())]
    assert states
    trained = {n: v.trainable for n, v in in_keras.named().items()}
    assert {n for n, is_trained in trained.items() if not is_trained} == set(states)
    for step in range(4):
        inputs = inputs_of(module, seed=step)
        wanted = run(module, inputs, weights, training=True)
        close(of_torch(in_torch, module, inputs), wanted.outputs, 1e-5)
        close(of_keras(in_keras, module, inputs), wanted.outputs, 2e-5)
        before, weights = weights, state_of(in_torch)
        close(
            {s: weights[s] for s in states},
            {s: (before | wanted.updates)[s] for s in states},
            1e-5,
        )
        close(in_keras.weights(), weights, 5e-5)
        assert any((weights[s] != before[s]).any() for s in states)
    # What was learned goes through a file, and inference leaves the states alone.
    inputs = inputs_of(module, seed=9)
    wanted = run(module, inputs, weights)
    assert not wanted.updates
    path = tmp_path / "model.pt"
    torch.save(in_torch.state_dict(), path)
    again = torch_modules.made(module)
    again.load_state_dict(torch.load(path))
    again.eval()
    close(torch_modules.outputs(module, again, inputs), wanted.outputs, 1e-5)
    close(state_of(again), weights, 0)
    loaded = keras_models.made(module, in_keras.weights())
    close(loaded.outputs(inputs), in_keras.outputs(inputs), 1e-6)
    close(loaded.weights(), in_keras.weights(), 0)
