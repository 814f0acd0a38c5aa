"""Whole models as graphs, against the interpreter; which operators they come to."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import ModelProto, ValueInfoProto

from dlmc.backend import Unsupported
from dlmc.backends.onnx.lowering import lower, output_names
from dlmc.elaborate.program import elaborate
from dlmc.grammar.span import Source
from dlmc.initializers import initial_weights
from dlmc.interpreter import run
from dlmc.ir.module import Module
from dlmc.ir.module import weights as weights_of
from dlmc.ir.program import Program
from tests.unit.backends.onnx_graphs import (
    assert_close,
    checked,
    draw,
    fill,
    run_graph,
)


def read(text: str) -> Program:
    """The program of a text that has no mistakes."""
    found = elaborate(Source("folder/test.dlm", text), Path())
    assert found.program is not None, found.diagnostics
    return found.program


def model(body: str) -> Module:
    """The model of a text, or of a body with one input `x`."""
    text = body if "model " in body else f"model Test {{ {body} }}"
    return read(text).models[-1]


def perturbed_weights(module: Module) -> dict[str, Any]:
    """Weights none of which is at a neutral value, variances positive."""
    rng = np.random.default_rng(5)
    return {
        name: value + rng.uniform(0.1, 0.5, value.shape).astype(value.dtype)
        for name, value in initial_weights(module, 0).items()
    }


def agree(module: Module, sizes: dict[str, int]) -> ModelProto:
    """The graph of a model, once it gives what the interpreter does."""
    graph, weights = lower(module), perturbed_weights(module)
    fill(graph, weights)
    checked(graph)
    rng = np.random.default_rng(7)
    inputs = {x.name: draw(x.type, sizes, rng, (0, 5)) for x in module.inputs}
    wanted = run(module, inputs, weights).outputs
    found = run_graph(graph, inputs)
    assert list(found) == list(output_names(module).values())
    for (name, value), output in zip(wanted.items(), module.outputs, strict=True):
        assert_close(found[output_names(module)[name]], value, output.type.dtype)
    return graph


def sizes_of(value: ValueInfoProto) -> Any:
    return value.type.tensor_type.shape.dim


def operators(graph: ModelProto) -> list[str]:
    return [node.op_type for node in graph.graph.node]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("input x: f32[N, 3] output relu(x)", ["Relu"]),
        ("input x: f16[N, 3] output relu(x)", ["Relu"]),
        ("input x: i64[N, 3] output relu(x)", ["Greater", "Where"]),
        ("input x: f32[N, 3] output sigmoid(x)", ["Sigmoid"]),
        ("input x: f32[N, 3] output silu(x)", ["Sigmoid", "Mul"]),
        ("input x: f32[N, 3] output gelu(x)", ["Div", "Erf", "Add", "Mul", "Mul"]),
        ("input x: f32[N, 3, T] output softmax(x)", ["Softmax"]),
        ("input x: f64[N, 3, T] output softmax(x, axis = 1)", ["Softmax"]),
        ("input x: f32[N, 3] output log_softmax(x)", ["LogSoftmax"]),
        ("input x: f32[N, 3, T] output flatten(x)", ["Flatten"]),
        ("input x: f32[N] output flatten(x)", ["Flatten"]),
        ("input x: f32[N, 3] output x -> Dense(4)", ["Gemm"]),
        ("input x: f64[N, 3] output x -> Dense(4)", ["Gemm"]),
        (
            "input x: f32[N, 3] output x -> Dense(4, bias = false)",
            ["Transpose", "MatMul"],
        ),
        (
            "input x: f32[N, T, 3] output x -> Dense(4)",
            ["Transpose", "MatMul", "Add"],
        ),
        ("input x: f32[N, 3, H, W] output x -> Conv(4, 3, padding = 1)", ["Conv"]),
        (
            "input x: f32[N, 4, 9, 8]"
            ' output x -> Conv(6, [3, 2], stride = 2, padding = "same", groups = 2)',
            ["Conv"],
        ),
        (
            "input x: f32[N, 3, T]"
            " output x -> Conv(4, 3, padding = [[2, 0]], dilation = 2, bias = false)",
            ["Conv"],
        ),
        ("input x: f32[N, 2, 5, 5, 5] output x -> Conv(3, 2)", ["Conv"]),
        ("input x: f32[N, 3, H, W] output x -> BatchNorm", ["BatchNormalization"]),
        ("input x: f32[N, 3] output x -> BatchNorm(eps = 0.1)", ["BatchNormalization"]),
        ("input x: f32[N, T, 6] output x -> LayerNorm", ["LayerNormalization"]),
        ("input x: i64[N, T] output x -> Embedding(6, 4)", ["Gather"]),
        ("input x: f32[N, 3, H, W] output max_pool(x, 2)", ["MaxPool"]),
        (
            "input x: f32[N, 3, H, W] output avg_pool(x, 3, stride = 2, padding = 1)",
            ["AveragePool"],
        ),
        ("input x: f32[N, 3] output x -> Dropout(0.5) -> relu", ["Relu"]),
    ],
)
def test_operators(body: str, expected: list[str]) -> None:
    module = model(body)
    for size in (1, 7):
        graph = agree(module, {"N": size, "T": 5, "H": 7, "W": 6})
    assert operators(graph) == expected


@pytest.mark.parametrize(
    "body",
    [
        "input x: f64[N, 3, H, W] output x -> Conv(4, 3, padding = 1)",
        "input x: f64[N, 4, 7] output x -> Conv(6, 3, stride = 2, groups = 2)",
        "input x: f64[N, 3, H, W] output x -> BatchNorm",
        "input x: f64[N, 3] output x -> LayerNorm",
        "input x: f64[N, 3, H, W] output avg_pool(x, 3, stride = 2, padding = 1)",
        "input x: i64[N, 3, H, W] output max_pool(x, 2)",
        "input x: f32[N, T, 6] output reshape(x, [N * T, 2, 3])",
        "input x: f32[N, T, 6] output x[:, -1]",
        "input x: f32[N, T, 6] output x[:, 1:, ::-2]",
        "input x: f32[N, T, 6] output sum(x, axis = [0, 1]) / cast(N * T, f32)",
        "input x: f32[N, T] output broadcast(mean(x), shape = [N, 2 * T + 1])",
        "input x: f32[N, T] output x + cast(iota(T), f32)",
        "input x: f32[N, T] output concat([x, x], axis = 1)",
        "input x: f32[N, T] output x // 0.7 + x % -0.3",
    ],
)
def test_bodies(body: str) -> None:
    module = model(body)
    for sizes in ({"N": 1, "T": 5, "H": 7, "W": 6}, {"N": 7, "T": 1, "H": 4, "W": 9}):
        agree(module, sizes)


NESTED = """
"Doubles." fn twice(x) = x + x

block Cell(width) {
  input x: f32[N, D]
  y = x -> Dense(width) as inner -> relu
  output twice(y)
}

model Net(depth = 2) {
  input x: f32[N, 4]
  for i in 0..depth {
    x = x -> Cell(4) as "stage{i}"
  }
  shared = Dense(4)
  output left = shared(x)
  output right = shared(left) -> Dropout(0.1)
}
""".replace('"Doubles." ', "")


def test_names_say_where_a_node_stands() -> None:
    module = model(NESTED)
    graph = agree(module, {"N": 3}).graph
    assert [node.name for node in graph.node] == [
        "/stage0/inner/Gemm",
        "/stage0/Relu",
        "/stage0/Add",
        "/stage1/inner/Gemm",
        "/stage1/Relu",
        "/stage1/Add",
        "/shared/Gemm",
        "/shared/Gemm_1",
    ]
    assert [place.name for place in graph.initializer] == [
        weight.name for weight in weights_of(module)
    ]
    assert [node.output[0] for node in graph.node][2:] == [
        "/x",
        "/stage1/inner/Gemm_output",
        "/stage1/y",
        "/x_1",
        "left",
        "right",
    ]


def test_nodes_tell_their_line() -> None:
    (first, *_, last) = lower(model(NESTED)).graph.node
    assert {p.key: p.value for p in first.metadata_props} == {"source": "test.dlm:6"}
    assert {p.key: p.value for p in last.metadata_props} == {"source": "test.dlm:17"}


def test_interface_keeps_names_and_symbols() -> None:
    inputs = "input t: f32[N, T] input image: f32[N, 3, 2 * T]"
    graph = lower(model(f"{inputs} output code = image + 1")).graph
    shapes = {
        value.name: [size.dim_param or size.dim_value for size in sizes_of(value)]
        for value in (*graph.input, *graph.output)
    }
    assert shapes == {
        "t": ["N", "T"],
        "image": ["N", 3, "2*T"],
        "code": ["N", 3, "2*T"],
    }


def test_bounds_are_told_at_the_input() -> None:
    graph = lower(model("input x: i64[N, T <= 9] output x + 1")).graph
    assert graph.input[0].doc_string == "T <= 9"


def test_an_output_called_like_an_input() -> None:
    module = model("input x: f32[N, 3] x = relu(x) output x")
    assert output_names(module) == {"x": "x_output"}
    agree(module, {"N": 2})


def test_an_output_called_like_a_weight() -> None:
    module = model(
        "input x: f32[3] param w: f32[3] = ones() output w = w + x output w_output = x"
    )
    assert output_names(module) == {"w": "w_output_output", "w_output": "w_output"}
    agree(module, {})


def test_outputs_that_are_copies() -> None:
    module = model(
        "input x: f32[N, 3] param w: f32[3] = ones()"
        " output same = x output weight = w output a = x + w output b = a"
        " output one = cast(1, f32)"
    )
    graph = agree(module, {"N": 2})
    assert operators(graph).count("Identity") == 4


def test_unused_weights_are_left_out() -> None:
    module = model(
        "input x: f32[N, 3] param w: f32[3] = ones() param unused: f32[9] = ones()"
        " output x * w"
    )
    assert [place.name for place in lower(module).graph.initializer] == ["w"]


@pytest.mark.parametrize(
    ("body", "version"),
    [
        ("input x: f32[N, 3] output x -> Dense(4) -> relu", 13),
        ("input x: i8[N, 3] output x + x", 14),
        ("input x: f32[N, T] output x * cast(T, f32)", 15),
        ("input x: f32[N, 3] output x -> LayerNorm", 17),
        ("input x: f32[N, 3] output sum(x, axis = 1)", 13),
        ("input x: f32[N, 3] output mean(x, axis = 1)", 13),
        ("input x: f32[N, 3] output x -> LayerNorm -> mean(axis = 1)", 17),
        ("input x: bool[N, 3] output any(x, axis = 1)", 13),
    ],
)
def test_lowest_operator_set(body: str, version: int) -> None:
    graph = lower(model(body))
    assert [(opset.domain, opset.version) for opset in graph.opset_import] == [
        ("", version)
    ]
    assert graph.ir_version == 10


def test_a_state_that_changes_in_inference_is_refused() -> None:
    text = "input x: f32[N, 3] state count: f32 = zeros() count = count + 1 output x"
    with pytest.raises(Unsupported, match="`count` changes in inference") as caught:
        lower(model(text))
    assert caught.value.span.text.startswith("state count")


def test_what_no_kernel_computes_is_refused_at_its_place() -> None:
    with pytest.raises(Unsupported, match="Erf in f64") as caught:
        lower(model("input x: f64[N] output gelu(x + 1)"))
    assert caught.value.span.text == "gelu(x + 1)"


def test_the_same_program_gives_the_same_bytes() -> None:
    first, second = (
        lower(model(NESTED)).SerializeToString(deterministic=True) for _ in range(2)
    )
    assert first == second
