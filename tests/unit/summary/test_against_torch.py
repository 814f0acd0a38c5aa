"""FLOPs and activations of models, against what PyTorch counts as it runs them."""

from typing import Any

import numpy as np
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from dlmc.ir.module import Module
from dlmc.primitives import REGISTRY
from dlmc.summary.model import ModelSummary, summarize
from tests.unit.backends.torch_modules import made
from tests.unit.elaborate.programs import program

PERCEPTRON = """
model M {
  input x: f32[N, 6]
  output y = x -> Dense(16) -> gelu -> Dense(16, bias = false) -> sigmoid -> Dense(4)
}
"""
CONVOLUTIONS = """
model M {
  input x: f32[N, 3, 17, 12]
  output y = x -> Conv(8, 3, stride = 2, padding = 1) -> BatchNorm -> gelu
               -> Conv(8, [3, 2], dilation = [2, 1], bias = false) -> gelu
               -> flatten -> Dense(5)
}
"""
PRODUCTS = """
model M {
  input x: f32[N, 7, 6]
  q = x -> Dense(8)
  k = x -> Dense(8)
  p = softmax(q @ transpose(k, axes = [0, 2, 1]))
  output y = p @ (x -> Dense(5))
}
"""
RESIDUAL = """
block Residual(width) {
  input x: float[N, D]
  output x + (x -> Dense(width) -> silu -> Dense(D))
}
model M {
  input x: f32[N, 9]
  for i in 0..3 { x = x -> LayerNorm -> Residual(20) }
  output y = x
}
"""
MODELS = {
    "perceptron": PERCEPTRON,
    "convolutions": CONVOLUTIONS,
    "products": PRODUCTS,
    "residual": RESIDUAL,
}
CASES = pytest.mark.parametrize("text", MODELS.values(), ids=MODELS.keys())
BATCH = 3


def summary(text: str) -> ModelSummary:
    """The summary of a text's model for a batch of three."""
    (found,) = summarize(program(text), {"N": BATCH})
    return found


def inputs(module: Module) -> list[Any]:
    """Random numbers for each input."""
    rng = np.random.default_rng(0)
    shapes = [
        [n if isinstance(n, int) else BATCH for n in value.type.shape]
        for value in module.inputs
    ]
    return [
        torch.from_numpy(rng.standard_normal(shape).astype(np.float32))
        for shape in shapes
    ]


@CASES
def test_products_forward_and_backward(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """torch's counter knows matrix products and convolutions alone: so here."""
    for name, primitive in REGISTRY.items():
        if name not in ("matmul", "conv"):
            monkeypatch.setattr(type(primitive), "flops", lambda *_: 0)
    found = summary(text)
    module = program(text).models[-1]
    model = made(module)
    with FlopCounterMode(display=False) as forward:
        model.eval()(*inputs(module))
    with FlopCounterMode(display=False) as step:
        model.train()(*inputs(module)).sum().backward()
    assert found.figures.forward == forward.get_total_flops()
    assert found.figures.step == step.get_total_flops()


def saved_bytes(module: Module) -> int:
    """What torch keeps for the backward pass, parameters and buffers left out."""
    model = made(module).train()
    owned = {t.untyped_storage().data_ptr() for t in model.state_dict().values()}
    kept: dict[int, Any] = {}

    def pack(tensor: Any) -> Any:
        kept[tensor.untyped_storage().data_ptr()] = tensor  # held: no address is reused
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        result = model(*inputs(module))
    assert result.requires_grad
    return sum(
        tensor.untyped_storage().nbytes()
        for address, tensor in kept.items()
        if address not in owned
    )


@pytest.mark.parametrize(
    "body",
    [
        "x -> Dense(16) -> gelu -> Dense(8, bias = false) -> silu -> Dense(4)",
        "exp((x -> Dense(16) -> Dense(16)) * 3 + 1) -> Dense(2)",
        "(x -> Dense(3)) * (x -> Dense(3)) / (x -> Dense(3))",
        "x -> Conv(4, 3) -> gelu -> Conv(4, 2, stride = 2) -> flatten -> Dense(2)",
        "sum((x -> Dense(6)) @ transpose(x -> Dense(6)), axis = -1)",
    ],
)
def test_activations(body: str) -> None:
    """Byte for byte where torch keeps what the mathematics needs."""
    shape = "N, 3, 8, 8" if "Conv" in body else "N, 6"
    text = f"model M {{ input x: f32[{shape}] output y = {body} }}"
    assert summary(text).figures.kept == saved_bytes(program(text).models[-1])


@pytest.mark.parametrize(
    ("name", "surplus"),
    [("sigmoid", 4 * 16), ("relu", 16), ("softmax", 4 * 16), ("gelu", 0)],
)
def test_activations_of_kernels(name: str, surplus: int) -> None:
    """A kernel that works from its result shares that with the layer behind it.

    The definition does not say so: it needs its argument, of `relu` a truth value.
    """
    body = f"x -> Dense(16) -> {name} -> Dense(4)"
    text = f"model M {{ input x: f32[N, 6] output y = {body} }}"
    ours, theirs = summary(text).figures.kept, saved_bytes(program(text).models[-1])
    assert ours == theirs + BATCH * surplus


@pytest.mark.parametrize("text", [CONVOLUTIONS, RESIDUAL], ids=["conv", "residual"])
def test_activations_with_statistics(text: str) -> None:
    """torch also keeps the statistics of a normalisation, a few numbers."""
    ours, theirs = summary(text).figures.kept, saved_bytes(program(text).models[-1])
    assert isinstance(ours, int)
    assert ours <= theirs <= 1.05 * ours
