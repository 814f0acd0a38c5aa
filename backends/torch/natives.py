"""The library's definitions that PyTorch has too.

Each is a promise, which the tests keep: the native means what the definition's body
does, forward and backward. Where it would not, the body is emitted.
"""

from typing import Any

from dlmc.backends.python.uses import (
    Native,
    NativeCall,
    NativeLayer,
    NativeRule,
)
from dlmc.backends.torch.elementary import ELEMENTARY
from dlmc.backends.torch.functions import FUNCTIONS
from dlmc.backends.torch.losses import LOSSES
from dlmc.backends.torch.normalizations import NORMALIZATIONS
from dlmc.backends.torch.quoting import dtype as torch_dtype
from dlmc.backends.torch.spatial import SPATIAL
from dlmc.ir.module import Module
from dlmc.ir.types import DType


def _rank(module: Module) -> int:
    return module.inputs[0].type.rank


def _dtype(module: Module) -> dict[str, Any]:
    """The argument `dtype` of a layer whose parameters are not f32."""
    dtype = module.parameters[0].type.dtype
    return {} if dtype is DType.F32 else {"dtype": torch_dtype(dtype)}


def _bias(module: Module) -> dict[str, Any]:
    return {} if module.arguments["bias"] else {"bias": False}


def dense(module: Module) -> Native | None:
    """`nn.Linear`."""
    if module.arguments["reparametrize"] is not False:
        return None
    if module.parameters[0].type.rank != 2:
        return None
    return NativeLayer(
        "nn.Linear({D}, {units}, **{options})",
        holes={"options": {**_bias(module), **_dtype(module)}},
    )


def embedding(module: Module) -> Native | None:
    """`nn.Embedding`, for the integers that it takes and rows that are vectors."""
    if module.inputs[0].type.dtype not in (DType.I32, DType.I64):
        return None
    if module.parameters[0].type.rank != 2:
        return None
    return NativeLayer("nn.Embedding({size}, {features})")


def channel_dropout(module: Module) -> Native | None:
    """`nn.Dropout1d` to `nn.Dropout3d`."""
    spatial = _rank(module) - 2
    return NativeLayer(f"nn.Dropout{spatial}d({{rate}})") if spatial <= 3 else None


def flatten(module: Module) -> Native | None:
    """`x.flatten(1)`."""
    return NativeCall("{x}.flatten(1)") if _rank(module) > 1 else None


NATIVES: dict[str, NativeRule] = {
    **NORMALIZATIONS,
    **FUNCTIONS,
    **ELEMENTARY,
    **LOSSES,
    **SPATIAL,
    "Dense": dense,
    "Embedding": embedding,
    "Dropout": NativeLayer("nn.Dropout({rate})"),
    "ChannelDropout": channel_dropout,
    "AlphaDropout": NativeLayer("nn.AlphaDropout({rate})"),
    "flatten": flatten,
}
