"""The library's functions of numbers, and along axes, that Keras has too.

What is promised of them, `dlmc.backends.tensorflow.natives` says. Without an entry,
since their derivatives are others where a curve has a kink: `selu`, `celu` at 0, `std`
and `norm` of zeros.
"""

from collections.abc import Callable, Mapping
from itertools import accumulate
from typing import TypeAlias

from dlmc.backends.python.uses import Native, NativeCall, options
from dlmc.backends.tensorflow.layout import Keeping
from dlmc.ir.dimensions import Dim
from dlmc.ir.module import Module
from dlmc.ir.types import DType

Rule: TypeAlias = Callable[[Module], Native]


def _call(template: str) -> Rule:
    return lambda _: NativeCall(template)


def _elu(module: Module) -> Native:
    alpha = (module.arguments["alpha"], 1)
    return NativeCall("ops.elu({x}, **{options})", {"options": options(alpha=alpha)})


def _reduction(template: str) -> Rule:
    """A reduction over `axis`, with or without `keep`."""

    def rule(module: Module) -> Native:
        axis = module.arguments["axis"]
        keep = {"keepdims": True} if module.arguments["keep"] else {}
        axes = tuple(axis) if isinstance(axis, list) else axis
        return NativeCall(template, {"axes": axes, "keep": keep})

    return rule


def _split(module: Module) -> Native:
    """Keras takes the number of parts, or where each but the first begins."""
    parts = module.arguments["parts"]
    if isinstance(parts, list):
        *begins, _ = accumulate(parts)
        parts = begins
    return NativeCall("ops.split({x}, {pieces}, axis={axis})", {"pieces": parts})


def has_tensor_arguments(module: Module) -> bool:
    """An argument that is a number to Keras is a tensor here."""
    return len(module.inputs) > 1


def is_double(module: Module) -> bool:
    """Keras and TensorFlow keep the slope, and the constants of GELU, in f32."""
    return has_tensor_arguments(module) or module.inputs[0].type.dtype is DType.F64


def is_corrected(module: Module) -> bool:
    """Keras divides by the count."""
    return bool(module.arguments["correction"] != 0) or is_over_nothing(module)


def is_over_nothing(module: Module) -> bool:
    """To Keras no axis means all."""
    return bool(module.arguments["axis"] == [])


def is_halved_unknowingly(module: Module) -> bool:
    """Keras halves an axis whose size it knows."""
    return isinstance(module.inputs[0].type.shape[module.arguments["axis"]], Dim)


EXCEPTIONS: Mapping[str, Callable[[Module], bool]] = {
    "leaky_relu": is_double,
    "gelu": is_double,
    "gelu_tanh": is_double,
    "elu": has_tensor_arguments,
    "clip": has_tensor_arguments,
    "glu": is_halved_unknowingly,
    "logsumexp": is_over_nothing,
    "var": is_corrected,
}
"""Where Keras has none."""

KEEPING: Mapping[str, Keeping] = {
    **dict.fromkeys(
        (
            "relu",
            "relu6",
            "leaky_relu",
            "elu",
            "gelu",
            "gelu_tanh",
            "silu",
            "mish",
            "sigmoid",
            "log_sigmoid",
            "softplus",
            "softsign",
            "hard_sigmoid",
            "hard_swish",
            "hard_tanh",
            "clip",
        ),
        Keeping.ANY,
    ),
    **dict.fromkeys(("softmax", "log_softmax", "glu", "split"), Keeping.AXIS),
    **dict.fromkeys(("logsumexp", "var"), Keeping.DECLARED),
}
"""What they do with layouts."""

FUNCTIONS: Mapping[str, Rule] = {
    "relu": _call("ops.relu({x})"),
    "relu6": _call("ops.relu6({x})"),
    "leaky_relu": _call("ops.leaky_relu({x}, negative_slope={slope})"),
    "elu": _elu,
    "gelu": _call("ops.gelu({x}, approximate=False)"),
    "gelu_tanh": _call("ops.gelu({x}, approximate=True)"),
    "silu": _call("ops.silu({x})"),
    "mish": _call("keras.activations.mish({x})"),
    "sigmoid": _call("ops.sigmoid({x})"),
    "log_sigmoid": _call("ops.log_sigmoid({x})"),
    "softplus": _call("ops.softplus({x})"),
    "softsign": _call("ops.softsign({x})"),
    "hard_sigmoid": _call("ops.hard_sigmoid({x})"),
    "hard_swish": _call("ops.hard_swish({x})"),
    "hard_tanh": _call("ops.hard_tanh({x})"),
    "clip": _call("ops.clip({x}, {low}, {high})"),
    "softmax": _call("ops.softmax({x}, axis={axis})"),
    "log_softmax": _call("ops.log_softmax({x}, axis={axis})"),
    "glu": _call("ops.glu({x}, axis={axis})"),
    "logsumexp": _reduction("ops.logsumexp({x}, axis={axes}, **{keep})"),
    "var": _reduction("ops.var({x}, axis={axes}, **{keep})"),
    "split": _split,
}
"""How they are written."""
