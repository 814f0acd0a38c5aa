"""The library's elementary functions, and those that order, move and repeat numbers.

What is promised of them, `dlmc.backends.tensorflow.natives` says. Without an entry:
`cumprod`, whose derivative is 0 where x is.
"""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from dlmc.backends.python.uses import Native, NativeCall
from dlmc.backends.tensorflow.layout import Keeping
from dlmc.ir.module import Module
from dlmc.ir.types import DType

Rule: TypeAlias = Callable[[Module], Native]

_OF_EACH: Mapping[str, str] = {
    **{
        name: name
        for name in (
            *("tan", "sinh", "cosh", "exp2", "log2", "log10", "trunc"),
            *("isnan", "isinf", "isfinite"),
        )
    },
    "asin": "arcsin",
    "acos": "arccos",
    "asinh": "arcsinh",
    "acosh": "arccosh",
    "atanh": "arctanh",
}
"""What Keras calls functions of each number apart."""


def _called(template: str) -> Rule:
    return lambda _: NativeCall(template)


def _sort(module: Module) -> Native:
    """`ops.sort`; the other direction has TensorFlow alone."""
    if not module.arguments["descending"]:
        return NativeCall("ops.sort({x}, axis={axis})")
    return NativeCall('tf.sort({x}, axis={axis}, direction="DESCENDING")')


def _triangle(name: str) -> Rule:
    def rule(module: Module) -> Native:
        is_main = module.arguments["diagonal"] == 0
        return NativeCall(
            f"ops.{name}({{x}})" if is_main else f"ops.{name}({{x}}, k={{diagonal}})"
        )

    return rule


def _diag(module: Module) -> Native:
    if module.inputs[0].type.rank <= 2:
        return NativeCall("ops.diag({x})")
    return NativeCall("ops.diagonal({x}, axis1=-2, axis2=-1)")


def _tile(module: Module) -> Native:
    return NativeCall(
        "ops.tile({x}, repeats={repeats})",
        {"repeats": tuple(module.arguments["repeats"])},
    )


def _flip(module: Module) -> Native:
    axis = module.arguments["axis"]
    axes = tuple(axis) if isinstance(axis, list) else axis
    return NativeCall("ops.flip({x}, axis={axes})", {"axes": axes})


def _is_of_integers(module: Module) -> bool:
    """Keras makes floats of them."""
    return not module.inputs[0].type.dtype.is_float


def _is_not_single(module: Module) -> bool:
    """Keras has a base of f32, and makes floats of integers."""
    return _is_of_integers(module) or module.inputs[0].type.dtype is DType.F64


def _is_of_one(module: Module) -> bool:
    """One of the two is a number."""
    return len(module.inputs) != 2


EXCEPTIONS: Mapping[str, Callable[[Module], bool]] = {
    "exp2": _is_not_single,
    "isnan": _is_of_integers,
    "atan2": _is_of_one,
}
"""Where Keras has none."""

KEEPING: Mapping[str, Keeping] = {
    **dict.fromkeys(_OF_EACH, Keeping.ANY),
    **dict.fromkeys(("sort", "repeat_interleave", "roll"), Keeping.AXIS),
    **dict.fromkeys(
        ("atan2", "cross", "tril", "triu", "diag", "tile", "flip"), Keeping.DECLARED
    ),
}
"""What they do with layouts."""

ELEMENTARY: Mapping[str, Rule] = {
    **{here: _called(f"ops.{name}({{x}})") for here, name in _OF_EACH.items()},
    "atan2": _called("ops.arctan2({y}, {x})"),
    "cross": _called("ops.cross({a}, {b}, axis={axis})"),
    "sort": _sort,
    "tril": _triangle("tril"),
    "triu": _triangle("triu"),
    "diag": _diag,
    "tile": _tile,
    "repeat_interleave": _called("ops.repeat({x}, {repeats}, axis={axis})"),
    "flip": _flip,
    "roll": _called("ops.roll({x}, {shift}, axis={axis})"),
}
"""How they are written."""
