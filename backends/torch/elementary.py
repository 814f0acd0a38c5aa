"""The library's elementary functions, and those that order, move and repeat numbers.

What is promised of them, `dlmc.backends.torch.natives` says.
"""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from dlmc.backends.python.uses import Native, NativeCall, NativeRule, options
from dlmc.ir.module import Module
from dlmc.ir.types import DType

Rule: TypeAlias = Callable[[Module], Native | None]


def _of_floats(template: str) -> Rule:
    """A call that makes floats of integers, which a body does not."""

    def rule(module: Module) -> Native | None:
        return NativeCall(template) if module.inputs[0].type.dtype.is_float else None

    return rule


def _of_two(template: str) -> Rule:
    """A call on two tensors, where neither is a number."""

    def rule(module: Module) -> Native | None:
        return NativeCall(template) if len(module.inputs) == 2 else None

    return rule


def _cross(module: Module) -> Native | None:
    a, b = module.inputs
    if a.type.rank != b.type.rank:
        return None
    return NativeCall("torch.linalg.cross({a}, {b}, dim={axis})")


def _sort(module: Module) -> Native:
    # Stable for the gradient's sake: of equal numbers each has its own.
    order = options(descending=(module.arguments["descending"], False))
    return NativeCall(
        "{x}.sort(dim={axis}, **{options}, stable=True).values", {"options": order}
    )


def _scatter(module: Module) -> Native:
    is_long = module.inputs[1].type.dtype is DType.I64
    indices = "{indices}" if is_long else "{indices}.long()"
    return NativeCall(
        f"{{x}}.scatter_reduce({{axis}}, {indices}, {{values}}, 'sum',"
        " include_self=False)"
    )


def _triangle(name: str) -> Rule:
    def rule(module: Module) -> Native | None:
        given = options(diagonal=(module.arguments["diagonal"], 0))
        return NativeCall(f"{{x}}.{name}(**{{options}})", {"options": given})

    return rule


def _diag(module: Module) -> Native:
    if module.inputs[0].type.rank <= 2:
        return NativeCall("{x}.diag()")
    return NativeCall("{x}.diagonal(dim1=-2, dim2=-1)")


def _unfold(module: Module) -> Native | None:
    """`F.unfold`, of images alone."""
    if module.inputs[0].type.rank != 4:
        return None
    names = {"dilation": 1, "padding": 0, "stride": 1}
    given = {name: (module.arguments[name], n) for name, n in names.items()}
    return NativeCall(
        "F.unfold({x}, kernel_size={size}, **{options})", {"options": options(**given)}
    )


ELEMENTARY: Mapping[str, NativeRule] = {
    **{
        name: NativeCall(f"torch.{name}({{x}})")
        for name in (
            *("tan", "asin", "acos", "sinh", "cosh", "asinh", "acosh", "atanh"),
            *("log2", "log10", "trunc", "isnan", "isinf", "isfinite"),
        )
    },
    "exp2": _of_floats("torch.exp2({x})"),
    "atan2": _of_two("torch.atan2({y}, {x})"),
    "cumprod": _of_floats("{x}.cumprod(dim={axis})"),
    "cross": _cross,
    "sort": _sort,
    "scatter": _scatter,
    "tril": _triangle("tril"),
    "triu": _triangle("triu"),
    "diag": _diag,
    "tile": NativeCall("{x}.tile({repeats})"),
    "repeat_interleave": NativeCall("{x}.repeat_interleave({repeats}, dim={axis})"),
    "flip": NativeCall("{x}.flip({axis})"),
    "roll": NativeCall("{x}.roll({shift}, dims={axis})"),
    "unfold": _unfold,
}
