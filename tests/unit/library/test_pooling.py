"""Pooling of bins and of powers, against PyTorch's functions and by hand."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from dlmc.backends.onnx.lowering import lower
from dlmc.interpreter import run
from tests.unit.backends import keras_models, torch_modules
from tests.unit.backends.onnx_graphs import run_graph
from tests.unit.backends.test_torch_models import close
from tests.unit.library.models import model_with

CASES = [
    # the input's sizes, the bins
    ((7,), 3),
    ((3,), 7),
    ((6,), 2),
    ((7, 9), (4, 1)),
    ((8, 10), (4, 5)),
    ((2, 5), (5, 2)),
    ((4, 5, 6), (2, 5, 4)),
]
BY_RANK = {1: F.adaptive_max_pool1d, 2: F.adaptive_max_pool2d, 3: F.adaptive_max_pool3d}


@pytest.mark.parametrize(("sizes", "bins"), CASES)
def test_adaptive_max_pool(sizes: tuple[int, ...], bins: int | tuple[int, ...]) -> None:
    """On each target, of known sizes and of those that a running program knows."""
    x = np.random.default_rng(0).standard_normal((2, 3, *sizes)).astype(np.float32)
    wanted = {"output": BY_RANK[len(sizes)](torch.from_numpy(x), bins).numpy()}
    size = list(bins) if isinstance(bins, tuple) else bins
    known = ", ".join(map(str, sizes))
    symbols = ", ".join(["H", "W", "D"][: len(sizes)])
    for shape in (known, symbols):
        module = model_with(f"f32[N, 3, {shape}]", f"adaptive_max_pool(x, {size})")
        close(run(module, {"x": x}, {}).outputs, wanted, 0)
        for natives in (True, False):
            in_torch = torch_modules.made(module, natives=natives)
            close(torch_modules.outputs(module, in_torch, {"x": x}), wanted, 0)
            in_keras = keras_models.made(module, natives=natives)
            close(in_keras.outputs({"x": x}), wanted, 0)
        (in_onnx,) = run_graph(lower(module), {"x": x}).values()
        close({"output": in_onnx}, wanted, 0)


def test_integers_have_largest_ones_too() -> None:
    module = model_with("i32[N, 1, 5]", "adaptive_max_pool(x, 2)")
    x = np.array([[[-7, -5, -9, -4, -6]]], np.int32)
    wanted = {"output": np.array([[[-5, -4]]], np.int32)}
    close(run(module, {"x": x}, {}).outputs, wanted, 0)
    model = torch_modules.made(module)
    close(torch_modules.outputs(module, model, {"x": x}), wanted, 0)
    close(keras_models.made(module).outputs({"x": x}), wanted, 0)


def test_gradient_of_a_bin_goes_to_its_largest() -> None:
    """Also where a narrow bin counts its last element again."""
    module = model_with("f64[N, 1, 5]", "adaptive_max_pool(x, 3)")
    # The bins are 0 and 1, 1 to 3, 3 and 4.
    for natives in (True, False):
        x = torch.tensor([[[1.0, 3.0, 2.0, 0.0, 5.0]]], dtype=torch.float64)
        x.requires_grad_()
        y = torch_modules.made(module, natives=natives)(x)
        (y * torch.tensor([1.0, 10.0, 100.0])).sum().backward()
        assert x.grad is not None
        assert x.grad.flatten().tolist() == [0, 11, 0, 0, 100]


LP_BY_RANK = {1: F.lp_pool1d, 2: F.lp_pool2d, 3: F.lp_pool3d}


@pytest.mark.parametrize("sizes", [(7,), (6, 9), (4, 5, 6)])
@pytest.mark.parametrize("p", [2, 4, 1.5])
def test_lp_pool(sizes: tuple[int, ...], p: float) -> None:
    x = np.random.default_rng(0).standard_normal((2, 3, *sizes)).astype(np.float32)
    pool = LP_BY_RANK[len(sizes)]
    wanted = {"output": pool(torch.from_numpy(np.abs(x)), p, 3, 2).numpy()}
    shape = ", ".join(["H", "W", "D"][: len(sizes)])
    module = model_with(f"f32[N, 3, {shape}]", f"lp_pool(x, {p}, 3, stride = 2)")
    close(run(module, {"x": x}, {}).outputs, wanted, 1e-5)
    in_torch = torch_modules.made(module)
    close(torch_modules.outputs(module, in_torch, {"x": x}), wanted, 1e-5)
    close(keras_models.made(module).outputs({"x": x}), wanted, 1e-5)
    (in_onnx,) = run_graph(lower(module), {"x": x}).values()
    close({"output": in_onnx}, wanted, 1e-5)


def test_padding_adds_nothing_to_powers() -> None:
    module = model_with("f32[N, 1, 3]", "lp_pool(x, 2, 3, stride = 1, padding = 1)")
    x = np.array([[[3.0, -4.0, 12.0]]], np.float32)
    found = run(module, {"x": x}, {}).outputs["output"]
    np.testing.assert_allclose(found, [[[5, 13, 160**0.5]]], rtol=1e-6)


def test_gradient_of_powers_at_zero() -> None:
    module = model_with("f32[N, 1, 2]", "lp_pool(x, 2, 2)")
    x = torch.zeros((1, 1, 2), requires_grad=True)
    torch_modules.made(module)(x).sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [[[0.0, 0.0]]]
