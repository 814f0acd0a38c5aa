"""The library's definitions that PyTorch has too.

Each is a promise, which the tests keep: the native means what the definition's body
does, forward and backward. Where it would not, the body is emitted.
"""

from typing import Any

from dlmc.backends.python import tree as py
from dlmc.backends.python.numbers import Numbers
from dlmc.backends.python.uses import (
    Native,
    NativeCall,
    NativeLayer,
    NativeRule,
    Use,
    options,
)
from dlmc.backends.torch.quoting import dtype as torch_dtype
from dlmc.backends.torch.windows import is_symmetric, same_everywhere, takes_padding
from dlmc.ir.module import Apply, Module
from dlmc.ir.types import DType


def _first(module: Module, primitive: str) -> Apply:
    """The first use of a primitive in a module."""
    return next(
        operation
        for operation in module.inference.operations
        if isinstance(operation, Apply) and operation.primitive == primitive
    )


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
    if module.parameters[0].type.rank != 2:
        return None
    return NativeLayer(
        "nn.Linear({D}, {units}, **{options})",
        holes={"options": {**_bias(module), **_dtype(module)}},
    )


def conv(module: Module) -> Native:
    """`nn.Conv1d` to `nn.Conv3d`; lopsided padding is added before."""
    apply = _first(module, "conv")
    rank = _rank(module) - 2
    attributes = apply.attributes
    padding = attributes["padding"]
    lopsided = not is_symmetric(padding)
    own = 0 if lopsided else same_everywhere([low for low, _ in padding])
    given = options(
        stride=(same_everywhere(attributes["stride"]), 1),
        padding=(own, 0),
        dilation=(same_everywhere(attributes["dilation"]), 1),
        groups=(attributes["groups"], 1),
    )
    weight = module.parameters[0].type.shape
    holes: dict[str, Any] = {
        "size": same_everywhere(weight[2:]),
        "options": given,
        "rest": {**_bias(module), **_dtype(module)},
    }
    create = f"nn.Conv{rank}d({{C}}, {{filters}}, {{size}}, **{{options}}, **{{rest}})"
    if not lopsided:
        return NativeLayer(create, holes=holes)
    holes["amounts"] = tuple(n for pair in reversed(padding) for n in pair)
    return NativeLayer(create, "{layer}(F.pad({x}, {amounts}))", holes)


SINGLE = "BatchNorm1d"
"""The class of a batch normalisation that takes a batch of one sample."""


def takes_one(module: Module) -> bool:
    """Whether a batch of one sample has one value a channel, which torch refuses."""
    return _rank(module) == 2


def batch_norm(module: Module) -> Native:
    """`nn.BatchNorm1d` to `nn.BatchNorm3d`; their momentum multiplies what is new."""
    rank = _rank(module)
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


def layer_norm(module: Module) -> Native:
    """`nn.LayerNorm`."""
    return NativeLayer(
        "nn.LayerNorm({D}, eps={eps}, **{options})", holes={"options": _dtype(module)}
    )


def embedding(module: Module) -> Native | None:
    """`nn.Embedding`, for the integers that it takes and rows that are vectors."""
    if module.inputs[0].type.dtype not in (DType.I32, DType.I64):
        return None
    if module.parameters[0].type.rank != 2:
        return None
    return NativeLayer("nn.Embedding({size}, {features})")


def max_pool(module: Module) -> Native | None:
    """`F.max_pool1d` to `F.max_pool3d`."""
    attributes = _first(module, "window_max").attributes
    if not takes_padding(attributes["padding"], attributes["size"]):
        return None
    rank = _rank(module) - 2
    low = same_everywhere([low for low, _ in attributes["padding"]])
    return NativeCall(
        f"F.max_pool{rank}d("
        "{x}, kernel_size={kernel}, stride={steps}, **{options})",
        {
            "kernel": same_everywhere(attributes["size"]),
            "steps": same_everywhere(attributes["stride"]),
            "options": options(padding=(low, 0)),
        },
    )


def avg_pool(module: Module) -> Native | None:
    """`F.avg_pool1d` to `F.avg_pool3d`; padding is left out unless asked for."""
    attributes = _first(module, "window_mean").attributes
    if not takes_padding(attributes["padding"], attributes["size"]):
        return None
    rank = _rank(module) - 2
    low = same_everywhere([low for low, _ in attributes["padding"]])
    given = options(padding=(low, 0))
    counts = bool(attributes["count_padding"])

    def padding(use: Use, numbers: Numbers) -> Any:
        found = given(use, numbers)
        return {**found, "count_include_pad": counts} if found else found

    return NativeCall(
        f"F.avg_pool{rank}d("
        "{x}, kernel_size={kernel}, stride={steps}, **{options})",
        {
            "kernel": same_everywhere(attributes["size"]),
            "steps": same_everywhere(attributes["stride"]),
            "options": padding,
        },
    )


def flatten(module: Module) -> Native | None:
    """`x.flatten(1)`."""
    return NativeCall("{x}.flatten(1)") if _rank(module) > 1 else None


def cross_entropy(module: Module) -> Native | None:
    """`F.cross_entropy`, which has the classes on axis 1 where there are more axes."""
    logits, target = (value.type for value in module.inputs)
    if logits.rank == 1:
        return None  # torch takes this for one sample, as the body does, but 0-d
    if target.dtype.is_integer:
        labels = "{target}" if target.dtype is DType.I64 else "{target}.long()"
    else:
        labels = "{target}"
    if logits.rank == 2:
        return NativeCall(f"F.cross_entropy({{logits}}, {labels})")
    last = "{target}.movedim(-1, 1)" if target.dtype.is_float else labels
    return NativeCall(f"F.cross_entropy({{logits}}.movedim(-1, 1), {last})")


def same_types(template: str) -> NativeRule:
    """A call that is right where both inputs have one shape."""

    def rule(module: Module) -> Native | None:
        a, b = (value.type for value in module.inputs)
        return NativeCall(template) if a.shape == b.shape else None

    return rule


NATIVES: dict[str, NativeRule] = {
    "Dense": dense,
    "Conv": conv,
    "BatchNorm": batch_norm,
    "LayerNorm": layer_norm,
    "Embedding": embedding,
    "Dropout": NativeLayer("nn.Dropout({rate})"),
    "relu": NativeCall("F.relu({x})"),
    "gelu": NativeCall("F.gelu({x})"),
    "silu": NativeCall("F.silu({x})"),
    "sigmoid": NativeCall("torch.sigmoid({x})"),
    "softmax": NativeCall("{x}.softmax(dim={axis})"),
    "log_softmax": NativeCall("{x}.log_softmax(dim={axis})"),
    "flatten": flatten,
    "max_pool": max_pool,
    "avg_pool": avg_pool,
    "mse": same_types("F.mse_loss({prediction}, {target})"),
    "mae": same_types("F.l1_loss({prediction}, {target})"),
    "cross_entropy": cross_entropy,
    "binary_cross_entropy": same_types(
        "F.binary_cross_entropy_with_logits({logits}, {target})"
    ),
}
