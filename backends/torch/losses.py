"""The library's losses that PyTorch has too.

What is promised of them, `dlmc.backends.torch.natives` says.
"""

from collections.abc import Mapping

from dlmc.backends.python.uses import Native, NativeCall, NativeRule, options
from dlmc.ir.module import Module
from dlmc.ir.types import DType


def cross_entropy(module: Module) -> Native | None:
    """`F.cross_entropy`, which has the classes on axis 1 where there are more axes."""
    logits, target = (value.type for value in module.inputs)
    if logits.rank == 1:
        return None  # torch takes this for one sample, as the body does, but 0-d
    labels = _classes(target.dtype) if target.dtype.is_integer else "{target}"
    if logits.rank == 2:
        return NativeCall(f"F.cross_entropy({{logits}}, {labels})")
    last = "{target}.movedim(-1, 1)" if target.dtype.is_float else labels
    return NativeCall(f"F.cross_entropy({{logits}}.movedim(-1, 1), {last})")


def _classes(dtype: DType) -> str:
    """Integer classes, in the dtype that torch takes them in."""
    return "{target}" if dtype is DType.I64 else "{target}.long()"


def nll(module: Module) -> Native | None:
    """`F.nll_loss` of a matrix."""
    logs, target = (value.type for value in module.inputs)
    if logs.rank != 2:
        return None
    labels = _classes(target.dtype)
    return NativeCall(f"F.nll_loss({{log_probabilities}}, {labels})")


def kl_divergence(module: Module) -> Native | None:
    """`F.kl_div` of a matrix, whose sum it divides by the size of the batch."""
    if module.inputs[0].type.rank != 2:
        return None
    logs = "{logits}.log_softmax(dim=-1)"
    return NativeCall(f'F.kl_div({logs}, {{target}}, reduction="batchmean")')


def huber(module: Module) -> Native | None:
    """`F.huber_loss`."""
    if "delta" not in module.arguments:
        return None
    return NativeCall(
        "F.huber_loss({prediction}, {target}, **{options})",
        {"options": options(delta=(module.arguments["delta"], 1))},
    )


def same_types(template: str) -> NativeRule:
    """A call that is right where both inputs have one shape."""

    def rule(module: Module) -> Native | None:
        a, b = (value.type for value in module.inputs)
        return NativeCall(template) if a.shape == b.shape else None

    return rule


LOSSES: Mapping[str, NativeRule] = {
    "mse": same_types("F.mse_loss({prediction}, {target})"),
    "mae": same_types("F.l1_loss({prediction}, {target})"),
    "huber": huber,
    "cross_entropy": cross_entropy,
    "binary_cross_entropy": same_types(
        "F.binary_cross_entropy_with_logits({logits}, {target})"
    ),
    "nll": nll,
    "kl_divergence": kl_divergence,
}
