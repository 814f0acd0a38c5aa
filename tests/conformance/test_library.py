"""Every definition of the library on every target, against NumPy in 64 bits."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from dlmc.backend import Unsupported
from dlmc.interpreter import run
from tests.conformance.cases import Case, applied, library_cases
from tests.conformance.comparison import (
    FORWARD,
    check,
    differences,
    narrowest,
    projections,
)
from tests.conformance.missing import expect
from tests.conformance.slopes import gradients, slope
from tests.conformance.targets import TARGETS, tensorflow

NAMES = tuple(applied())
STOPPED = {
    "SpectralNorm": "its singular vectors are no part of the gradient, as in its paper",
}
"""Definitions whose gradient is not that of their value, and why."""


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("target", TARGETS)
def test_samples(target: str, name: str) -> None:
    """Outputs, states and gradients in both modes, by natives and written out."""
    missing = []
    for case in library_cases(name):
        try:
            check(target, case)
        except Unsupported as unsupported:
            missing.append(unsupported)
    expect(target, name, missing)


@pytest.mark.parametrize("name", NAMES)
def test_gradients_are_slopes(name: str) -> None:
    """Along one direction, those of the compiler are differences of values."""
    for case in library_cases(name):
        for training in case.modes:
            wanted, found = slopes(case, training)
            close = abs(found - wanted) <= 1e-6 * max(abs(wanted), 1e-2)
            stops = any(one in case.text for one in STOPPED)
            assert close or stops, f"{case.text}: {found}, not {wanted}"


def slopes(case: Case, training: bool) -> tuple[float, float]:
    """The slope of a case's outputs, by differences and by gradients."""
    module, inputs, weights = case.module, case.inputs(), case.weights()
    outputs = run(module, inputs, weights, training=training, precise=True).outputs
    given = projections(case, outputs)
    if not given:
        return 0.0, 0.0
    found = gradients(module, weights, inputs, given, training)
    rng = np.random.default_rng(case.seed + 2)
    direction = {n: rng.uniform(0.5, 1.5, g.shape) for n, g in found.items()}
    along = sum(float((g * direction[n]).sum()) for n, g in found.items())
    return slope(module, weights, inputs, given, training, direction), along


@pytest.mark.parametrize("name", NAMES)
def test_graphs_for_any_sizes(name: str) -> None:
    """TensorFlow traces a model once for all sizes that its types leave open."""
    for case in _of_different_kinds([c for c in library_cases(name) if c.is_symbolic]):
        try:
            given = {"natives": True, "training": False, "graph": True}
            inputs, weights = case.inputs(), case.weights()
            found = tensorflow(case.module, weights, inputs, **given)
        except Unsupported:
            continue  # which the test of samples knows
        wanted = run(case.module, inputs, weights, precise=True).outputs
        bar = FORWARD[narrowest(case)]
        for one in differences(found.outputs, wanted, bar, case.text):
            assert one.size <= one.bar, one


def _of_different_kinds(cases: Sequence[Case]) -> list[Case]:
    """One case for each rank of the inputs: what graphs may trip over is sizes."""
    kinds: dict[Any, Case] = {}
    for case in cases:
        kinds.setdefault(tuple(v.type.rank for v in case.module.inputs), case)
    return list(kinds.values())
