"""The compile-time function `fold`."""

import numpy as np
import pytest

from tests.unit.elaborate.programs import compute, errors


def test_of_tensors() -> None:
    """A polynomial by Horner's rule."""
    text = """model M { input x: f32[N]
      output y = fold([3, -1, 0.5], 0, fn(sum, c) = sum * x + c) }"""
    x = np.float32([0.0, 1.0, -2.0])
    found = compute(text, x=x)["y"]
    np.testing.assert_allclose(found, np.polyval([3, -1, 0.5], x), rtol=1e-6)


def test_of_numbers_and_of_nothing() -> None:
    text = """model M { input x: f32[N]
      output y = x + fold(1..6, 1, fn(a, b) = a * b) + fold([], 7, fn(a, b) = b) }"""
    assert compute(text, x=[0.5])["y"].tolist() == [127.5]


def test_of_layers() -> None:
    text = """model M { input x: f32[N, 3]
      output y = fold([Dense(4), Dense(2)], x, fn(h, layer) = h -> layer -> tanh) }"""
    assert compute(text, x=np.ones((5, 3)))["y"].shape == (5, 2)


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("fold(x, x, fn(a, b) = a)", "`fold` needs a list, not f32[N, 3]"),
        ("fold([1], x, 3)", "`fold` needs a function, not the number 3"),
        ("fold([1], x, fn(a) = a)", "`fn` takes one argument, 2 were given"),
        ("fold([1], x)", "`fold` needs `function`"),
    ],
)
def test_mistakes(expression: str, message: str) -> None:
    assert errors(f"model M {{ input x: f32[N, 3]\noutput y = {expression} }}") == [
        message
    ]
