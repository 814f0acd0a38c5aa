"""What layers of Keras are given when they are made: parts that many have in common."""

from collections.abc import Sequence
from typing import Any

from dlmc.backends.python import tree as py
from dlmc.backends.python.numbers import Numbers
from dlmc.backends.python.uses import Filling, Use
from dlmc.backends.tensorflow import initializers
from dlmc.backends.tensorflow.quoting import DTYPES
from dlmc.ir.module import Module
from dlmc.ir.types import DType


def tuple_of(value: Any) -> Any:
    """A number for all axes, or a tuple of one for each."""
    return tuple(value) if isinstance(value, list) else value


def dtype(module: Module) -> dict[str, Any]:
    """The argument `dtype` of a layer on other floats than f32."""
    owned = [p.type.dtype for p in module.parameters]
    (first, *_) = (*owned, module.inputs[0].type.dtype)
    return {} if first is DType.F32 else {"dtype": DTYPES[first]}


def bias(module: Module) -> dict[str, Any]:
    """The argument of a layer that has no bias."""
    return {} if module.arguments["bias"] else {"use_bias": False}


def start(
    module: Module,
    keras_shape: Sequence[Any],
    keyword: str,
    default: str | None = "glorot_uniform",
) -> Filling:
    """How a layer's kernel starts, where it is not by Keras's own `default`."""
    weight = module.parameters[0]

    def fill(use: Use, numbers: Numbers) -> dict[str, py.Expression]:
        def write(value: Any) -> py.Expression:
            return numbers(use.outer(value))

        started = initializers.start(
            weight.initializer, weight.type.shape, keras_shape, write
        )
        return {} if started == py.Literal(default) else {keyword: started}

    return fill
