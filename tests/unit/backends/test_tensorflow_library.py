"""How the library is written in Keras, and how its weights start there."""

import numpy as np
import pytest

from dlmc.initializers import initial_weights
from tests.conformance.combinations import COMBINATIONS, program
from tests.unit.backends.keras_models import made, source
from tests.unit.backends.test_torch_library import SLOPES
from tests.unit.elaborate.programs import model as model_of


@pytest.mark.parametrize(
    ("expression", "written"),
    [
        ("relu6(x)", "ops.relu6(x)"),
        ("leaky_relu(x, 0.1)", "ops.leaky_relu(x, negative_slope=0.1)"),
        ("elu(x)", "ops.elu(x)"),
        ("gelu_tanh(x)", "ops.gelu(x, approximate=True)"),
        ("mish(x)", "keras.activations.mish(x)"),
        ("clip(x, 0, 1)", "ops.clip(x, 0, 1)"),
        ("x -> GroupNorm(3)", "layers.GroupNormalization(3, epsilon=1e-5, name="),
        ("x -> InstanceNorm(true)", "layers.GroupNormalization( -1, epsilon=1e-5"),
        ("x -> LayerNorm(bias = false)", "epsilon=1e-5, center=False, name="),
        ("x -> RMSNorm", "layers.RMSNormalization(epsilon=1e-6, name="),
        ("split(x, 3, axis = 1)[0]", "ops.split(x, 3, axis=1)"),
        ("split(x, [1, 2, 3], axis = 1)[0]", "ops.split(x, [1, 3], axis=1)"),
        ("logsumexp(x)", "ops.logsumexp(x, axis=-1)"),
        ("x[:, new]", "ops.expand_dims(x, 1)"),
        ("mean(x, axis = 1)[..., new]", "ops.expand_dims(ops.mean(x, axis=1), -1)"),
        ("mean(x, axis = 1, keep = true)[:, 0]", "keepdims=True), 1)"),
        ("reshape(max(x, axis = 1, keep = true), [N, 4])", "keepdims=True), 1)"),
        ("var(x, axis = [1, 2])", "ops.var(x, axis=(1, 2))"),
    ],
)
def test_what_is_written(expression: str, written: str) -> None:
    code = " ".join(
        source(model_of(program([expression], "input x: f32[N, 6, 4]"))).split()
    )
    assert written in code
    assert code.count("def ") <= 2  # those of the model


@pytest.mark.parametrize(
    "text", [COMBINATIONS["channels"], COMBINATIONS["last axis"], SLOPES]
)
def test_initial_weights(text: str) -> None:
    """Equal where they are numbers, else between the same bounds."""
    module = model_of(text)
    wanted = initial_weights(module, 0)
    found = made(module).weights()
    assert found.keys() == wanted.keys()
    for weight, array in wanted.items():
        if array.std() == 0:
            np.testing.assert_array_equal(found[weight], array, err_msg=weight)
        else:
            assert 0.1 <= found[weight].min() < found[weight].max() <= 0.3
