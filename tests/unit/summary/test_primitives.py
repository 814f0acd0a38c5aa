"""What each primitive says of its cost."""

from typing import Any

import pytest

from dlmc.ir.types import TensorType
from dlmc.passes.differentiate import reads
from dlmc.primitives import REGISTRY, Primitive, Sample
from dlmc.primitives.base import tensor

SAMPLES = [
    pytest.param(p, sample, id=f"{name}-{i}")
    for name, p in REGISTRY.items()
    for i, sample in enumerate(p.samples)
]
MOVES = {
    "constant", "dimension", "broadcast", "iota", "cast", "stop_gradient", "slice",
    "gather", "one_hot", "reshape", "transpose", "concat", "pad", "random_uniform",
    "random_normal", "take_along_axis", "total", "whole",
}  # fmt: skip


def typed(primitive: Primitive, sample: Sample) -> tuple[Any, TensorType]:
    normal = primitive.normalize(sample.operands, sample.attributes)
    return normal, primitive.infer(sample.operands, normal)


@pytest.mark.parametrize(
    ("name", "operands", "wanted"),
    [
        ("add", ["f32[N]", "f32[N]"], [[], []]),
        ("mul", ["f32[N]", "f32[N]"], [["b"], ["a"]]),
        ("div", ["f32[N]", "f32[N]"], [["b"], ["a", "b"]]),
        ("maximum", ["f32[N]", "f32[N]"], [["a", "b"], ["a", "b"]]),
        ("select", ["bool[N]", "f32[N]", "f32"], [None, ["condition"], ["condition"]]),
        ("exp", ["f32[N]"], [["result"]]),
        ("tanh", ["f32[N]"], [["result"]]),
        ("log", ["f32[N]"], [["x"]]),
        ("matmul", ["f32[N, 3]", "f32[3]"], [["b"], ["a"]]),
        ("sum", ["f32[N]"], [[]]),
        ("max", ["f32[N]"], [["x", "result"]]),
        ("sign", ["f32[N]"], [None]),
        ("conv", ["f32[N, 3, 8]", "f32[4, 3, 3]"], [["weight"], ["x"]]),
        ("gather", ["f32[5]", "i64[N]"], [["indices"], None]),
    ],
)
def test_what_gradients_read(
    name: str, operands: list[str], wanted: list[list[str] | None]
) -> None:
    """Nothing that the mathematics does not need; None is no gradient."""
    types = tuple(map(tensor, operands))
    primitive = REGISTRY[name]
    names = (*primitive.operand_names, "result")
    found = reads(primitive, types, primitive.normalize(types, {}))
    assert [r if r is None else [names[i] for i in r] for r in found] == wanted


@pytest.mark.parametrize(("primitive", "sample"), SAMPLES)
def test_flops_are_told(primitive: Primitive, sample: Sample) -> None:
    """Every primitive says them for every sample: none for moves, else some."""
    normal, result = typed(primitive, sample)
    flops = primitive.flops(sample.operands, normal, result)
    sizes = [*result.shape, *(n for o in sample.operands for n in o.shape)]
    assert (flops == 0) == (primitive.name in MOVES or 0 in sizes)


@pytest.mark.parametrize(("primitive", "sample"), SAMPLES)
def test_a_view_is_no_larger_than_memory(primitive: Primitive, sample: Sample) -> None:
    """A view computes nothing and has its operand's dtype."""
    if primitive.is_view:
        normal, result = typed(primitive, sample)
        assert primitive.flops(sample.operands, normal, result) == 0
        assert result.dtype is sample.operands[0].dtype


def flops(name: str, *operands: str, **attributes: Any) -> str:
    """FLOPs of a use, as a text."""
    types = tuple(tensor(text) for text in operands)
    primitive = REGISTRY[name]
    normal = primitive.normalize(types, attributes)
    return str(primitive.flops(types, normal, primitive.infer(types, normal)))


def test_closed_forms() -> None:
    """2mnk and the like."""
    assert flops("matmul", "f32[5, 7]", "f32[7, 3]") == str(2 * 5 * 7 * 3)
    assert flops("matmul", "f32[N, T, 7]", "f32[7, 3]") == "42*N*T"
    assert flops("matmul", "f32[7]", "f32[7]") == "14"
    assert flops("matmul", "f32[4, 2, 7]", "f32[7]") == str(2 * 4 * 2 * 7)
    # AlexNet's first layer: 105,415,200 multiply-adds (Krizhevsky et al., 2012).
    alexnet = flops("conv", "f32[1, 3, 227, 227]", "f32[96, 3, 11, 11]", stride=4)
    assert alexnet == str(2 * 105_415_200)
    grouped = flops("conv", "f32[N, 8, 6, 6]", "f32[4, 2, 3, 3]", groups=4)
    assert grouped == f"{2 * 4 * 4 * 4 * 2 * 9}*N"
    assert flops("window_max", "f32[N, 3, 8, 8]", size=2) == f"{3 * 8 * 8}*N"
    assert flops("mean", "f32[N, 3, 8]", axis=1) == "24*N"
    assert flops("argmax", "f32[N, 3]") == "3*N"
    assert flops("add", "f32[N, 1, 3]", "f32[4, 1]") == "12*N"
    assert flops("exp", "f32[N, 3]") == "3*N"
    assert flops("select", "bool[4, 1]", "f32[3]", "f32") == "12"
