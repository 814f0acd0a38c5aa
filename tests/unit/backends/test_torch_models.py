"""Whole models in PyTorch against NumPy, with torch's own layers and without."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from dlmc.initializers import initial_weights
from dlmc.interpreter import run
from dlmc.ir.module import Module, weights
from tests.unit.backends.onnx_graphs import draw
from tests.unit.backends.spatial_models import SPATIAL
from tests.unit.backends.torch_modules import made, outputs, source, tensors
from tests.unit.elaborate.programs import model as model_of

SIZES = {"N": 5, "T": 6, "H": 9, "W": 11}


def layer(pipeline: str, type_: str = "f32[N, 6]") -> str:
    return f"model Test {{ input x: {type_}\n output y = x -> {pipeline} }}"


IMAGE = "f32[N, 4, 9, 11]"
LAYERS = {
    "dense": layer("Dense(3)"),
    "dense without bias": layer("Dense(3, bias = false)", "f32[N, T, 6]"),
    "dense f64": layer("Dense(3)", "f64[N, 6]"),
    "conv": layer("Conv(6, 3, padding = 1)", IMAGE),
    "conv of all kinds": layer(
        "Conv(6, [3, 2], stride = [2, 1], padding = [[1, 1], [0, 0]],"
        " dilation = [1, 2], groups = 2, bias = false)",
        IMAGE,
    ),
    "conv same": layer('Conv(6, 4, stride = 2, padding = "same")', IMAGE),
    "conv lopsided": layer("Conv(6, 3, padding = [[0, 2], [1, 0]])", IMAGE),
    "conv 1d": layer("Conv(6, 3, stride = 2)", "f32[N, 4, 9]"),
    "conv 3d": layer("Conv(2, 2, padding = 1)", "f32[N, 2, 4, 3, 5]"),
    "batch norm": layer("BatchNorm(decay = 0.8, eps = 1e-3)", IMAGE),
    "batch norm of vectors": layer("BatchNorm"),
    "batch norm of sequences": layer("BatchNorm", "f32[N, 4, 9]"),
    "layer norm": layer("LayerNorm(eps = 1e-3)", "f32[N, T, 6]"),
    "embedding": layer("Embedding(7, 3)", "i64[N, T]"),
    "embedding of bytes": layer("Embedding(256, 3)", "u8[N, T]"),
    "no dropout": layer("Dropout(0.0)"),
    "max_pool": layer("max_pool(2)", IMAGE),
    "max_pool padded": layer("max_pool(3, stride = 2, padding = 1)", IMAGE),
    "max_pool lopsided": layer("max_pool(3, padding = [[2, 0], [0, 1]])", IMAGE),
    "max_pool 1d": layer("max_pool(2, stride = 1)", "f32[N, 4, 9]"),
    "avg_pool": layer("avg_pool(2)", IMAGE),
    "avg_pool padded": layer("avg_pool(3, stride = 2, padding = 1)", IMAGE),
    "avg_pool counting": layer("avg_pool(3, padding = 1, count_padding = true)", IMAGE),
    "avg_pool lopsided": layer("avg_pool(3, padding = [[2, 0], [0, 1]])", IMAGE),
    "avg_pool lopsided, counting": layer(
        "avg_pool(3, padding = [[2, 0], [0, 1]], count_padding = true)", IMAGE
    ),
    "flatten": layer("flatten", IMAGE),
    "flatten nothing": layer("flatten", "f32[N]"),
    **{
        name: layer(name)
        for name in ("relu", "gelu", "silu", "sigmoid", "softmax", "log_softmax")
    },
    "softmax of an axis": layer("softmax(axis = 1)", "f32[N, T, 6]"),
}
LOSSES = {
    "mse": "model Test { input a: f32[N, 3]\n input b: f32[N, 3]\n output mse(a, b) }",
    "mae": "model Test { input a: f32[N, 3]\n input b: f32[N, 3]\n output mae(a, b) }",
    **{
        f"cross_entropy {name}": f"model Test {{ input a: {logits}\n"
        f" input b: {target}\n output cross_entropy(a, b) }}"
        for name, logits, target in (
            ("classes", "f32[N, 4]", "i64[N]"),
            ("bytes", "f32[N, 4]", "u8[N]"),
            ("tokens", "f32[N, T, 4]", "i64[N, T]"),
            ("probabilities", "f32[N, 4]", "f32[N, 4]"),
            ("sequences", "f32[N, T, 4]", "f32[N, T, 4]"),
        )
    },
    "binary_cross_entropy": "model Test { input a: f32[N, 3]\n input b: f32[N, 3]\n"
    " output binary_cross_entropy(a, b) }",
}
BLOCK = """
block Residual(width, stride = 1) {
  input x: f32[N, C, H, W]
  y = x -> Conv(width, 3, stride = stride, padding = 1, bias = false) as conv1
        -> BatchNorm as bn1 -> relu -> Conv(width, 3, padding = 1) as conv2
  skip = if stride != 1 or C != width
         then x -> Conv(width, 1, stride = stride) as "downsample.0"
                -> BatchNorm as "downsample.1"
         else x
  output relu(y + skip)
}
"""
MODELS = {
    "residual": BLOCK
    + """
    model Test(stages = [2, 3], classes = 4) {
      input x: f32[N, 3, 9, 11]
      y = x -> Conv(4, 3)
      for s, count in enumerate(stages) {
        for i in 0..count {
          stride = if i == 0 then 2 else 1
          y = y -> Residual(4 * 2 ** s, stride = stride) as "layer{s + 1}.{i}"
        }
      }
      output logits: f32[N, classes] = y -> mean(axis = [2, 3]) -> Dense(classes)
    }
    """,
    "attention": """
    block Attention(heads) {
      input x: f32[N, T, D]
      qkv = x -> Dense(3 * D) as qkv_projection
      q = transpose(reshape(qkv[:, :, :D], [N, T, heads, D // heads]), [0, 2, 1, 3])
      k = transpose(reshape(qkv[..., D:2 * D], [N, T, heads, D // heads]), [0, 2, 1, 3])
      v = transpose(reshape(qkv[..., 2 * D:], [N, T, heads, D // heads]), [0, 2, 1, 3])
      y = softmax(q @ transpose(k, [0, 1, 3, 2]) / sqrt(cast(D // heads, f32))) @ v
      output reshape(transpose(y, [0, 2, 1, 3]), [N, T, D]) -> Dense(D) as out
    }
    model Test(width = 8, depth = 3) {
      input x: i64[N, T <= 10]
      param position: f32[10, width] = normal(std = 0.02)
      y = (x -> Embedding(20, width) as embed) + position[:T]
      for i in 0..depth {
        y = y + (y -> LayerNorm -> Attention(2))
        y = y + (y -> LayerNorm -> Dense(4 * width) -> gelu -> Dense(width))
      }
      output y -> LayerNorm -> Dense(20, bias = false)
    }
    """,
    "own states": """
    block RunningNorm(decay = 0.9) {
      input x: f32[N, D]
      param scale: f32[D] = uniform(low = 0.5, high = 1.5)
      state center: f32[D] = zeros()
      state count: f32[2] = ones()
      if training {
        m = mean(x, axis = 0)
        center = decay * center + (1 - decay) * m
        count = count * 2 + center[:2]
        y = x - m
      } else {
        y = x - center
      }
      output y * scale + count[0]
    }
    model Test {
      input x: f32[N, 6]
      output y = x -> RunningNorm -> RunningNorm(decay = 0.5)
    }
    """,
    "states that change places": """
    block Delay {
      input x: f32[N, D]
      state a: f32[D] = ones()
      state b: f32[D] = zeros()
      state c: f32[D] = zeros()
      y = x * b
      if training {
        c = b
        b = a
        a = mean(x, axis = 0)
      }
      output y
    }
    model Test {
      input x: f32[N, 6]
      output x -> Delay -> Delay
    }
    """,
    "several values": """
    fn swish(x, beta) = x * sigmoid(beta * x)
    fn clipped(x, low, high) = minimum(maximum(x, low), high)
    fn both(x) = [x * 2, x[:, 0]]
    block Two(units) {
      input x: f32[N, D]
      input mask: bool[N]
      a = x -> Dense(units) -> swish(1.5)
      output first = a
      output second = sum(select(reshape(mask, [N, 1]), a, 0), axis = -1)
    }
    model Test(units = 8, class = 3) {
      input x: f32[N, 6]
      input mask: bool[N]
      param lambda: f32[6] = uniform(low = -1, high = 1)
      h = x * lambda + [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
      first, second = Two(units)(h, mask)
      z = clipped(first, -1, 1) -> Dense(class, init = he_normal()) as forward
      twice, column = both(z)
      output twice
      output score = concat(z, z[:, ::-1], axis = 1)[:, 1] + second
      output best = cast(argmax(z, axis = 1), f32) + column
    }
    """,
    "names": """
    block Linear(self, torch = 2) {
      input forward: f32[N, D]
      output nn = forward -> Dense(self) as F -> Dense(torch) as Tensor
    }
    model Test {
      input x: f32[N, 6]
      input_ = x -> Dense(4) as "class"
      print = input_ -> Linear(3) as train -> Linear(5) as "type.0"
                     -> Dense(2) as "type.7"
      output x = print -> Dense(3) as dense -> Dense(2) as _modules
    }
    """,
    "loops of several layers": """
    model Test {
      input x: f32[N, 6]
      for i in 0..4 {
        gate = sigmoid(x -> Dense(6))
        x = gate * (x -> LayerNorm -> Dense(6)) + x
      }
      output x
    }
    """,
    "a layer used twice": """
    model Test {
      input x: f32[N, 6]
      shared = Dense(6)
      output y = shared(relu(shared(x))) + x
    }
    """,
}


def inputs_of(module: Module, seed: int = 0) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    found = {}
    for value in module.inputs:
        between = (0, 4) if value.type.dtype.is_integer else None
        found[value.name] = draw(value.type, SIZES, rng, between)
    return found


def random_weights(module: Module) -> dict[str, Any]:
    """Weights none of which is at its start, so that each one tells."""
    rng = np.random.default_rng(1)
    return {
        name: (array + rng.uniform(0.1, 0.4, array.shape)).astype(array.dtype)
        for name, array in initial_weights(module, 0).items()
    }


def close(found: Mapping[str, Any], wanted: Mapping[str, Any], bar: float) -> None:
    assert found.keys() == wanted.keys()
    # What is nothing but rounding, as a bias before a normalisation, is 0.
    overall = max((np.abs(a).max(initial=0) for a in wanted.values()), default=0)
    for name, array in wanted.items():
        largest = max(np.abs(array).max(initial=1e-30), 1e-3 * overall)
        np.testing.assert_allclose(
            found[name], array, rtol=0, atol=bar * largest, err_msg=name
        )


ALL = {**LAYERS, **LOSSES, **MODELS, **SPATIAL}


@pytest.mark.parametrize("natives", [True, False], ids=["natives", "bodies"])
@pytest.mark.parametrize("text", ALL.values(), ids=ALL.keys())
def test_forward(text: str, natives: bool) -> None:
    module = model_of(text)
    start = random_weights(module)
    inputs = inputs_of(module)
    model = made(module, start, natives=natives)
    model.eval()
    close(outputs(module, model, inputs), run(module, inputs, start).outputs, 1e-5)
    wanted = run(module, inputs, start, training=True)
    model.train()
    close(outputs(module, model, inputs), wanted.outputs, 1e-5)
    states = {name: a.numpy() for name, a in model.state_dict().items()}
    close({name: states[name] for name in wanted.updates}, wanted.updates, 1e-5)


@pytest.mark.parametrize("text", ALL.values(), ids=ALL.keys())
def test_gradients(text: str) -> None:
    """A layer of torch's own changes nothing: not the gradients either."""
    module = model_of(text)
    start = random_weights(module)
    found = []
    for natives in (True, False):
        model = made(module, start, natives=natives)
        given = tensors(module, inputs_of(module))
        for tensor in given:
            tensor.requires_grad_(tensor.is_floating_point())
        result = model(*given)
        results = result if isinstance(result, tuple) else (result,)
        rng = torch.Generator().manual_seed(0)
        total = sum(
            (one * torch.rand(one.shape, generator=rng, dtype=one.dtype)).sum()
            for one in results
            if one.requires_grad
        )
        total.backward()
        gradients = {f"input {i}": t.grad for i, t in enumerate(given)}
        gradients |= {name: p.grad for name, p in model.named_parameters()}
        found.append({n: g.numpy() for n, g in gradients.items() if g is not None})
    close(*found, 1e-4)


@pytest.mark.parametrize("natives", [True, False], ids=["natives", "bodies"])
@pytest.mark.parametrize("text", ALL.values(), ids=ALL.keys())
def test_devices(text: str, natives: bool) -> None:
    """What a body makes anew stands where its inputs are."""
    module = model_of(text)
    model = made(module, natives=natives).to("meta")
    given = [tensor.to("meta") for tensor in tensors(module, inputs_of(module))]
    for training in (True, False):
        model.train(training)
        found = model(*given)
        for tensor in found if isinstance(found, tuple) else (found,):
            assert tensor.device.type == "meta"


def test_batch_norm_of_one_sample() -> None:
    """The last batch of an epoch may be that small."""
    module = model_of(LAYERS["batch norm of vectors"])
    start = random_weights(module)
    inputs = {"x": inputs_of(module)["x"][:1]}
    model = made(module, start)
    wanted = run(module, inputs, start, training=True)
    close(outputs(module, model, inputs), wanted.outputs, 1e-5)
    states = {name: a.numpy() for name, a in model.state_dict().items()}
    close({name: states[name] for name in wanted.updates}, wanted.updates, 1e-5)


def test_style(tmp_path: Path) -> None:
    """ruff takes the code as it is."""
    for i, text in enumerate(ALL.values()):
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


@pytest.mark.parametrize("text", ALL.values(), ids=ALL.keys())
def test_names_of_weights(text: str) -> None:
    module = model_of(text)
    found = [
        name
        for name in made(module).state_dict()
        if not name.endswith("num_batches_tracked")
    ]
    assert sorted(found) == sorted(weight.name for weight in weights(module))


@pytest.mark.parametrize("text", ALL.values(), ids=ALL.keys())
def test_initial_weights(text: str) -> None:
    """torch's own initialisers draw from the same distributions."""
    module = model_of(text)
    torch.manual_seed(0)
    drawn = [made(module).state_dict() for _ in range(30)]
    wanted = [initial_weights(module, seed) for seed in range(30)]
    for weight in weights(module):
        ours = np.stack([d[weight.name].numpy() for d in drawn])
        theirs = np.stack([w[weight.name] for w in wanted])
        assert ours.dtype == theirs.dtype
        if theirs.std() == 0:
            np.testing.assert_array_equal(ours, theirs)
            continue
        noise = 6 / np.sqrt(theirs.size)
        assert abs(ours.std() / theirs.std() - 1) < noise, weight.name
        assert abs(ours.mean() - theirs.mean()) < noise * theirs.std(), weight.name
        if weight.initializer.name.endswith("uniform"):
            assert np.abs(ours).max() < np.abs(theirs).max() * 1.2, weight.name
