"""The library in PyTorch, with torch's own functions and layers and without."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from dlmc.initializers import initial_weights
from dlmc.interpreter import run
from tests.unit.backends.library_uses import CURVES, KINKS, PROGRAMS, program
from tests.unit.backends.test_torch_models import close, inputs_of, random_weights
from tests.unit.backends.torch_modules import made, outputs, source, tensors
from tests.unit.elaborate.programs import model as model_of


@pytest.mark.parametrize("natives", [True, False], ids=["natives", "bodies"])
@pytest.mark.parametrize("text", PROGRAMS.values(), ids=PROGRAMS.keys())
def test_forward(text: str, natives: bool) -> None:
    module = model_of(text)
    start = random_weights(module)
    inputs = inputs_of(module)
    model = made(module, start, natives=natives)
    close(outputs(module, model, inputs), run(module, inputs, start).outputs, 1e-5)


@pytest.mark.parametrize("text", PROGRAMS.values(), ids=PROGRAMS.keys())
def test_gradients(text: str) -> None:
    """Those of each output by itself, with natives and without."""
    module = model_of(text)
    start = random_weights(module)
    found = []
    for natives in (True, False):
        model = made(module, start, natives=natives)
        given = tensors(module, inputs_of(module))
        for tensor in given:
            tensor.requires_grad_(tensor.is_floating_point())
        found.append(gradients(model, given))
    close(*found, 1e-4)


def gradients(model: Any, given: list[Any]) -> dict[str, Any]:
    """Of a weighted sum of each output."""
    floats = {f"input {i}": t for i, t in enumerate(given) if t.requires_grad}
    watched = {**floats, **dict(model.named_parameters())}
    results = model(*given)
    found = {}
    for i, one in enumerate(results if isinstance(results, tuple) else (results,)):
        if not one.requires_grad:
            continue
        rng = torch.Generator().manual_seed(0)
        total = (one * torch.rand(one.shape, generator=rng, dtype=one.dtype)).sum()
        pulled = torch.autograd.grad(
            total, list(watched.values()), retain_graph=True, allow_unused=True
        )
        for name, gradient in zip(watched, pulled, strict=True):
            if gradient is not None:
                found[f"output {i}, {name}"] = gradient.numpy()
    return found


@pytest.mark.parametrize("natives", [True, False], ids=["natives", "bodies"])
def test_gradients_where_curves_have_corners(natives: bool) -> None:
    text = program(CURVES, "input x: f64[N]")
    found = slopes(text, natives)
    for curve, slope in found.items():
        if curve in CORNERS:
            np.testing.assert_allclose(slope, CORNERS[curve], rtol=1e-6, err_msg=curve)
    assert CORNERS.keys() <= found.keys()


def slopes(text: str, natives: bool) -> dict[str, Any]:
    """The derivative of each curve at each of `KINKS`."""
    x = torch.tensor(KINKS, dtype=torch.float64, requires_grad=True)
    model = made(model_of(text), natives=natives)
    return {
        text.split(f"e{i} = ")[1].split("\n")[0].rstrip(" }"): torch.autograd.grad(
            y.sum(), x, retain_graph=True
        )[0].numpy()
        for i, y in enumerate(model(x))
    }


E_1, E_2, E_3 = np.exp([-1.0, -2.0, -3.0])
CORNERS = {
    "relu(x)": [0, 0, 0, 0, 1, 1, 1, 1],
    "relu6(3 * x)": [0, 0, 0, 0, 3, 3, 0, 0],
    "leaky_relu(x, 0.1)": [0.1, 0.1, 0.1, 0.1, 1, 1, 1, 1],
    "elu(x)": [E_3, E_2, E_1, 1, 1, 1, 1, 1],
    "elu(x, alpha = 2.0)": [2 * E_3, 2 * E_2, 2 * E_1, 2, 1, 1, 1, 1],
    "celu(x)": [E_3, E_2, E_1, 1, 1, 1, 1, 1],
    "selu(x)": [
        *(1.0507009873554805 * 1.6732632423543772 * e for e in (E_3, E_2, E_1, 1)),
        *[1.0507009873554805] * 4,
    ],
    "softplus(x)": (1 / (1 + np.exp(-np.array(KINKS)))).tolist(),
    "log_sigmoid(x)": (1 / (1 + np.exp(np.array(KINKS)))).tolist(),
    "hard_sigmoid(2 * x)": [0, 0, 1 / 3, 1 / 3, 1 / 3, 1 / 3, 0, 0],
    "hard_tanh(x)": [0, 0, 1, 1, 1, 1, 0, 0],
    "clip(x, -2, 0.5)": [0, 1, 1, 1, 1, 0, 0, 0],
}
"""The derivatives at `KINKS`, by hand."""


def test_gradients_of_norms_at_zero() -> None:
    """They are 0, where the limit differs by side."""
    module = model_of(program(("norm(x)", "std(x, axis = -1)"), "input x: f32[N, 4]"))
    for natives in (True, False):
        x = torch.zeros((2, 4), requires_grad=True)
        for y in made(module, natives=natives)(x):
            (slope,) = torch.autograd.grad(y.sum(), x, retain_graph=True)
            assert slope.tolist() == [[0.0] * 4] * 2


def test_gradients_of_logits_of_zero() -> None:
    """Of a binary cross-entropy: the sigmoid, less the target, over the count."""
    text = """model Test { input x: f32[N]  input y: f32[N]
        output binary_cross_entropy(x, y) }"""
    for natives in (True, False):
        x = torch.zeros(4, requires_grad=True)
        y = torch.tensor([0.0, 1.0, 0.5, 0.25])
        made(model_of(text), natives=natives)(x, y).backward()
        assert x.grad is not None
        assert x.grad.tolist() == [0.125, -0.125, 0.0, 0.0625]


@pytest.mark.parametrize(
    ("expression", "written"),
    [
        ("relu6(x)", "F.relu6(x)"),
        ("leaky_relu(x, 0.1)", "F.leaky_relu(x, 0.1)"),
        ("elu(x)", "F.elu(x)"),
        ("elu(x, alpha = 0.5)", "F.elu(x, alpha=0.5)"),
        ("gelu_tanh(x)", 'F.gelu(x, approximate="tanh")'),
        ("clip(x, 0, 1)", "x.clamp(0, 1)"),
        ("x -> PReLU", "nn.PReLU(6)"),
        ("x -> PReLU(0.1)", "nn.PReLU(6, init=0.1)"),
        ("x -> GroupNorm(3)", "nn.GroupNorm(3, 6, eps=1e-5)"),
        ("x -> InstanceNorm(true)", "nn.InstanceNorm1d(6, eps=1e-5, affine=True)"),
        ("x -> InstanceNorm(false)", "nn.InstanceNorm1d(6, eps=1e-5)"),
        ("x -> LayerNorm(bias = false)", "nn.LayerNorm(4, eps=1e-5, bias=False)"),
        ("x -> RMSNorm", "nn.RMSNorm(4, eps=1e-6)"),
        ("split(x, 3, axis = 1)[0]", "x.chunk(3, dim=1)"),
        ("split(x, [1, 5], axis = 1)[0]", "x.split([1, 5], dim=1)"),
        ("norm(x)", "torch.linalg.vector_norm(x, dim=-1)"),
        ("std(x, axis = 1)", "x.std(dim=1, correction=0)"),
    ],
)
def test_what_is_written(expression: str, written: str) -> None:
    code = source(model_of(program([expression], "input x: f32[N, 6, 4]")))
    assert written in code
    assert code.count("\ndef ") == 0


@pytest.mark.parametrize("name", ["channels", "last axis", "slopes"])
def test_initial_weights(name: str) -> None:
    """Equal where they are numbers, else between the same bounds."""
    module = model_of(PROGRAMS[name])
    wanted = initial_weights(module, 0)
    found = {name: tensor.numpy() for name, tensor in made(module).state_dict().items()}
    assert found.keys() == wanted.keys()
    for weight, array in wanted.items():
        if array.std() == 0:
            np.testing.assert_array_equal(found[weight], array, err_msg=weight)
        else:
            assert 0.1 <= found[weight].min() < found[weight].max() <= 0.3


def test_style(tmp_path: Path) -> None:
    """Ruff takes the code as it is."""
    for i, text in enumerate(PROGRAMS.values()):
        for natives in (True, False):
            code = source(model_of(text), natives)
            (tmp_path / f"m{i}{natives}.py").write_text(code, "utf-8")
    for command in (
        ["format", "--diff"],
        ["check", "--extend-select=I,UP,B,SIM,C4,RUF,RET"],
    ):
        done = subprocess.run(
            ["ruff", *command, "--isolated", "--quiet", "."],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            env={"PATH": str(Path(sys.executable).parent)},
        )
        assert done.returncode == 0, done.stdout
