"""Kinds of dropout in training: what noise they make, on every target that trains."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from dlmc.interpreter import run
from tests.unit.backends import keras_models, torch_modules
from tests.unit.backends.onnx_graphs import run_graph
from tests.unit.elaborate.programs import errors
from tests.unit.elaborate.programs import model as model_of
from tests.unit.library.models import model_with, text_of

Array = np.ndarray[Any, Any]


def in_numpy(module: Any, inputs: dict[str, Array]) -> Array:
    return run(module, inputs, {}, training=True, seed=3).outputs["output"]


def in_torch(natives: bool) -> Callable[..., Array]:
    def trained(module: Any, inputs: dict[str, Array]) -> Array:
        torch.manual_seed(3)
        model = torch_modules.made(module, natives=natives)
        return torch_modules.outputs(module, model, inputs)["output"]

    return trained


def in_keras(natives: bool) -> Callable[..., Array]:
    def trained(module: Any, inputs: dict[str, Array]) -> Array:
        import keras

        keras.utils.set_random_seed(3)
        model = keras_models.made(module, natives=natives)
        return model.outputs(inputs, training=True)["output"]

    return trained


TARGETS = {
    "numpy": in_numpy,
    "torch": in_torch(True),
    "torch, bodies": in_torch(False),
    "tensorflow": in_keras(True),
    "tensorflow, bodies": in_keras(False),
}
LAYERS = ("Dropout", "ChannelDropout", "DropPath", "AlphaDropout", "GaussianDropout")
SHAPE = (400, 50, 2, 3)


def noise(target: str, layer: str, dtype: str = "f32") -> Array:
    """What a layer makes of ones in training."""
    module = model_with(f"{dtype}[N, 50, H, W]", f"x -> {layer}")
    kind = {"f32": np.float32, "f64": np.float64}[dtype]
    found = TARGETS[target](module, {"x": np.ones(SHAPE, kind)})
    assert found.dtype == kind
    assert found.shape == SHAPE
    return found


def whole(x: Array, axes: tuple[int, ...]) -> Array:
    """One number for each part, all of whose numbers are the same."""
    first = x.min(axis=axes)
    np.testing.assert_array_equal(first, x.max(axis=axes))
    return first


def check_two_values(found: Array, rate: float) -> None:
    """Zeros with the probability `rate`, else numbers that make the mean 1."""
    assert np.unique(found).size == 2
    assert found.min() == 0
    assert found.max() == pytest.approx(1 / (1 - rate), rel=1e-6)
    deviation = (rate * (1 - rate) / found.size) ** 0.5
    assert (found == 0).mean() == pytest.approx(rate, abs=4 * deviation)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("rate", [0.25, 0.6])
def test_dropout(target: str, rate: float) -> None:
    found = noise(target, f"Dropout({rate})")
    check_two_values(found, rate)
    # No axis has one fate: the zeros of neighbours are as many as chance has it.
    for axis in range(found.ndim):
        both = (found == 0) & (np.roll(found, 1, axis) == 0)
        assert both.mean() == pytest.approx(rate**2, abs=0.01)


@pytest.mark.parametrize("target", TARGETS)
def test_whole_channels(target: str) -> None:
    check_two_values(whole(noise(target, "ChannelDropout(0.3)"), (2, 3)), 0.3)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("type_", ["f32[N, 40, T]", "f32[N, 40, 2, H, 3]"])
def test_channels_of_other_ranks(target: str, type_: str) -> None:
    module = model_with(type_, "x -> ChannelDropout(0.3)")
    x = np.ones((100, 40, 5) if "T" in type_ else (100, 40, 2, 2, 3), np.float32)
    found = TARGETS[target](module, {"x": x})
    check_two_values(whole(found, tuple(range(2, x.ndim))), 0.3)


@pytest.mark.parametrize("target", TARGETS)
def test_whole_samples(target: str) -> None:
    check_two_values(whole(noise(target, "DropPath(0.3)"), (1, 2, 3)), 0.3)


@pytest.mark.parametrize("target", TARGETS)
def test_whole_batches(target: str) -> None:
    one = whole(noise(target, 'DropPath(0.5, mode = "batch")'), (0, 1, 2, 3))
    assert one in (0, 2)


def test_batches_are_dropped_as_often_as_asked() -> None:
    module = model_with("f32[N]", 'x -> DropPath(0.3, mode = "batch")')
    x = {"x": np.ones(2, np.float32)}
    seen = [
        run(module, x, {}, training=True, seed=seed).outputs["output"]
        for seed in range(400)
    ]
    check_two_values(whole(np.array(seen), (1,)), 0.3)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("dtype", ["f32", "f64"])
def test_gaussian(target: str, dtype: str) -> None:
    found = noise(target, "GaussianDropout(0.2)", dtype).astype(np.float64)
    assert found.mean() == pytest.approx(1, abs=0.01)
    assert found.std() == pytest.approx(0.5, abs=0.01)
    assert (np.abs(found - 1) < 0.5).mean() == pytest.approx(0.6827, abs=0.01)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("dtype", ["f32", "f64"])
def test_alpha(target: str, dtype: str) -> None:
    """Mean 0 and variance 1 stay so; what is dropped is where `selu` ends."""
    kind = {"f32": np.float32, "f64": np.float64}[dtype]
    x = np.random.default_rng(0).standard_normal((300, 200)).astype(kind)
    module = model_with(f"{dtype}[N, D]", "x -> AlphaDropout(0.2)")
    found = TARGETS[target](module, {"x": x})
    assert found.dtype == kind
    assert found.mean() == pytest.approx(0, abs=0.02)
    assert found.std() == pytest.approx(1, abs=0.02)
    lowest = -1.0507009873554805 * 1.6732632423543772
    a = ((1 - 0.2) * (1 + 0.2 * lowest**2)) ** -0.5
    kept = np.isclose(found, a * x - a * 0.2 * lowest, atol=1e-5)
    assert kept.mean() == pytest.approx(0.8, abs=0.01)
    np.testing.assert_allclose(found[~kept], a * lowest - a * 0.2 * lowest, rtol=1e-5)


@pytest.mark.parametrize("target", TARGETS)
def test_a_rate_of_0_changes_nothing(target: str) -> None:
    layers = " -> ".join(f"{layer}(0)" for layer in LAYERS)
    module = model_with("f32[N, 5, T]", f"x -> {layers}")
    x = np.random.default_rng(0).standard_normal((7, 5, 3)).astype(np.float32)
    np.testing.assert_allclose(TARGETS[target](module, {"x": x}), x, rtol=1e-5)


def test_inference_changes_nothing() -> None:
    from dlmc.backends.onnx.lowering import lower

    layers = " -> ".join(f"{layer}(0.4)" for layer in LAYERS)
    module = model_with("f32[N, 5, T]", f"x -> {layers}")
    inputs = {
        "x": np.random.default_rng(0).standard_normal((7, 5, 3)).astype(np.float32)
    }
    in_torch = torch_modules.made(module)
    in_torch.eval()
    np.testing.assert_array_equal(
        torch_modules.outputs(module, in_torch, inputs)["output"], inputs["x"]
    )
    in_keras = keras_models.made(module)
    np.testing.assert_array_equal(in_keras.outputs(inputs)["output"], inputs["x"])
    (in_onnx,) = run_graph(lower(module), inputs).values()
    np.testing.assert_array_equal(in_onnx, inputs["x"])


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("rate", ["1", "-0.1", "50", "true"])
def test_a_rate_is_a_probability(layer: str, rate: str) -> None:
    (message,) = errors(text_of("f32[N, 5, T]", f"x -> {layer}({rate})"))
    assert (
        "a number of at least 0 and less than 1 is needed" in message or rate == "true"
    )


def test_other_modes_are_unknown() -> None:
    text = text_of("f32[N, 5]", 'x -> DropPath(0.1, mode = "column")')
    assert errors(text) == ['in `DropPath`: the modes are "row" and "batch"']


def test_one_class_for_all_rates() -> None:
    module = model_of("""model Test { input x: f32[N, 6]
      for i in 0..4 { x = x + (x -> Dense(6) -> relu -> DropPath(0.1 * i)) }
      output x }""")
    for code in (torch_modules.source(module), keras_models.source(module)):
        assert code.count("class DropPath") == 1
        assert code.count("self.rate = rate") == 1
