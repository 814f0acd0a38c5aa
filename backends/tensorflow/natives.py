"""The library's definitions that Keras has too.

Each is a promise, which the tests keep: the native means what the definition's body
does, forward and backward. Where it would not, the body is emitted. Two tables say it:
`keeping` what a native does with layouts, `native` how it is written once its module is
laid out and settled.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from dlmc.backends.python import tree as py
from dlmc.backends.python.numbers import Numbers
from dlmc.backends.python.uses import (
    Filling,
    Native,
    NativeCall,
    NativeLayer,
    Use,
    options,
)
from dlmc.backends.tensorflow.initializers import start
from dlmc.backends.tensorflow.layout import Keeping
from dlmc.backends.tensorflow.quoting import DTYPES
from dlmc.backends.tensorflow.windows import keras_padding
from dlmc.ir.dimensions import Dim, product
from dlmc.ir.module import Apply, Module
from dlmc.ir.traced import plain
from dlmc.ir.types import DType

Rule: TypeAlias = Callable[[Module], Native]


def keeping(module: Module) -> Keeping | None:
    """What a module that is written as one call does with layouts, else None."""
    if not module.is_library or module.definition not in KEEPING:
        return None
    exception = EXCEPTIONS.get(module.definition)
    if exception is not None and exception(module):
        return None
    return KEEPING[module.definition]


def native(module: Module) -> Native | None:
    """How a module is written as one call, None where it is written as its body."""
    if keeping(module) is None:
        return None
    return NATIVES[module.definition](module)


# --- Where Keras has none ---


def _strides_and_dilates(module: Module) -> bool:
    """Keras has no convolution with a stride and dilation at once."""
    return _largest(module, "stride") > 1 and _largest(module, "dilation") > 1


def _has_unusual_padding(module: Module) -> bool:
    """Keras's mean of a window leaves padding out if it is "same", else has none."""
    (mean,) = (o for o in module.inference.operations if isinstance(o, Apply))
    size, stride, pairs = (
        plain(mean.attributes[name]) for name in ("size", "stride", "padding")
    )
    if isinstance(module.arguments["padding"], str):
        return (
            module.arguments["padding"] == "same" and mean.attributes["count_padding"]
        )
    if mean.attributes["count_padding"]:
        return False
    return keras_padding(size, stride, (1,) * len(size), pairs) is None


def _has_other_shapes(module: Module) -> bool:
    """Keras's losses broadcast where DLM's do too, but not by the same rule."""
    a, b = (value.type for value in module.inputs)
    return a.shape != b.shape


def _is_one_sample(module: Module) -> bool:
    return module.inputs[0].type.rank < 2


def _is_small_integer(module: Module) -> bool:
    return module.inputs[0].type.dtype not in (DType.I32, DType.I64)


def _largest(module: Module, argument: str) -> int:
    value = module.arguments[argument]

    def numbers(value: Any) -> list[int]:
        if isinstance(value, list | tuple):
            return [n for item in value for n in numbers(item)]
        return [value]

    return max(numbers(value))


EXCEPTIONS: Mapping[str, Callable[[Module], bool]] = {
    "Conv": _strides_and_dilates,
    "Embedding": _is_small_integer,
    "avg_pool": _has_unusual_padding,
    "flatten": _is_one_sample,
    "cross_entropy": _is_one_sample,
    "mse": _has_other_shapes,
    "mae": _has_other_shapes,
    "binary_cross_entropy": _has_other_shapes,
    "accuracy": _is_one_sample,
}

KEEPING: Mapping[str, Keeping] = {
    "Conv": Keeping.CHANNELS_LAST,
    "BatchNorm": Keeping.CHANNELS_LAST,
    "max_pool": Keeping.CHANNELS_LAST,
    "avg_pool": Keeping.CHANNELS_LAST,
    "Dropout": Keeping.ANY,
    "relu": Keeping.ANY,
    "gelu": Keeping.ANY,
    "silu": Keeping.ANY,
    "sigmoid": Keeping.ANY,
    "softmax": Keeping.AXIS,
    "log_softmax": Keeping.AXIS,
    "Dense": Keeping.DECLARED,
    "Embedding": Keeping.DECLARED,
    "LayerNorm": Keeping.DECLARED,
    "flatten": Keeping.DECLARED,
    "cross_entropy": Keeping.DECLARED,
    "binary_cross_entropy": Keeping.DECLARED,
    "mse": Keeping.DECLARED,
    "mae": Keeping.DECLARED,
    "accuracy": Keeping.DECLARED,
}

# --- Layers ---


def _tuple(value: Any) -> Any:
    """A number for all axes, or a tuple of one for each."""
    return tuple(value) if isinstance(value, list) else value


def _dtype(module: Module) -> dict[str, Any]:
    """The argument `dtype` of a layer on other floats than f32."""
    owned = [p.type.dtype for p in module.parameters]
    (dtype, *_) = (*owned, module.inputs[0].type.dtype)
    return {} if dtype is DType.F32 else {"dtype": DTYPES[dtype]}


def _bias(module: Module) -> dict[str, Any]:
    return {} if module.arguments["bias"] else {"use_bias": False}


def _start(module: Module, keras_shape: Sequence[Any], keyword: str) -> Filling:
    """How a layer's kernel starts, where it is not as Keras's layers do."""
    weight = module.parameters[0]

    def fill(use: Use, numbers: Numbers) -> dict[str, py.Expression]:
        def write(value: Any) -> py.Expression:
            return numbers(use.outer(value))

        started = start(weight.initializer, weight.type.shape, keras_shape, write)
        return {} if started == py.Literal("glorot_uniform") else {keyword: started}

    return fill


def _dense(module: Module) -> Native:
    shape = module.parameters[0].type.shape
    return NativeLayer(
        "layers.Dense({units}, **{bias}, **{start}, **{dtype})",
        holes={
            "bias": _bias(module),
            "start": _start(module, tuple(reversed(shape)), "kernel_initializer"),
            "dtype": _dtype(module),
        },
    )


def is_depthwise(module: Module) -> bool:
    """Whether each channel of a convolution has filters of its own."""
    stride = module.arguments["stride"]
    # Keras's depthwise layers have one stride for both axes, and at most two of them.
    is_even = not isinstance(stride, list | tuple) or len(set(stride)) == 1
    is_split = (
        module.arguments["groups"] > 1 and module.parameters[0].type.shape[1] == 1
    )
    return bool(is_split and module.inputs[0].type.rank <= 4 and is_even)


def _conv(module: Module) -> Native:
    arguments = module.arguments
    rank = module.inputs[0].type.rank - 2
    filters, inner, *size = module.parameters[0].type.shape
    holes: dict[str, Any] = {
        "kernel": _tuple(arguments["size"]),
        "steps": options(strides=(_tuple(arguments["stride"]), 1)),
        "pads": arguments["padding"],
        "dilation": options(dilation_rate=(_tuple(arguments["dilation"]), 1)),
        "bias": _bias(module),
        "dtype": _dtype(module),
    }
    common = (
        "{kernel}, **{steps}, padding={pads}, **{dilation}, **{groups}, **{bias}, "
        "**{start}, **{dtype}"
    )
    if is_depthwise(module):
        groups = plain(arguments["groups"])
        multiplier = plain(filters) // groups
        holes["groups"] = options(depth_multiplier=(multiplier, 1))
        kernel = (*size, groups, multiplier)
        holes["start"] = _start(module, kernel, "depthwise_initializer")
        return NativeLayer(f"layers.DepthwiseConv{rank}D({common})", holes=holes)
    holes["groups"] = options(groups=(arguments["groups"], 1))
    holes["start"] = _start(module, (*size, inner, filters), "kernel_initializer")
    return NativeLayer(f"layers.Conv{rank}D({{filters}}, {common})", holes=holes)


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
        {"dtype": _dtype(module)},
    )


def _layer_norm(module: Module) -> Native:
    return NativeLayer(
        "layers.LayerNormalization(epsilon={eps}, **{dtype})",
        holes={"dtype": _dtype(module)},
    )


def _dropout(module: Module) -> Native:
    mode = "{layer}({x}, training=training)"
    call = mode if module.depends_on_mode else "{layer}({x})"
    return NativeLayer(
        "layers.Dropout({rate}, **{dtype})", call, {"dtype": _dtype(module)}
    )


def _embedding(module: Module) -> Native:
    shape = module.parameters[0].type.shape
    return NativeLayer(
        "layers.Embedding({size}, {features}, **{start})",
        holes={"start": _start(module, shape, "embeddings_initializer")},
    )


# --- Functions ---


def _call(template: str) -> Rule:
    return lambda _: NativeCall(template)


def _pool(function: str) -> Rule:
    def rule(module: Module) -> Native:
        arguments = module.arguments
        padding = arguments["padding"]
        return NativeCall(
            f"{function}({{x}}, {{window}}, strides={{steps}}, padding={{pads}})",
            {
                "window": _tuple(arguments["size"]),
                "steps": _tuple(arguments["stride"]),
                "pads": padding if isinstance(padding, str) else "valid",
            },
        )

    return rule


def _flatten(module: Module) -> Native:
    first, *rest = module.inputs[0].type.shape
    size = product(rest)
    is_known = not isinstance(size, Dim) and size != 0
    return NativeCall(
        "ops.reshape({x}, ({first}, {rest}))",
        {"first": -1 if is_known else first, "rest": size},
    )


def _cross_entropy(module: Module) -> Native:
    if module.inputs[1].type.dtype.is_integer:
        name = "keras.losses.sparse_categorical_crossentropy"
        return NativeCall(f"ops.mean({name}({{target}}, {{logits}}, from_logits=True))")
    # Keras's own takes for granted that the targets of a sample add up to 1.
    logs = "ops.log_softmax({logits}, axis=-1)"
    return NativeCall(f"-ops.mean(ops.sum({{target}} * {logs}, axis=-1))")


NATIVES: Mapping[str, Rule] = {
    "Conv": _conv,
    "BatchNorm": _batch_norm,
    "max_pool": _pool("ops.max_pool"),
    "avg_pool": _pool("ops.average_pool"),
    "Dropout": _dropout,
    "relu": _call("ops.relu({x})"),
    "gelu": _call("ops.gelu({x}, approximate=False)"),
    "silu": _call("ops.silu({x})"),
    "sigmoid": _call("ops.sigmoid({x})"),
    "softmax": _call("ops.softmax({x}, axis={axis})"),
    "log_softmax": _call("ops.log_softmax({x}, axis={axis})"),
    "Dense": _dense,
    "Embedding": _embedding,
    "LayerNorm": _layer_norm,
    "flatten": _flatten,
    "cross_entropy": _cross_entropy,
    "binary_cross_entropy": _call(
        "ops.mean(ops.binary_crossentropy({target}, {logits}, from_logits=True))"
    ),
    "mse": _call("ops.mean(ops.square({prediction} - {target}))"),
    "mae": _call("ops.mean(ops.abs({prediction} - {target}))"),
    "accuracy": _call(
        "ops.mean(keras.metrics.sparse_categorical_accuracy({target}, {logits}))"
    ),
}
