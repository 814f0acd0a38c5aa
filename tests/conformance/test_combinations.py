"""Programs beyond single samples on every target, forward and back."""

import numpy as np
import pytest

from dlmc.interpreter import run
from tests.conformance.cases import Case
from tests.conformance.combinations import COMBINATIONS
from tests.conformance.comparison import check
from tests.conformance.everywhere import observed, slopes_of
from tests.conformance.targets import TARGETS, tensorflow
from tests.unit.elaborate.programs import model


@pytest.mark.parametrize("name", COMBINATIONS)
@pytest.mark.parametrize("target", TARGETS)
def test_combinations(target: str, name: str) -> None:
    """Outputs and gradients, by natives and written out."""
    check(target, Case(name, name, model(COMBINATIONS[name])))


@pytest.mark.parametrize("name", COMBINATIONS)
def test_graphs_for_any_sizes(name: str) -> None:
    """TensorFlow traces a model once for all sizes."""
    case = Case(name, name, model(COMBINATIONS[name]))
    found = tensorflow(
        case.module, case.weights(), case.inputs(),
        natives=True, training=False, graph=True,
    ).outputs  # fmt: skip
    wanted = run(case.module, case.inputs(), case.weights(), precise=True).outputs
    for output, array in wanted.items():
        np.testing.assert_allclose(found[output], array, 1e-4, 1e-5)


# --- Corners -------------------------------------------------------------------------

KINKS = (-3.0, -2.0, -1.0, 0.0, 0.5, 1.0, 2.0, 3.0)
"""Where a curve has a corner, and some others."""
E_1, E_2, E_3 = np.exp([-1.0, -2.0, -3.0])
CORNERS = {
    "relu(x)": [0, 0, 0, 0, 1, 1, 1, 1],
    "relu6(3 * x)": [0, 0, 0, 0, 3, 3, 0, 0],
    "leaky_relu(x, 0.1)": [0.1, 0.1, 0.1, 0.1, 1, 1, 1, 1],
    "elu(x)": [E_3, E_2, E_1, 1, 1, 1, 1, 1],
    "elu(x, alpha = 2.0)": [2 * E_3, 2 * E_2, 2 * E_1, 2, 1, 1, 1, 1],
    "celu(x)": [E_3, E_2, E_1, 1, 1, 1, 1, 1],
    "selu(x)": [
        *(1.0507009873554805 * 1.6732632423543772 * e for e in (E_3, E_2, E_1, 1)),
        *[1.0507009873554805] * 4,
    ],
    "softplus(x)": (1 / (1 + np.exp(-np.array(KINKS)))).tolist(),
    "log_sigmoid(x)": (1 / (1 + np.exp(np.array(KINKS)))).tolist(),
    "hard_sigmoid(2 * x)": [0, 0, 1 / 3, 1 / 3, 1 / 3, 1 / 3, 0, 0],
    "hard_tanh(x)": [0, 0, 1, 1, 1, 1, 0, 0],
    "clip(x, -2, 0.5)": [0, 1, 1, 1, 1, 0, 0, 0],
}
"""The derivatives at `KINKS`, by hand."""

CURVES = (
    "relu(x)",
    "relu6(3 * x)",
    "leaky_relu(x, 0.1)",
    "elu(x)",
    "elu(x, alpha = 2.0)",
    "selu(x)",
    "celu(x)",
    "celu(x, alpha = 2.0)",
    "gelu(x)",
    "gelu_tanh(x)",
    "silu(x)",
    "mish(x)",
    "sigmoid(x)",
    "log_sigmoid(x)",
    "softplus(x)",
    "softsign(x)",
    "hard_sigmoid(2 * x)",
    "hard_swish(2 * x)",
    "hard_tanh(x)",
    "clip(x, -2, 0.5)",
)
"""Functions of each number apart."""


@pytest.mark.parametrize("curve", CORNERS)
def test_gradients_at_corners(curve: str) -> None:
    """Those of the interpreter and all targets, in 32 bits."""
    slopes_of(CORNERS[curve], curve, KINKS, "input x: f32[N]")


def test_gradients_where_curves_have_corners() -> None:
    """All targets agree on them, in 64 bits."""
    outputs = "\n".join(f"output e{i} = {c}" for i, c in enumerate(CURVES))
    x = {"x": np.array(KINKS)}
    for i, curve in enumerate(CURVES):
        ones = {f"e{i}": np.ones(len(KINKS))}
        text = f"model Test {{ input x: f64[N]\n{outputs.splitlines()[i]} }}"
        (_, first), *others = observed(text, x, projections=ones)
        for target, found in others:
            np.testing.assert_allclose(
                found.gradients["x"], first.gradients["x"], 1e-12, 1e-12,
                err_msg=f"{curve} on {target}",
            )  # fmt: skip


def test_gradients_of_logits_of_zero() -> None:
    """Of a binary cross-entropy: the sigmoid, less the target, over the count."""
    text = """model Test { input x: f32[N]  input y: f32[N]
        output loss = binary_cross_entropy(x, y) }"""
    given = {"x": np.zeros(4, np.float32), "y": np.float32([0, 1, 0.5, 0.25])}
    for target, found in observed(text, given, projections={"loss": np.float32(1)}):
        slopes = found.gradients["x"].tolist()
        assert slopes == [0.125, -0.125, 0.0, 0.0625], target
