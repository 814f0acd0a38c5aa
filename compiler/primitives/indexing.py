"""Parts of a tensor, chosen by compile-time numbers or by another tensor."""

from collections.abc import Mapping
from typing import Any

from dlmc.ir.dimensions import Dim, Size
from dlmc.ir.types import DType, TensorType
from dlmc.primitives import checks
from dlmc.primitives.arrays import Array, np, numpy_dtype, widened
from dlmc.primitives.base import (
    Builder,
    Fault,
    Gradients,
    Movement,
    Primitive,
    Term,
    primitive,
    sample,
)
from dlmc.primitives.checks import INTEGER, NUMBER


def _within(index: Size, size: Size) -> Size:
    """An index counted from the front that does not leave the axis, where known."""
    if isinstance(index, Dim):
        negative = all(coefficient < 0 for _, coefficient in index.terms)
        return index + size if negative else index
    from_front = index + size if index < 0 else index
    if isinstance(from_front, Dim) or isinstance(size, Dim):
        return from_front
    return min(max(from_front, 0), size)


def _spread(b: Builder, x: Term, axis: int, by: int, size: Size) -> Term:
    """The first `size` of an axis of x with `by - 1` zeros behind each element."""
    front, behind = x.shape[: axis + 1], x.shape[axis + 1 :]
    column = b.reshape(x, shape=(*front, 1, *behind))
    low = (0,) * column.rank
    high = tuple((by - 1) * (i == axis + 1) for i in range(column.rank))
    zeros = b.pad(column, low=low, high=high)
    line = b.reshape(zeros, shape=(*front[:-1], front[-1] * by, *behind))
    start, stop = ([*[None] * axis, end] for end in (0, size))
    return b.slice(line, start=start, stop=stop)


@primitive
class Slice(Movement):
    """On each axis the part x[start:stop], and of that every `step`-th, x[::step].

    A negative step takes them in reverse, from the last element of the part on. An
    entry may be missing (`None`), an index negative, and there may be fewer entries
    than axes. A part that reaches beyond an axis of known size ends with it; beyond a
    symbolic one it is an error when it runs.

    In normal form each axis has an entry, with 0 <= start <= stop <= size as far as
    they are known. With a negative step NumPy slices twice, torch slices, flips and
    slices, and ONNX has a second `Slice` that runs from the end.
    """

    name = "slice"
    is_view = True
    samples = (
        sample("f32[N, 5]", start=[None, 1], stop=[None, 4]),
        sample("f32[N, 7]", start=[0, -6], stop=[None, -1], step=[1, 2]),
        sample("i64[6]", start=[None], stop=[None], step=[-1]),
        sample("i64[6]", start=[1], stop=[5], step=[-3]),
        sample("f32[T, 3]", start=[None], stop=[None], step=[-2]),
        sample("f32[T, 3]", start=[1, 3], stop=[-1, 1]),
        sample("bool[4]", start=[-100], stop=[100]),
        sample("f32[8, T]", start=[0], stop=[Dim.symbol("T")]),
    )

    def normalize(
        self, operands: tuple[TensorType, ...], attributes: Mapping[str, Any]
    ) -> dict[str, Any]:
        (x,) = operands
        filled = self.filled(attributes)
        starts, stops, steps = (
            self._entries(x, argument, filled[argument])
            for argument in ("start", "stop", "step")
        )
        ranges = [
            self._range(*entry)
            for entry in zip(starts, stops, steps, x.shape, strict=True)
        ]
        return {
            "start": tuple(start for start, _, _ in ranges),
            "stop": tuple(stop for _, stop, _ in ranges),
            "step": tuple(step for _, _, step in ranges),
        }

    def _entries(self, x: TensorType, argument: str, value: Any) -> tuple[Any, ...]:
        given = () if value is None else value
        if not isinstance(given, list | tuple) or not all(
            entry is None or checks.is_size(entry) for entry in given
        ):
            raise Fault(
                f"slice expects {argument} to be a list of integers, "
                f"got {checks.shown(value)}",
                code="E0310",
                argument=argument,
            )
        if len(given) > x.rank:
            raise Fault(
                f"slice: {len(given)} entries for the {x.rank} axes of {x}",
                argument=argument,
            )
        return (*given, *(None,) * (x.rank - len(given)))

    def _range(
        self, start: Size | None, stop: Size | None, step: Size | None, size: Size
    ) -> tuple[Size, Size, int]:
        step = 1 if step is None else step
        if isinstance(step, Dim) or step == 0:
            raise Fault(f"slice: a step cannot be {step}", argument="step")
        low: Size = 0 if start is None else _within(start, size)
        high: Size = size if stop is None else _within(stop, size)
        if isinstance(low, int) and isinstance(high, int) and high < low:
            high = low
        return low, high, step

    def infer(
        self, operands: tuple[TensorType, ...], attributes: Mapping[str, Any]
    ) -> TensorType:
        (x,) = operands
        entries = (attributes[name] for name in ("start", "stop", "step"))
        shape: list[Size] = []
        for start, stop, step, size in zip(*entries, x.shape, strict=True):
            length = size if start == 0 and stop == size else stop - start
            by = abs(step)
            shape.append(length if by == 1 else (length + by - 1) // by)
        return TensorType(x.dtype, tuple(shape))

    def reference(
        self,
        x: Array,
        *,
        start: tuple[int, ...],
        stop: tuple[int, ...],
        step: tuple[int, ...] | None = None,
    ) -> Array:
        for axis, (low, high) in enumerate(zip(start, stop, strict=True)):
            if not 0 <= low <= high <= x.shape[axis]:
                raise IndexError(
                    f"slice {low}:{high} leaves axis {axis} of size {x.shape[axis]}"
                )
        part = x[tuple(map(slice, start, stop))]
        return part[tuple(slice(None, None, by) for by in step or ())]

    def gradient(
        self,
        b: Builder,
        dy: Term,
        y: Term,
        x: Term,
        *,
        start: tuple[Size, ...],
        stop: tuple[Size, ...],
        step: tuple[int, ...],
    ) -> Gradients:
        parts = [last - first for first, last in zip(start, stop, strict=True)]
        for axis, (part, by) in enumerate(zip(parts, step, strict=True)):
            if abs(by) > 1:
                dy = _spread(b, dy, axis, abs(by), part)
        back = [1 if by > 0 else -1 for by in step]
        dy = b.slice(dy, start=None, stop=None, step=back)
        high = [size - last for size, last in zip(x.shape, stop, strict=True)]
        return (b.pad(dy, low=start, high=high),)


def check_range(name: str, indices: Array, size: int) -> None:
    """Raise `IndexError` unless all indices are in 0 to size - 1."""
    outside = (indices < 0) | (indices >= size)
    if outside.any():
        worst = indices[outside].flat[0]
        raise IndexError(f"{name}: index {worst} is not in 0 to {size - 1}")


@primitive
class Gather(Movement):
    """Parts of x along an axis, by index: x[…, indices[…], …], as NumPy's `take`.

    The axes of `indices` stand where the axis was. An index outside 0 to size - 1 is an
    error.
    """

    name = "gather"
    samples = (
        sample("f32[7, 3]", "i64[N, T]", ranges={1: (0, 7)}),
        sample("f32[N, 4, 2]", "i32[3]", axis=-2, ranges={1: (0, 4)}),
        sample("i64[5]", "u8", ranges={1: (0, 5)}),
        sample("bool[3, 2]", "i64[1, 2]", axis=1, ranges={1: (0, 2)}),
    )

    def normalize(
        self, operands: tuple[TensorType, ...], attributes: Mapping[str, Any]
    ) -> dict[str, Any]:
        x, _ = operands
        axis = self.filled(attributes)["axis"]
        return {"axis": checks.axis_of(self.name, axis, x)}

    def infer(
        self, operands: tuple[TensorType, ...], attributes: Mapping[str, Any]
    ) -> TensorType:
        x, indices = operands
        checks.expect(self.name, "indices", INTEGER, indices)
        axis = attributes["axis"]
        shape = (*x.shape[:axis], *indices.shape, *x.shape[axis + 1 :])
        return TensorType(x.dtype, shape)

    def reference(self, x: Array, indices: Array, *, axis: int = 0) -> Array:
        check_range(self.name, indices, x.shape[axis])
        return np.asarray(np.take(x, indices, axis=axis))

    def gradient(
        self, b: Builder, dy: Term, y: Term, x: Term, indices: Term, *, axis: int
    ) -> Gradients:
        return b.index_add(indices, dy, axis=axis, size=x.shape[axis]), None


@primitive
class OneHot(Movement):
    """1 at each index and 0 elsewhere, along a new last axis of size `depth`.

    An index outside 0 to depth - 1 is an error.
    """

    name = "one_hot"
    no_gradient = "it depends on integers alone"
    samples = (
        sample("i64[N]", depth=4, ranges={0: (0, 4)}),
        sample("i32[2, 3]", depth=5, dtype=DType.I64, ranges={0: (0, 5)}),
        sample("u8", depth=2, dtype=DType.BF16, ranges={0: (0, 2)}),
        sample("i64[3]", depth=3, dtype=DType.BOOL, ranges={0: (0, 3)}),
    )

    def normalize(
        self, operands: tuple[TensorType, ...], attributes: Mapping[str, Any]
    ) -> dict[str, Any]:
        filled = self.filled(attributes)
        (depth,) = checks.sizes(self.name, "depth", (filled["depth"],))
        return {
            "depth": depth,
            "dtype": checks.dtype(self.name, "dtype", filled["dtype"]),
        }

    def infer(
        self, operands: tuple[TensorType, ...], attributes: Mapping[str, Any]
    ) -> TensorType:
        (indices,) = operands
        checks.expect(self.name, "indices", INTEGER, indices)
        return TensorType(attributes["dtype"], (*indices.shape, attributes["depth"]))

    def reference(
        self, indices: Array, *, depth: int, dtype: DType = DType.F32
    ) -> Array:
        check_range(self.name, indices, depth)
        hot = indices[..., np.newaxis] == np.arange(depth)
        return np.asarray(hot, numpy_dtype(dtype))


@primitive
class IndexAdd(Primitive):
    """Zeros of `size` along an axis, and to each part the updates that have its index.

    The result[…, i, …] is the sum of all updates[…, j, …] where indices[j] is i. The
    axes of `indices` stand in `updates` where `axis` is in the result, as in what
    `gather` gives, which this is the way back of. An index outside 0 to size - 1 is an
    error.
    """

    name = "index_add"
    internal = "the gradient of gather"
    samples = (
        sample("i64[N, T]", "f32[N, T, 3]", size=7, ranges={0: (0, 7)}),
        sample("i32[3]", "f32[N, 3, 2]", axis=-2, size=4, ranges={0: (0, 4)}),
        sample("u8", "i64", size=5, ranges={0: (0, 5)}),
        sample("i64[1, 2]", "bf16[3, 1, 2]", axis=1, size=2, ranges={0: (0, 2)}),
        sample("i64[N]", "f64[N]", size=Dim.symbol("T"), ranges={0: (0, 5)}),
    )

    def normalize(
        self, operands: tuple[TensorType, ...], attributes: Mapping[str, Any]
    ) -> dict[str, Any]:
        indices, updates = operands
        filled = self.filled(attributes)
        (size,) = checks.sizes(self.name, "size", (filled["size"],))
        inner = TensorType(updates.dtype, (1, *updates.shape[indices.rank :]))
        return {"axis": checks.axis_of(self.name, filled["axis"], inner), "size": size}

    def infer(
        self, operands: tuple[TensorType, ...], attributes: Mapping[str, Any]
    ) -> TensorType:
        indices, updates = operands
        checks.expect(self.name, "indices", INTEGER, indices)
        checks.expect(self.name, "updates", NUMBER, updates)
        axis = attributes["axis"]
        end = axis + indices.rank
        if updates.shape[axis:end] != indices.shape:
            raise Fault(
                f"index_add expects the axes of indices in updates from axis {axis} "
                f"on, got {indices} and {updates}",
                code="E0304",
                argument="updates",
            )
        shape = (*updates.shape[:axis], attributes["size"], *updates.shape[end:])
        return TensorType(updates.dtype, shape)

    def flops(
        self,
        operands: tuple[TensorType, ...],
        attributes: Mapping[str, Any],
        result: TensorType,
    ) -> Size:
        return operands[1].count

    def reference(
        self, indices: Array, updates: Array, *, axis: int = 0, size: int
    ) -> Array:
        check_range(self.name, indices, size)
        wide = widened(updates)
        end = axis + indices.ndim
        shape = (*updates.shape[:axis], size, *updates.shape[end:])
        result = np.zeros(shape, wide.dtype)
        if indices.size and result.size:
            flat = wide.reshape(*shape[:axis], indices.size, *shape[axis + 1 :])
            order = np.argsort(indices, axis=None, kind="stable")
            found, first = np.unique(indices.ravel()[order], return_index=True)
            sums = np.add.reduceat(np.take(flat, order, axis), first, axis)
            result[(slice(None),) * axis + (found,)] = sums
        summed: Array = result.astype(updates.dtype)
        return summed

    def gradient(
        self,
        b: Builder,
        dy: Term,
        y: Term,
        indices: Term,
        updates: Term,
        *,
        axis: int,
        size: Size,
    ) -> Gradients:
        return None, b.gather(dy, indices, axis=axis)
