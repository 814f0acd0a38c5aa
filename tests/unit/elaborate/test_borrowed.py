"""`layer.weight`: parameters of a layer read by the block that owns it."""

import numpy as np
import pytest

from dlmc.initializers import initial_weights
from dlmc.interpreter import run
from dlmc.ir.module import weights
from dlmc.ir.printer import print_modules
from dlmc.ir.reader import read_modules
from dlmc.ir.verify import verify

from .programs import errors, model

TIED = """
model Tied(width = 4) {
  input x: f32[N, 6]
  encode = Dense(width)
  h = encode(x)
  output y: f32[N, 6] = h @ encode.weight
}
"""


def test_a_weight_is_read_where_its_layer_is() -> None:
    """One weight serves twice, and is counted once."""
    made = model(TIED)
    verify(made)
    assert [w.name for w in weights(made)] == ["encode.weight", "encode.bias"]
    x = np.arange(12, dtype=np.float32).reshape(2, 6)
    values = initial_weights(made, 0)
    values["encode.bias"] = np.array([1, 2, 3, 4], np.float32)
    weight = values["encode.weight"]
    expected = (x @ weight.T + values["encode.bias"]) @ weight
    assert run(made, {"x": x}, values).outputs["y"] == pytest.approx(expected, rel=1e-5)


def test_the_type_is_in_the_terms_of_the_reader() -> None:
    """Its sizes remember the reader's own arguments."""
    (borrowed,) = model(TIED).borrowed
    assert str(borrowed.type) == "f32[4, 6]"
    assert borrowed.type.shape[0].origin.name == "width"  # type: ignore[union-attr]


def test_it_prints_and_reads_back() -> None:
    """The printed form says what is borrowed of whom."""
    text = print_modules([model(TIED)])
    assert "borrowed weight of encode: f32[4{width}, 6]" in text
    assert print_modules(read_modules(text).values()) == text


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("e = Dense(2) output y = x @ e.weight",
         "the sizes of `e.weight` are known once `e` is applied"),
        ("e = Dense(2) h = e(x) output y = h @ e.wieght",
         "`e` has no parameter `wieght`"),
        ("e = BatchNorm h = e()(x) output y = h * e.weight",
         "the block `BatchNorm` has no `weight`"),
        ("e = BatchNorm() h = e(x) output y = h * e.running_var", "`e` has no parameter"
         " `running_var`"),
    ],
)  # fmt: skip
def test_what_cannot_be_read(body: str, message: str) -> None:
    """Parameters alone can be read, once they are known."""
    assert errors(f"model M {{ input x: f32[N, 2] {body} }}") == [message]
