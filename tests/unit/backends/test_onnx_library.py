"""Which operators the library comes to, and its rarer dtypes."""

import numpy as np
import pytest

from dlmc.backends.onnx.lowering import lower
from dlmc.interpreter import run
from tests.conformance.combinations import program
from tests.unit.backends.onnx_graphs import fill, run_graph
from tests.unit.backends.test_torch_models import inputs_of, random_weights
from tests.unit.elaborate.programs import model as model_of


@pytest.mark.parametrize(
    ("expression", "operators"),
    [
        ("relu6(x)", "Clip"),
        ("leaky_relu(x, 0.1)", "LeakyRelu"),
        ("x -> PReLU", "Unsqueeze PRelu"),
        ("elu(x)", "Elu"),
        ("selu(x)", "Selu"),
        ("celu(x)", "Div Elu Mul"),
        ("softplus(x)", "Softplus"),
        ("log_sigmoid(x)", "Neg Softplus Neg"),
        ("mish(x)", "Softplus Tanh Mul"),
        ("softsign(x)", "Softsign"),
        ("hard_sigmoid(x)", "HardSigmoid"),
        ("hard_swish(x)", "HardSigmoid Mul"),
        ("hard_tanh(x)", "Clip"),
        ("x -> LayerNorm(bias = false)", "LayerNormalization"),
        ("x -> LayerNorm(affine = false)", "LayerNormalization"),
        ("x -> InstanceNorm(true)", "InstanceNormalization"),
        (
            "x -> GroupNorm(2, affine = false)",
            "Reshape InstanceNormalization Reshape",
        ),
        ("x -> RMSNorm", "Pow ReduceMean Add Sqrt Div Mul"),
    ],
)
def test_operators(expression: str, operators: str) -> None:
    for dtype in ("f32", "f16"):
        graph = lower(model_of(program([expression], f"input x: {dtype}[N, 6, 4]")))
        found = [node.op_type for node in graph.graph.node]
        assert [name for name in found if name != "Cast"] == operators.split()
        assert graph.opset_import[0].version <= 17


@pytest.mark.parametrize("dtype", ["f16", "f64"])
@pytest.mark.parametrize(
    "expression", ["softplus(x)", "clip(x, -1, 2)", "x -> RMSNorm", "x -> GroupNorm(2)"]
)
def test_other_floats(expression: str, dtype: str) -> None:
    module = model_of(program([expression], f"input x: {dtype}[N, 6, 4]"))
    weights = random_weights(module)
    graph = lower(module)
    fill(graph, weights)
    inputs = inputs_of(module)
    (found,) = run_graph(graph, inputs).values()
    (wanted,) = run(module, inputs, weights).outputs.values()
    bar = {"f16": 4e-3, "f64": 1e-12}[dtype]
    np.testing.assert_allclose(found, wanted, rtol=bar, atol=bar)


def test_integers_are_clipped_too() -> None:
    for dtype in ("i8", "i16", "i64"):
        module = model_of(program(["clip(x, -1, 2)"], f"input x: {dtype}[N]"))
        x = np.arange(-4, 5).astype(dtype.replace("i", "int"))
        (found,) = run_graph(lower(module), {"x": x}).values()
        np.testing.assert_array_equal(found, np.clip(x, -1, 2))
        assert found.dtype == x.dtype
