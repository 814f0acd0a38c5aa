"""The library's convolutions, pooling and resizing that Keras has too.

What is promised of them, `dlmc.backends.tensorflow.natives` says.
"""

from collections.abc import Callable, Mapping
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
from dlmc.backends.resizing import has_exact_neighbours, pairs
from dlmc.backends.tensorflow.creation import bias, dtype, start, tuple_of
from dlmc.backends.tensorflow.layout import Keeping
from dlmc.backends.tensorflow.pooling import OVER_THREE_AXES
from dlmc.backends.tensorflow.transposed import Cut, cut
from dlmc.backends.tensorflow.windows import keras_padding, pad_widths
from dlmc.ir.module import Apply, Module
from dlmc.ir.traced import plain
from dlmc.ir.types import DType

Rule: TypeAlias = Callable[[Module], Native]

GROUPED = "Grouped"
"""Begins the names of the project's own layers for convolutions in groups."""


def _first(module: Module, primitive: str) -> Apply:
    """The first use of a primitive in a module."""
    return next(
        operation
        for operation in module.inference.operations
        if isinstance(operation, Apply) and operation.primitive == primitive
    )


def _rank(module: Module) -> int:
    """The number of spatial axes."""
    return module.inputs[0].type.rank - 2


# --- Where Keras has none ---


def _has_no_convolution(module: Module) -> bool:
    """A layer of Keras has its weight as it is."""
    is_reparametrized = module.arguments["reparametrize"] is not False
    return is_reparametrized or _strides_and_dilates(module)


def _strides_and_dilates(module: Module) -> bool:
    """Keras has no convolution with a stride and dilation at once."""
    return _largest(module, "stride") > 1 and _largest(module, "dilation") > 1


def _has_no_transposed(module: Module) -> bool:
    """Keras has no transposed convolution in groups, nor zeros added to one."""
    return (
        _has_no_convolution(module)
        or module.arguments["groups"] > 1
        or any(_cut(module).added)
    )


def _has_no_pooling(module: Module) -> bool:
    """TensorFlow pools over three axes in a few dtypes alone."""
    return _rank(module) == 3 and module.inputs[0].type.dtype not in OVER_THREE_AXES


def _has_unusual_padding(module: Module) -> bool:
    """Keras's mean of a window leaves padding out if it is "same", else has none."""
    if _has_no_pooling(module):
        return True
    mean = _first(module, "window_mean")
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


def _largest(module: Module, argument: str) -> int:
    value = module.arguments[argument]

    def numbers(value: Any) -> list[int]:
        if isinstance(value, list | tuple):
            return [n for item in value for n in numbers(item)]
        return [value]

    return max(numbers(value))


def _has_no_resizing(module: Module) -> bool:
    """TensorFlow resizes images; its bicubic method has another rule at the ends."""
    (x,), (y,) = module.inputs, module.outputs
    sizes, new_sizes = x.type.shape, y.type.shape
    # Sizes of all axes, in whatever order they lie; those of N and C never tell.
    return (
        x.type.rank != 4
        or x.type.dtype is not DType.F32
        or module.arguments["method"] not in INTERPOLATIONS
        or not has_exact_neighbours(sizes, new_sizes)
    )


INTERPOLATIONS = ("nearest", "bilinear")


def _has_unequal_bins(module: Module) -> bool:
    """An even share of each axis is what a window is."""
    shapes = (module.inputs[0].type.shape, module.outputs[0].type.shape)
    return _has_no_pooling(module) or not all(
        n == m or (isinstance(n, int) and isinstance(m, int) and n % m == 0)
        for n, m in zip(*shapes, strict=True)
    )


EXCEPTIONS: Mapping[str, Callable[[Module], bool]] = {
    "Conv": _has_no_convolution,
    "DepthwiseConv": _has_no_convolution,
    "ConvTranspose": _has_no_transposed,
    "max_pool": _has_no_pooling,
    "avg_pool": _has_unusual_padding,
    "adaptive_avg_pool": _has_unequal_bins,
    "adaptive_max_pool": _has_unequal_bins,
    "resize": _has_no_resizing,
}

KEEPING: Mapping[str, Keeping] = {
    "Conv": Keeping.CHANNELS_LAST,
    "DepthwiseConv": Keeping.CHANNELS_LAST,
    "ConvTranspose": Keeping.CHANNELS_LAST,
    "max_pool": Keeping.CHANNELS_LAST,
    "avg_pool": Keeping.CHANNELS_LAST,
    "global_avg_pool": Keeping.CHANNELS_LAST,
    "global_max_pool": Keeping.CHANNELS_LAST,
    "adaptive_avg_pool": Keeping.CHANNELS_LAST,
    "adaptive_max_pool": Keeping.CHANNELS_LAST,
    "resize": Keeping.CHANNELS_LAST,
    "reflect_pad": Keeping.CHANNELS_LAST,
    "pixel_shuffle": Keeping.CHANNELS_LAST,
    "pixel_unshuffle": Keeping.CHANNELS_LAST,
}

# --- Layers ---


def _is_depthwise(module: Module) -> bool:
    """Whether Keras's layer for convolutions of each channel by itself will do."""
    stride = module.arguments["stride"]
    weight = module.parameters[0]
    if weight.initializer.name == "orthogonal":
        return False  # its kernel's last axis is not that of outputs
    # It has one stride for both axes, and at most two of them.
    is_even = not isinstance(stride, list | tuple) or len(set(stride)) == 1
    groups = _first(module, "conv").attributes["groups"]
    is_apart = groups > 1 and weight.type.shape[1] == 1
    return bool(is_apart and _rank(module) <= 2 and is_even)


def _conv(module: Module) -> Native:
    arguments = module.arguments
    groups = _first(module, "conv").attributes["groups"]
    filters, inner, *size = module.parameters[0].type.shape
    holes: dict[str, Any] = {
        "kernel": tuple_of(arguments["size"]),
        "steps": options(strides=(tuple_of(arguments["stride"]), 1)),
        "pads": arguments["padding"],
        "dilation": options(dilation_rate=(tuple_of(arguments["dilation"]), 1)),
        "bias": bias(module),
        "dtype": dtype(module),
    }
    common = (
        "{kernel}, **{steps}, padding={pads}, **{dilation}, **{groups}, **{bias}, "
        "**{start}, **{dtype}"
    )
    name = f"Conv{_rank(module)}D"
    if _is_depthwise(module):
        multiplier = arguments.get("multiplier", plain(filters) // plain(groups))
        holes["groups"] = options(depth_multiplier=(multiplier, 1))
        kernel = (*size, groups, multiplier)
        holes["start"] = start(module, kernel, "depthwise_initializer")
        return NativeLayer(f"layers.Depthwise{name}({common})", holes=holes)
    holes["out"] = filters
    holes["groups"] = options(groups=(groups, 1))
    holes["start"] = start(module, (*size, inner, filters), "kernel_initializer")
    owner = GROUPED if groups > 1 else "layers."
    return NativeLayer(f"{owner}{name}({{out}}, {common})", holes=holes)


def _cut(module: Module, outer: Callable[[Any], Any] = plain) -> Cut:
    """What is asked of Keras for a transposed convolution."""
    attributes = _first(module, "conv_transpose").attributes
    names = ("stride", "dilation", "padding", "output_padding")
    kernel = module.parameters[0].type.shape[2:]
    return cut(*(outer(value) for value in (kernel, *map(attributes.get, names))))


def _conv_transpose(module: Module) -> Native:
    arguments = module.arguments
    inner, filters, *size = module.parameters[0].type.shape
    holes: dict[str, Any] = {
        "kernel": tuple_of(arguments["size"]),
        "steps": options(strides=(tuple_of(arguments["stride"]), 1)),
        "pads": _cut(module).padding,
        "longer": _longer(module),
        "dilation": options(dilation_rate=(tuple_of(arguments["dilation"]), 1)),
        "bias": bias(module),
        "start": start(module, (*size, filters, inner), "kernel_initializer"),
        "dtype": dtype(module),
        "left": lambda use, numbers: _cut(module, use.outer).left(numbers),
    }
    return NativeLayer(
        f"layers.Conv{_rank(module)}DTranspose({{filters}}, {{kernel}}, **{{steps}}, "
        "padding={pads}, **{longer}, **{dilation}, **{bias}, **{start}, **{dtype})",
        "{layer}({x})" if _cut(module).is_whole else "{layer}({x})[{left}]",
        holes,
    )


def _longer(module: Module) -> Filling:
    def fill(use: Use, numbers: Numbers) -> dict[str, py.Expression]:
        told = _cut(module, use.outer).output_padding
        if told is None:
            return {}
        return {"output_padding": numbers(told[0] if len(set(told)) == 1 else told)}

    return fill


# --- Functions ---


def _pool(function: str) -> Rule:
    def rule(module: Module) -> Native:
        arguments = module.arguments
        padding = arguments["padding"]
        return NativeCall(
            f"{function}({{x}}, {{window}}, strides={{steps}}, padding={{pads}})",
            {
                "window": tuple_of(arguments["size"]),
                "steps": tuple_of(arguments["stride"]),
                "pads": padding if isinstance(padding, str) else "valid",
            },
        )

    return rule


def _global_pool(function: str) -> Rule:
    def rule(module: Module) -> Native:
        axes = tuple(range(1, 1 + _rank(module)))
        keep = {"keepdims": True} if module.arguments["keep"] else {}
        return NativeCall(
            f"{function}({{x}}, axis={{axes}}, **{{keep}})",
            {"axes": axes if len(axes) > 1 else axes[0], "keep": keep},
        )

    return rule


def _adaptive_pool(function: str) -> Rule:
    def rule(module: Module) -> Native:
        shapes = (module.inputs[0].type.shape, module.outputs[0].type.shape)
        sizes = (shape[1:-1] for shape in shapes)
        window = tuple(n // m for n, m in zip(*sizes, strict=True))
        return NativeCall(
            f'{function}({{x}}, {{window}}, strides={{window}}, padding="valid")',
            {"window": window[0] if len(set(window)) == 1 else window},
        )

    return rule


def _resize(module: Module) -> Native:
    """Not `ops.image.resize`, which takes no size that a running program knows."""
    return NativeCall(
        "tf.image.resize({x}, {sizes}, method={method})",
        {
            "sizes": module.outputs[0].type.shape[1:-1],
            "method": module.arguments["method"],
        },
    )


def _reflect_pad(module: Module) -> Native:
    widths = pad_widths(pairs(module.arguments["padding"], _rank(module)))
    return NativeCall('ops.pad({x}, {widths}, mode="reflect")', {"widths": widths})


def _pixel_shuffle(module: Module) -> Native:
    """`tf.nn.depth_to_space` has the channels of a block in another order."""
    batch, rows, columns, _ = module.inputs[0].type.shape
    factor = module.arguments["factor"]
    result = module.outputs[0].type.shape
    return NativeCall(
        "ops.reshape(ops.transpose(ops.reshape({x}, {apart}), (0, 1, 4, 2, 5, 3)), "
        "{together})",
        {
            "apart": (batch, rows, columns, result[-1], factor, factor),
            "together": result,
        },
    )


def _pixel_unshuffle(module: Module) -> Native:
    batch, _, _, channels = module.inputs[0].type.shape
    factor = module.arguments["factor"]
    result = module.outputs[0].type.shape
    return NativeCall(
        "ops.reshape(ops.transpose(ops.reshape({x}, {apart}), (0, 1, 3, 5, 2, 4)), "
        "{together})",
        {
            "apart": (batch, result[1], factor, result[2], factor, channels),
            "together": result,
        },
    )


SPATIAL: Mapping[str, Rule] = {
    "Conv": _conv,
    "DepthwiseConv": _conv,
    "ConvTranspose": _conv_transpose,
    "max_pool": _pool("ops.max_pool"),
    "avg_pool": _pool("ops.average_pool"),
    "global_avg_pool": _global_pool("ops.mean"),
    "global_max_pool": _global_pool("ops.max"),
    "adaptive_avg_pool": _adaptive_pool("ops.average_pool"),
    "adaptive_max_pool": _adaptive_pool("ops.max_pool"),
    "resize": _resize,
    "reflect_pad": _reflect_pad,
    "pixel_shuffle": _pixel_shuffle,
    "pixel_unshuffle": _pixel_unshuffle,
}
