"""Convolution and pooling in PyTorch."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from dlmc.backends.python import tree as py
from dlmc.backends.python.dialect import Operand, Scope
from dlmc.backends.python.quotation import expression_of
from dlmc.backends.torch.quoting import dtype as dtype_of
from dlmc.backends.torch.quoting import quote
from dlmc.backends.torch.shapes import padded
from dlmc.ir.module import Apply
from dlmc.ir.traced import origin_of
from dlmc.ir.types import DType

Pairs = Sequence[tuple[Any, Any]]


def same_everywhere(values: Sequence[Any]) -> Any:
    """One number where all axes have the same, else a tuple."""
    first = values[0]
    same = all(v == first and origin_of(v) == origin_of(first) for v in values)
    return first if same else tuple(values)


def is_symmetric(padding: Pairs) -> bool:
    """Whether each axis has as much before as after."""
    return all(low == high for low, high in padding)


def conv(apply: Apply, operands: Sequence[Operand], scope: Scope) -> py.Expression:
    """`F.conv2d`, over a padded input where the padding is lopsided."""
    x, weight = operands
    attributes = apply.attributes
    rank = x.type.rank - 2
    padding: Pairs = attributes["padding"]
    tensor = x.expression
    given: dict[str, tuple[Any, Any]] = {
        "stride": (same_everywhere(attributes["stride"]), 1),
        "padding": (0, 0),
        "dilation": (same_everywhere(attributes["dilation"]), 1),
        "groups": (attributes["groups"], 1),
    }
    if is_symmetric(padding):
        given["padding"] = (same_everywhere([low for low, _ in padding]), 0)
    else:
        tensor = padded(tensor, padding, 0, scope)
    return quote(
        f"F.conv{rank}d({{x}}, {{weight}}, **{{o}})",
        x=tensor,
        weight=weight.expression,
        o=given_options(scope, **given),
    )


def given_options(scope: Scope, **given: tuple[Any, Any]) -> dict[str, py.Expression]:
    """Keyword arguments from (value, default) pairs, but those at their defaults."""
    written = {
        name: (scope.numbers(value), expression_of(default))
        for name, (value, default) in given.items()
    }
    return {
        name: value for name, (value, default) in written.items() if value != default
    }


def takes_padding(padding: Pairs, size: Sequence[int]) -> bool:
    """Whether torch's own padding will do: symmetric, half a window at most."""
    return is_symmetric(padding) and all(
        2 * low <= k for (low, _), k in zip(padding, size, strict=True)
    )


def window_max(
    apply: Apply, operands: Sequence[Operand], scope: Scope
) -> py.Expression:
    """`F.max_pool2d`."""
    (x,) = operands
    attributes = apply.attributes
    padding: Pairs = attributes["padding"]
    tensor = x.expression
    if not x.type.dtype.is_float:
        return _unfolded_max(x, attributes, scope)
    given: dict[str, tuple[Any, Any]] = {"padding": (0, 0)}
    if takes_padding(padding, attributes["size"]):
        given["padding"] = (same_everywhere([low for low, _ in padding]), 0)
    else:
        tensor = padded(tensor, padding, -math.inf, scope)
    given["dilation"] = (same_everywhere(attributes["dilation"]), 1)
    return quote(
        f"F.max_pool{x.type.rank - 2}d({{x}}, {{size}}, stride={{stride}}, **{{o}})",
        x=tensor,
        size=scope.numbers(same_everywhere(attributes["size"])),
        stride=scope.numbers(same_everywhere(attributes["stride"])),
        o=given_options(scope, **given),
    )


def _unfolded_max(
    x: Operand, attributes: Mapping[str, Any], scope: Scope
) -> py.Expression:
    """Windows as axes of their own, for integers: torch pools floats alone."""
    lowest = quote("torch.iinfo({dtype}).min", dtype=dtype_of(x.type.dtype))
    result = padded(x.expression, attributes["padding"], lowest, scope)
    rank = x.type.rank - 2
    for axis in range(rank):
        size, stride, dilation = (
            attributes[name][axis] for name in ("size", "stride", "dilation")
        )
        result = quote(
            "{x}.unfold({axis}, {size}, {stride})",
            x=result,
            axis=axis + 2,
            size=scope.numbers(dilation * (size - 1) + 1),
            stride=scope.numbers(stride),
        )
        if dilation != 1:
            result = quote("{x}[..., ::{d}]", x=result, d=scope.numbers(dilation))
    axes = tuple(range(-rank, 0))
    return quote("{x}.amax(dim={axes})", x=result, axes=axes[0] if rank == 1 else axes)


def window_mean(
    apply: Apply, operands: Sequence[Operand], scope: Scope
) -> py.Expression:
    """`F.avg_pool2d`; with padding that torch cannot do, a mean of what is there."""
    (x,) = operands
    attributes = apply.attributes
    padding: Pairs = attributes["padding"]
    rank = x.type.rank - 2
    counts: bool = attributes["count_padding"]
    is_padded = any(n != 0 for pair in padding for n in pair)
    size = scope.numbers(same_everywhere(attributes["size"]))
    stride = scope.numbers(same_everywhere(attributes["stride"]))

    def pool(tensor: py.Expression, given: dict[str, Any]) -> py.Expression:
        if x.type.dtype is DType.BF16 and rank == 3:
            tensor = quote("{x}.float()", x=tensor)  # on a CPU torch has no other
        pooled = quote(
            f"F.avg_pool{rank}d({{x}}, {{size}}, stride={{stride}}, **{{o}})",
            x=tensor,
            size=size,
            stride=stride,
            o=given,
        )
        if x.type.dtype is DType.BF16 and rank == 3:
            return quote("{x}.bfloat16()", x=pooled)
        return pooled

    if not is_padded:
        return pool(x.expression, {})
    if takes_padding(padding, attributes["size"]):
        own = scope.numbers(same_everywhere([low for low, _ in padding]))
        return pool(x.expression, {"padding": own, "count_include_pad": counts})
    if counts:
        return pool(padded(x.expression, padding, 0, scope), {})
    tensor = scope.named(x.expression, "x")
    ones = padded(quote("torch.ones_like({x})", x=tensor), padding, 0, scope)
    return py.Binary(pool(padded(tensor, padding, 0, scope), {}), "/", pool(ones, {}))
