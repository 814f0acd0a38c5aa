"""What a model without data is verified on."""

from collections.abc import Mapping

from dlmc.initializers import initial_weights
from dlmc.ir.dimensions import Dim, Size, substitute
from dlmc.ir.module import Module, weights
from dlmc.primitives.arrays import Array, np, numpy_dtype

OPEN = 8
"""The size of a dimension that the program leaves open, but for the batch."""


def random_inputs(model: Module, batch: int, seed: int) -> dict[str, Array]:
    """Random inputs of a model: normal floats; integers and truths of 0 and 1.

    The batch is the first dimension of the first input.
    """
    rng = np.random.Generator(np.random.Philox(key=[seed, 1]))
    first = model.inputs[0].type.shape[:1]
    names = [size.name for size in first if isinstance(size, Dim)]
    sizes = {name: batch for name in names if name is not None}

    def actual(name: str) -> Size:
        bound = model.bounds.get(name, OPEN)
        return sizes.get(name, min(OPEN, bound) if isinstance(bound, int) else OPEN)

    def number(size: Size) -> int:
        known = substitute(size, actual)
        assert isinstance(known, int)
        return known

    found: dict[str, Array] = {}
    for value in model.inputs:
        shape = [number(size) for size in value.type.shape]
        dtype = value.type.dtype
        drawn = rng.normal(size=shape) if dtype.is_float else rng.integers(0, 2, shape)
        found[value.name] = drawn.astype(numpy_dtype(dtype))
    return found


def random_weights(model: Module, seed: int) -> dict[str, Array]:
    """The initial weights, but none that are all alike: those hide what they do."""
    rng = np.random.Generator(np.random.Philox(key=[seed, 2]))
    found = initial_weights(model, seed)
    for weight in weights(model):
        value = found[weight.name]
        if weight.type.dtype.is_float and value.size and np.ptp(value) == 0:
            moved = value + rng.uniform(0.1, 0.5, value.shape)
            found[weight.name] = moved.astype(value.dtype)
    return found


def random_like(arrays: Mapping[str, Array], seed: int) -> dict[str, Array]:
    """Random numbers in the shape and dtype of each array of floats."""
    rng = np.random.Generator(np.random.Philox(key=[seed, 3]))
    return {
        name: np.asarray(rng.normal(size=array.shape), array.dtype)
        for name, array in arrays.items()
        if is_float(array)
    }


def widened_arrays(arrays: Mapping[str, Array]) -> dict[str, Array]:
    """Arrays for a program in 64 bits."""
    return {
        name: array.astype(np.float64) if is_float(array) else array
        for name, array in arrays.items()
    }


def is_float(array: Array) -> bool:
    """Whether it holds floats; bf16 is no float to NumPy."""
    return array.dtype.kind == "f" or array.dtype.name == "bfloat16"
