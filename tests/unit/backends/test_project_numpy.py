"""Data fields as NumPy code: each primitive against the interpreter."""

import math

import numpy as np
import pytest

from dlmc.backends.python import printer
from dlmc.backends.python import tree as py
from dlmc.backends.python.flat import write
from dlmc.backends.python.numpy_dialect import NumpyDialect, has_dtype
from dlmc.backends.python.quotation import Quote
from dlmc.backends.python.script import render
from dlmc.interpreter import run
from dlmc.ir.module import Module
from dlmc.passes.batch import batch
from dlmc.primitives import Primitive, Sample
from tests.unit.passes.sample_functions import Array, cases, values_of, with_fixed

SAMPLES = 3


def computed(module: Module, given: dict[str, Array]) -> Array:
    """What the generated code makes of arrays."""
    names = {value.name: py.Name(value.name) for value in module.inputs}
    samples = Quote()("len({x})", x=next(iter(names.values())))
    dialect = NumpyDialect(samples)
    code = write(module.inference, names, dialect.rule, taken=("np", "math", "checked"))
    body = (*code.statements, py.Assign(py.Name("result"), code.results[0]))
    text = printer.statements(body)
    scope = {"np": np, "math": math, **given}
    exec(render("python/templates/checked.py.jinja"), scope)
    exec(text, scope)
    result = scope["result"]
    assert isinstance(result, np.ndarray), text
    return result


def numpy_has(primitive: Primitive, sample: Sample) -> bool:
    """Whether NumPy has the dtypes of a sample's operands and result."""
    normal = primitive.normalize(sample.operands, sample.attributes)
    result = primitive.infer(sample.operands, normal)
    return all(has_dtype(type_.dtype) for type_ in (*sample.operands, result))


@pytest.mark.parametrize(
    ("primitive", "sample", "fixed"),
    [case for case in cases() if numpy_has(case.values[0], case.values[1])],
)
def test_code_is_what_the_interpreter_says(
    primitive: Primitive, sample: Sample, fixed: tuple[bool, ...]
) -> None:
    many = batch(with_fixed(primitive, sample, fixed, values_of(sample, 99)))
    free = [i for i, is_fixed in enumerate(fixed) if not is_fixed]
    drawn = [values_of(sample, seed) for seed in range(SAMPLES)]
    given = {
        value.name: np.stack([values[i] for values in drawn])
        for value, i in zip(many.inputs, free, strict=True)
    }
    expected = run(many, given, {}).outputs["output"]
    result = computed(many, given)
    assert result.dtype == expected.dtype
    assert result.shape == expected.shape
    tolerance = 2e-3 if expected.dtype == np.float16 else 1e-6
    np.testing.assert_allclose(
        result.astype(np.float64), expected.astype(np.float64), tolerance, tolerance
    )


def test_index_outside_is_an_error() -> None:
    scope: dict[str, object] = {"np": np}
    exec(render("python/templates/checked.py.jinja"), scope)
    checked = scope["checked"]
    assert callable(checked)
    index = np.array([0, 3])
    assert checked(index, 4) is index
    for size, wrong in ((3, [0, 3]), (4, [-1, 0])):
        with pytest.raises(ValueError, match=f"not in 0 to {size - 1}"):
            checked(np.array(wrong), size)
