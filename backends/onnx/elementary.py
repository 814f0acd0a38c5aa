"""The library's elementary functions, and those that order, move and repeat numbers.

What is promised of them, `dlmc.backends.onnx.natives` says.
"""

from collections.abc import Mapping
from typing import Final

from dlmc.backends.onnx.builder import Tensor
from dlmc.backends.onnx.dtypes import computed_in
from dlmc.backends.onnx.library import LibraryCall, Native
from dlmc.backends.onnx.primitives.arrays import top
from dlmc.ir.types import DType


def _curve(operator: str) -> Native:
    """An operator on each number, which the runtime has in some dtypes."""

    def build(call: LibraryCall) -> Tensor | None:
        if computed_in(operator, call.result.dtype) is None:
            return None
        return call.apply(operator, *call.operands)

    return build


def _test(operator: str) -> Native:
    """An operator on floats that gives truth values."""

    def build(call: LibraryCall) -> Tensor | None:
        g, (x,) = call.graph, call.operands
        if not x.dtype.is_float:
            return None
        return g.node(operator, g.widened(operator, x), call.result)

    return build


def _triangle(upper: int) -> Native:
    def build(call: LibraryCall) -> Tensor | None:
        g, (x,) = call.graph, call.operands
        if computed_in("Trilu", x.dtype) is None:
            return None
        diagonal = g.constant(call.argument("diagonal"), DType.I64)
        (wide,) = g.widened("Trilu", x)
        kept = g.node("Trilu", [wide, diagonal], wide.type, upper=upper)
        return g.cast(kept, x.dtype)

    return build


def _topk(call: LibraryCall) -> tuple[Tensor, ...]:
    (x,), axis = call.operands, call.argument("axis")
    count, largest = call.argument("k"), call.argument("largest")
    return top(call.graph, x, count, axis % x.rank, largest=largest)


def _sort(call: LibraryCall) -> Tensor:
    (x,), axis = call.operands, call.argument("axis")
    size, largest = x.shape[axis], call.argument("descending")
    return top(call.graph, x, size, axis % x.rank, largest=largest)[0]


ELEMENTARY: Final[Mapping[str, Native]] = {
    "tan": _curve("Tan"),
    "asin": _curve("Asin"),
    "acos": _curve("Acos"),
    "sinh": _curve("Sinh"),
    "cosh": _curve("Cosh"),
    "asinh": _curve("Asinh"),
    "acosh": _curve("Acosh"),
    "atanh": _curve("Atanh"),
    "isnan": _test("IsNaN"),
    "isinf": _test("IsInf"),
    "tril": _triangle(0),
    "triu": _triangle(1),
    "topk": _topk,
    "sort": _sort,
}
"""By the definition's name."""
