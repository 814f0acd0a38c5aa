"""Functions and models without their calls mean the same."""

from pathlib import Path

import numpy as np
import pytest

from dlmc.api import read
from dlmc.initializers import initial_weights
from dlmc.interpreter import run
from dlmc.ir.module import Apply, Call, Module, weights
from dlmc.ir.verify import verify
from dlmc.passes.inline import inline
from tests.unit.elaborate.programs import program

PROGRAM = """
fn scaled(x) = x / (sum(x) * x.shape[0])
fn twice(x) = scaled(scaled(x) + 1)
model M { input x: f32[N, 3]
  output y = x -> Dense(1) }
data rows { source = inline(x = [[1.0, 2.0, 3.0]], t = [[1.0]])
  x: f32[3]
  t: f32[1] }
optimizer slow(lr, beta = 0.5) {
  state m = zeros()
  m = beta * m + relu(grad)
  weight = weight - lr * m
}
train M on rows { loss = mean(twice(softmax(y)) * t) + mse(y, t)
  optimizer = slow(lr = 0.1)
  epochs = 1
  batch = 1 }
"""


@pytest.fixture
def loss(tmp_path: Path) -> Module:
    path = tmp_path / "program.dlm"
    path.write_text(PROGRAM, "utf-8")
    return read(path).trainings[0].loss


def calls(module: Module) -> list[str]:
    return [
        operation.module.definition
        for operation in module.inference.operations
        if isinstance(operation, Call)
    ]


def values(module: Module, size: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(size)
    return {
        value.name: rng.normal(
            size=[n if isinstance(n, int) else size for n in value.type.shape]
        ).astype(np.float32)
        for value in module.inputs
    }


@pytest.mark.parametrize("size", [1, 5])
def test_meaning_stays(loss: Module, size: int) -> None:
    flat = inline(loss)
    assert not calls(flat)
    given = values(loss, size)
    (expected,) = run(loss, given, {}).outputs.values()
    (result,) = run(flat, given, {}).outputs.values()
    np.testing.assert_allclose(result, expected, rtol=1e-6)


def test_what_is_to_be_kept_stays_a_call(loss: Module) -> None:
    flat = inline(loss, keep=lambda module: module.definition in ("scaled", "mse"))
    assert calls(flat) == ["scaled", "scaled", "mse"]
    given = values(loss, 4)
    (expected,) = run(loss, given, {}).outputs.values()
    (result,) = run(flat, given, {}).outputs.values()
    np.testing.assert_allclose(result, expected, rtol=1e-6)


def test_names_are_unique_and_those_of_the_calls(loss: Module) -> None:
    flat = inline(loss)
    names = [
        r.name for operation in flat.inference.operations for r in operation.results
    ]
    assert len(set(names)) == len(names)
    assert any(name.startswith("x") for name in names)


def test_library_s_operations_stand_where_it_is_called(loss: Module) -> None:
    for operation in inline(loss).inference.operations:
        assert operation.span.source.name.endswith("program.dlm")


def test_states_and_their_updates_stay(tmp_path: Path) -> None:
    path = tmp_path / "program.dlm"
    path.write_text(PROGRAM, "utf-8")
    (update,) = read(path).trainings[0].optimizer.updates
    rule = update.module
    flat = inline(rule, training=True)
    assert [name for name, _ in flat.training.updates] == ["m"]
    assert all(isinstance(o, Apply) for o in flat.training.operations)
    given = {
        "weight": np.float32([1, 2]),
        "grad": np.float32([-1, 3]),
        "step": np.float64(1),
        "lr": np.float64(0.5),
    }
    states = {"m": np.float32([4, 4])}
    expected = run(rule, given, states, training=True)
    result = run(flat, given, states, training=True)
    assert result.updates["m"].tolist() == expected.updates["m"].tolist() == [2, 5]
    (before,), (after,) = expected.outputs.values(), result.outputs.values()
    assert before.tolist() == after.tolist()


NESTED = """
block Counted(units) {
  input x: float[N, D]
  state uses: f32[1] = zeros()
  param gain: f32[D] = uniform(-1, 1)
  if training { uses = uses + 1 }
  output x * gain * (1 + uses) -> Dense(units) as "inner.0"
}
block Outer {
  input x: float[N, 4]
  counted = Counted(4)
  output counted(counted(x)) + sum(counted.gain)
}
model M {
  input x: f32[N, 4]
  output a = x -> Outer as first -> Outer as second
  output b = a -> Dropout(0.5) -> Dense(3)
}
"""


@pytest.mark.parametrize("training", [False, True])
def test_whole_models(training: bool) -> None:
    """Weights keep their names, and a use of an instance sees what the last one did."""
    (model,) = program(NESTED).models
    flat = inline(model, training)
    verify(flat)
    assert not calls(flat)
    assert not flat.instances
    every = list(weights(model))
    trained = [weight.name for weight in every if weight.trained]
    assert "first.counted.inner.0.weight" in trained
    assert [parameter.name for parameter in flat.parameters] == trained
    assert len(list(weights(flat))) == len(every)
    given = values(model, 5)
    start = initial_weights(model, seed=1)
    expected = run(model, given, start, training=training, seed=2)
    result = run(flat, given, start, training=training, seed=2)
    assert list(result.outputs) == ["a", "b"]
    for name, array in expected.outputs.items():
        np.testing.assert_array_equal(result.outputs[name], array)
    assert result.updates.keys() == expected.updates.keys()
    assert bool(result.updates) == training
    for name, array in result.updates.items():
        assert array == expected.updates[name] == 2
