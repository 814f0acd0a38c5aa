"""Initial weights of layers: their fans and distributions, also in generated code."""

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
import torch

from dlmc.initializers import initial_weights
from tests.unit.backends import keras_models, torch_modules
from tests.unit.elaborate.programs import errors
from tests.unit.elaborate.programs import model as model_of
from tests.unit.library.models import text_of

LAYERS: dict[str, tuple[str, str, int, int]] = {
    # the input, the layer, and how many values go into and come out of a unit
    "dense": ("f32[N, 120]", "Dense(80, init = {})", 120, 80),
    "conv": ("f32[N, 20, 9, 9]", "Conv(40, [3, 2], init = {})", 120, 240),
    "groups": ("f32[N, 40, 9]", "Conv(60, 5, groups = 4, init = {})", 50, 75),
    "depthwise": ("f32[N, 300, 9, 9]", "DepthwiseConv(5, 2, init = {})", 25, 50),
    "transposed": ("f32[N, 30, 9]", "ConvTranspose(60, 4, init = {})", 120, 240),
    "transposed groups": (
        "f32[N, 40, 9]", "ConvTranspose(60, 5, groups = 4, init = {})", 50, 75,
    ),
    "embedding": ("i64[N]", "Embedding(200, 40, init = {})", 40, 200),
    "a parameter": ("f32[N, 90]", "Own({})", 90, 90),
    "reparametrized": (
        "f32[N, 20, 9, 9]",
        "Conv(40, [3, 2], reparametrize = fn(w) = 2 * w, init = {})", 120, 240,
    ),
}  # fmt: skip
OWN = """
block Own(init) { input x: float[N, D]
  param weight: float[D, D] = init
  output x @ weight }
"""
CUT = 0.87962566103423978
"""The deviation of a standard normal distribution that is cut at two."""


def uniform(variance: float) -> tuple[str, float]:
    return "uniform", math.sqrt(variance)


def normal(variance: float) -> tuple[str, float]:
    return "normal", math.sqrt(variance)


def cut(variance: float) -> tuple[str, float]:
    return "cut", math.sqrt(variance)


def scaled(scale: float, mode: str, distribution: str) -> str:
    return (
        f'variance_scaling({scale}, mode = "{mode}", distribution = "{distribution}")'
    )


INITIALIZERS: dict[str, Callable[[int, int], tuple[str, float]]] = {
    # by the fans: the distribution and its deviation
    "glorot_uniform()": lambda i, o: uniform(2 / (i + o)),
    "glorot_normal()": lambda i, o: normal(2 / (i + o)),
    "he_uniform()": lambda i, o: uniform(2 / i),
    "he_uniform(a = 0.5)": lambda i, o: uniform(2 / 1.25 / i),
    "he_normal()": lambda i, o: normal(2 / i),
    "he_normal(a = 0.5)": lambda i, o: normal(2 / 1.25 / i),
    "lecun_uniform()": lambda i, o: uniform(1 / i),
    "lecun_normal()": lambda i, o: normal(1 / i),
    "variance_scaling()": lambda i, o: normal(1 / i),
    scaled(3, "fan_out", "uniform"): lambda i, o: uniform(3 / o),
    scaled(0.5, "fan_avg", "truncated_normal"): lambda i, o: cut(1 / (i + o)),
    scaled(2, "fan_in", "truncated_normal"): lambda i, o: cut(2 / i),
    scaled(2, "fan_avg", "normal"): lambda i, o: normal(4 / (i + o)),
    "lecun_normal(fan_in = 7)": lambda i, o: normal(1 / 7),
    "uniform(low = -0.3, high = 0.3)": lambda i, o: uniform(0.03),
    "normal(std = 0.02)": lambda i, o: normal(0.0004),
    "truncated_normal(std = 0.02)": lambda i, o: cut((0.02 * CUT) ** 2),
}
CASES = [
    (layer, init)
    for layer in LAYERS
    for init in INITIALIZERS
    if layer in ("dense", "groups", "reparametrized")
    or init in ("glorot_uniform()", "he_normal()", scaled(3, "fan_out", "uniform"))
]
"""All that there is to start with, in some layers; and all layers, started by some."""


@cache
def module() -> Any:
    """All layers with all initialisers, each called after its place in `CASES`."""
    types = list(dict.fromkeys(type_ for type_, *_ in LAYERS.values()))
    lines = [f"input x{i}: {type_}" for i, type_ in enumerate(types)]
    for n, (layer, init) in enumerate(CASES):
        type_, use, _, _ = LAYERS[layer]
        x = types.index(type_)
        lines.append(f"output y{n} = x{x} -> {use.format(init)} as layer{n}")
    return model_of(OWN + "model Test {\n" + "\n".join(lines) + "\n}")


@cache
def drawn(target: str) -> dict[str, Any]:
    if target == "numpy":
        return initial_weights(module(), 0)
    if target == "torch":
        torch.manual_seed(0)
        found = torch_modules.made(module()).state_dict()
        return {name: tensor.numpy() for name, tensor in found.items()}
    import keras

    keras.utils.set_random_seed(0)
    return keras_models.made(module()).weights()


@pytest.mark.parametrize("target", ["numpy", "torch", "tensorflow"])
def test_distributions(target: str) -> None:
    """Mean, deviation, bounds and shape, of thousands of numbers each."""
    for n, (layer, init) in enumerate(CASES):
        weight = drawn(target)[f"layer{n}.weight"].astype(np.float64)
        _, _, fan_in, fan_out = LAYERS[layer]
        kind, std = INITIALIZERS[init](fan_in, fan_out)
        said = f"{layer}, {init}"
        error = 5 * std / weight.size**0.5
        assert weight.mean() == pytest.approx(0, abs=error), said
        assert weight.std() == pytest.approx(std, rel=0.05), said
        largest = np.abs(weight).max() / std
        within = (np.abs(weight) < std).mean()
        if kind == "uniform":
            assert 0.98 * 3**0.5 < largest < 1.0001 * 3**0.5, said
            assert within == pytest.approx(3**-0.5, abs=0.03), said
        elif kind == "cut":
            assert 0.95 * 2 / CUT < largest < 1.0001 * 2 / CUT, said
        else:
            assert largest > 2.8, said
            assert within == pytest.approx(0.6827, abs=0.03), said


@pytest.mark.parametrize("target", ["numpy", "torch", "tensorflow"])
def test_layers_start_apart(target: str) -> None:
    """No two layers have the same numbers."""
    weights = [drawn(target)[f"layer{n}.weight"].flat[0] for n in range(len(CASES))]
    assert len(set(map(float, weights))) == len(CASES)


EXACT = {
    "zeros()": lambda shape: np.zeros(shape),
    "ones()": lambda shape: np.ones(shape),
    "0.25": lambda shape: np.full(shape, 0.25),
    "identity()": lambda shape: np.eye(*shape),
}


@pytest.mark.parametrize("init", EXACT)
def test_numbers(init: str) -> None:
    text = text_of("f32[N, 5]", f"x -> Dense(3, init = {init}) as d")
    wanted = EXACT[init]((3, 5))
    made = model_of(text)
    in_torch = torch_modules.made(made).state_dict()["d.weight"].numpy()
    for found in (
        initial_weights(made, 0)["d.weight"],
        in_torch,
        keras_models.made(made).weights()["d.weight"],
    ):
        np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("target", ["numpy", "torch", "tensorflow"])
def test_orthogonal(target: str) -> None:
    """Rows of an output's weights each, in the layout of files."""
    made = model_of("""model Test { input x: f32[N, 5]  input y: f32[N, 4, 6, 6]
      output a = x -> Dense(3, init = orthogonal()) as a
      output b = x -> Dense(8, init = orthogonal(gain = 2)) as b
      output c = y -> Conv(6, 3, init = orthogonal(), reparametrize = fn(w) = -w) as c
      output d = y -> Conv(6, 3, init = orthogonal()) as d
      output e = y -> DepthwiseConv(3, 2, init = orthogonal()) as e
      output f = y -> ConvTranspose(5, 3, init = orthogonal()) as f }""")
    if target == "numpy":
        found = initial_weights(made, 0)
    elif target == "torch":
        state = torch_modules.made(made).state_dict()
        found = {name: tensor.numpy() for name, tensor in state.items()}
    else:
        found = keras_models.made(made).weights()
    rows_of = {"a": 3, "b": 5, "c": 6, "d": 6, "e": 8, "f": 4}
    for name, rows in rows_of.items():
        gain = 2 if name == "b" else 1
        matrix = found[f"{name}.weight"].reshape(len(found[f"{name}.weight"]), -1)
        matrix = matrix if len(matrix) == rows else matrix.T
        np.testing.assert_allclose(
            matrix @ matrix.T, gain**2 * np.eye(rows), atol=1e-5, err_msg=name
        )


@pytest.mark.parametrize(
    ("init", "message"),
    [
        ("normal(std = -1)", "`std` of `normal` is above 0, not the number -1"),
        ("normal(std = inf)", "`std` of `normal` is above 0, not the number inf"),
        (
            "he_normal(fan_in = 0)",
            "`fan_in` of `he_normal` is above 0, not the number 0",
        ),
        (
            "variance_scaling(0)",
            "`scale` of `variance_scaling` is above 0, not the number 0",
        ),
        ('normal(std = "a")', '`std` of `normal` is a number, not the string "a"'),
        (
            "uniform(low = 0.15, high = 0.1)",
            "`high` of `uniform` is `low` or more, not the number 0.1",
        ),
        (
            "uniform(-inf, 0)",
            "`low` of `uniform` is a finite number, not the number -inf",
        ),
        ("orthogonal(gain = true)", "`gain` of `orthogonal` is a number, not true"),
        (
            'variance_scaling(mode = "both")',
            '`mode` of `variance_scaling` is "fan_in", "fan_out" or "fan_avg", not the'
            ' string "both"',
        ),
        (
            "variance_scaling(distribution = 3)",
            '`distribution` of `variance_scaling` is "uniform", "normal" or'
            ' "truncated_normal", not the number 3',
        ),
    ],
)
def test_wrong_arguments(init: str, message: str) -> None:
    text = text_of("f32[N, 5]", f"x -> Dense(3, init = {init})")
    assert errors(text) == [message]
