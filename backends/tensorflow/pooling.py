"""Convolution and windows in Keras, on images that are laid out channels last."""

from collections.abc import Sequence
from typing import Any

from dlmc.backends.python import tree as py
from dlmc.backends.python.dialect import Scope
from dlmc.backends.tensorflow.quoting import quote
from dlmc.backends.tensorflow.shapes import padded
from dlmc.backends.tensorflow.uses import Use
from dlmc.backends.tensorflow.windows import keras_padding, lowest, pad_widths
from dlmc.ir.traced import origin_of
from dlmc.ir.types import DType

OVER_THREE_AXES = (DType.F32, DType.BF16)
"""The dtypes in which TensorFlow pools over three axes."""


def per_axis(values: Sequence[int], scope: Scope) -> py.Expression:
    """A number for each spatial axis, or the one that all have."""
    first = values[0]
    if all(v == first and origin_of(v) == origin_of(first) for v in values):
        return scope.numbers(values[0])
    return scope.numbers(tuple(values))


def conv(use: Use) -> py.Expression:
    """`conv`, on a padded image where Keras has no such padding."""
    attributes = use.attributes
    stride, dilation = attributes["stride"], attributes["dilation"]
    kernel = [size for size in use.type(1).shape[:-2] if isinstance(size, int)]
    padding = keras_padding(kernel, stride, dilation, attributes["padding"])
    x = use.x
    if padding is None:
        x = padded(x, pad_widths(attributes["padding"]), 0, use.scope)
    options: dict[str, Any] = {}
    # TensorFlow has no stride and dilation at once.
    strided = max(dilation) == 1
    if strided and max(stride) > 1:
        options["strides"] = per_axis(stride, use.scope)
    options["padding"] = padding or "valid"
    if max(dilation) > 1:
        options["dilation_rate"] = per_axis(dilation, use.scope)
    result = quote(
        "ops.conv({x}, {weight}, **{options})",
        x=x,
        weight=use.tensor(1),
        options=options,
    )
    return result if strided else _every(result, stride, use.scope)


def _every(x: py.Expression, stride: Sequence[int], scope: Scope) -> py.Expression:
    """Every so many-th element of the spatial axes."""
    if max(stride) == 1:
        return x
    steps = (py.Slice(None, None, scope.numbers(by)) for by in stride)
    return py.Subscript(x, py.Tuple((py.Slice(), *steps)))


def window_max(use: Use) -> py.Expression:
    """`window_max`."""
    attributes = use.attributes
    size, stride = attributes["size"], attributes["stride"]
    dilation, pairs = attributes["dilation"], attributes["padding"]
    _check_dtype(use)
    padding = keras_padding(size, stride, dilation, pairs)
    x = use.x
    if padding is None:
        x = padded(x, pad_widths(pairs), lowest(use.result.dtype), use.scope)
    if max(dilation) > 1:
        template = 'tf.nn.pool({x}, {size}, "MAX", padding={padding}, dilations={by})'
        result = quote(
            template,
            x=x,
            size=use.scope.numbers(tuple(size)),
            padding=(padding or "valid").upper(),
            by=use.scope.numbers(tuple(dilation)),
        )
        return _every(result, stride, use.scope)
    return _pool("ops.max_pool", x, size, stride, padding or "valid", use.scope)


def window_mean(use: Use) -> py.Expression:
    """`window_mean`; with padding that Keras cannot do, a mean of what is there."""
    attributes = use.attributes
    size, stride, pairs = (
        attributes["size"],
        attributes["stride"],
        attributes["padding"],
    )
    _check_dtype(use)
    padding = keras_padding(size, stride, (1,) * len(size), pairs)
    if padding == "same" and attributes["count_padding"]:
        padding = None
    if padding is not None:  # "same" leaves padding out of the mean
        return _pool("ops.average_pool", use.x, size, stride, padding, use.scope)
    widths = pad_widths(pairs)
    x = padded(use.x, widths, 0, use.scope)
    means = _pool("ops.average_pool", x, size, stride, "valid", use.scope)
    if attributes["count_padding"]:
        return means
    # What is no padding has its share in each window: by that the mean is too small.
    inside = quote("ops.ones_like({x})", x=use.x)
    if len(use.type().shape) == len(pairs) + 2:
        inside = quote("ops.ones_like({x}[:1, {all}, :1])", x=use.x, all=_all(pairs))
    shares = _pool(
        "ops.average_pool",
        padded(inside, widths, 0, use.scope),
        size,
        stride,
        "valid",
        use.scope,
    )
    return quote("{means} / {shares}", means=means, shares=shares)


def _all(pairs: Sequence[Any]) -> tuple[py.Expression, ...]:
    return (py.Slice(),) * len(pairs)


def _pool(
    function: str,
    x: py.Expression,
    size: Sequence[int],
    stride: Sequence[int],
    padding: str,
    scope: Scope,
) -> py.Expression:
    """A pooling function of `keras.ops`."""
    return quote(
        f"{function}({{x}}, {{size}}, strides={{stride}}, padding={{padding}})",
        x=x,
        size=per_axis(size, scope),
        stride=per_axis(stride, scope),
        padding=padding,
    )


def _check_dtype(use: Use) -> None:
    is_wide = len(use.attributes["size"]) == 3
    if is_wide and use.result.dtype not in OVER_THREE_AXES:
        raise use.unsupported(
            f"TensorFlow has no pooling over three axes of {use.result.dtype}"
        )
