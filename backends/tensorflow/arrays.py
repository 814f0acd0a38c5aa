"""Orders and places along an axis, cumulative sums and sums of products, in Keras."""

from dlmc.backends.python import tree as py
from dlmc.backends.tensorflow.quoting import cast, quote
from dlmc.backends.tensorflow.uses import Use, from_end
from dlmc.ir.types import DType

SCATTER_ADD = "scatter_add"
"""A function of the project's own, along the last axis."""


def cumsum(use: Use) -> py.Expression:
    """`tf.cumsum`: that of Keras has one direction, and widens small integers."""
    options = {"reverse": True} if use.attributes["reverse"] else {}
    total = quote(
        "tf.cumsum({x}, axis={axis}, **{options})",
        x=_wide(use, use.x),
        axis=from_end(use.attributes["axis"], use.type().rank),
        options=options,
    )
    return _narrow(use, total)


def argsort(use: Use) -> py.Expression:
    """`tf.argsort`: that of Keras knows one direction."""
    options = {"direction": "DESCENDING"} if use.attributes["descending"] else {}
    order = quote(
        "tf.argsort({x}, axis={axis}, **{options}, stable=True)",
        x=use.x,
        axis=from_end(use.attributes["axis"], use.type().rank),
        options=options,
    )
    return cast(order, DType.I64)


def take_along_axis(use: Use) -> py.Expression:
    """`tf.gather` along the last axis, where the layout has put the one that is meant.

    Not `ops.take_along_axis`, which counts negative indices from the end.
    """
    indices = _indices(use)
    outer = use.type().rank - 1
    options = {"axis": -1, "batch_dims": outer} if outer else {}
    return quote(
        "tf.gather({x}, {indices}, **{options})",
        x=use.x,
        indices=indices,
        options=options,
    )


def scatter_add(use: Use) -> py.Expression:
    """The project's own function, along the last axis."""
    total = quote(
        f"{SCATTER_ADD}({{x}}, {{indices}}, {{values}})",
        x=_wide(use, use.x),
        indices=_indices(use),
        values=_wide(use, use.tensor(2)),
    )
    return _narrow(use, total)


_HALVES = (DType.F16, DType.BF16)
"""In which TensorFlow rounds each sum on the way."""


def _wide(use: Use, x: py.Expression) -> py.Expression:
    return cast(x, DType.F32) if use.result.dtype in _HALVES else x


def _narrow(use: Use, x: py.Expression) -> py.Expression:
    return cast(x, use.result.dtype) if use.result.dtype in _HALVES else x


def _indices(use: Use) -> py.Expression:
    indices = use.tensor(1)
    if use.type(1).dtype in (DType.I32, DType.I64):
        return indices
    return cast(indices, DType.I32)


def einsum(use: Use) -> py.Expression:
    """`ops.einsum`."""
    return quote(
        "ops.einsum({pattern}, {tensors})",
        pattern=use.attributes["pattern"],
        tensors=[use.tensor(i) for i in range(len(use.operands))],
    )
