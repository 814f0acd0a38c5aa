"""Shape changes and indexing in PyTorch."""

from collections.abc import Sequence
from typing import Any

from dlmc.backends.python import tree as py
from dlmc.backends.python.dialect import Operand, Scope
from dlmc.backends.python.sizes import inserted_axis, same_sizes
from dlmc.backends.torch.quoting import quote
from dlmc.ir.dimensions import Dim, Size, product
from dlmc.ir.module import Apply
from dlmc.ir.traced import Variable, origin_of


def reshape(apply: Apply, operands: Sequence[Operand], scope: Scope) -> py.Expression:
    """`flatten`, `unsqueeze` and `squeeze` where that is what it is."""
    (x,) = operands
    shape: tuple[Size, ...] = apply.attributes["shape"]
    old = x.type.shape
    flat = _flattened(old, shape)
    if flat is not None:
        return quote("{x}.flatten({o})", x=x.expression, o=list(flat))
    axis = inserted_axis(old, shape)
    if axis is not None:
        return quote("{x}.unsqueeze({axis})", x=x.expression, axis=axis)
    axis = inserted_axis(shape, old)
    if axis is not None:
        return quote("{x}.squeeze({axis})", x=x.expression, axis=axis)
    return quote("{x}.reshape({sizes})", x=x.expression, sizes=_sizes(shape, scope))


def _flattened(old: Sequence[Size], new: Sequence[Size]) -> tuple[int, ...] | None:
    """The arguments of `flatten` that turn one shape into the other."""
    merged = len(old) - len(new) + 1
    if merged < 2 or not new:
        return None
    for start in range(len(new)):
        end = start + merged
        if (
            same_sizes(old[:start], new[:start])
            and same_sizes(old[end:], new[start + 1 :])
            and product(old[start:end]) == new[start]
        ):
            if end == len(old):
                return (start,) if start else ()
            return (start, end - 1)
    return None


def _sizes(shape: Sequence[Size], scope: Scope) -> list[Any]:
    """The sizes of a shape, -1 for the one that would be the longest to write."""
    if not shape:
        return [()]
    sizes: list[Any] = [scope.numbers(size) for size in shape]
    hidden = _hidden(shape)
    if hidden is not None:
        sizes[hidden] = -1
    return sizes


def _hidden(shape: Sequence[Size]) -> int | None:
    def cost(axis: int) -> tuple[int, int]:
        size = shape[axis]
        if isinstance(size, Dim):
            return (2 if size.is_compound else 1), -axis
        origin = origin_of(size)
        if origin is None:
            return 0, -axis
        return (1 if isinstance(origin, Variable) else 2), -axis

    axis = max(range(len(shape)), key=cost)
    # The others must not be 0, or -1 has no meaning.
    others = [size for i, size in enumerate(shape) if i != axis]
    if cost(axis)[0] == 0 or 0 in others:
        return None
    return axis


def transpose(apply: Apply, operands: Sequence[Operand], scope: Scope) -> py.Expression:
    """`.T`, `transpose` of two axes, or `permute`."""
    (x,) = operands
    axes: tuple[int, ...] = apply.attributes["axes"]
    moved = [axis for axis, source in enumerate(axes) if axis != source]
    if not moved:
        return x.expression
    if len(axes) == 2:
        return quote("{x}.T", x=x.expression)
    if len(moved) == 2:
        if moved == [len(axes) - 2, len(axes) - 1]:
            return quote("{x}.mT", x=x.expression)
        return quote("{x}.transpose({a})", x=x.expression, a=moved)
    return quote("{x}.permute({axes})", x=x.expression, axes=axes)


def broadcast(apply: Apply, operands: Sequence[Operand], scope: Scope) -> py.Expression:
    """`expand`, with -1 for what stays; of 0 and 1 `zeros` and `ones`."""
    (x,) = operands
    shape: tuple[Size, ...] = apply.attributes["shape"]
    match x.expression:
        case py.Call(py.Attribute(py.Name("torch"), "tensor"), (number,), options):
            sizes: Any = [scope.numbers(size) for size in shape] or ((),)
            given = {option.name: option.value for option in options}
            value = number.value if isinstance(number, py.Literal) else None
            if value in (0, 1):
                name = "ones" if value else "zeros"
                return quote(f"torch.{name}({{sizes}}, {{o}})", sizes=sizes, o=given)
    new = len(shape) - x.type.rank
    kept: list[Any] = [
        -1 if i >= new and x.type.shape[i - new] == size else scope.numbers(size)
        for i, size in enumerate(shape)
    ]
    return quote("{x}.expand({sizes})", x=x.expression, sizes=kept)


def slice_(apply: Apply, operands: Sequence[Operand], scope: Scope) -> py.Expression:
    """`x[:, 1:]`; torch has no negative steps, so these flip."""
    (x,) = operands
    items, reverse = _items(apply, x, scope)
    result = _indexed(x.expression, items)
    if reverse:
        result = quote("{x}.flip({axes})", x=result, axes=list(reverse))
        by = [
            py.Slice(step=py.Literal(-step)) if step < -1 else py.Slice()
            for step in apply.attributes["step"]
        ]
        result = _indexed(result, by)
    return result


def _items(
    apply: Apply, x: Operand, scope: Scope
) -> tuple[list[py.Expression], list[int]]:
    """The index of each axis, and the axes to be reversed after."""
    items: list[py.Expression] = []
    reverse: list[int] = []
    entries = (apply.attributes[name] for name in ("start", "stop", "step"))
    for axis, (start, stop, step, size) in enumerate(
        zip(*entries, x.type.shape, strict=True)
    ):
        if step < 0:
            reverse.append(axis)
        items.append(
            py.Slice(
                None if start == 0 else _bound(start, size, scope),
                None if stop == size else _bound(stop, size, scope),
                scope.numbers(step) if step > 1 else None,
            )
        )
    return items, reverse


def _bound(bound: Size, size: Size, scope: Scope) -> py.Expression:
    """A bound, counted from the end where that is shorter."""
    if isinstance(size, Dim):
        from_end = bound - size
        if isinstance(from_end, int) and from_end < 0:
            return py.Literal(from_end)
    return scope.numbers(bound)


def _indexed(x: py.Expression, items: Sequence[py.Expression]) -> py.Expression:
    """`x[items]`, without what says nothing."""
    kept = list(items)
    while kept and kept[-1] == py.Slice():
        kept.pop()
    if not kept:
        return x
    last = len(items) == len(kept)
    leading = 0
    while leading < len(kept) and kept[leading] == py.Slice():
        leading += 1
    if last and leading > 1:
        kept = [py.Literal(...), *kept[leading:]]
    return py.Subscript(x, kept[0] if len(kept) == 1 else py.Tuple(tuple(kept)))


def picked(
    apply: Apply, inner: Apply, x: Operand, scope: Scope
) -> py.Expression | None:
    """A slice of size 1 whose axis a reshape takes away: `x[:, 0]`."""
    if (apply.primitive, inner.primitive) != ("reshape", "slice"):
        return None
    items, reverse = _items(inner, x, scope)
    if reverse:
        return None
    shape = inner.result.type.shape
    new: tuple[Size, ...] = apply.attributes["shape"]
    kept: list[Size] = []
    for axis, item in enumerate(items):
        whole = item == py.Slice()
        if shape[axis] == 1 and not whole and inner.attributes["step"][axis] == 1:
            start = inner.attributes["start"][axis]
            items[axis] = _bound(start, x.type.shape[axis], scope)
        else:
            kept.append(shape[axis])
    if not same_sizes(kept, new) or len(kept) == len(shape):
        return None
    return _indexed(x.expression, items)


def gather(apply: Apply, operands: Sequence[Operand], scope: Scope) -> py.Expression:
    """`F.embedding` for rows of a matrix, else indexing by a tensor."""
    x, indices = operands
    axis: int = apply.attributes["axis"]
    if axis == 0 and x.type.rank == 2 and indices.type.dtype.value in ("i32", "i64"):
        return quote("F.embedding({i}, {x})", i=indices.expression, x=x.expression)
    index = indices.expression
    if indices.type.dtype.value not in ("i32", "i64"):
        index = quote("{i}.long()", i=index)
    items = [py.Slice()] * axis + [index]
    return py.Subscript(
        x.expression, items[0] if len(items) == 1 else py.Tuple(tuple(items))
    )


def pad(apply: Apply, operands: Sequence[Operand], scope: Scope) -> py.Expression:
    """`F.pad`, which counts axes from the last one."""
    (x,) = operands
    pairs = list(zip(apply.attributes["low"], apply.attributes["high"], strict=True))
    return padded(x.expression, pairs, apply.attributes["value"], scope)


def padded(
    x: py.Expression, pairs: Sequence[Sequence[Any]], value: Any, scope: Scope
) -> py.Expression:
    """A tensor with so much before and after each of its last axes."""
    kept = list(pairs)
    while kept and all(type(n) is int and n == 0 for n in kept[0]):
        kept.pop(0)
    if not kept:
        return x
    amounts = [scope.numbers(n) for pair in reversed(kept) for n in pair]
    options: dict[str, Any] = {}
    if not isinstance(value, int | float) or value != 0:
        options["value"] = value
    return quote(
        "F.pad({x}, {amounts}, **{o})", x=x, amounts=py.Tuple(tuple(amounts)), o=options
    )
