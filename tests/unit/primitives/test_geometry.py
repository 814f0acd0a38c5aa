"""Convolutions and windows of small images, where padding meets strides."""

from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from dlmc.interpreter import run
from dlmc.passes.differentiate import differentiate
from dlmc.primitives import Fault, Sample
from dlmc.primitives.base import REGISTRY, tensor
from tests.unit.primitives.differentiation import draws, floats, of_sample, projected

CASES = 60


def drawn(seed: int) -> tuple[np.random.Generator, dict[str, Any]]:
    """Sizes, kernels and the like for two axes, padding on each side of each."""
    rng = np.random.default_rng(seed)
    given = {
        "size": rng.integers(1, 6, 2).tolist(),
        "kernel": rng.integers(1, 6, 2).tolist(),
        "stride": rng.integers(1, 4, 2).tolist(),
        "dilation": rng.integers(1, 4, 2).tolist(),
        "padding": rng.integers(0, 6, (2, 2)).tolist(),
    }
    return rng, given


def ours(name: str, types: list[str], attributes: dict[str, Any]) -> Any:
    """The arrays, the result and the gradients; None where there is no window."""
    sample = Sample(tuple(map(tensor, types)), attributes)
    try:
        plain = of_sample(REGISTRY[name], sample)
    except Fault:
        return None
    module = projected(plain, "y0")
    given = draws(module, sample)
    result = run(plain, {n: given[n] for n in floats(plain)}, {}).outputs["y0"]
    outputs = run(differentiate(module, floats(module)), given, {}).outputs
    return given, result, [outputs[f"grad.{name}"] for name in floats(module)]


def assert_same(found: Any, function: Any) -> None:
    """The result and the gradients are those of a function of torch."""
    given, result, gradients = found
    names = [name for name in given if name.startswith("x")]
    tensors = [torch.tensor(given[name], requires_grad=True) for name in names]
    wanted = function(*tensors)
    np.testing.assert_allclose(result, wanted.detach().numpy(), atol=1e-12)
    (wanted * torch.tensor(given["r0"])).sum().backward()
    for gradient, operand in zip(gradients, tensors, strict=True):
        np.testing.assert_allclose(gradient, operand.grad.numpy(), atol=1e-11)  # type: ignore[union-attr]


def padded(x: torch.Tensor, padding: Any, value: float = 0.0) -> torch.Tensor:
    """An image with a padding of its own on each side."""
    (top, bottom), (left, right) = padding
    return F.pad(x, (left, right, top, bottom), value=value)


def assert_some(count: int) -> None:
    assert count > CASES / 3, "too few of the random cases have a meaning"


def test_convolutions() -> None:
    count = 0
    for seed in range(CASES):
        rng, g = drawn(seed)
        groups = int(rng.integers(1, 3))
        (h, w), (k, m) = g["size"], g["kernel"]
        attributes = {n: g[n] for n in ("stride", "dilation", "padding")}
        found = ours(
            "conv",
            [f"f64[2, 4, {h}, {w}]", f"f64[6, {4 // groups}, {k}, {m}]"],
            {**attributes, "groups": groups},
        )
        if found is None:
            continue
        count += 1
        assert_same(
            found,
            lambda x, weight, g=g, groups=groups: F.conv2d(
                padded(x, g["padding"]),
                weight,
                stride=g["stride"],
                dilation=g["dilation"],
                groups=groups,
            ),
        )
    assert_some(count)


def test_transposed_convolutions() -> None:
    count = 0
    for seed in range(CASES):
        rng, g = drawn(seed)
        groups = int(rng.integers(1, 3))
        (h, w), (k, m) = g["size"], g["kernel"]
        longer = [
            int(rng.integers(0, max(pair)))
            for pair in zip(g["stride"], g["dilation"], strict=True)
        ]
        attributes = {n: g[n] for n in ("stride", "dilation", "padding")}
        found = ours(
            "conv_transpose",
            [f"f64[2, 4, {h}, {w}]", f"f64[4, {6 // groups}, {k}, {m}]"],
            {**attributes, "groups": groups, "output_padding": longer},
        )
        if found is None:
            continue
        count += 1

        def theirs(
            x: torch.Tensor, weight: torch.Tensor, g: Any = g, a: Any = (longer, groups)
        ) -> torch.Tensor:
            whole = F.conv_transpose2d(
                x,
                weight,
                stride=g["stride"],
                dilation=g["dilation"],
                output_padding=a[0],
                groups=a[1],
            )
            cut = [[-low, -high] for low, high in g["padding"]]
            return padded(whole, cut)

        assert_same(found, theirs)
    assert_some(count)


@pytest.mark.parametrize("name", ["window_max", "window_mean"])
def test_windows(name: str) -> None:
    count = 0
    for seed in range(CASES):
        rng, g = drawn(seed)
        (h, w), size = g["size"], g["kernel"]
        pad = [
            [min(n, k - 1) for n in p] for p, k in zip(g["padding"], size, strict=True)
        ]
        attributes = {"size": size, "stride": g["stride"], "padding": pad}
        counted = bool(rng.integers(0, 2))
        if name == "window_mean":
            attributes["count_padding"] = counted
        found = ours(name, [f"f64[2, 3, {h}, {w}]"], attributes)
        if found is None:
            continue
        count += 1

        def theirs(
            x: torch.Tensor, g: Any = g, a: Any = (pad, counted)
        ) -> torch.Tensor:
            size, stride = g["kernel"], g["stride"]
            if name == "window_max":
                return F.max_pool2d(padded(x, a[0], -torch.inf), size, stride)
            inside = padded(torch.ones_like(x), a[0])
            mean = F.avg_pool2d(padded(x, a[0]), size, stride)
            return mean if a[1] else mean / F.avg_pool2d(inside, size, stride)

        assert_same(found, theirs)
    assert_some(count)


def test_convolution_of_three_axes() -> None:
    found = ours(
        "conv",
        ["f64[2, 2, 1, 4, 3]", "f64[3, 2, 3, 3, 2]"],
        {"padding": [1, 1, 0], "stride": [1, 2, 1]},
    )
    assert_same(
        found,
        lambda x, weight: F.conv3d(x, weight, padding=(1, 1, 0), stride=(1, 2, 1)),
    )
