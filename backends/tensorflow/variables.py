"""What Keras's layers call their variables, and how these lie in memory."""

import re
from collections.abc import Mapping

from dlmc.backends.python import tree as py
from dlmc.backends.python.quotation import expression_of
from dlmc.backends.python.uses import NativeLayer
from dlmc.backends.tensorflow.quoting import quote
from dlmc.ir.module import Borrowed

NAMES: Mapping[str, Mapping[str, str]] = {
    "Dense": {"kernel": "weight"},
    "Conv": {"kernel": "weight"},
    "ConvTranspose": {"kernel": "weight"},
    "DepthwiseConv": {"kernel": "weight"},
    "Embedding": {"embeddings": "weight"},
    "LayerNormalization": {"gamma": "weight", "beta": "bias"},
    "GroupNormalization": {"gamma": "weight", "beta": "bias"},
    "RMSNormalization": {"scale": "weight"},
}
"""What layers call their variables, where the file calls them otherwise."""


def layer_of(native: NativeLayer) -> str:
    """The name of a native's class: `Conv2D`."""
    return native.create.partition("(")[0].removeprefix("layers.")


def kind_of(layer: str) -> str:
    """`Conv` for `Conv2D`, `ConvTranspose` for `Conv2DTranspose`."""
    return re.sub(r"(?<=Conv)[123]D", "", layer)


def borrowed_variable(
    layer: py.Expression, native: NativeLayer, borrowed: Borrowed
) -> py.Expression:
    """A variable of a layer of Keras: a kernel as it lies there, others as in files."""
    kind = kind_of(layer_of(native))
    called = {there: own for own, there in NAMES.get(kind, {}).items()}
    name = called.get(borrowed.parameter, borrowed.parameter)
    if kind != "DepthwiseConv" or name != "kernel":
        return py.Attribute(layer, name)
    # From (kernel…, in, multiplier) to (in * multiplier, 1, kernel…).
    rank = borrowed.type.rank
    return quote(
        "ops.reshape(ops.transpose({kernel}, {axes}), {shape})",
        kernel=py.Attribute(layer, "kernel"),
        axes=expression_of((rank - 2, rank - 1, *range(rank - 2))),
        shape=expression_of((-1, 1, *borrowed.type.shape[2:])),
    )
