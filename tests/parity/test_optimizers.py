"""Update rules: frameworks' own optimizers, classes made of rules, and NumPy."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dlmc.api import read
from dlmc.backends.python.printer import expression
from dlmc.backends.python.script import printed
from dlmc.backends.tensorflow import optimizers as keras_optimizers
from dlmc.backends.torch import optimizers as torch_optimizers
from dlmc.interpreter import run
from dlmc.ir.program import Optimizer

PROGRAM = """
model M { input x: f32[N, 1]
  output y = x -> Dense(1) }
data rows { source = inline(x = [[1.0]])
  x: f32[1] }
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
train M on rows { loss = mse(y, x)
  optimizer = OPTIMIZER
  epochs = 1
  batch = 1 }
"""
RULES = [
    "sgd(lr = 0.1)",
    "sgd(lr = 0.1, l2 = 0.3)",
    "sgd(lr = 0.1, momentum = 0.8)",
    "sgd(lr = 0.1, momentum = 0.8, nesterov = true, l2 = 0.3)",
    "adam(lr = 0.1)",
    "adam(lr = 0.1, beta1 = 0.5, beta2 = 0.9, eps = 1e-3, l2 = 0.3)",
    "adamw(lr = 0.1, weight_decay = 0.3)",
    "odd(lr = 0.1)",
    "memory(lr = 0.1)",
    "swap(lr = 0.1)",
    "echo(lr = 0.1)",
]
TORCH = [rule for rule in RULES if rule.startswith(("sgd", "adam"))]
"""The rules that PyTorch has itself."""
KERAS = [rule for rule in RULES if rule.startswith("sgd") and "l2" not in rule]
"""The rules that Keras has with the same meaning."""
START = np.float32([[0.5, -1.0, 2.0]])
GRADIENTS = np.random.default_rng(0).normal(size=(6, 1, 3)).astype(np.float32)
RATES = [0.1, 0.1, 0.1, 0.02, 0.3, 0.3]


def optimizer_of(rule: str, folder: Path) -> Optimizer:
    path = folder / "program.dlm"
    path.write_text(PROGRAM.replace("OPTIMIZER", rule), "utf-8")
    return read(path).trainings[0].optimizer


def expected(optimizer: Optimizer, rates: list[float]) -> list[Any]:
    """The weight after each step, by the interpreter."""
    weight = START[0]
    states = {state.name: np.zeros_like(weight) for state in optimizer.module.states}
    found = []
    for step, (gradient, rate) in enumerate(zip(GRADIENTS, rates, strict=True), 1):
        given = {
            "weight": weight,
            "grad": gradient[0],
            "step": np.float64(step),
            "lr": np.float64(rate),
        }
        result = run(optimizer.module, given, states, training=True)
        (weight,) = result.outputs.values()
        states |= result.updates
        found.append(weight[None])
    return found


def cases(natives: list[str]) -> list[tuple[str, bool]]:
    """Every rule as a class of its own, and those that the framework has."""
    return [*((rule, True) for rule in natives), *((rule, False) for rule in RULES)]


@pytest.mark.parametrize(("rule", "is_native"), cases(TORCH))
def test_torch(rule: str, is_native: bool, tmp_path: Path) -> None:
    import torch
    from torch import nn

    optimizer = optimizer_of(rule, tmp_path)
    native = torch_optimizers.native(optimizer)
    assert (native is not None) is (rule in TORCH)
    model = nn.ParameterList([nn.Parameter(torch.tensor(START))])
    scope: dict[str, Any] = {"torch": torch, "nn": nn, "model": model}
    scope["args"] = type("Args", (), {"lr": RATES[0]})
    scope["Iterable"] = list
    if is_native:
        assert native is not None
        made = eval(expression(native), scope)
    else:
        exec(printed(torch_optimizers.optimizer_class(optimizer, "Rule", ())), scope)
        made = scope["Rule"](model.parameters(), lr=RATES[0])
    for gradient, rate, weight in zip(
        GRADIENTS, RATES, expected(optimizer, RATES), strict=True
    ):
        made.param_groups[0]["lr"] = rate
        model[0].grad = torch.tensor(gradient)
        made.step()
        np.testing.assert_allclose(model[0].detach().numpy(), weight, 2e-6, 2e-6)


@pytest.mark.parametrize(("rule", "is_native"), cases(KERAS))
def test_keras(rule: str, is_native: bool, tmp_path: Path) -> None:
    import keras
    import tensorflow as tf
    from keras import ops

    optimizer = optimizer_of(rule, tmp_path)
    native = keras_optimizers.native(optimizer, has_schedule=False)
    assert (native is not None) is (rule in KERAS)
    # Keras's momentum is another where the learning rate changes.
    rates = [RATES[0]] * len(RATES) if is_native else RATES
    variable = keras.Variable(START)
    scope: dict[str, Any] = {"keras": keras, "ops": ops, "tf": tf}
    scope["args"] = type("Args", (), {"lr": RATES[0]})
    if is_native:
        assert native is not None
        made = eval(expression(native), scope)
    else:
        exec(printed(keras_optimizers.optimizer_class(optimizer, "Rule", ())), scope)
        made = scope["Rule"](RATES[0])
    made.build([variable])
    for gradient, rate, weight in zip(
        GRADIENTS, rates, expected(optimizer, rates), strict=True
    ):
        made.learning_rate = rate
        made.apply([tf.constant(gradient)], [variable])
        np.testing.assert_allclose(variable.numpy(), weight, 2e-6, 2e-6)
