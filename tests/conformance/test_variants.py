"""Random uses of every definition: `make conformance` tries many, `make test` a few."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from dlmc.backend import Unsupported
from dlmc.interpreter import InterpreterError, run
from dlmc.ir.types import DType
from tests.conformance.cases import applied
from tests.conformance.comparison import (
    FORWARD,
    GRADIENT,
    differences,
    narrowest,
    projections,
)
from tests.conformance.slopes import gradients
from tests.conformance.targets import TARGETS
from tests.conformance.variants import Variant, variants

DTYPES = {
    "torch": ("f32", "f64", "f16"),
    "tensorflow": ("f32", "f64"),
    "onnx": ("f32", "f64", "f16"),
}
ROUNDING = {DType.F64: 2.0**-53, DType.F32: 2.0**-24, DType.F16: 2.0**-11}
STEPS = 16
"""How many times the error of NumPy in the same dtype, or of rounded inputs, a target's
may be."""


@pytest.mark.parametrize("name", tuple(applied()))
@pytest.mark.parametrize("target", TARGETS)
def test_variants(target: str, name: str, request: pytest.FixtureRequest) -> None:
    """Values everywhere, and gradients where there is no corner."""
    cases: int = request.config.getoption("--cases")
    tried = []

    @settings(
        max_examples=max(cases // 4, 1) if target == "tensorflow" else cases,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(variants(name, DTYPES[target]))
    def holds(variant: Variant) -> None:
        tried.append(agrees(target, variant))

    holds()
    assert tried


def agrees(target: str, variant: Variant) -> bool:
    """Hold one target to one variant; whether there was anything to hold."""
    case, inputs, weights = variant.case, variant.inputs, variant.case.weights()
    if False not in case.modes:
        return False
    try:
        wanted = run(case.module, inputs, weights, precise=True).outputs
    except InterpreterError:
        return False  # no size of it is 0, no index outside
    dtype = narrowest(case)
    given = projections(case, wanted)
    slopes = {}
    # In 16 bits the way back through a sigmoid that is 1 there is 0.
    if given and variant.is_generic and target != "onnx" and dtype is not DType.F16:
        slopes = gradients(case.module, weights, inputs, given, False)
    allowed = Allowance(variant, wanted, slopes, given)
    for natives in (True, False):
        try:
            found = TARGETS[target](
                case.module, weights, inputs, natives=natives, training=False,
                projections=given if slopes else None,
            )  # fmt: skip
        except Unsupported:
            return False
        except NotImplementedError as error:  # a kernel of torch's on a CPU
            if "not implemented for 'Half'" not in str(error):
                raise
            return False
        way = f"{target}, {'natives' if natives else 'written out'}:"
        for one in differences(found.outputs, wanted, FORWARD[dtype], way):
            assert one.size <= one.bar or one.size <= allowed.outputs, (case.text, one)
        for one in differences(found.gradients, slopes, GRADIENT[dtype], way):
            assert one.size <= one.bar or one.size <= allowed.slopes, (case.text, one)
    return True


@dataclass(frozen=True)
class Allowance:
    """How exact results can be where little is left of large numbers.

    A normalisation of equal numbers, say, makes their rounding large. Then a target may
    be as wrong as NumPy is in the same dtype, or as results move when inputs are
    rounded.
    """

    variant: Variant
    wanted: Mapping[str, Any]
    gradients: Mapping[str, Any]
    projections: Mapping[str, Any]

    @cached_property
    def outputs(self) -> float:
        """That of values, relative to the largest."""
        module, inputs = self.variant.case.module, self.variant.inputs
        weights = self.variant.case.weights()
        narrow = run(module, inputs, weights).outputs
        found = [largest(narrow, self.wanted)]
        for moved in self._moved():
            other = run(module, moved, weights, precise=True).outputs
            found.append(largest(other, self.wanted))
        return STEPS * max(found)

    @cached_property
    def slopes(self) -> float:
        """That of gradients."""
        module, inputs = self.variant.case.module, self.variant.inputs
        weights = self.variant.case.weights()
        narrow = gradients(
            module, weights, inputs, self.projections, False, precise=False
        )
        found = [largest(narrow, self.gradients)]
        for moved in self._moved():
            other = gradients(module, weights, moved, self.projections, False)
            found.append(largest(other, self.gradients))
        return STEPS * max(found)

    def _moved(self) -> Iterator[dict[str, Any]]:
        """The inputs, each number rounded up or down."""
        rounding = ROUNDING[narrowest(self.variant.case)]
        rng = np.random.default_rng(0)
        for _ in range(3):
            yield {
                name: array * (1 + rounding * rng.uniform(-1, 1, array.shape))
                if array.dtype.kind == "f"
                else array
                for name, array in self.variant.inputs.items()
            }


def largest(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> float:
    """The largest difference."""
    return max((one.size for one in differences(found, wanted, 0.0, "")), default=0.0)
