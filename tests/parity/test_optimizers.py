"""Update rules: frameworks' own optimizers, classes made of rules, NumPy, papers."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dlmc.api import read
from dlmc.backends.python.printer import expression
from dlmc.backends.python.script import printed
from dlmc.backends.tensorflow import optimizers as keras_optimizers
from dlmc.backends.torch import optimizers as torch_optimizers
from dlmc.interpreter import OptimizerState
from dlmc.ir.program import Optimizer

PROGRAM = """
model M {
  input x: f32[N, 2, 4, 4]
  output y = x -> Conv(3, 2, bias = false) -> flatten
    -> Dense(4, bias = false) as wide -> Dense(6) as tall
}
data rows { source = inline(x = [1.0], t = [1.0])
  x: f32[2, 4, 4] = reshape(concat([column("x") * [1.0]] * 32, axis = 0), [2, 4, 4])
  t: f32[6] = concat([column("t") * [1.0]] * 6, axis = 0) }
optimizer odd(lr, beta = 0.7) {
  state lambda = zeros()
  before = lambda
  lambda = beta * lambda + grad
  weight = weight - lr * (lambda - 0.5 * before) / (1 - beta ** step)
}
optimizer memory(lr) {
  state last = zeros()
  state older = zeros()
  weight = weight - lr * (grad + 0.5 * last + 0.1 * older)
  older = last
  last = grad
}
optimizer swap(lr) {
  state a = zeros()
  state b = zeros()
  c = a + grad
  a = b
  b = c
  weight = weight - lr * (a + 0.1 * b)
}
optimizer echo(lr) {
  state a = zeros()
  state b = zeros()
  state past = zeros()
  a = 0.5 * b + grad
  b = a
  weight = weight - lr * (a + 0.1 * past)
  past = weight
}
optimizer counted(lr, every = 3) {
  state k: i64 = 0
  state scale: f64 = 1
  state before: f64 = 0.5
  state total: f64 = 0
  state start = 0.25
  k = k + 1
  before = scale
  scale = 0.9 * scale
  total = total + cast(sum(grad), f64)
  weight = weight - lr * (scale + before) * (grad + start * cast(k % every, f32))
  weight = weight - 1e-3 * lr * total * weight
}
optimizer shaped(lr) {
  if weight.rank == 4 {
    state filters: f32[weight.shape[0]] = zeros()
    filters = 0.5 * filters + max(grad, axis = [1, 2, 3])
    weight = weight - lr * filters[:, new, new, new] * grad
  } else if weight.rank == 1 {
    state first: f32[1] = ones()
    first = first + grad[:1] * [0.5]
    weight = weight - lr * concat([first, grad[1:]], axis = 0) / weight.shape[0]
  } else if weight.shape[0] > 2 * 2 and weight.shape[1] != 3 {
    turn = transpose(grad)
    for i in 0..4 {
      turn = 0.5 * turn + 0.01 * (turn @ transpose(turn)) @ turn
    }
    weight = weight - lr * transpose(turn)
  } else {
    weight = weight - lr * mean(grad, axis = 0)
  }
}
train M on rows { loss = mse(y, t)
  optimizer = OPTIMIZER
  epochs = 1
  batch = 1 }
"""
SHAPES = {
    "conv.weight": (3, 2, 2, 2),
    "wide.weight": (4, 27),
    "tall.weight": (6, 4),
    "tall.bias": (6,),
}
TORCH = [
    "sgd(lr = 0.1)",
    "sgd(lr = 0.1, l2 = 0.3)",
    "sgd(lr = 0.1, momentum = 0.8)",
    "sgd(lr = 0.1, momentum = 0.8, nesterov = true, l2 = 0.3)",
    "adam(lr = 0.1)",
    "adam(lr = 0.1, beta1 = 0.5, beta2 = 0.9, eps = 1e-3, l2 = 0.3)",
    "adamw(lr = 0.1, weight_decay = 0.3)",
    "nadam(lr = 0.1)",
    "nadam(lr = 0.1, beta1 = 0.8, eps = 1e-3, momentum_decay = 0.1, l2 = 0.3)",
    "nadam(lr = 0.1, weight_decay = 0.3)",
    "adamax(lr = 0.1)",
    "adamax(lr = 0.1, beta1 = 0.5, beta2 = 0.9, eps = 0.1, l2 = 0.3)",
    "rmsprop(lr = 0.1)",
    "rmsprop(lr = 0.1, alpha = 0.8, eps = 0.1, momentum = 0.5, l2 = 0.3)",
    "rmsprop(lr = 0.1, alpha = 0.8, eps = 0.1, centered = true)",
    "adagrad(lr = 0.1)",
    "adagrad(lr = 0.1, lr_decay = 0.1, initial = 0.2, eps = 0.1, l2 = 0.3)",
    "adadelta(lr = 1.0)",
    "adadelta(lr = 1.0, rho = 0.7, eps = 1e-2, l2 = 0.3)",
    "adafactor(lr = 0.1)",
    "adafactor(lr = 0.5, beta2_decay = -0.5, eps1 = 0.3, eps2 = 0.1, clip = 1.5,"
    " weight_decay = 0.3)",
]
"""The rules that PyTorch has itself."""
OTHERS = [
    "lion(lr = 0.1)",
    "lion(lr = 0.1, beta1 = 0.8, beta2 = 0.7, weight_decay = 0.3)",
    "lamb(lr = 0.1)",
    "lamb(lr = 0.1, beta1 = 0.8, beta2 = 0.7, eps = 0.1, weight_decay = 0.0)",
    "muon(lr = 0.1, vector_rate = 0.5)",
    "muon(lr = 0.1, momentum = 0.8, nesterov = false, ns_steps = 3, vector_rate = 1.0,"
    ' adjust = "match_rms_adamw", weight_decay = 0.0)',
    "nadam(lr = 0.1, l2 = 0.1, weight_decay = 0.1)",
    "adafactor(lr = 0.1, clip = 0.5)",
    "odd(lr = 0.1)",
    "memory(lr = 0.1)",
    "swap(lr = 0.1)",
    "echo(lr = 0.1)",
    "counted(lr = 0.1)",
    "shaped(lr = 0.1)",
]
RULES = [*TORCH, *OTHERS]
KERAS = [
    *(rule for rule in RULES if rule.startswith("sgd") and "l2" not in rule),
    *(rule for rule in RULES if rule.startswith("lion")),
    "adadelta(lr = 1.0)",
]
"""The rules that Keras has with the same meaning."""
STEPS = 60
RATES = [0.1] * 25 + [0.02] * 20 + [0.3] * 15


def random(seed: int) -> dict[str, Any]:
    generator = np.random.default_rng(seed)
    return {name: generator.normal(size=shape) for name, shape in SHAPES.items()}


START = random(0)
GRADIENTS = [random(seed) for seed in range(1, STEPS + 1)]


def optimizer_of(rule: str, folder: Path) -> Optimizer:
    path = folder / "program.dlm"
    path.write_text(PROGRAM.replace("OPTIMIZER", rule), "utf-8")
    return read(path).trainings[0].optimizer


def cast(arrays: Mapping[str, Any], dtype: str) -> dict[str, Any]:
    return {name: array.astype(dtype) for name, array in arrays.items()}


def expected(
    optimizer: Optimizer, dtype: str, rates: list[float] = RATES
) -> dict[str, Any]:
    """The weights in the end, by the interpreter."""
    weights = cast(START, dtype)
    state = OptimizerState(optimizer, None, weights, precise=dtype == "float64")
    for gradient, rate in zip(GRADIENTS, rates, strict=True):
        state.lr = rate
        weights = state.step(weights, cast(gradient, dtype))
    return weights


def close(
    found: Mapping[str, Any], wanted: Mapping[str, Any], tolerance: float
) -> None:
    for name in SHAPES:
        np.testing.assert_allclose(
            found[name], wanted[name], tolerance, tolerance, err_msg=name
        )


def trained(
    optimizer: Any, parameters: Any, rates: list[float] = RATES
) -> dict[str, Any]:
    """The weights in the end, by an optimizer of PyTorch."""
    import torch

    names = list(SHAPES)[: len(parameters)]
    for gradient, rate in zip(GRADIENTS, rates, strict=True):
        optimizer.param_groups[0]["lr"] = rate
        for name, parameter in zip(names, parameters, strict=True):
            parameter.grad = torch.tensor(gradient[name], dtype=parameter.dtype)
        optimizer.step()
    arrays = [parameter.detach().numpy() for parameter in parameters]
    return dict(zip(names, arrays, strict=True))


@pytest.mark.parametrize("rule", RULES)
def test_torch(rule: str, tmp_path: Path) -> None:
    """A class made of the rule does to the last digits what the rule says."""
    import math

    import torch
    from torch import nn

    optimizer = optimizer_of(rule, tmp_path)
    model = nn.ParameterList([nn.Parameter(torch.tensor(w)) for w in START.values()])
    scope: dict[str, Any] = {"torch": torch, "nn": nn, "math": math, "Iterable": list}
    exec(printed(torch_optimizers.optimizer_class(optimizer, "Rule", ())), scope)
    made = scope["Rule"](model.parameters(), lr=RATES[0])
    close(trained(made, list(model)), expected(optimizer, "float64"), 1e-10)


@pytest.mark.parametrize("rule", RULES)
def test_torchs_own(rule: str, tmp_path: Path) -> None:
    """PyTorch's own optimizer, where it is used, is the rule."""
    import torch
    from torch import nn

    optimizer = optimizer_of(rule, tmp_path)
    native = torch_optimizers.native(optimizer)
    assert (native is not None) is (rule in TORCH)
    if native is None:
        return
    model = nn.ParameterList([nn.Parameter(torch.tensor(w)) for w in START.values()])
    args = type("Args", (), {"lr": RATES[0]})
    made = eval(expression(native), {"torch": torch, "model": model, "args": args})
    # What NAdam remembers of its momentum is f32.
    tolerance = 1e-6 if rule.startswith("nadam") else 1e-9
    close(trained(made, list(model)), expected(optimizer, "float64"), tolerance)


def cases() -> list[tuple[str, bool]]:
    """Every rule as a class of its own, and those that Keras has."""
    return [*((rule, False) for rule in RULES), *((rule, True) for rule in KERAS)]


@pytest.mark.parametrize(("rule", "is_native"), cases())
def test_keras(rule: str, is_native: bool, tmp_path: Path) -> None:
    import math

    import keras
    import tensorflow as tf
    from keras import ops

    optimizer = optimizer_of(rule, tmp_path)
    native = keras_optimizers.native(optimizer, has_schedule=False)
    assert (native is not None) is (rule in KERAS)
    # Keras's momentum is another where the learning rate changes.
    rates = [RATES[0]] * STEPS if is_native and "momentum" in rule else RATES
    variables = [keras.Variable(start.astype("float32")) for start in START.values()]
    scope: dict[str, Any] = {"keras": keras, "ops": ops, "tf": tf, "math": math}
    scope["args"] = type("Args", (), {"lr": RATES[0]})
    if is_native:
        assert native is not None
        made = eval(expression(native), scope)
    else:
        exec(printed(keras_optimizers.optimizer_class(optimizer, "Rule", ())), scope)
        made = scope["Rule"](RATES[0])
    made.build(variables)
    step = tf.function(lambda gradients: made.apply(gradients, variables))
    for gradient, rate in zip(GRADIENTS, rates, strict=True):
        made.learning_rate = rate
        step([tf.constant(gradient[name], tf.float32) for name in SHAPES])
    found = {name: one.numpy() for name, one in zip(SHAPES, variables, strict=True)}
    close(found, expected(optimizer, "float32", rates), 2e-5)


# --- The rules that PyTorch has not, from their papers ---

Step = Callable[[Any, Any, dict[str, Any], int, float], Any]
"""The new weight, of the old one, a gradient, a memory, the step and the rate."""


def lion(weight: Any, grad: Any, memory: dict[str, Any], step: int, lr: float) -> Any:
    """Algorithm 2 of Chen et al., 2023."""
    m = memory.get("m", 0.0)
    c = 0.8 * m + 0.2 * grad
    memory["m"] = 0.7 * m + 0.3 * grad
    return weight - lr * (np.sign(c) + 0.3 * weight)


def lamb(weight: Any, grad: Any, memory: dict[str, Any], step: int, lr: float) -> Any:
    """Algorithm 2 of You et al., 2020, where phi is the identity."""
    memory["m"] = 0.9 * memory.get("m", 0.0) + 0.1 * grad
    memory["v"] = 0.999 * memory.get("v", 0.0) + 0.001 * grad**2
    m, v = memory["m"] / (1 - 0.9**step), memory["v"] / (1 - 0.999**step)
    update = m / (np.sqrt(v) + 1e-6) + 0.01 * weight
    return weight - lr * np.linalg.norm(weight) / np.linalg.norm(update) * update


@pytest.mark.parametrize(
    ("rule", "paper"),
    [
        ("lion(lr = 0.1, beta1 = 0.8, beta2 = 0.7, weight_decay = 0.3)", lion),
        ("lamb(lr = 0.1)", lamb),
    ],
)
def test_papers(rule: str, paper: Step, tmp_path: Path) -> None:
    weights = dict(START)
    memories: dict[str, dict[str, Any]] = {name: {} for name in SHAPES}
    for i, (gradient, rate) in enumerate(zip(GRADIENTS, RATES, strict=True), 1):
        for name, weight in weights.items():
            weights[name] = paper(weight, gradient[name], memories[name], i, rate)
    close(expected(optimizer_of(rule, tmp_path), "float64"), weights, 1e-9)


@pytest.mark.parametrize("adjust", ["original", "match_rms_adamw"])
@pytest.mark.parametrize("nesterov", [True, False])
def test_muon(
    adjust: str, nesterov: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PyTorch's Muon on matrices, but for its bfloat16, and AdamW on the others."""
    import torch

    monkeypatch.setattr(torch.Tensor, "bfloat16", lambda tensor: tensor.clone())
    rule = (
        f'muon(lr = 0.1, vector_rate = 0.5, weight_decay = 0.2, adjust = "{adjust}",'
        f" nesterov = {str(nesterov).lower()})"
    )
    wanted: dict[str, Any] = {}
    parameters = {n: torch.nn.Parameter(torch.tensor(w)) for n, w in START.items()}
    matrices = [one for one in parameters.values() if one.ndim == 2]
    others = [one for one in parameters.values() if one.ndim != 2]
    muon = torch.optim.Muon(
        matrices, weight_decay=0.2, adjust_lr_fn=adjust, nesterov=nesterov
    )
    adamw = torch.optim.AdamW(others, weight_decay=0.2)
    for gradient, rate in zip(GRADIENTS, RATES, strict=True):
        for name, parameter in parameters.items():
            parameter.grad = torch.tensor(gradient[name])
        muon.param_groups[0]["lr"], adamw.param_groups[0]["lr"] = rate, 0.5 * rate
        muon.step()
        adamw.step()
    wanted = {name: one.detach().numpy() for name, one in parameters.items()}
    close(expected(optimizer_of(rule, tmp_path), "float64"), wanted, 1e-9)


def test_a_rule_that_treats_elements_alike_is_one_for_all_shapes(
    tmp_path: Path,
) -> None:
    kinds = {rule: optimizer_of(rule, tmp_path).updates for rule in RULES}
    single = {rule for rule, updates in kinds.items() if updates[0].rank is None}
    split = ("lamb", "muon", "adafactor", "counted", "shaped")
    assert single == {rule for rule in RULES if not rule.startswith(split)}
    shaped = kinds["shaped(lr = 0.1)"]
    assert [update.rank for update in shaped] == [4, 2, 2, 1]
    assert [update.fits((6, 4)) for update in shaped] == [False, False, True, False]
