"""The library's normalisations that PyTorch has too.

What is promised of them, `dlmc.backends.torch.natives` says.
"""

from collections.abc import Mapping
from typing import Any

from dlmc.backends.python import tree as py
from dlmc.backends.python.numbers import Numbers
from dlmc.backends.python.uses import (
    Native,
    NativeCall,
    NativeLayer,
    NativeRule,
    Use,
)
from dlmc.backends.torch.quoting import dtype as torch_dtype
from dlmc.ir.dimensions import Dim, product
from dlmc.ir.module import Module
from dlmc.ir.types import DType

SINGLE = "BatchNorm1d"
"""The class of a batch normalisation that takes a batch of one sample."""


def _rank(module: Module) -> int:
    return module.inputs[0].type.rank


def _dtype(module: Module) -> dict[str, Any]:
    """The argument `dtype` of a layer whose parameters are not f32."""
    if not module.parameters:
        return {}
    dtype = module.parameters[0].type.dtype
    return {} if dtype is DType.F32 else {"dtype": torch_dtype(dtype)}


def takes_one(module: Module) -> bool:
    """Whether a batch of one sample has one value a channel, which torch refuses."""
    return _rank(module) == 2 and not module.arguments["freeze_stats"]


def batch_norm(module: Module) -> Native:
    """`nn.BatchNorm1d` to `nn.BatchNorm3d`; their momentum multiplies what is new."""
    rank = _rank(module)
    if module.arguments["freeze_stats"]:
        return NativeLayer(
            f"nn.BatchNorm{max(rank - 2, 1)}d({{C}}, eps={{eps}}, **{{options}})",
            "F.batch_norm({x}, {layer}.running_mean, {layer}.running_var, "
            "{layer}.weight, {layer}.bias, eps={eps})",
            {"options": _dtype(module)},
        )
    name = SINGLE if takes_one(module) else f"nn.BatchNorm{max(rank - 2, 1)}d"
    return NativeLayer(
        f"{name}({{C}}, eps={{eps}}, momentum={{momentum}}, **{{options}})",
        holes={"momentum": _momentum, "options": _dtype(module)},
    )


def _momentum(use: Use, numbers: Numbers) -> Any:
    """1 - decay, as one would write it: 0.1 for 0.9."""
    decay = numbers(use.values["decay"])
    if isinstance(decay, py.Literal):
        return py.Literal(float(f"{1 - decay.value:.12g}"))
    return py.Binary(py.Literal(1), "-", decay)


def layer_norm(module: Module) -> Native | None:
    """`nn.LayerNorm`, which has to be told the sizes of the axes."""
    shape = module.inputs[0].type.shape
    sizes = shape[len(shape) - module.arguments["axes"] :]
    if any(isinstance(size, Dim) for size in sizes):
        return None
    learned: dict[str, Any] = {}
    if not module.arguments["affine"]:
        learned = {"elementwise_affine": False}
    elif not module.arguments["bias"]:
        learned = {"bias": False}
    return NativeLayer(
        "nn.LayerNorm({sizes}, eps={eps}, **{options})",
        holes={
            "sizes": sizes if len(sizes) > 1 else sizes[0],
            "options": {**learned, **_dtype(module)},
        },
    )


def group_norm(module: Module) -> Native | None:
    """`nn.GroupNorm`."""
    _, channels, *spatial = module.inputs[0].type.shape
    if isinstance(channels, Dim):
        return None
    if channels == module.arguments["groups"] and product(spatial) == 1:
        return None  # torch refuses groups of one value
    learned = {} if module.arguments["affine"] else {"affine": False}
    return NativeLayer(
        "nn.GroupNorm({groups}, {C}, eps={eps}, **{options})",
        holes={"options": {**learned, **_dtype(module)}},
    )


def instance_norm(module: Module) -> Native | None:
    """`nn.InstanceNorm1d` to `nn.InstanceNorm3d`."""
    _, channels, *spatial = module.inputs[0].type.shape
    if isinstance(channels, Dim) or len(spatial) > 3:
        return None
    if product(spatial) == 1:
        return None  # torch refuses channels of one value
    learned = {"affine": True} if module.arguments["affine"] else {}
    return NativeLayer(
        f"nn.InstanceNorm{len(spatial)}d({{C}}, eps={{eps}}, **{{options}})",
        holes={"options": {**learned, **_dtype(module)}},
    )


def rms_norm(module: Module) -> Native:
    """`nn.RMSNorm`."""
    return NativeLayer(
        "nn.RMSNorm({D}, eps={eps}, **{options})", holes={"options": _dtype(module)}
    )


def local_response_norm(module: Module) -> Native | None:
    """`F.local_response_norm`, which wants an axis after the channels."""
    if _rank(module) < 3:
        return None
    return NativeCall(
        "F.local_response_norm({x}, {size}, alpha={alpha}, beta={beta}, k={k})"
    )


NORMALIZATIONS: Mapping[str, NativeRule] = {
    "BatchNorm": batch_norm,
    "LayerNorm": layer_norm,
    "GroupNorm": group_norm,
    "InstanceNorm": instance_norm,
    "RMSNorm": rms_norm,
    "local_response_norm": local_response_norm,
}
