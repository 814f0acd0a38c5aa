"""Weights that are made of others, against PyTorch's parametrisations and by hand."""

from typing import Any

import numpy as np
import pytest
import torch
from torch.nn.utils import parametrizations

from dlmc.initializers import initial_weights
from dlmc.interpreter import run
from tests.unit.backends import keras_models, torch_modules
from tests.unit.backends.test_torch_models import close, inputs_of
from tests.unit.elaborate.programs import model as model_of

TYPES = {
    "Dense": "f32[N, 6]",
    "Conv": "f32[N, 4, 7, 5]",
    "ConvTranspose": "f32[N, 4, 5]",
    "DepthwiseConv": "f32[N, 3, 4, 5, 6]",
}
LAYERS = {
    "Dense": "Dense(5",
    "Conv": "Conv(6, 3, stride = 2, groups = 2",
    "ConvTranspose": "ConvTranspose(6, 3, stride = 2",
    "DepthwiseConv": "DepthwiseConv(2, multiplier = 2",
}
IN_TORCH = {
    "Dense": lambda: torch.nn.Linear(6, 5),
    "Conv": lambda: torch.nn.Conv2d(4, 6, 3, stride=2, groups=2),
    "ConvTranspose": lambda: torch.nn.ConvTranspose1d(4, 6, 3, stride=2),
    "DepthwiseConv": lambda: torch.nn.Conv3d(3, 6, 2, groups=3),
}


def module_of(layer: str, by: str) -> Any:
    return model_of(f"""model Test {{ input x: {TYPES[layer]}
        output x -> {LAYERS[layer]}, reparametrize = {by}) as layer }}""")


def steps(model: Any, x: Any, count: int) -> list[Any]:
    """What a model gives before each of some steps of SGD."""
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    found = []
    for _ in range(count):
        y = model(x)
        found.append(y.detach().numpy().copy())
        optimizer.zero_grad()
        (y - 1).square().mean().backward()
        optimizer.step()
    return found


@pytest.mark.parametrize("layer", LAYERS)
def test_weight_norm_trains_as_torchs(layer: str) -> None:
    """Also of `ConvTranspose`, of which PyTorch takes the first axis too."""
    module = module_of(layer, "WeightNorm")
    start = initial_weights(module, 0)
    ours = torch_modules.made(module, start)
    theirs = IN_TORCH[layer]()
    with torch.no_grad():
        theirs.weight.copy_(torch.from_numpy(start["layer.weight"]))
        theirs.bias.zero_()
    theirs = parametrizations.weight_norm(theirs)
    x = torch.from_numpy(inputs_of(module)["x"])
    for found, wanted in zip(steps(ours, x, 6), steps(theirs, x, 6), strict=True):
        close({"y": found}, {"y": wanted}, 2e-5)
    kept = ours.state_dict()
    length = kept["layer.weight_norm.start"] + kept["layer.weight_norm.gain"]
    learned = theirs.parametrizations.weight.original0.flatten()
    close({"g": length.numpy()}, {"g": learned.detach().numpy()}, 2e-5)
    ours.eval()
    theirs.eval()
    y, wanted = ours(x).detach().numpy(), theirs(x).detach().numpy()
    close({"y": y}, {"y": wanted}, 2e-5)


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("training", [False, True])
def test_weight_norm_starts_as_without_it(layer: str, training: bool) -> None:
    module, bare = module_of(layer, "WeightNorm"), module_of(layer, "false")
    start, inputs = initial_weights(bare, 0), inputs_of(bare)
    with_it = {**initial_weights(module, 0), **start}
    found = run(module, inputs, with_it, training=training).outputs
    close(found, run(bare, inputs, start).outputs, 1e-6)


@pytest.mark.parametrize(
    ("layer", "axis"),
    [("Dense", 0), ("Conv", 0), ("ConvTranspose", 1), ("DepthwiseConv", 0)],
)
def test_spectral_norm_trains_as_torchs(layer: str, axis: int) -> None:
    """PyTorch takes the axis of outputs, which is another of `ConvTranspose`."""
    module = module_of(layer, f"SpectralNorm(axis = {axis})")
    start = initial_weights(module, 0)
    ours = torch_modules.made(module, start)
    theirs = IN_TORCH[layer]()
    with torch.no_grad():
        theirs.weight.copy_(torch.from_numpy(start["layer.weight"]))
        theirs.bias.zero_()
    theirs = parametrizations.spectral_norm(theirs)
    state = theirs.parametrizations.weight[0]
    state._v.copy_(torch.from_numpy(start["layer.reparametrize.v"][0]))
    x = torch.from_numpy(inputs_of(module)["x"])
    for found, wanted in zip(steps(ours, x, 6), steps(theirs, x, 6), strict=True):
        close({"y": found}, {"y": wanted}, 2e-5)
    kept = ours.state_dict()["layer.reparametrize.v"][0]
    close({"v": kept.numpy()}, {"v": state._v.numpy()}, 2e-5)


def test_spectral_norm_finds_the_largest_singular_value() -> None:
    module = module_of("Dense", "SpectralNorm")
    weights = initial_weights(module, 0)
    inputs = {"x": np.eye(6, dtype=np.float32)}
    assert np.linalg.norm(weights["layer.spectral_norm.v"]) == pytest.approx(1, 1e-6)
    before = run(module, inputs, weights)
    assert not before.updates
    matrix = before.outputs["output"]
    assert np.linalg.norm(matrix, 2) > 1.05  # too small a value is found at first
    for _ in range(60):
        weights |= run(module, inputs, weights, training=True).updates
    found = run(module, inputs, weights).outputs["output"]
    assert np.linalg.norm(found, 2) == pytest.approx(1, abs=1e-5)
    exact = weights["layer.weight"].T / np.linalg.norm(weights["layer.weight"], 2)
    np.testing.assert_allclose(found, exact, atol=1e-5)


def test_a_function_can_stand_there() -> None:
    """Weight standardisation (Qiao et al., 2019)."""
    text = """
    fn standardized(w) = (w - mean(w, axis = [1, 2, 3], keep = true))
      / sqrt(var(w, axis = [1, 2, 3], keep = true) + 1e-5)
    model Test { input x: f32[N, 3, 6, 6]
      output x -> Conv(4, 3, bias = false, reparametrize = standardized) as layer }
    """
    module = model_of(text)
    weights, inputs = initial_weights(module, 0), inputs_of(module)
    w = torch.from_numpy(weights["layer.weight"])
    mean = w.mean((1, 2, 3), keepdim=True)
    var = w.var((1, 2, 3), keepdim=True, correction=0)
    wanted = torch.conv2d(
        torch.from_numpy(inputs["x"]), (w - mean) / (var + 1e-5) ** 0.5
    )
    close(run(module, inputs, weights).outputs, {"output": wanted.numpy()}, 1e-5)


def test_states_of_all_targets_agree() -> None:
    """Of training steps on which the weight stays as it is."""
    module = model_of("""model Test { input x: f32[N, 4, 6, 5]
      y = x -> Conv(3, 3, reparametrize = SpectralNorm(eps = 1e-6)) as a
            -> ConvTranspose(4, 2, reparametrize = WeightNorm(axis = 1)) as b
      output y -> flatten -> Dense(2, reparametrize = SpectralNorm) as c }""")
    start = initial_weights(module, 0)
    in_torch = torch_modules.made(module, start)
    in_keras = keras_models.made(module, start)
    inputs = inputs_of(module)
    for _ in range(3):
        result = run(module, inputs, start, training=True)
        found = torch_modules.outputs(module, in_torch, inputs)
        close(found, result.outputs, 1e-5)
        close(in_keras.outputs(inputs, training=True), result.outputs, 1e-5)
        start |= result.updates
    kept = {n: t.numpy() for n, t in in_torch.state_dict().items()}
    assert {"a.reparametrize.v", "b.reparametrize.start", "c.spectral_norm.v"} <= set(
        kept
    )
    close(kept, start, 1e-5)
    close(in_keras.weights(), start, 1e-5)
