"""Functions of one sample, made of the primitives' own samples."""

from itertools import product
from typing import Any

import numpy as np
import pytest

from dlmc.elaborate.places import PLACES
from dlmc.grammar.span import Source, Span
from dlmc.ir.dimensions import Dim, substitute
from dlmc.ir.module import Apply, Body, Kind, Module, Output, Value
from dlmc.ir.types import DType, TensorType
from dlmc.primitives import REGISTRY, Primitive, Sample
from dlmc.primitives.arrays import numpy_dtype

SIZES = {"N": 2, "T": 3}
SPAN = Span(Source("field.dlm", "x"), 0, 1)
# What has an axis of samples of its own, is random, or stands elsewhere: no field can
# hold it. Nor can it hold `scatter_add`, which NumPy does in place.
OUTSIDE = {
    name
    for name, primitive in REGISTRY.items()
    if primitive.supplied
    or primitive.internal
    or name.startswith(("conv", "window", "scatter"))
    or name in PLACES
}

Array = np.ndarray[Any, np.dtype[Any]]


def concrete(value: Any) -> Any:
    """A value of a primitive's sample with its symbols replaced by numbers."""
    if isinstance(value, list | tuple):
        return type(value)(concrete(item) for item in value)
    return substitute(value, SIZES.__getitem__) if isinstance(value, Dim) else value


def module(
    inputs: tuple[Value, ...], operations: tuple[Any, ...], result: Value
) -> Module:
    """A function of inputs."""
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


def applied(
    primitive: Primitive, types: tuple[TensorType, ...], attributes: dict[str, Any]
) -> Apply:
    """A primitive on inputs `x0`, `x1`, …"""
    inputs = tuple(Value(f"x{i}", type_) for i, type_ in enumerate(types))
    normal = primitive.normalize(types, attributes)
    result = Value("y", primitive.infer(types, normal))
    return Apply(primitive.name, inputs, normal, result, SPAN)


def with_fixed(
    primitive: Primitive, sample: Sample, fixed: tuple[bool, ...], values: list[Array]
) -> Module:
    """A function of the operands that are not fixed; the others are constants."""
    types = tuple(
        TensorType(t.dtype, concrete(tuple(t.shape))) for t in sample.operands
    )
    attributes = {name: concrete(value) for name, value in sample.attributes.items()}
    apply = applied(primitive, types, attributes)
    operands = list(zip(apply.operands, values or apply.operands, fixed, strict=True))
    constants = tuple(
        Apply("constant", (), {"value": nested(v), "dtype": o.type.dtype}, o, SPAN)
        for o, v, is_fixed in operands
        if is_fixed
    )
    free = tuple(o for o, _, is_fixed in operands if not is_fixed)
    return module(free, (*constants, apply), apply.result)


def nested(array: Array) -> Any:
    """An array as nested tuples."""

    def tuples(value: Any) -> Any:
        return tuple(map(tuples, value)) if isinstance(value, list) else value

    return tuples(array.tolist())


def values_of(sample: Sample, seed: int) -> list[Array]:
    """Operands of a sample."""
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
    """Every use that a field can have: which operands are constants."""
    found = []
    for name, primitive in REGISTRY.items():
        if name in OUTSIDE:
            continue
        for number, sample in enumerate(primitive.samples):
            if any(t.dtype is DType.BF16 for t in sample.operands):
                continue
            for fixed in product((False, True), repeat=len(sample.operands)):
                if all(fixed) or (name == "gather" and not any(fixed)):
                    continue
                shown = "".join("c" if is_fixed else "x" for is_fixed in fixed)
                case = pytest.param(
                    primitive, sample, fixed, id=f"{name}-{number}-{shown}"
                )
                found.append(case)
    return found
