"""The builder by itself: names, versions, what is left out."""

import pytest
from onnx.numpy_helper import to_array

from dlmc.backends.onnx.builder import Builder, Tensor
from dlmc.backends.onnx.opsets import least_version
from dlmc.backends.onnx.sizes import is_sure, reshape, size_vector
from dlmc.ir.dimensions import Dim, Size
from dlmc.ir.types import DType
from dlmc.primitives.base import tensor
from tests.unit.backends.onnx_graphs import checked

N, T = Dim.symbol("N"), Dim.symbol("T")


def mean(g: Builder, x: Tensor) -> Tensor:
    inputs = [x, g.integers([1])]
    return g.node("ReduceMean", inputs, tensor("f32[N, 1]"), keepdims=1)


def test_names_are_unique_and_those_of_the_model_are_kept() -> None:
    g = Builder(["x", "/Relu"])
    x = g.input("x", tensor("f32[N, 3]"))
    for _ in range(2):
        x = g.node("Relu", [x], x.type)
    with g.within("block"), g.within("conv"):
        x = g.node("Relu", [x], x.type)
    names = [node.name for node in checked(g.finish("Test", {"y": x})).graph.node]
    assert names == ["/Relu_1", "/Relu_2", "/block/conv/Relu"]


def test_what_no_output_needs_is_left_out() -> None:
    g = Builder(["x"])
    x = g.input("x", tensor("f32[N, 3]"))
    g.weight("unused", tensor("f32[3]"))
    g.node("Mul", [x, g.constant(2, DType.F32)], x.type)
    graph = checked(g.finish("Test", {"y": g.node("Relu", [x], x.type)})).graph
    assert [node.op_type for node in graph.node] == ["Relu"]
    assert not graph.initializer


def test_equal_constants_are_one() -> None:
    g = Builder()
    assert g.constant(2, DType.F32) is g.constant(2.0, DType.F32)
    assert g.constant(2, DType.F32) is not g.constant(2, DType.I64)


@pytest.mark.parametrize(
    ("operator", "dtype", "attributes", "version"),
    [
        ("Relu", DType.F32, (), 13),
        ("Relu", DType.I32, (), 14),
        ("Shape", DType.F32, (), 13),
        ("Shape", DType.F32, ("start",), 15),
        ("Gelu", DType.F32, (), 20),
    ],
)
def test_least_version(
    operator: str, dtype: DType, attributes: tuple[str, ...], version: int
) -> None:
    assert least_version(operator, (dtype,), 1, frozenset(attributes)) == version


def test_reductions_take_the_form_of_the_graph_s_version() -> None:
    g = Builder(["x"])
    x = g.input("x", tensor("f32[N, 3]"))
    old = checked(g.finish("Test", {"y": mean(g, x)}))
    assert old.opset_import[0].version == 13
    assert len(old.graph.node[0].input) == 1

    g = Builder(["x"])
    x = g.input("x", tensor("f32[N, 3]"))
    new = checked(g.finish("Test", {"y": mean(g, g.node("Gelu", [x], x.type))}))
    assert new.opset_import[0].version == 20
    assert len(new.graph.node[1].input) == 2


@pytest.mark.parametrize(
    ("shape", "told", "nodes"),
    [
        ((N, 12), [0, 12], 1),
        ((N, 2, T, 2), [0, 2, -1, 2], 1),
        ((N * T, 4), [-1, 4], 1),
        ((4, N, T), None, 3),
    ],
)
def test_reshape_computes_no_size_that_it_can_do_without(
    shape: tuple[Size, ...], told: list[int] | None, nodes: int
) -> None:
    g = Builder(["x"])
    g.symbols["N"] = g.symbols["T"] = (g.input("x", tensor("f32[N, T, 4]")), 0)
    result = reshape(g, g.inputs[0], shape)
    made = checked(g.finish("Test", {"y": result})).graph
    assert len(made.node) == nodes
    if told is not None:
        (given,) = made.initializer
        assert to_array(given).tolist() == told


def test_sizes_are_computed_once() -> None:
    g = Builder(["x"])
    g.input("x", tensor("f32[N, T]"))
    first = size_vector(g, (N * T + 1, 3))
    second = size_vector(g, (3, N * T + 1))
    assert first is not second
    made = g.finish("Test", {"a": first, "b": second}).graph
    counts = [node.op_type for node in made.node]
    assert counts.count("Shape") == 2
    assert counts.count("Mul") == counts.count("Add") == 1


def test_what_is_sure_of_sizes() -> None:
    assert is_sure(1, T)
    assert is_sure(0, T - 1)
    assert not is_sure(0, T - 2)
    assert is_sure(T, T + N)
    assert not is_sure(T, N)
