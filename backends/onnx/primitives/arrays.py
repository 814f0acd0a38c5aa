"""Orders and places along an axis, cumulative sums and sums of products."""

from dlmc.backends.onnx.builder import Builder, Tensor
from dlmc.backends.onnx.emission import Use, emits
from dlmc.backends.onnx.sizes import size_vector
from dlmc.ir.dimensions import Size
from dlmc.ir.types import DType, TensorType


@emits("cumsum")
def _cumsum(use: Use) -> Tensor:
    g = use.graph
    (x,) = g.widened("CumSum", *use.operands)
    axis = g.constant(int(use.attributes["axis"]), DType.I64)
    options = {"reverse": 1} if use.attributes["reverse"] else {}
    return g.cast(g.node("CumSum", [x, axis], x.type, **options), use.result.dtype)


@emits("argsort")
def _argsort(use: Use) -> Tensor:
    (x,), axis = use.operands, use.attributes["axis"]
    largest = use.attributes["descending"]
    return top(use.graph, x, x.shape[axis], axis, largest=largest)[1]


def top(
    g: Builder, x: Tensor, count: Size, axis: int, *, largest: bool
) -> tuple[Tensor, Tensor]:
    """The first numbers along an axis in their order, and where they stand.

    Of equal numbers the first comes first, as the standard has it.
    """
    (wide,) = g.widened("TopK", x)
    shape = (*x.shape[:axis], count, *x.shape[axis + 1 :])
    types = [TensorType(wide.dtype, shape), TensorType(DType.I64, shape)]
    values, places = g.nodes(
        "TopK",
        [wide, size_vector(g, [count])],
        types,
        axis=int(axis),
        largest=int(largest),
    )
    return g.cast(values, x.dtype), places


@emits("take_along_axis")
def _take_along_axis(use: Use) -> Tensor:
    g, (x, indices) = use.graph, use.operands
    (wide,) = g.widened("GatherElements", x)
    type_ = TensorType(wide.dtype, use.result.shape)
    taken = g.node(
        "GatherElements",
        [wide, _indices(g, indices)],
        type_,
        axis=int(use.attributes["axis"]),
    )
    return g.cast(taken, use.result.dtype)


@emits("scatter_add")
def _scatter_add(use: Use) -> Tensor:
    g, (x, indices, values) = use.graph, use.operands
    x, values = g.widened("ScatterElements", x, values)
    added = g.node(
        "ScatterElements",
        [x, _indices(g, indices), values],
        x.type,
        axis=int(use.attributes["axis"]),
        reduction="add",
    )
    return g.cast(added, use.result.dtype)


def _indices(g: Builder, indices: Tensor) -> Tensor:
    is_taken = indices.dtype in (DType.I32, DType.I64)
    return indices if is_taken else g.cast(indices, DType.I32)


@emits("einsum")
def _einsum(use: Use) -> Tensor:
    g = use.graph
    wide = g.widened("Einsum", *use.operands)
    type_ = TensorType(wide[0].dtype, use.result.shape)
    total = g.node("Einsum", wide, type_, equation=use.attributes["pattern"])
    return g.cast(total, use.result.dtype)
