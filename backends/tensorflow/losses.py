"""The library's losses and metrics that Keras has too.

What is promised of them, `dlmc.backends.tensorflow.natives` says.
"""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from dlmc.backends.python.uses import Native, NativeCall, options
from dlmc.backends.tensorflow.layout import Keeping
from dlmc.ir.module import Module
from dlmc.ir.types import DType

Rule: TypeAlias = Callable[[Module], Native]


def _has_other_shapes(module: Module) -> bool:
    """Keras's losses broadcast where DLM's do too, but not by the same rule."""
    a, b = (value.type for value in module.inputs)
    return a.shape != b.shape


def is_one_sample(module: Module) -> bool:
    """Keras takes a batch."""
    return module.inputs[0].type.rank < 2


def _is_no_mean_over_a_batch(module: Module) -> bool:
    """Keras's has the mean of each sample already, and its threshold is a number."""
    is_number = "delta" in module.arguments
    reduction = module.arguments["reduction"]
    return is_one_sample(module) or not is_number or reduction != "mean"


def _is_more_than_likelihood(module: Module) -> bool:
    """Keras's has no weights of classes."""
    given = module.arguments
    plain = given["weight"] == [] and given["ignore"] == [] and given["smoothing"] == 0
    return is_one_sample(module) or not plain


def _is_not_of_last_axis(module: Module) -> bool:
    """Keras's has the classes along the last axis."""
    rank = module.inputs[0].type.rank
    is_last = module.arguments["axis"] % rank == rank - 1
    return is_one_sample(module) or not is_last


def _is_more_than_binary(module: Module) -> bool:
    """Keras's has no weight for what is positive."""
    given = module.arguments
    plain = given["positive_weight"] == 1 and given["smoothing"] == 0
    return not plain or _has_other_shapes(module)


def _is_not_f32(module: Module) -> bool:
    return module.inputs[0].type.dtype is not DType.F32


def _is_no_batch_of_f32(module: Module) -> bool:
    return is_one_sample(module) or _is_not_f32(module)


EXCEPTIONS: Mapping[str, Callable[[Module], bool]] = {
    "mse": _has_other_shapes,
    "mae": _has_other_shapes,
    "huber": _is_no_mean_over_a_batch,
    "cross_entropy": _is_more_than_likelihood,
    "binary_cross_entropy": _is_more_than_binary,
    "ctc_of_possible": _is_not_f32,
    "accuracy": _is_not_of_last_axis,
    "top_k": _is_no_batch_of_f32,
}
"""Where Keras has none."""


def _call(template: str) -> Rule:
    return lambda _: NativeCall(template)


def _reduced(module: Module, losses: str) -> Native:
    """The losses of the parts, made one number as is asked for."""
    match module.arguments["reduction"]:
        case "none":
            return NativeCall(losses)
        case reduction:
            return NativeCall(f"ops.{reduction}({losses})")


def _reducing(losses: str) -> Rule:
    return lambda module: _reduced(module, losses)


def _cross_entropy(module: Module) -> Native:
    rank = module.inputs[0].type.rank
    axis = module.arguments["axis"] % rank
    if module.inputs[1].type.dtype.is_integer:
        name = "keras.losses.sparse_categorical_crossentropy"
        is_last = axis == rank - 1
        logits = "{logits}" if is_last else f"ops.moveaxis({{logits}}, {axis}, -1)"
        return _reduced(module, f"{name}({{target}}, {logits}, from_logits=True)")
    # Keras's own takes for granted that the targets of a sample add up to 1.
    where = f"axis={axis if axis < rank - 1 else -1}"
    logs = f"ops.log_softmax({{logits}}, {where})"
    return _reduced(module, f"-ops.sum({{target}} * {logs}, {where})")


def _huber(module: Module) -> Native:
    return NativeCall(
        "ops.mean(keras.losses.huber({target}, {prediction}, **{options}))",
        {"options": options(delta=(module.arguments["delta"], 1))},
    )


LOSSES: Mapping[str, Rule] = {
    "mse": _reducing("ops.square({prediction} - {target})"),
    "mae": _reducing("ops.abs({prediction} - {target})"),
    "huber": _huber,
    "cross_entropy": _cross_entropy,
    "binary_cross_entropy": _reducing(
        "ops.binary_crossentropy({target}, {logits}, from_logits=True)"
    ),
    "ctc_of_possible": _call(
        "tf.nn.ctc_loss(tf.cast({target}, tf.int32), {logs}, "
        "tf.cast({target_lengths}, tf.int32), tf.cast({input_lengths}, tf.int32), "
        "logits_time_major=False, blank_index={blank})"
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
