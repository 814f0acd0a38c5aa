"""The library's losses and metrics that Keras has too.

What is promised of them, `dlmc.backends.tensorflow.natives` says.
"""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from dlmc.backends.python.uses import Native, NativeCall, options
from dlmc.backends.tensorflow.layout import Keeping
from dlmc.ir.module import Module

Rule: TypeAlias = Callable[[Module], Native]


def _has_other_shapes(module: Module) -> bool:
    """Keras's losses broadcast where DLM's do too, but not by the same rule."""
    a, b = (value.type for value in module.inputs)
    return a.shape != b.shape


def is_one_sample(module: Module) -> bool:
    """Keras takes a batch."""
    return module.inputs[0].type.rank < 2


def _is_no_batch_of_numbers(module: Module) -> bool:
    """Keras takes a batch, and its threshold as a number."""
    return is_one_sample(module) or "delta" not in module.arguments


EXCEPTIONS: Mapping[str, Callable[[Module], bool]] = {
    "mse": _has_other_shapes,
    "mae": _has_other_shapes,
    "huber": _is_no_batch_of_numbers,
    "cross_entropy": is_one_sample,
    "binary_cross_entropy": _has_other_shapes,
    "accuracy": is_one_sample,
    "top_k": is_one_sample,
}
"""Where Keras has none."""


def _call(template: str) -> Rule:
    return lambda _: NativeCall(template)


def _cross_entropy(module: Module) -> Native:
    if module.inputs[1].type.dtype.is_integer:
        name = "keras.losses.sparse_categorical_crossentropy"
        return NativeCall(f"ops.mean({name}({{target}}, {{logits}}, from_logits=True))")
    # Keras's own takes for granted that the targets of a sample add up to 1.
    logs = "ops.log_softmax({logits}, axis=-1)"
    return NativeCall(f"-ops.mean(ops.sum({{target}} * {logs}, axis=-1))")


def _huber(module: Module) -> Native:
    return NativeCall(
        "ops.mean(keras.losses.huber({target}, {prediction}, **{options}))",
        {"options": options(delta=(module.arguments["delta"], 1))},
    )


LOSSES: Mapping[str, Rule] = {
    "mse": _call("ops.mean(ops.square({prediction} - {target}))"),
    "mae": _call("ops.mean(ops.abs({prediction} - {target}))"),
    "huber": _huber,
    "cross_entropy": _cross_entropy,
    "binary_cross_entropy": _call(
        "ops.mean(ops.binary_crossentropy({target}, {logits}, from_logits=True))"
    ),
    "accuracy": _call(
        "ops.mean(keras.metrics.sparse_categorical_accuracy({target}, {logits}))"
    ),
    "top_k": _call(
        "ops.mean(keras.metrics.sparse_top_k_categorical_accuracy("
        "{target}, {logits}, k={k}))"
    ),
}
"""How they are written."""

KEEPING: Mapping[str, Keeping] = dict.fromkeys(LOSSES, Keeping.DECLARED)
"""What they do with layouts."""
