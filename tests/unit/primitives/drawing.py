"""Arrays for the samples of primitives."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from dlmc.ir.dimensions import substitute
from dlmc.ir.types import DType, TensorType
from dlmc.primitives import Primitive, Sample
from dlmc.primitives.arrays import numpy_dtype

SIZES = {"N": 2, "T": 5, "H": 7, "W": 6}


def concrete(value: Any, sizes: Mapping[str, int] = SIZES) -> Any:
    """A compile-time value with its symbols known."""
    if isinstance(value, list | tuple):
        return type(value)(concrete(item, sizes) for item in value)
    return substitute(value, sizes.__getitem__)


def draw(
    type_: TensorType,
    rng: np.random.Generator,
    between: tuple[float, float] | None = None,
) -> Any:
    """Random numbers of a type, in a half-open range where one is given."""
    shape = concrete(type_.shape)
    dtype = numpy_dtype(type_.dtype)
    if type_.dtype is DType.BOOL:
        return np.asarray(rng.random(shape) < 0.5)
    if type_.dtype.is_float:
        return np.asarray(rng.uniform(*(between or (-2, 2)), shape)).astype(dtype)
    low, high = between or ((0, 10) if type_.dtype is DType.U8 else (-5, 5))
    return np.asarray(rng.integers(int(low), int(high), shape)).astype(dtype)


def operands(sample: Sample, seed: int = 0) -> list[Any]:
    """The operands of a sample."""
    rng = np.random.default_rng(seed)
    return [
        draw(type_, rng, sample.ranges.get(i))
        for i, type_ in enumerate(sample.operands)
    ]


def supplied(primitive: Primitive, arrays: list[Any]) -> dict[str, Any]:
    """What whoever runs a primitive gives it."""
    values = {
        "rng": lambda: np.random.default_rng(0),
        "mean": lambda: np.zeros(arrays[0].shape),
        "std": lambda: np.ones(arrays[0].shape),
    }
    return {name: values[name]() for name in primitive.supplied}


def reference(name: str, *arrays: Any, **attributes: Any) -> Any:
    """A primitive on arrays, with attributes as written in DLM."""
    from dlmc.primitives import REGISTRY

    primitive = REGISTRY[name]
    types = tuple(type_of(array) for array in arrays)
    normal = primitive.normalize(types, attributes)
    return primitive.reference(*arrays, **normal)


def type_of(array: Any) -> TensorType:
    """The type of an array."""
    dtype = next(d for d in DType if numpy_dtype(d) == array.dtype)
    return TensorType(dtype, array.shape)
