"""Data fields: a function of one sample on all of them."""

import numpy as np
import pytest

from dlmc.interpreter import field_values, run
from dlmc.ir.program import Column, Field
from dlmc.passes.batch import batch
from tests.unit.interpreter.test_run import read

TEXT = """
module @apart = fn apart {
  input x: f32[D]
  output: f32[D]
  body {
    %1: f32 = mean(%x; axis = (0,), keep = false)
    %2: f32[D] = sub(%x, %1)
    return %2
  }
}
module @field = fn field {
  input pixels: f32[4]
  input label: i64
  output: f32[2, 3]
  body {
    %1: f32[4] = @apart(%pixels)
    %2: f32[4] = standardize(%1)
    %3: f32[2] = one_hot(%label; depth = 2, dtype = f32)
    %4: f32[6] = concat(%2, %3; axis = 0)
    %5: f32[2, 3] = reshape(%4; shape = (2, 3))
    return %5
  }
}
"""


def field() -> Field:
    module = read(TEXT, "field")
    columns = (Column(("a", "b", "c", "d"), True), Column(("label",), False))
    return Field(
        "image",
        module.outputs[0].type,
        columns,
        module,
        module.inference.operations[0].span,
    )


@pytest.fixture
def columns() -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    pixels = rng.standard_normal((6, 4)).astype(np.float32)
    return [pixels, np.array([0, 1, 1, 0, 1, 0])]


@pytest.mark.parametrize(
    "training",
    [np.array([0, 2, 3]), np.array([True, False, True, True, False, False])],
)
def test_statistics_are_those_of_the_training_part(
    columns: list[np.ndarray], training: np.ndarray
) -> None:
    pixels, label = columns
    values = field_values(field(), columns, training)
    apart = pixels - pixels.mean(1, keepdims=True)
    chosen = apart[[0, 2, 3]]
    scaled = (apart - chosen.mean(0)) / chosen.std(0)
    wanted = np.concatenate([scaled, np.eye(2)[label]], axis=1).reshape(6, 2, 3)
    np.testing.assert_allclose(values, wanted, rtol=1e-5, atol=1e-6)
    assert values.dtype == np.float32


def test_a_constant_value_becomes_zero() -> None:
    columns = [np.zeros((3, 4), np.float32), np.zeros(3, np.int64)]
    values = field_values(field(), columns, np.arange(3))
    np.testing.assert_array_equal(values.reshape(3, 6)[:, :4], 0)


def test_as_the_function_of_many_samples(columns: list[np.ndarray]) -> None:
    """What a pass makes of the same function gives the same, but for statistics."""
    module = read(TEXT.replace("standardize", "tanh"), "field")
    one = Field("image", module.outputs[0].type, (), module, field().span)
    many = run(batch(module), dict(zip(("pixels", "label"), columns, strict=True)), {})
    np.testing.assert_allclose(
        field_values(one, columns, np.arange(6)), many.outputs["output"], rtol=1e-6
    )
