"""How parameters and states start, in Keras: the distributions that are declared."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dlmc.backends.python import tree as py
from dlmc.backends.tensorflow.quoting import quote
from dlmc.initializers import FANS, UNCUT, Scaling, fans, scaling
from dlmc.ir.module import Initializer
from dlmc.ir.traced import plain

Write = Callable[[Any], py.Expression]
"""The expression of a number that may depend on arguments."""


KERAS = frozenset({"glorot_uniform", "he_uniform", "lecun_uniform"})
"""What is called so in Keras too, whose normal ones are cut at two deviations."""
_DISTRIBUTIONS = {"normal": "untruncated_normal"}
"""Keras's names, where they are others."""
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
    scaled = scaling(declared)
    if scaled is not None:
        return _scaled(scaled, declared, shape, keras_shape, write)
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
    scaled: Scaling,
    declared: Initializer,
    shape: Sequence[Any],
    keras_shape: Sequence[Any],
    write: Write,
) -> py.Expression:
    arguments = dict(declared.arguments)
    given = (arguments.get("fan_in"), arguments.get("fan_out"))
    wanted = _counted(fans(tuple(shape), *given), scaled)
    found = _counted(keras_fans(keras_shape), scaled)
    if plain(wanted) != plain(found):
        return _explicit(scaled, wanted, write)
    if declared.name in KERAS and not arguments.get("a"):
        return py.Literal(declared.name)
    return quote(
        "keras.initializers.VarianceScaling("
        "scale={scale}, mode={mode}, distribution={distribution})",
        scale=write(float(scaled.scale) if type(scaled.scale) is int else scaled.scale),
        mode=scaled.fan,
        distribution=_DISTRIBUTIONS.get(scaled.distribution, scaled.distribution),
    )


def _counted(both: tuple[Any, Any], scaled: Scaling) -> Any:
    """The fan that counts, or the sum of both where their mean does."""
    if scaled.fan == "fan_avg":
        return both[0] + both[1]
    return both[FANS.index(scaled.fan)]


def _explicit(scaled: Scaling, fan: Any, write: Write) -> py.Expression:
    """The distribution with its width in numbers, since Keras's fans are others."""
    # Uniform within ±w has the variance w² / 3; the mean of fans is half their sum.
    scale = scaled.scale * (3 if scaled.distribution == "uniform" else 1)
    scale *= 2 if scaled.fan == "fan_avg" else 1
    width = quote("math.sqrt({s} / {fan})", s=write(scale), fan=write(fan))
    if scaled.distribution == "uniform":
        return quote("keras.initializers.RandomUniform(-{w}, {w})", w=width)
    if scaled.distribution == "normal":
        return quote("keras.initializers.RandomNormal(stddev={w})", w=width)
    # Cutting at two deviations takes some of the variance.
    return quote(
        "keras.initializers.TruncatedNormal(stddev={uncut} * {w})", uncut=UNCUT, w=width
    )
