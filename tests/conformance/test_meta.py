"""Nothing is without samples, a gradient or a reason, and a measurement."""

import pytest

from dlmc.catalogue import catalogue
from dlmc.catalogue.gradients import why_no_gradient
from dlmc.catalogue.measured import measured
from dlmc.catalogue.targets import support
from dlmc.elaborate.standard import library_index
from dlmc.passes.differentiate import has_gradient
from dlmc.primitives import REGISTRY
from tests.conformance.cases import applied, documented, draws, primitive_cases, written

JUMPS = ("accuracy", "top_k", "binary_accuracy", "trunc", "isnan", "isinf", "isfinite")
METRICS = ("precision", "recall", "f1", "iou", "confusion", "auc")


def test_every_public_definition_has_samples() -> None:
    """They are what everything here runs on."""
    public = {name for name, place in library_index().items() if place.is_public}
    assert public == set(documented())
    for name in public:
        assert library_index()[name].documentation


def test_every_definition_has_a_gradient_or_is_known_to_have_none() -> None:
    """Those that count or compare have none."""
    entries = catalogue().entries
    without = {name for name in applied() if why_no_gradient(entries[name]) is not None}
    assert without == {*JUMPS, *METRICS}


def test_every_primitive_has_a_gradient_or_a_reason() -> None:
    """Never both."""
    for name, primitive in REGISTRY.items():
        assert has_gradient(primitive) != bool(primitive.no_gradient), name


@pytest.mark.parametrize("target", ["torch", "tensorflow", "onnx"])
def test_every_definition_resolves(target: str) -> None:
    """Each target has its own, writes it out, or says why not."""
    missing = {
        (entry.name, one.missing)
        for entry in map(catalogue().entries.__getitem__, documented())
        for one in support(entry)
        if one.target == target and one.missing is not None
    }
    trained = {*documented()} - {*applied()} if target == "onnx" else set()
    assert missing == {(name, "a graph does not train yet") for name in trained}


def test_everything_is_measured() -> None:
    """`make measure` has been run since the last new name."""
    primitives = {
        name
        for name in written()
        if not any(draws(case.module, training=False) for case in primitive_cases(name))
    }
    assert set(measured()) == {*applied(), *primitives}
