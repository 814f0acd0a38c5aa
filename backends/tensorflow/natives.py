"""The library's definitions that Keras has too.

Each is a promise, which the tests keep: the native means what the definition's body
does, forward and backward. Where it would not, the body is emitted. Two tables say it:
`keeping` what a native does with layouts, `native` how it is written once its module is
laid out and settled.
"""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from dlmc.backends.python.uses import Native, NativeCall, NativeLayer
from dlmc.backends.tensorflow import (
    elementary,
    functions,
    losses,
    normalizations,
    spatial,
)
from dlmc.backends.tensorflow.creation import bias, dtype, start
from dlmc.backends.tensorflow.layout import Keeping
from dlmc.ir.dimensions import Dim, product
from dlmc.ir.module import Module
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


def _is_reparametrized(module: Module) -> bool:
    """A layer of Keras has its weight as it is."""
    return module.arguments["reparametrize"] is not False


def _is_small_integer(module: Module) -> bool:
    return module.inputs[0].type.dtype not in (DType.I32, DType.I64)


EXCEPTIONS: Mapping[str, Callable[[Module], bool]] = {
    **normalizations.EXCEPTIONS,
    **functions.EXCEPTIONS,
    **elementary.EXCEPTIONS,
    **losses.EXCEPTIONS,
    **spatial.EXCEPTIONS,
    "ChannelDropout": lambda module: module.inputs[0].type.rank > 5,
    "Dense": _is_reparametrized,
    "Embedding": _is_small_integer,
    "flatten": losses.is_one_sample,
}

KEEPING: Mapping[str, Keeping] = {
    **normalizations.KEEPING,
    **functions.KEEPING,
    **elementary.KEEPING,
    **losses.KEEPING,
    **spatial.KEEPING,
    "Dropout": Keeping.ANY,
    "ChannelDropout": Keeping.CHANNELS_LAST,
    "AlphaDropout": Keeping.ANY,
    "GaussianDropout": Keeping.ANY,
    "Dense": Keeping.DECLARED,
    "Embedding": Keeping.DECLARED,
    "flatten": Keeping.DECLARED,
}

# --- Layers ---


def _dense(module: Module) -> Native:
    shape = module.parameters[0].type.shape
    return NativeLayer(
        "layers.Dense({units}, **{bias}, **{start}, **{dtype})",
        holes={
            "bias": bias(module),
            "start": start(module, tuple(reversed(shape)), "kernel_initializer"),
            "dtype": dtype(module),
        },
    )


def _dropout(name: str) -> Rule:
    return lambda module: NativeLayer(
        f"layers.{name}({{rate}}, **{{dtype}})",
        "{layer}({x}, training=training)",
        {"dtype": dtype(module)},
    )


def _channel_dropout(module: Module) -> Native:
    return _dropout(f"SpatialDropout{module.inputs[0].type.rank - 2}D")(module)


def _embedding(module: Module) -> Native:
    shape = module.parameters[0].type.shape
    return NativeLayer(
        "layers.Embedding({size}, {features}, **{start})",
        holes={"start": start(module, shape, "embeddings_initializer", None)},
    )


# --- Functions ---


def _call(template: str) -> Rule:
    return lambda _: NativeCall(template)


def _flatten(module: Module) -> Native:
    first, *rest = module.inputs[0].type.shape
    size = product(rest)
    is_known = not isinstance(size, Dim) and size != 0
    return NativeCall(
        "ops.reshape({x}, ({first}, {rest}))",
        {"first": -1 if is_known else first, "rest": size},
    )


NATIVES: Mapping[str, Rule] = {
    **normalizations.NORMALIZATIONS,
    **functions.FUNCTIONS,
    **elementary.ELEMENTARY,
    **losses.LOSSES,
    **spatial.SPATIAL,
    "Dropout": _dropout("Dropout"),
    "ChannelDropout": _channel_dropout,
    "AlphaDropout": _dropout("AlphaDropout"),
    "GaussianDropout": _dropout("GaussianDropout"),
    "Dense": _dense,
    "Embedding": _embedding,
    "flatten": _flatten,
}
