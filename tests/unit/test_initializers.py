"""Initialisers: their distributions, and what a start depends on."""

import math
from inspect import Parameter
from typing import Any

import numpy as np
import pytest

from dlmc.initializers import (
    INITIALIZERS,
    fans,
    initial_weight,
    initial_weights,
    stable_hash,
)
from dlmc.ir.module import Initializer, Weight
from dlmc.ir.reader import read_modules
from dlmc.ir.traced import TracedFloat, TracedInt, Variable
from dlmc.ir.types import DType, TensorType
from tests.unit.ir.programs import NORM

# fmt: off
NAMES = [
    "zeros", "ones", "constant", "uniform", "normal", "truncated_normal", "identity",
    "glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "lecun_uniform",
    "lecun_normal", "variance_scaling", "orthogonal",
]
# fmt: on
REQUIRED: dict[str, dict[str, Any]] = {
    "constant": {"value": 0.5},
    "uniform": {"low": -1.0, "high": 3.0},
    "normal": {"std": 0.5},
    "truncated_normal": {"std": 0.5},
}


def start(
    name: str,
    shape: tuple[int, ...] = (200, 300),
    dtype: DType = DType.F64,
    seed: int = 0,
    weight: str = "layer.weight",
    **arguments: Any,
) -> Any:
    given = tuple((REQUIRED.get(name, {}) | arguments).items())
    type_ = TensorType(dtype, shape)
    return initial_weight(Weight(weight, type_, Initializer(name, given), True), seed)


@pytest.mark.parametrize("name", NAMES)
def test_is_there(name: str) -> None:
    definition = INITIALIZERS[name]
    assert definition.name == name
    assert definition.documentation.strip().endswith(".")
    required = {
        argument
        for argument, default in definition.parameters.items()
        if default is Parameter.empty
    }
    assert required == set(REQUIRED.get(name, {}))


def test_none_is_left_out_above() -> None:
    assert set(INITIALIZERS) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", [DType.F32, DType.F64, DType.BF16])
def test_type(name: str, dtype: DType) -> None:
    found = start(name, (6, 4), dtype)
    assert found.shape == (6, 4)
    assert found.dtype.name == {"f32": "float32", "f64": "float64"}.get(
        dtype.value, "bfloat16"
    )


@pytest.mark.parametrize("name", NAMES)
def test_single_precision_is_double_precision_rounded(name: str) -> None:
    np.testing.assert_array_equal(
        start(name, (6, 4), DType.F32), start(name, (6, 4)).astype(np.float32)
    )


def test_constants() -> None:
    assert (start("zeros") == 0).all()
    assert (start("ones") == 1).all()
    assert (start("constant") == 0.5).all()
    np.testing.assert_array_equal(start("identity", (3, 4)), np.eye(3, 4))
    assert start("constant", ()).shape == ()
    assert start("truncated_normal", ()).shape == ()


SPREAD: list[tuple[str, dict[str, Any], float]] = [
    # initialiser, arguments, standard deviation of a [200, 300] weight
    ("uniform", {}, 4 / math.sqrt(12)),
    ("normal", {}, 0.5),
    ("truncated_normal", {}, 0.5 * 0.87962566),
    ("glorot_uniform", {}, math.sqrt(2 / 500)),
    ("glorot_normal", {}, math.sqrt(2 / 500)),
    ("glorot_normal", {"fan_in": 7, "fan_out": 11}, math.sqrt(2 / 18)),
    ("he_uniform", {}, math.sqrt(2 / 300)),
    ("he_normal", {}, math.sqrt(2 / 300)),
    ("he_uniform", {"a": math.sqrt(5)}, math.sqrt(1 / (3 * 300))),
    ("he_normal", {"a": 1.0, "fan_in": 50}, math.sqrt(1 / 50)),
    ("lecun_uniform", {}, math.sqrt(1 / 300)),
    ("lecun_normal", {}, math.sqrt(1 / 300)),
    ("lecun_normal", {"fan_in": 50, "fan_out": 1}, math.sqrt(1 / 50)),
    ("orthogonal", {"gain": 2.0}, 2 / math.sqrt(300)),
]


@pytest.mark.parametrize(("name", "arguments", "std"), SPREAD)
def test_spread(name: str, arguments: dict[str, Any], std: float) -> None:
    drawn = start(name, **arguments)
    mean = 1.0 if name == "uniform" else 0.0
    assert drawn.mean() == pytest.approx(mean, abs=0.02 * std)
    assert drawn.std() == pytest.approx(std, rel=0.01)
    if name.endswith("uniform"):
        assert np.abs(drawn - mean).max() <= std * math.sqrt(3)
        assert np.abs(drawn - mean).max() >= 0.99 * std * math.sqrt(3)


@pytest.mark.parametrize(
    ("name", "theirs", "given"),
    [
        ("glorot_uniform", "xavier_uniform_", {}),
        ("glorot_normal", "xavier_normal_", {}),
        ("he_uniform", "kaiming_uniform_", {"a": 0.3}),
        ("he_normal", "kaiming_normal_", {"a": 0.3}),
    ],
)
@pytest.mark.parametrize("shape", [(64, 96), (32, 16, 3, 5)])
def test_distribution_is_torchs(
    name: str, theirs: str, given: dict[str, Any], shape: tuple[int, ...]
) -> None:
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    wanted = getattr(torch.nn.init, theirs)(torch.empty(shape), **given)
    ours = start(name, shape, **given)
    assert ours.std() == pytest.approx(float(wanted.std()), rel=0.05)
    if name.endswith("uniform"):
        largest = float(wanted.abs().max())
        assert np.abs(ours).max() == pytest.approx(largest, rel=0.01)


def test_truncated_at_two_deviations() -> None:
    drawn = start("truncated_normal", mean=3.0)
    assert np.abs(drawn - 3).max() <= 1
    assert np.abs(drawn - 3).max() > 0.99


@pytest.mark.parametrize("shape", [(8, 5), (5, 8), (6, 6), (4, 3, 2, 2), (12, 2, 3)])
def test_orthogonal(shape: tuple[int, ...]) -> None:
    flat = start("orthogonal", shape, gain=2.0).reshape(shape[0], -1)
    square = flat @ flat.T if flat.shape[0] <= flat.shape[1] else flat.T @ flat
    np.testing.assert_allclose(square, 4 * np.eye(min(flat.shape)), atol=1e-12)


def test_orthogonal_ones_are_all_equally_likely() -> None:
    """What a decomposition alone gives has signs of its own liking."""
    drawn = np.stack([start("orthogonal", (3, 3), seed=seed) for seed in range(400)])
    np.testing.assert_allclose(drawn.mean(0), 0, atol=0.12)


@pytest.mark.parametrize(
    ("shape", "wanted"),
    [((), (1, 1)), ((7,), (7, 7)), ((4, 3), (3, 4)), ((4, 3, 5, 2), (30, 40))],
)
def test_fans(shape: tuple[int, ...], wanted: tuple[int, int]) -> None:
    assert fans(shape) == wanted
    assert fans(shape, fan_out=9) == (wanted[0], 9)


def test_a_start_depends_on_name_and_seed() -> None:
    first = start("normal")
    np.testing.assert_array_equal(first, start("normal"))
    assert (first != start("normal", seed=1)).all()
    assert (first != start("normal", weight="layer_2.weight")).all()


def test_a_start_is_the_same_everywhere() -> None:
    """Written down once: every machine and every later version must agree.

    The hash is what `printf layer.weight | sha256sum` begins with, little end first.
    """
    assert stable_hash("layer.weight") == 1_085_562_137_148_881_384
    drawn = start("uniform", (3,), DType.F32, seed=7)
    assert [f"{x:.7f}" for x in drawn] == ["-0.1155205", "2.3845813", "2.5460653"]


def test_all_of_a_model() -> None:
    model = read_modules(NORM)["Model"]
    found = initial_weights(model, 3)
    assert list(found) == [
        "first norm.weight",
        "first norm.mean",
        "layer.0.weight",
        "layer.0.mean",
    ]
    assert (found["first norm.mean"] == 0).all()
    assert 0 < np.abs(found["layer.0.weight"]).max() < 0.1
    assert (found["first norm.weight"] != found["layer.0.weight"]).all()
    assert all(array.dtype == np.float32 for array in found.values())


def test_traced_arguments() -> None:
    std = TracedFloat(0.5, Variable("std"))
    np.testing.assert_array_equal(start("normal", std=std), start("normal", std=0.5))
    shape = (TracedInt(6, Variable("units")), 4)
    assert type(start("zeros", shape).shape[0]) is int
