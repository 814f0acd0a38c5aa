"""Every primitive that can stand in a data field: many samples = each by itself."""

import numpy as np
import pytest

from dlmc.backend import Unsupported
from dlmc.interpreter import run
from dlmc.ir.module import Apply, Call, Value
from dlmc.ir.types import DType, TensorType
from dlmc.passes.batch import batch
from dlmc.primitives import REGISTRY, Primitive, Sample
from tests.unit.passes.sample_functions import (
    OUTSIDE,
    SPAN,
    applied,
    cases,
    module,
    values_of,
    with_fixed,
)

SAMPLES = 3


@pytest.mark.parametrize(("primitive", "sample", "fixed"), cases())
def test_many_samples_as_each_by_itself(
    primitive: Primitive, sample: Sample, fixed: tuple[bool, ...]
) -> None:
    one = with_fixed(primitive, sample, fixed, values_of(sample, 99))
    free = [i for i, is_fixed in enumerate(fixed) if not is_fixed]
    drawn = [values_of(sample, seed) for seed in range(SAMPLES)]
    names = dict(zip((value.name for value in one.inputs), free, strict=True))
    single = [
        run(one, {name: values[i] for name, i in names.items()}, {}).outputs["output"]
        for values in drawn
    ]
    together = {
        name: np.stack([values[i] for values in drawn]) for name, i in names.items()
    }
    result = run(batch(one), together, {}).outputs["output"]
    assert result.dtype == single[0].dtype
    np.testing.assert_allclose(
        result.astype(np.float64), np.stack(single).astype(np.float64), rtol=1e-6
    )


def test_calls_are_taken_apart() -> None:
    vector = TensorType(DType.F32, (3,))
    square = applied(REGISTRY["mul"], (vector, vector), {})
    inner = module(square.operands, (square,), square.result)
    x, y = Value("x", vector), Value("y", vector)
    call = Call(inner, None, (x, x), {}, (y,), SPAN)
    many = batch(module((x,), (call,), y))
    (apply,) = many.inference.operations
    assert isinstance(apply, Apply)
    assert apply.primitive == "mul"
    given = np.arange(6, dtype=np.float32).reshape(2, 3)
    assert (run(many, {"x": given}, {}).outputs["output"] == given**2).all()


def test_constant_is_given_to_each_sample() -> None:
    x = Value("x", TensorType(DType.F32, (3,)))
    made = Value("y", TensorType(DType.I64, (2,)))
    constant = Apply("constant", (), {"value": (1, 2), "dtype": DType.I64}, made, SPAN)
    many = batch(module((x,), (constant,), made))
    result = run(many, {"x": np.zeros((2, 3), np.float32)}, {}).outputs["output"]
    assert result.tolist() == [[1, 2], [1, 2]]


@pytest.mark.parametrize("name", sorted(OUTSIDE - {"standardize"}))
def test_rest_is_refused_at_its_place(name: str) -> None:
    primitive = REGISTRY[name]
    sample = primitive.samples[0]
    fixed = (False,) * len(sample.operands)
    one = with_fixed(primitive, sample, fixed, values_of(sample, 0))
    with pytest.raises(Unsupported, match=f"{name} cannot stand in a data") as caught:
        batch(one)
    assert caught.value.span == SPAN


def test_index_and_indexed_of_each_sample_are_refused() -> None:
    primitive = REGISTRY["gather"]
    one = with_fixed(primitive, primitive.samples[0], (False, False), [])
    with pytest.raises(Unsupported, match="gather cannot stand"):
        batch(one)
