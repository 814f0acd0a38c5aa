"""The error function against that of the C library."""

import math

import numpy as np
import pytest

from dlmc.primitives.error_function import erf


def test_relative_error() -> None:
    x = np.concatenate([np.linspace(-7, 7, 100_001), np.logspace(-300, 0, 1_000)])
    wanted = np.array([math.erf(number) for number in x])
    found = erf(x)
    assert (np.abs(found - wanted) <= 2**-51 * np.abs(wanted)).all()


def test_ends() -> None:
    found = erf(np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 3.0, -3.0]))
    assert found[:4].tolist() == [0, 0, 1, -1]
    assert np.signbit(found[1])
    assert np.isnan(found[4])
    assert found[5:].tolist() == pytest.approx([math.erf(3), -math.erf(3)], rel=4e-16)


@pytest.mark.parametrize("shape", [(), (0,), (1,), (3, 0), (2, 3, 4), (300, 200)])
def test_shapes_and_layouts(shape: tuple[int, ...]) -> None:
    x = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    turned = np.asarray(x.T[..., ::-1] if x.ndim else x)
    wanted = np.vectorize(math.erf, otypes=[np.float64])(turned)
    found = erf(turned)
    assert found.shape == turned.shape
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, wanted, rtol=1e-15)
