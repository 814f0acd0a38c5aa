"""How parameters and states start, in Keras: the distributions that are declared."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dlmc.backends.python import tree as py
from dlmc.backends.python.quotation import Quote
from dlmc.initializers import fans
from dlmc.ir.dimensions import Size
from dlmc.ir.module import Initializer
from dlmc.ir.traced import origin_of, plain

quote = Quote({"keras": py.Import("keras"), "math": py.Import("math")})

Number = Callable[[Any], py.Expression]
"""The expression of a number that may depend on arguments or sizes."""


@dataclass(frozen=True, slots=True)
class Scaled:
    """A distribution whose width follows from the fans: variance `scale / fan`."""

    keras_name: str | None
    """Keras's own of the same distribution, if it has a name."""
    scale: float
    mode: str
    """Which fan: `fan_in`, or `fan_avg` for the mean of both."""
    is_uniform: bool


SCALED: Mapping[str, Scaled] = {
    "glorot_uniform": Scaled("glorot_uniform", 1.0, "fan_avg", True),
    "glorot_normal": Scaled(None, 1.0, "fan_avg", False),
    "he_uniform": Scaled("he_uniform", 2.0, "fan_in", True),
    "he_normal": Scaled(None, 2.0, "fan_in", False),
    "lecun_uniform": Scaled("lecun_uniform", 1.0, "fan_in", True),
    "lecun_normal": Scaled(None, 1.0, "fan_in", False),
}


def initializer(
    declared: Initializer,
    shape: Sequence[Size],
    keras_shape: Sequence[Size],
    number: Number,
) -> py.Expression:
    """What Keras is given to start a variable.

    Args:
        declared: The initialiser as declared.
        shape: The declared shape.
        keras_shape: The shape of Keras's variable, from which it takes the fans.
        number: How numbers are said here.
    """
    arguments = dict(declared.arguments)
    match declared.name:
        case "zeros" | "ones":
            return py.Literal(declared.name)
        case "constant":
            value = number(arguments["value"])
            return quote("keras.initializers.Constant({value})", value=value)
        case "identity":
            return py.Literal("identity")
        case "uniform":
            low, high = number(arguments["low"]), number(arguments["high"])
            return quote(
                "keras.initializers.RandomUniform({low}, {high})", low=low, high=high
            )
        case "normal" | "truncated_normal":
            return quote(
                "keras.initializers.{name}({options})",
                name="RandomNormal" if declared.name == "normal" else "TruncatedNormal",
                options={
                    "mean": number(arguments.get("mean", 0.0)),
                    "stddev": number(arguments["std"]),
                },
            )
        case "orthogonal":
            gain = number(arguments.get("gain", 1.0))
            return quote("keras.initializers.Orthogonal({gain})", gain=gain)
        case _:
            return _scaled(
                SCALED[declared.name], arguments, shape, keras_shape, number
            )


def _scaled(
    scaled: Scaled,
    arguments: Mapping[str, Any],
    shape: Sequence[Size],
    keras_shape: Sequence[Size],
    number: Number,
) -> py.Expression:
    slope = arguments.get("a", 0.0)
    fan_in, fan_out = fans(
        tuple(shape),  # type: ignore[arg-type]
        arguments.get("fan_in"),
        arguments.get("fan_out"),
    )
    keras_in, keras_out = keras_fans(keras_shape)
    is_kerass = fan_in == keras_in and (scaled.mode == "fan_in" or fan_out == keras_out)
    if scaled.mode == "fan_avg" and (fan_in, fan_out) == (keras_out, keras_in):
        is_kerass = True  # their sum alone counts
    if is_kerass:
        if scaled.keras_name is not None and not plain(slope):
            return py.Literal(scaled.keras_name)
        return quote(
            'keras.initializers.VarianceScaling({scale}, "{mode}", "{distribution}")'
            .replace("{mode}", scaled.mode)
            .replace(
                "{distribution}",
                "uniform" if scaled.is_uniform else "untruncated_normal",
            ),
            scale=scaled.scale / (1 + plain(slope) ** 2),
        )
    return quote("")
