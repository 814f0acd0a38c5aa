"""Lists of tensors as arguments of functions."""

import numpy as np

from tests.unit.elaborate.programs import compute

TEXT = """
fn weighted(x, others, scale) = scale * x + others[0] * others[1][0]
model Net {
  input a: f32[N, 2]
  input b: f32[N, 2]
  c = b + 1
  output y = weighted(a, [b, [c]], 3)
}
"""


def test_beside_a_tensor() -> None:
    a, b = np.float32([[1, 2]]), np.float32([[5, 7]])
    np.testing.assert_array_equal(compute(TEXT, a=a, b=b)["y"], 3 * a + b * (b + 1))
