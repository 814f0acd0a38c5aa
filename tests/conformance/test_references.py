"""The library against PyTorch and SciPy, called directly."""

from pathlib import Path

import numpy as np
import pytest

from dlmc.elaborate.program import elaborate
from dlmc.grammar.span import Source
from dlmc.interpreter import run
from dlmc.ir.module import Module
from tests.conformance.cases import Case, applied
from tests.conformance.elsewhere import Reference
from tests.conformance.references import REFERENCES, WITHOUT

RANGES = {"label": (0.0, 4.0), "lengths": (7.0, 10.0), "counts": (1.0, 4.0)}
"""Of integers, by the name of the input."""
ALL = [
    pytest.param(name, reference, id=f"{name}-{i}")
    for name, references in REFERENCES.items()
    for i, reference in enumerate(references)
]


@pytest.mark.parametrize(("name", "reference"), ALL)
def test_values(name: str, reference: Reference) -> None:
    """Equal but for the rounding of 64 bits."""
    module = module_of(reference)
    case = Case(name, reference.text, module, RANGES)
    inputs = case.inputs()
    found = run(module, inputs, case.weights(), precise=True).outputs["y"]
    weights = {n: a.astype(np.float64) for n, a in case.weights().items()}
    wanted = reference.result(inputs, weights)
    np.testing.assert_allclose(found, wanted, rtol=1e-10, atol=1e-11)


def module_of(reference: Reference) -> Module:
    """The model; what stands in metrics alone is that of one batch."""
    source = Source("test.dlm", reference.text)
    program = elaborate(source, Path(), is_sample=True).program
    assert program is not None, reference.text
    return program.models[0]


def test_every_definition_has_one_or_a_reason() -> None:
    """And what has one is there."""
    names = set(applied())
    assert names - set(REFERENCES) - set(WITHOUT) == set()
    assert set(REFERENCES) & set(WITHOUT) == set()
