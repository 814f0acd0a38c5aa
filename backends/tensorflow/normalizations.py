"""The library's normalisations that Keras has too, or the project has a layer for.

What is promised of them, `dlmc.backends.tensorflow.natives` says.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from dlmc.backends.python.uses import Native, NativeCall, NativeLayer
from dlmc.backends.tensorflow.creation import dtype
from dlmc.backends.tensorflow.layout import Keeping
from dlmc.ir.dimensions import Dim, product
from dlmc.ir.module import Module
from dlmc.ir.traced import plain
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
    mode = "False" if module.arguments["freeze_stats"] else "training"
    return NativeLayer(
        f"{name}(decay={{decay}}, eps={{eps}}, **{{dtype}})",
        f"{{layer}}({{x}}, training={mode})",
        {"dtype": dtype(module)},
    )


def _learned(module: Module) -> dict[str, Any]:
    """The arguments for a layer that learns no shift, or nothing."""
    names = {parameter.name for parameter in module.parameters}
    missing = {"center": "bias" not in names, "scale": "weight" not in names}
    return {argument: False for argument, absent in missing.items() if absent}


def _layer_norm(module: Module) -> Native:
    axes = module.arguments["axes"]
    over = {} if axes == 1 else {"axis": [-i for i in range(axes, 0, -1)]}
    return NativeLayer(
        "layers.LayerNormalization(**{over}, epsilon={eps}, **{learned}, **{dtype})",
        holes={"over": over, "learned": _learned(module), "dtype": dtype(module)},
    )


def _local_response_norm(module: Module) -> Native:
    """Keras has none; TensorFlow's has its `alpha` for each channel of the sum."""
    size = plain(module.arguments["size"])
    return NativeCall(
        "tf.nn.local_response_normalization("
        "{x}, {radius}, bias={k}, alpha={alpha} / {size}, beta={beta})",
        {"radius": size // 2},
    )


def _has_no_local_response(module: Module) -> bool:
    """TensorFlow's is for images in f32, and windows that have a middle."""
    (x,) = module.inputs
    is_even = module.arguments["size"] % 2 == 0
    return x.type.rank != 4 or x.type.dtype is not DType.F32 or is_even


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
    "local_response_norm": _has_no_local_response,
}
"""Where Keras has none."""

KEEPING: Mapping[str, Keeping] = {
    "BatchNorm": Keeping.CHANNELS_LAST,
    "GroupNorm": Keeping.CHANNELS_LAST,
    "InstanceNorm": Keeping.CHANNELS_LAST,
    "LayerNorm": Keeping.DECLARED,
    "RMSNorm": Keeping.DECLARED,
    "local_response_norm": Keeping.CHANNELS_LAST,
}
"""What they do with layouts."""

NORMALIZATIONS: Mapping[str, Rule] = {
    "BatchNorm": _batch_norm,
    "LayerNorm": _layer_norm,
    "local_response_norm": _local_response_norm,
    "GroupNorm": _layer("GroupNormalization({groups}, "),
    # A group for each channel, in Keras's words.
    "InstanceNorm": _layer("GroupNormalization(-1, "),
    "RMSNorm": _rms_norm,
}
"""How they are written."""
