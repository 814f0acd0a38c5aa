"""How parameters and states start, in Keras: the distributions that are declared."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dlmc.backends.python import tree as py
from dlmc.backends.tensorflow.quoting import quote
from dlmc.initializers import fans
from dlmc.ir.module import Initializer
from dlmc.ir.traced import plain

Write = Callable[[Any], py.Expression]
"""The expression of a number that may depend on arguments."""


@dataclass(frozen=True, slots=True)
class Scaled:
    """A distribution that the fans give its width: of variance `scale / fan`."""

    scale: float
    is_average: bool
    """Whether the fan is the mean of both, not `fan_in`."""
    is_uniform: bool
    keras: str | None
    """Keras's name for it. Its normal ones cut at two deviations, which is another."""


SCALED: Mapping[str, Scaled] = {
    "glorot_uniform": Scaled(1.0, True, True, "glorot_uniform"),
    "glorot_normal": Scaled(1.0, True, False, None),
    "he_uniform": Scaled(2.0, False, True, "he_uniform"),
    "he_normal": Scaled(2.0, False, False, None),
    "lecun_uniform": Scaled(1.0, False, True, "lecun_uniform"),
    "lecun_normal": Scaled(1.0, False, False, None),
}
NAMES = frozenset({"zeros", "ones", "identity"})
_TEMPLATES: Mapping[str, tuple[str, Mapping[str, tuple[str, float | None]]]] = {
    # Keras's class, and for each argument its name there and its default in DLM.
    "constant": ("Constant", {"value": ("value", None)}),
    "uniform": ("RandomUniform", {"low": ("minval", None), "high": ("maxval", None)}),
    "normal": ("RandomNormal", {"mean": ("mean", 0.0), "std": ("stddev", None)}),
    "truncated_normal": (
        "TruncatedNormal",
        {"mean": ("mean", 0.0), "std": ("stddev", None)},
    ),
    "orthogonal": ("Orthogonal", {"gain": ("gain", 1.0)}),
}


def start(
    declared: Initializer,
    shape: Sequence[Any],
    keras_shape: Sequence[Any],
    write: Write,
) -> py.Expression:
    """What Keras is given to start a variable.

    Args:
        declared: The initialiser.
        shape: The shape as declared, which the fans are of.
        keras_shape: The shape of Keras's variable, which its own fans would be of.
        write: How numbers are written.
    """
    arguments = dict(declared.arguments)
    if declared.name in NAMES:
        return py.Literal(declared.name)
    if declared.name in SCALED:
        return _scaled(SCALED[declared.name], arguments, shape, keras_shape, write)
    name, known = _TEMPLATES[declared.name]
    options = {
        theirs: write(arguments[ours])
        for ours, (theirs, default) in known.items()
        if ours in arguments and arguments[ours] != default
    }
    return quote(
        "keras.initializers.{name}(**{options})", name=py.Name(name), options=options
    )


def keras_fans(shape: Sequence[int]) -> tuple[int, int]:
    """The fans that Keras computes for a variable's shape."""
    if len(shape) < 2:
        size = math.prod(shape)
        return size, size
    kernel = math.prod(shape[:-2])
    return shape[-2] * kernel, shape[-1] * kernel


def _scaled(
    scaled: Scaled,
    arguments: Mapping[str, Any],
    shape: Sequence[Any],
    keras_shape: Sequence[Any],
    write: Write,
) -> py.Expression:
    slope = arguments.get("a", 0.0)
    given = (arguments.get("fan_in"), arguments.get("fan_out"))
    wanted = fans(tuple(shape), *given)
    found = keras_fans(keras_shape)
    if scaled.is_average:
        is_keras = sum(plain(wanted)) == sum(plain(found))
    else:
        is_keras = plain(wanted[0]) == plain(found[0])
    if is_keras and scaled.keras is not None and slope == 0:
        return py.Literal(scaled.keras)
    if is_keras:
        return quote(
            "keras.initializers.VarianceScaling("
            "scale={scale}, mode={mode}, distribution={distribution})",
            scale=_over_slope(py.Literal(scaled.scale), slope, write),
            mode="fan_avg" if scaled.is_average else "fan_in",
            distribution="uniform" if scaled.is_uniform else "untruncated_normal",
        )
    return _explicit(scaled, slope, wanted, write)


def _explicit(
    scaled: Scaled, slope: Any, wanted: tuple[Any, Any], write: Write
) -> py.Expression:
    """The distribution with its width in numbers, since Keras's fans are others."""
    # Uniform within ±w has the variance w² / 3; the mean of fans is half their sum.
    scale = scaled.scale * (3 if scaled.is_uniform else 1)
    fan = wanted[0]
    if scaled.is_average:
        scale, fan = 2 * scale, wanted[0] + wanted[1]
    width = quote(
        "math.sqrt({scale})",
        scale=_over_slope(
            quote("{scale} / {fan}", scale=int(scale), fan=write(fan)), slope, write
        ),
    )
    if scaled.is_uniform:
        return quote("keras.initializers.RandomUniform(-{w}, {w})", w=width)
    return quote("keras.initializers.RandomNormal(stddev={w})", w=width)


def _over_slope(scale: py.Expression, slope: Any, write: Write) -> py.Expression:
    """A scale for a leaky ReLU of a slope."""
    if slope == 0:
        return scale
    return quote("{scale} / (1 + {a} ** 2)", scale=scale, a=write(slope))
