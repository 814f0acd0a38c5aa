"""How the library is written in PyTorch, and how its weights start there."""

import numpy as np
import pytest

from dlmc.initializers import initial_weights
from tests.conformance.combinations import COMBINATIONS, program
from tests.unit.backends.torch_modules import made, source
from tests.unit.elaborate.programs import model as model_of

SLOPES = program(
    ("x -> PReLU(0.1)", "x -> PReLU(init = uniform(low = 0.1, high = 0.3))"),
    "input x: f32[N, 6]",
)


@pytest.mark.parametrize(
    ("expression", "written"),
    [
        ("relu6(x)", "F.relu6(x)"),
        ("leaky_relu(x, 0.1)", "F.leaky_relu(x, 0.1)"),
        ("elu(x)", "F.elu(x)"),
        ("elu(x, alpha = 0.5)", "F.elu(x, alpha=0.5)"),
        ("gelu_tanh(x)", 'F.gelu(x, approximate="tanh")'),
        ("clip(x, 0, 1)", "x.clamp(0, 1)"),
        ("x -> PReLU", "nn.PReLU(6)"),
        ("x -> PReLU(0.1)", "nn.PReLU(6, init=0.1)"),
        ("x -> GroupNorm(3)", "nn.GroupNorm(3, 6, eps=1e-5)"),
        ("x -> InstanceNorm(true)", "nn.InstanceNorm1d(6, eps=1e-5, affine=True)"),
        ("x -> InstanceNorm(false)", "nn.InstanceNorm1d(6, eps=1e-5)"),
        ("x -> LayerNorm(bias = false)", "nn.LayerNorm(4, eps=1e-5, bias=False)"),
        ("x -> RMSNorm", "nn.RMSNorm(4, eps=1e-6)"),
        ("split(x, 3, axis = 1)[0]", "x.chunk(3, dim=1)"),
        ("split(x, [1, 5], axis = 1)[0]", "x.split([1, 5], dim=1)"),
        ("norm(x)", "torch.linalg.vector_norm(x, dim=-1)"),
        ("std(x, axis = 1)", "x.std(dim=1, correction=0)"),
    ],
)
def test_what_is_written(expression: str, written: str) -> None:
    code = source(model_of(program([expression], "input x: f32[N, 6, 4]")))
    assert written in code
    assert code.count("\ndef ") == 0


@pytest.mark.parametrize(
    "text", [COMBINATIONS["channels"], COMBINATIONS["last axis"], SLOPES]
)
def test_initial_weights(text: str) -> None:
    """Equal where they are numbers, else between the same bounds."""
    module = model_of(text)
    wanted = initial_weights(module, 0)
    found = {name: tensor.numpy() for name, tensor in made(module).state_dict().items()}
    assert found.keys() == wanted.keys()
    for weight, array in wanted.items():
        if array.std() == 0:
            np.testing.assert_array_equal(found[weight], array, err_msg=weight)
        else:
            assert 0.1 <= found[weight].min() < found[weight].max() <= 0.3
