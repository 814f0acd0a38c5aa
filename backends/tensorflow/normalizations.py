"""The library's normalisations that Keras has too, or the project has a layer for.

What is promised of them, `dlmc.backends.tensorflow.natives` says.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from dlmc.backends.python.uses import Native, NativeLayer
from dlmc.backends.tensorflow.creation import dtype
from dlmc.backends.tensorflow.layout import Keeping
from dlmc.ir.dimensions import Dim, product
from dlmc.ir.module import Module
from dlmc.ir.types import DType

Rule: TypeAlias = Callable[[Module], Native]

BATCH_NORM, BATCH_NORM_2D = "BatchNorm", "BatchNorm2D"
"""The project's own layers for `BatchNorm`: for any rank, and for images."""


def is_image_norm(module: Module) -> bool:
    """Whether TensorFlow's fused kernel for images does the normalisation."""
    (x,) = module.inputs
    return x.type.rank == 4 and x.type.dtype is DType.F32


def _batch_norm(module: Module) -> Native:
    name = BATCH_NORM_2D if is_image_norm(module) else BATCH_NORM
    return NativeLayer(
        f"{name}(decay={{decay}}, eps={{eps}}, **{{dtype}})",
        "{layer}({x}, training=training)",
        {"dtype": dtype(module)},
    )


def _learned(module: Module) -> dict[str, Any]:
    """The arguments for a layer that learns no shift, or nothing."""
    names = {parameter.name for parameter in module.parameters}
    missing = {"center": "bias" not in names, "scale": "weight" not in names}
    return {argument: False for argument, absent in missing.items() if absent}


def _layer(start: str) -> Rule:
    return lambda module: NativeLayer(
        f"layers.{start}epsilon={{eps}}, **{{learned}}, **{{dtype}})",
        holes={"learned": _learned(module), "dtype": dtype(module)},
    )


def _rms_norm(module: Module) -> Native:
    return NativeLayer(
        "layers.RMSNormalization(epsilon={eps}, **{dtype})",
        holes={"dtype": dtype(module)},
    )


def _is_unfit(module: Module) -> bool:
    """Keras has to know how many channels there are.

    Groups of one value are 0, but to Keras what rounding leaves.
    """
    channels = module.dimensions["C"]
    groups = module.arguments.get("groups", channels)
    values = product(module.inputs[0].type.shape[1:])
    return isinstance(channels, Dim) or values == groups


EXCEPTIONS: Mapping[str, Callable[[Module], bool]] = {
    "GroupNorm": _is_unfit,
    "InstanceNorm": _is_unfit,
}
"""Where Keras has none."""

KEEPING: Mapping[str, Keeping] = {
    "BatchNorm": Keeping.CHANNELS_LAST,
    "GroupNorm": Keeping.CHANNELS_LAST,
    "InstanceNorm": Keeping.CHANNELS_LAST,
    "LayerNorm": Keeping.DECLARED,
    "RMSNorm": Keeping.DECLARED,
}
"""What they do with layouts."""

NORMALIZATIONS: Mapping[str, Rule] = {
    "BatchNorm": _batch_norm,
    "LayerNorm": _layer("LayerNormalization("),
    "GroupNorm": _layer("GroupNormalization({groups}, "),
    # A group for each channel, in Keras's words.
    "InstanceNorm": _layer("GroupNormalization(-1, "),
    "RMSNorm": _rms_norm,
}
"""How they are written."""
