"""The gradient of every primitive, against differences and against torch."""

from typing import Any

import numpy as np
import pytest
import torch

from dlmc.ir.module import Module
from dlmc.ir.verify import verify
from dlmc.passes.differentiate import differentiate, has_gradient
from dlmc.primitives import REGISTRY, Primitive, Sample
from tests.unit.backends.torch_modules import made
from tests.unit.primitives.differentiation import (
    difference,
    draws,
    floats,
    gradients,
    of_sample,
    projected,
)

PRIMITIVES = [pytest.param(p, id=name) for name, p in REGISTRY.items()]
SAMPLES = [
    pytest.param(primitive, sample, id=f"{name}-{i}")
    for name, primitive in REGISTRY.items()
    if has_gradient(primitive)
    for i, sample in enumerate(primitive.samples)
    if any(type_.dtype.is_float for type_ in sample.operands)
    and of_sample(primitive, sample).outputs[0].type.dtype.is_float
]
IN_TORCH = [case for case in SAMPLES if not case.values[0].internal]
CURVED = {
    "mul", "div", "pow", "exp", "log", "sqrt", "rsqrt", "sin", "tanh", "erf", "matmul",
    "conv", "conv_transpose", "conv_weight_gradient", "einsum", "prod", "atan",
    "expm1", "log1p", "cos",
}  # fmt: skip
"""Primitives whose gradient depends on an operand otherwise than in steps."""


@pytest.mark.parametrize("primitive", PRIMITIVES)
def test_there_is_one_or_a_reason(primitive: Primitive) -> None:
    assert has_gradient(primitive) != bool(primitive.no_gradient)
    assert not primitive.no_gradient.endswith(".")


def assert_slope(module: Module, given: Any, step: float, within: float) -> None:
    """The gradients are the slopes of the function along random directions."""
    rng = np.random.default_rng(1)
    for name, gradient in gradients(module, given).items():
        direction = rng.choice([-1.0, 1.0], gradient.shape)
        found = float((gradient * direction).sum())
        wanted = difference(module, given, name, direction, step)
        scale = float(np.abs(gradient).sum()) + 1e-3
        assert abs(found - wanted) <= within * scale, name


@pytest.mark.parametrize(("primitive", "sample"), SAMPLES)
def test_against_differences(primitive: Primitive, sample: Sample) -> None:
    module = projected(of_sample(primitive, sample), "y0")
    verify(differentiate(module, floats(module)))
    assert_slope(module, draws(module, sample), 1e-5, 1e-7)


@pytest.mark.parametrize(("primitive", "sample"), SAMPLES)
def test_second_derivatives(primitive: Primitive, sample: Sample) -> None:
    """The gradient of the gradient, for what has one."""
    module = projected(of_sample(primitive, sample), "y0")
    wrt = floats(module)
    first = differentiate(module, wrt)
    second = projected(first, *(f"grad.{name}" for name in wrt))
    verify(differentiate(second, wrt))
    given = draws(second, sample)
    found = gradients(second, given)
    assert_slope(second, given, 1e-4, 1e-6)
    if primitive.name not in CURVED:
        assert not any(gradient.any() for gradient in found.values())


@pytest.mark.parametrize(("primitive", "sample"), IN_TORCH)
def test_against_torch(primitive: Primitive, sample: Sample) -> None:
    """torch's own derivative of the same primitive, as the backend writes it."""
    plain = of_sample(primitive, sample)
    module = projected(plain, "y0")
    given = draws(module, sample)
    tensors = {
        value.name: torch.tensor(given[value.name]).requires_grad_(
            value.name in floats(plain)
        )
        for value in plain.inputs
    }
    result = made(plain)(*tensors.values())
    if not result.requires_grad:
        assert not any(g.any() for g in gradients(module, given).values())
        return
    (result * torch.tensor(given["r0"])).sum().backward()
    for name, gradient in gradients(module, given).items():
        wanted = tensors[name].grad
        wanted = np.zeros_like(gradient) if wanted is None else wanted.numpy()
        scale = max(float(np.abs(wanted).max(initial=0)), 1e-3)
        np.testing.assert_allclose(gradient, wanted, rtol=0, atol=1e-12 * scale)
