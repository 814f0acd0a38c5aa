"""Every primitive on every target, against NumPy in 64 bits."""

import numpy as np
import pytest

from dlmc.backend import Unsupported
from dlmc.interpreter import run
from tests.conformance.cases import Case, draws, primitive_cases, written
from tests.conformance.comparison import check
from tests.conformance.missing import expect
from tests.conformance.targets import TARGETS

SIZES = ({"N": 1, "T": 5, "H": 6, "W": 5}, {"N": 7, "T": 8, "H": 9, "W": 8})


@pytest.mark.parametrize("name", tuple(written()))
@pytest.mark.parametrize("target", TARGETS)
def test_samples(target: str, name: str) -> None:
    """Results and gradients; of random numbers their type."""
    missing = []
    for case in primitive_cases(name):
        try:
            for sizes in SIZES if case.is_symbolic else SIZES[:1]:
                if draws(case.module, training=False):
                    check_type(target, case)
                else:
                    check(target, case, case.inputs(sizes))
        except Unsupported as unsupported:
            missing.append(unsupported)
    expect(target, name, missing)


def check_type(target: str, case: Case) -> None:
    """That random numbers are of the shape and dtype that they should be."""
    found = TARGETS[target](
        case.module, {}, case.inputs(), natives=True, training=False
    )
    (array,) = found.outputs.values()
    (wanted,) = run(case.module, case.inputs(), {}).outputs.values()
    assert (array.shape, array.dtype) == (wanted.shape, wanted.dtype)
    assert case.name != "random_uniform" or ((array >= 0) & (array < 1)).all()
    assert np.isfinite(array).all()
