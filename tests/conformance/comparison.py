"""How far a target is from what a module means, and how far it may be."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from dlmc.interpreter import run
from dlmc.ir.types import DType
from tests.conformance.cases import Case
from tests.conformance.slopes import gradients
from tests.conformance.targets import TARGETS, Observed, names, wide

FORWARD = {DType.F64: 1e-12, DType.F32: 1e-5, DType.F16: 4e-3, DType.BF16: 3e-2}
GRADIENT = {DType.F64: 1e-11, DType.F32: 1e-4, DType.F16: 2e-2, DType.BF16: 1e-1}
"""The bars, relative to the largest number of the tensor."""


@dataclass(frozen=True)
class Difference:
    """The largest in one tensor, relative to its largest number."""

    where: str
    size: float
    bar: float


def expected(case: Case, inputs: Mapping[str, Any], training: bool) -> Observed:
    """What the module means, from NumPy in 64 bits."""
    weights = case.weights()
    found = run(case.module, inputs, weights, training=training, precise=True)
    return Observed(found.outputs, found.updates)


def narrowest(case: Case) -> DType:
    """The dtype whose rounding decides how exact the case can be."""
    values = [value.type.dtype for value in case.module.inputs]
    for operation in case.module.inference.operations:
        values += [result.type.dtype for result in operation.results]
    order = list(FORWARD)
    floats = [dtype for dtype in values if dtype.is_float]
    return max(floats, key=order.index, default=DType.F32)


def differences(
    found: Mapping[str, Any], wanted: Mapping[str, Any], bar: float, what: str
) -> Iterator[Difference]:
    """That of each tensor.

    What is 0 in theory, as the gradient of a bias before a normalisation, is measured
    by a thousandth of the largest number of all.
    """
    assert found.keys() >= wanted.keys(), f"{what}: {found.keys()} of {wanted.keys()}"
    arrays = {name: wide(array) for name, array in wanted.items()}
    overall = max((_largest(a) for a in arrays.values()), default=0.0)
    for name, array in arrays.items():
        where = f"{what} {name}"
        other = wide(found[name])
        assert other.shape == array.shape, f"{where}: {other.shape}, not {array.shape}"
        if array.dtype.kind != "f":
            assert other.dtype == array.dtype, f"{where}: {other.dtype}"
            yield Difference(where, float((other != array).sum()), 0.0)
            continue
        finite = np.isfinite(array)
        same = (other == array) | (np.isnan(other) & np.isnan(array))
        if not same[~finite].all() or not np.isfinite(other[finite]).all():
            yield Difference(where, np.inf, bar)
            continue
        scale = max(_largest(array), 1e-3 * overall, 1e-30)
        gap = np.abs(other[finite] - array[finite]).max(initial=0.0)
        yield Difference(where, float(gap / scale), bar)


def _largest(array: Any) -> float:
    if array.dtype.kind != "f":
        return 0.0
    return float(np.abs(array[np.isfinite(array)]).max(initial=0.0))


def projections(case: Case, outputs: Mapping[str, Any]) -> dict[str, Any]:
    """Numbers for each output of floats, of its own dtype."""
    from dlmc.primitives.arrays import numpy_dtype

    rng = np.random.default_rng(case.seed + 1)
    return {
        name: np.asarray(rng.uniform(0.5, 1.5, outputs[name].shape)).astype(
            numpy_dtype(output.type.dtype)
        )
        for name, output in zip(names(case.module), case.module.outputs, strict=True)
        if output.type.dtype.is_float
    }


def measured(
    target: str, case: Case, inputs: Mapping[str, Any] | None = None
) -> Iterator[Difference]:
    """Every difference of a target: each mode, with natives and written out."""
    inputs = case.inputs() if inputs is None else inputs
    dtype = narrowest(case)
    for training in case.modes if target != "onnx" else case.modes[:1]:
        wanted = expected(case, inputs, training)
        given = projections(case, wanted.outputs) if target != "onnx" else {}
        weights = case.weights()
        slopes: Mapping[str, Any] = {}
        if given:
            slopes = gradients(case.module, weights, inputs, given, training)
        for natives in (True, False):
            way = f"{target} {'natives' if natives else 'written out'}"
            way += " training" if training else ""
            found = TARGETS[target](
                case.module,
                weights,
                inputs,
                natives=natives,
                training=training,
                projections=given if slopes else None,
            )
            yield from differences(found.outputs, wanted.outputs, FORWARD[dtype], way)
            yield from differences(
                found.updates, wanted.updates, FORWARD[dtype], f"{way}: state"
            )
            yield from differences(
                found.gradients, slopes, GRADIENT[dtype], f"{way}: gradient of"
            )


def check(target: str, case: Case, inputs: Mapping[str, Any] | None = None) -> float:
    """Hold a target to its bars; gives the largest difference."""
    found = list(measured(target, case, inputs))
    wrong = [d for d in found if not d.size <= d.bar]
    said = "\n".join(f"  {d.where}: {d.size:.3g}, more than {d.bar:g}" for d in wrong)
    assert not wrong, f"{case.text}\n{said}"
    return max((d.size for d in found), default=0.0)
