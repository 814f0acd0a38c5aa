"""Uses that are near a sample: other sizes, dtypes, numbers and values."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from hypothesis import strategies as st

from dlmc.catalogue.samples import Sample, library_samples
from dlmc.ir.types import DType
from tests.conformance.cases import Case, case_of

_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?![\w.])")
SMALLEST = {"N": 1, "T": 4, "H": 5, "W": 5}
"""Sizes that leave room for the windows of the samples; of others 2."""
SPECIAL = (0.0, -0.0, 1.0, -1.0, 0.5, 6.0, 1e-6)
"""Where functions have corners, and ties."""
LARGE = {DType.F64: 60.0, DType.F32: 60.0, DType.F16: 8.0, DType.BF16: 8.0}
"""Exponentials and squares of these can be written in the dtype."""


@dataclass(frozen=True)
class Variant:
    """A case with the arrays that it is tried on."""

    case: Case
    inputs: Mapping[str, Any]
    is_generic: bool
    """Whether no value is where a function may have a corner."""

    def __repr__(self) -> str:
        arrays = {name: array.tolist() for name, array in self.inputs.items()}
        return f"{self.case.text}: {arrays}"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """As hypothesis shows what failed: a module fills pages."""
        printer.text(repr(self))


@st.composite
def variants(draw: st.DrawFn, name: str, dtypes: tuple[str, ...]) -> Variant:
    """Variants of the samples of a definition."""
    sample = draw(st.sampled_from(library_samples(name)))
    case = draw(_cases(sample, dtypes))
    sizes = {
        symbol: draw(st.integers(low, low + 4)) for symbol, low in SMALLEST.items()
    }
    inputs = case.inputs(sizes)
    kind = draw(st.sampled_from(["generic", "special", "large", "equal"]))
    seed = draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    changed = {
        value.name: _changed(inputs[value.name], value.type.dtype, kind, rng)
        for value in case.module.inputs
    }
    return Variant(case, changed, kind == "generic")


@st.composite
def _cases(draw: st.DrawFn, sample: Sample, dtypes: tuple[str, ...]) -> Case:
    """The sample in another dtype, with other numbers, where that has a meaning."""
    dtype = draw(st.sampled_from(dtypes))
    numbers = _NUMBER.findall(sample.expression)
    other = [draw(_near(number)) for number in numbers]
    # From all changes to none, the first that is a program.
    for now_dtype, now_numbers in ((dtype, other), (None, other), (dtype, numbers)):
        given = iter(now_numbers)
        expression = _NUMBER.sub(lambda _, given=given: next(given), sample.expression)
        inputs = sample.inputs
        if now_dtype is not None:
            expression = re.sub(r"\bf(32|64)\b", now_dtype, expression)
            inputs = tuple((n, re.sub(r"^f(32|64)", now_dtype, t)) for n, t in inputs)
        try:
            return case_of(replace(sample, expression=expression, inputs=inputs))
        except ValueError:
            continue
    return case_of(sample)


def _near(number: str) -> st.SearchStrategy[str]:
    """A number of the same kind."""
    if "." in number:
        times = (round(factor * float(number), 6) for factor in (1.0, 0.5, 1.5))
        return st.sampled_from([*map(repr, times)])
    near = range(max(int(number) - 1, 0), int(number) + 3)
    return st.sampled_from([number, *map(str, near)])


def _changed(array: Any, dtype: DType, kind: str, rng: np.random.Generator) -> Any:
    if not dtype.is_float or kind == "generic":
        return array
    if kind == "equal":
        return np.full_like(array, array.flat[0] if array.size else 0)
    values = SPECIAL if kind == "special" else (LARGE[dtype], -LARGE[dtype])
    chosen = rng.choice(np.asarray(values), array.shape).astype(array.dtype)
    return np.where(rng.random(array.shape) < 0.5, chosen, array)
