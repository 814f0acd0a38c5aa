"""Every primitive that can stand in a data field: many samples = each by itself."""

from itertools import product
from typing import Any

import numpy as np
import pytest

from dlmc.backend import Unsupported
from dlmc.grammar.span import Source, Span
from dlmc.interpreter import run
from dlmc.ir.dimensions import substitute
from dlmc.ir.module import Apply, Body, Call, Kind, Module, Output, Value
from dlmc.ir.types import DType, TensorType
from dlmc.passes.batch import batch
from dlmc.primitives import REGISTRY, Primitive, Sample
from dlmc.primitives.arrays import numpy_dtype

SAMPLES = 3
SIZES = {"N": 2, "T": 3}
SPAN = Span(Source("field.dlm", "x"), 0, 1)
OUTSIDE = {"conv", "conv_transpose", "window_max", "window_mean", "window_sum"}


def concrete(value: Any) -> Any:
    """A value of a primitive's sample with its symbols replaced by numbers."""
    if isinstance(value, list | tuple):
        return type(value)(concrete(item) for item in value)
    return value if isinstance(value, str) else substitute(value, SIZES.__getitem__)


def function(
    primitive: Primitive, types: tuple[TensorType, ...], attributes: dict[str, Any]
) -> tuple[Module, Apply]:
    """A function that applies a primitive to its inputs."""
    inputs = tuple(Value(f"x{i}", type_) for i, type_ in enumerate(types))
    normal = primitive.normalize(types, attributes)
    result = Value("y", primitive.infer(types, normal))
    apply = Apply(primitive.name, inputs, normal, result, SPAN)
    return module(inputs, (apply,), result), apply


def module(
    inputs: tuple[Value, ...], operations: tuple[Any, ...], result: Value
) -> Module:
    body = Body(operations, (result,))
    return Module(
        definition="field",
        kind=Kind.FUNCTION,
        is_library=False,
        arguments={},
        dimensions={},
        inputs=inputs,
        outputs=(Output(None, result.type),),
        parameters=(),
        states=(),
        instances=(),
        inference=body,
        training=body,
    )


def with_fixed(
    primitive: Primitive,
    sample: Sample,
    fixed: tuple[bool, ...],
    values: list[np.ndarray[Any, Any]],
) -> Module:
    """A function of the operands that are not fixed; the others are constants."""
    types = tuple(
        TensorType(t.dtype, concrete(tuple(t.shape))) for t in sample.operands
    )
    attributes = {name: concrete(value) for name, value in sample.attributes.items()}
    _, apply = function(primitive, types, attributes)
    constants = tuple(
        Apply("constant", (), {"value": nested(v), "dtype": o.type.dtype}, o, SPAN)
        for o, v, is_fixed in zip(apply.operands, values, fixed, strict=True)
        if is_fixed
    )
    free = tuple(
        o for o, is_fixed in zip(apply.operands, fixed, strict=True) if not is_fixed
    )
    return module(free, (*constants, apply), apply.result)


def nested(array: Any) -> Any:
    values = array.tolist()
    return _tuples(values)


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def values_of(sample: Sample, seed: int) -> list[np.ndarray[Any, Any]]:
    rng = np.random.default_rng(seed)
    made = []
    for position, type_ in enumerate(sample.operands):
        low, high = sample.ranges.get(position, (0, 3))
        shape = concrete(tuple(type_.shape))
        if type_.dtype.is_float:
            drawn = rng.uniform(low, high, shape)
        else:
            drawn = rng.integers(int(low), int(high), shape)
        made.append(np.asarray(drawn).astype(numpy_dtype(type_.dtype)))
    return made


def cases() -> list[Any]:
    found = []
    for primitive in REGISTRY.values():
        if primitive.supplied or primitive.name in OUTSIDE:
            continue
        for number, sample in enumerate(primitive.samples):
            count = len(sample.operands)
            if any(t.dtype is DType.BF16 for t in sample.operands):
                continue
            for fixed in product((False, True), repeat=count):
                if primitive.name == "gather" and not any(fixed):
                    continue
                if count and all(fixed):
                    continue
                name = "".join("c" if f else "x" for f in fixed)
                found.append(
                    pytest.param(
                        primitive, sample, fixed, id=f"{primitive.name}-{number}-{name}"
                    )
                )
    return found


@pytest.mark.parametrize(("primitive", "sample", "fixed"), cases())
def test_many_samples_as_each_by_itself(
    primitive: Primitive, sample: Sample, fixed: tuple[bool, ...]
) -> None:
    constants = values_of(sample, 99)
    one = with_fixed(primitive, sample, fixed, constants)
    many = batch(one)
    drawn = [values_of(sample, seed) for seed in range(SAMPLES)]
    free = [i for i, is_fixed in enumerate(fixed) if not is_fixed]
    names = [value.name for value in one.inputs]
    expected = np.stack(
        [
            run(
                one,
                {n: drawn[s][i] for n, i in zip(names, free, strict=True)},
                {},
            ).outputs["output"]
            for s in range(SAMPLES)
        ]
    )
    stacked = {
        n: np.stack([drawn[s][i] for s in range(SAMPLES)])
        for n, i in zip(names, free, strict=True)
    }
    if not free:  # nothing says how many samples there are
        return
    result = run(many, stacked, {}).outputs["output"]
    assert result.dtype == expected.dtype
    np.testing.assert_allclose(
        result.astype(np.float64), expected.astype(np.float64), rtol=1e-6
    )


def test_calls_are_taken_apart() -> None:
    vector = TensorType(DType.F32, (3,))
    inner, _ = function(REGISTRY["mul"], (vector, vector), {})
    x = Value("x", vector)
    y = Value("y", vector)
    call = Call(inner, None, (x, x), {}, (y,), SPAN)
    many = batch(module((x,), (call,), y))
    (apply,) = many.inference.operations
    assert isinstance(apply, Apply)
    assert apply.primitive == "mul"
    given = np.arange(6, dtype=np.float32).reshape(2, 3)
    assert (run(many, {"x": given}, {}).outputs["output"] == given**2).all()


def test_constant_field_is_given_to_each_sample() -> None:
    x = Value("x", TensorType(DType.F32, (3,)))
    made = Value("y", TensorType(DType.I64, (2,)))
    constant = Apply("constant", (), {"value": (1, 2), "dtype": DType.I64}, made, SPAN)
    many = batch(module((x,), (constant,), made))
    result = run(many, {"x": np.zeros((2, 3), np.float32)}, {}).outputs["output"]
    assert result.tolist() == [[1, 2], [1, 2]]


@pytest.mark.parametrize("name", sorted(OUTSIDE & REGISTRY.keys()))
def test_rest_is_refused_at_its_place(name: str) -> None:
    primitive = REGISTRY[name]
    sample = primitive.samples[0]
    fixed = (False,) * len(sample.operands)
    one = with_fixed(primitive, sample, fixed, values_of(sample, 0))
    with pytest.raises(Unsupported, match=f"{name} cannot stand in a data") as caught:
        batch(one)
    assert caught.value.span == SPAN


def test_random_numbers_are_refused() -> None:
    shape = {"shape": (2,), "dtype": DType.F32}
    one, _ = function(REGISTRY["random_uniform"], (), shape)
    with pytest.raises(Unsupported, match="random_uniform cannot stand"):
        batch(one)
