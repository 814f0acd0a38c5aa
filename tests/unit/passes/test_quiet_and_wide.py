"""Programs without noise, and programs in 64 bits, mean what they meant before."""

from pathlib import Path

import numpy as np
import pytest

import dlmc
from dlmc.initializers import initial_weights
from dlmc.interpreter import run
from dlmc.ir.module import Call, Module
from dlmc.ir.program import Program
from dlmc.ir.traversal import reachable
from dlmc.ir.types import DType
from dlmc.ir.verify import violations_of
from dlmc.passes.precision import widened
from dlmc.passes.quiet import draws, quieted
from tests.unit.elaborate.programs import model as model_of

EXAMPLES = sorted((Path(__file__).parents[3] / "examples").glob("*.dlm"))


def modules(program: Program) -> tuple[Module, ...]:
    """Those that a pass changes."""
    trainings = program.trainings
    losses = [training.loss for training in trainings]
    fields = [f.module for training in trainings for f in training.data.fields]
    return reachable([*program.models, *losses, *fields])


def program_of(text: str) -> Program:
    return Program("test", "test.dlm", (model_of(text),), ())


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_stay_well_formed(path: Path) -> None:
    """Every rule of the IR holds, no narrow float is left, and no noise."""
    made = widened(quieted(dlmc.read(path)))
    for module in modules(made):
        assert list(violations_of(module)) == []
        owned = (*module.inputs, *module.parameters, *module.states)
        dtypes = {one.type.dtype for one in owned}
        for body in (module.inference, module.training):
            for operation in body.operations:
                dtypes |= {value.type.dtype for value in operation.results}
        assert not dtypes & {DType.F16, DType.BF16, DType.F32}
        assert not draws(module, True)
    assert made.main.definition == dlmc.read(path).main.definition


def test_wide_is_the_same_function() -> None:
    """What comes out in f32 is what comes out in f64, rounded."""
    program = program_of(
        """
        model M {
          input x: f32[N, 4]
          input k: i64[N, 1]
          y = x -> Dense(3) -> LayerNorm -> gelu
          output y * cast(k, f32) + 0.1
        }
        """
    )
    (narrow,), (wide,) = program.models, widened(program).models
    rng = np.random.default_rng(0)
    x, k = rng.normal(size=(5, 4)).astype(np.float32), rng.integers(0, 3, (5, 1))
    values = initial_weights(narrow, 0)
    expected = run(narrow, {"x": x, "k": k}, values).outputs["output"]
    many = {name: array.astype(np.float64) for name, array in values.items()}
    found = run(wide, {"x": x.astype(np.float64), "k": k}, many).outputs["output"]
    assert (expected.dtype, found.dtype) == (np.float32, np.float64)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)
    # The same as the interpreter gives that computes every float in f64.
    precise = run(narrow, {"x": x, "k": k}, values, precise=True).outputs["output"]
    np.testing.assert_array_equal(found, precise)


NOISY = """
block Noise {
  input x: f32[N, D]
  output if training then x + random_uniform(shape = x.shape) else 2 * x
}

block Deep {
  input x: f32[N, D]
  output x -> Dense(D) as inner -> Dropout(0.5)
}

model M {
  input x: f32[N, 3]
  y = x -> Deep as deep -> Noise -> BatchNorm as norm -> Dropout(0.2)
  output y
  output z = x -> Dropout(0.1)
}
"""


def test_quiet_blocks_do_in_training_what_they_do_in_inference() -> None:
    """A user's noise too; what passes its input on goes; the rest keeps its modes."""
    (noisy,) = (before := program_of(NOISY)).models
    (quiet,) = quieted(before).models
    assert draws(noisy, True)
    assert not draws(quiet, True)
    called = [
        operation.module.definition
        for operation in quiet.training.operations
        if isinstance(operation, Call)
    ]
    assert called == ["Deep", "Noise", "BatchNorm"]
    assert [instance.name for instance in quiet.instances] == ["deep", "noise", "norm"]
    # The statistics of a batch normalisation still change: that is no noise.
    assert quiet.depends_on_mode
    x = np.random.default_rng(0).normal(size=(6, 3)).astype(np.float32)
    values = initial_weights(noisy, 0)
    trained = run(quiet, {"x": x}, values, training=True)
    np.testing.assert_array_equal(trained.outputs["z"], x)
    y = 2 * (x @ values["deep.inner.weight"].T + values["deep.inner.bias"])
    normal = (y - y.mean(0)) / np.sqrt(y.var(0) + 1e-5)
    np.testing.assert_allclose(trained.outputs["y"], normal, rtol=1e-4, atol=1e-5)
    assert set(trained.updates) == {"norm.running_mean", "norm.running_var"}
    # Inference is what it was.
    expected = run(noisy, {"x": x}, values).outputs
    for name, array in run(quiet, {"x": x}, values).outputs.items():
        np.testing.assert_array_equal(array, expected[name])


def test_noise_of_inference_stays() -> None:
    """Then it is meant."""
    program = program_of(
        "model M {\n  input x: f32[N, 3]\n"
        "  output x + random_uniform(shape = x.shape)\n}"
    )
    (model,) = quieted(program).models
    assert draws(model, True)
    assert draws(model, False)
