"""Transposed convolution against PyTorch, and as the gradient of convolution."""

from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from dlmc.ir.dimensions import Dim
from dlmc.ir.types import DType, TensorType
from dlmc.primitives import REGISTRY, Fault, Sample
from tests.unit.primitives.drawing import concrete, operands, reference

CONV, TRANSPOSE = REGISTRY["conv"], REGISTRY["conv_transpose"]
TOLERANCES = {"float64": 1e-12, "float32": 1e-6, "bfloat16": 1.6e-2}


def of_torch(x: Any, weight: Any, stride: Any, dilation: Any, groups: int) -> Any:
    """All that the kernels add up to, of which nothing is cut off."""
    wide = (torch.from_numpy(a.astype(np.float64)) for a in (x, weight))
    function = getattr(F, f"conv_transpose{x.ndim - 2}d")
    given = {"stride": stride, "dilation": dilation, "groups": groups}
    return function(*wide, **given)


@pytest.mark.parametrize("sample", TRANSPOSE.samples)
def test_samples(sample: Sample) -> None:
    x, weight = operands(sample)
    normal = TRANSPOSE.normalize(sample.operands, sample.attributes)
    ours = TRANSPOSE.reference(x, weight, **normal)
    whole = of_torch(x, weight, normal["stride"], normal["dilation"], normal["groups"])
    pads = [
        n
        for (low, high), longer in reversed(
            list(zip(normal["padding"], normal["output_padding"], strict=True))
        )
        for n in (-low, longer - high)
    ]
    wanted = F.pad(whole, pads).numpy()
    assert ours.shape == wanted.shape
    bar = TOLERANCES[ours.dtype.name] * np.abs(wanted).max()
    np.testing.assert_allclose(ours.astype(np.float64), wanted, rtol=0, atol=bar)


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("padding", [0, 1, 2])
@pytest.mark.parametrize("output_padding", [0, 1])
@pytest.mark.parametrize("dilation", [1, 2])
@pytest.mark.parametrize("groups", [1, 2])
def test_arithmetic(
    stride: int, padding: int, output_padding: int, dilation: int, groups: int
) -> None:
    output_padding = min(output_padding, max(stride, dilation) - 1)
    rng = np.random.default_rng(0)
    x = rng.standard_normal((2, 4, 5, 6))
    weight = rng.standard_normal((4, 6 // groups, 3, 2))
    given: dict[str, Any] = {
        "stride": stride,
        "padding": padding,
        "output_padding": output_padding,
        "dilation": dilation,
        "groups": groups,
    }
    ours = reference("conv_transpose", x, weight, **given)
    theirs = F.conv_transpose2d(torch.from_numpy(x), torch.from_numpy(weight), **given)
    np.testing.assert_allclose(ours, theirs.numpy(), rtol=0, atol=1e-12)


def gradient(sample: Sample, normal: dict[str, Any]) -> dict[str, Any]:
    """What makes `conv_transpose` the gradient of a convolution's input."""
    x, weight = sample.operands
    rests = [
        (size + low + high - d * (k - 1) - 1) % s
        for size, (low, high), k, s, d in zip(
            x.shape[2:],
            normal["padding"],
            weight.shape[2:],
            normal["stride"],
            normal["dilation"],
            strict=True,
        )
    ]
    return {**normal, "output_padding": rests}


@pytest.mark.parametrize("sample", CONV.samples)
def test_is_the_gradient_of_convolution(sample: Sample) -> None:
    """<conv(x, w), y> is <x, conv_transpose(y, w)>; the types agree, symbols too."""
    x, weight = (array.astype(np.float64) for array in operands(sample))
    normal = CONV.normalize(sample.operands, sample.attributes)
    known = {name: concrete(value) for name, value in normal.items()}
    convolved = CONV.reference(x, weight, **known)
    y = np.random.default_rng(1).standard_normal(convolved.shape)
    given = gradient(sample, normal)

    types = (CONV.infer(sample.operands, normal), sample.operands[1])
    found = TRANSPOSE.infer(types, TRANSPOSE.normalize(types, given))
    assert found.shape == sample.operands[0].shape

    known = {name: concrete(value) for name, value in given.items()}
    back = reference("conv_transpose", y, weight, **known)
    np.testing.assert_allclose((convolved * y).sum(), (x * back).sum(), rtol=1e-12)


def test_same_makes_multiples_of_the_stride() -> None:
    for kernel in range(1, 7):
        for stride in range(1, 5):
            x, weight = np.ones((1, 1, 4)), np.ones((1, 1, kernel))
            ours = reference("conv_transpose", x, weight, stride=stride, padding="same")
            assert ours.shape == (1, 1, 4 * stride)


def test_sizes_are_exact() -> None:
    h, w = Dim.symbol("H"), Dim.symbol("W")
    types = (
        TensorType(DType.F32, (1, 3, h, w)),
        TensorType(DType.F32, (3, 8, 4, 3)),
    )
    normal = TRANSPOSE.normalize(types, {"stride": 2, "padding": [1, 0]})
    assert str(TRANSPOSE.infer(types, normal)) == "f32[1, 8, 2*H, 2*W + 1]"


@pytest.mark.parametrize(
    ("shapes", "attributes", "argument", "message"),
    [
        (((1, 3, 8), (4, 3, 2)), {}, "weight", "where C is 3, got f32[4, 3, 2]"),
        (((1, 3, 8), (3, 4, 2)), {"groups": 2}, "groups", "share 3 input channels"),
        (((1, 3, 8, 8), (3, 4, 2)), {}, "weight", "a kernel size for each spatial"),
        (((1, 3), (3, 4)), {}, "x", "one to three axes after C"),
        (
            ((1, 3, 8), (3, 4, 2)),
            {"output_padding": 2, "stride": 2},
            "output_padding",
            "less than the stride or the dilation, 2, got 2",
        ),
        (
            ((1, 3, 8), (3, 4, 2)),
            {"output_padding": Dim.symbol("H")},
            "output_padding",
            "got H",
        ),
        (
            ((1, 3, 8), (3, 4, 2)),
            {"output_padding": [0, 0]},
            "output_padding",
            "for 1 spatial axes",
        ),
        (
            ((1, 3, 8), (3, 4, 2)),
            {"output_padding": 1, "stride": 2, "padding": "same"},
            "output_padding",
            "leaves no place",
        ),
        (((1, 3, 2), (3, 4, 2)), {"padding": 2}, "padding", "leaves nothing of 2"),
    ],
)
def test_faults(
    shapes: Any, attributes: dict[str, Any], argument: str, message: str
) -> None:
    types = tuple(TensorType(DType.F32, shape) for shape in shapes)
    with pytest.raises(Fault) as caught:
        TRANSPOSE.infer(types, TRANSPOSE.normalize(types, attributes))
    assert message in caught.value.message
    assert caught.value.argument == argument
