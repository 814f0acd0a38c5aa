"""`value[…]`: NumPy's basic indexing on tensors, items of lists."""

from typing import TYPE_CHECKING, Any

from dlmc.elaborate.bounds import largest
from dlmc.elaborate.operators import apply
from dlmc.elaborate.problems import Problem
from dlmc.elaborate.values import Declared, describe, rounded
from dlmc.grammar import tree
from dlmc.ir.dimensions import Dim, Size
from dlmc.ir.module import Value

if TYPE_CHECKING:
    from dlmc.elaborate.frame import Frame
    from dlmc.elaborate.scope import Environment, FileScope


def index(
    node: tree.Index, environment: "Environment | FileScope", frame: "Frame"
) -> Any:
    """An item or a part of a list or a tensor."""
    from dlmc.elaborate.expressions import evaluate

    value = evaluate(node.value, environment, frame)
    if isinstance(value, list | tuple):
        return _item(value, node, environment, frame)
    if isinstance(value, Value):
        try:
            result = _part(value, node, environment, frame)
        except Problem as problem:
            problem.about(value, frame)
            raise
        start = node.value.span.end
        text = node.span.source.text[start : node.span.end]
        frame.stage(result, value, text, node.span)
        return result
    hint = None
    if isinstance(value, Declared):
        hint = 'a column of the source is `column("name")`, in a field'
    raise Problem(
        "E0310", f"{describe(value)} has no items", node.value.span, hint=hint
    )


def _integer(
    node: tree.Expression | None,
    environment: "Environment | FileScope",
    frame: "Frame",
    default: int | None = None,
) -> Any:
    from dlmc.elaborate.expressions import evaluate

    if node is None:
        return default
    value = evaluate(node, environment, frame)
    if isinstance(value, bool) or not isinstance(value, int | Dim):
        hint = rounded(value, node)
        if isinstance(value, Value):
            hint = "to pick by a tensor of indices use `gather(x, indices, axis = 0)`"
        raise Problem(
            "E0310", f"an index is an integer, not {describe(value)}", node.span,
            hint=hint,
        )  # fmt: skip
    return value


def _item(
    value: Any,
    node: tree.Index,
    environment: "Environment | FileScope",
    frame: "Frame",
) -> Any:
    if len(node.items) != 1:
        raise Problem("E0310", "a list has one index", node.span)
    item = node.items[0]
    if isinstance(item, tree.Slice):
        bounds = [
            _integer(part, environment, frame)
            for part in (item.start, item.stop, item.step)
        ]
        frame.fix(bounds)
        if any(isinstance(bound, Dim) for bound in bounds) or bounds[2] == 0:
            raise Problem("E0310", "no such part of a list", item.span)
        return value[slice(*bounds)]
    if isinstance(item, tree.Ellipsis | tree.NewAxis):
        raise Problem("E0310", "a list has no axes", item.span)
    position = _integer(item, environment, frame)
    frame.fix(position)
    if isinstance(position, Dim) or not -len(value) <= position < len(value):
        raise Problem(
            "E0313", f"there is no item {position} in a list of {len(value)}", item.span
        )
    return value[int(position)]


def _part(
    value: Value,
    node: tree.Index,
    environment: "Environment | FileScope",
    frame: "Frame",
) -> Value:
    rank = value.type.rank
    taken = sum(not isinstance(i, tree.Ellipsis | tree.NewAxis) for i in node.items)
    ellipses = sum(isinstance(item, tree.Ellipsis) for item in node.items)
    if ellipses > 1:
        raise Problem("E0310", "an index has one `...` at most", node.span)
    if taken > rank:
        raise Problem(
            "E0313",
            f"{taken} indices for {value.type}, which has {rank} axes",
            node.span,
        )
    items: list[Any] = list(node.items)
    if not ellipses:
        items.append(tree.Ellipsis(node.span))
    start: list[Size] = []
    stop: list[Size] = []
    step: list[int] = []
    shape: list[Size | None] = []  # of the result; None: the size that slicing leaves
    for item in items:
        axis = len(start)
        if isinstance(item, tree.NewAxis):
            shape.append(1)
            continue
        if isinstance(item, tree.Ellipsis):
            for size in value.type.shape[axis : axis + rank - taken]:
                start.append(0)
                stop.append(size)
                step.append(1)
                shape.append(None)
            continue
        size = value.type.shape[axis]
        if isinstance(item, tree.Slice):
            first, last, by = _slice(item, size, environment, frame)
            shape.append(None)
        else:
            first = _position(item, size, environment, frame)
            last, by = first + 1, 1
        start.append(first)
        stop.append(last)
        step.append(by)
    result = value
    whole = all(
        first == 0 and last == size and by == 1
        for first, last, by, size in zip(
            start, stop, step, value.type.shape, strict=True
        )
    )
    if not whole:
        attributes = {"start": start, "stop": stop, "step": step}
        result = apply(frame, "slice", (value,), attributes, node.span)
    if len(shape) == rank and all(size is None for size in shape):
        return result
    return _reshaped(result, items, shape, node, frame)


def _reshaped(
    result: Value,
    items: list[Any],
    shape: list[Size | None],
    node: tree.Index,
    frame: "Frame",
) -> Value:
    """Drop the axes that an integer picked from, add the new ones."""
    kept: list[Size] = []
    axis = 0
    picked_or_kept = iter(shape)
    rank = result.type.rank
    named = sum(not isinstance(i, tree.Ellipsis | tree.NewAxis) for i in items)
    for item in items:
        if isinstance(item, tree.NewAxis):
            next(picked_or_kept)
            kept.append(1)
        elif isinstance(item, tree.Ellipsis):
            for _ in range(rank - named):
                next(picked_or_kept)
                kept.append(result.type.shape[axis])
                axis += 1
        elif isinstance(item, tree.Slice):
            next(picked_or_kept)
            kept.append(result.type.shape[axis])
            axis += 1
        else:
            axis += 1
    return apply(frame, "reshape", (result,), {"shape": kept}, node.span)


def _position(
    item: tree.Expression,
    size: Size,
    environment: "Environment | FileScope",
    frame: "Frame",
) -> Size:
    position = _integer(item, environment, frame)
    known = isinstance(position, int) and isinstance(size, int)
    if known and not -size <= position < size:
        raise Problem(
            "E0313",
            f"index {position} is out of range for an axis of size {size}",
            item.span,
        )
    if isinstance(position, int) and position < 0:
        return size + position
    return position  # type: ignore[no-any-return]


def _slice(
    item: tree.Slice,
    size: Size,
    environment: "Environment | FileScope",
    frame: "Frame",
) -> tuple[Size, Size, int]:
    by = _integer(item.step, environment, frame, 1)
    if not isinstance(by, int) or by == 0:
        raise Problem("E0310", "a step is an integer other than 0", item.span)
    start = _integer(item.start, environment, frame, None)
    stop = _integer(item.stop, environment, frame, None)
    if by > 0:
        first = 0 if start is None else _bound(start, size)
        last = size if stop is None else _bound(stop, size)
    else:  # from `start` down to behind `stop`
        first = 0 if stop is None else _behind(stop, size)
        last = size if start is None else _behind(start, size)
    if isinstance(last, Dim) and isinstance(size, int):
        _check_within(last, size, item, frame)
    if isinstance(first, int) and isinstance(last, int):
        last = max(first, last)
    return first, last, int(by)


def _check_within(last: Dim, size: int, item: tree.Slice, frame: "Frame") -> None:
    most = largest(last, frame.bounds)
    if most is not None and most <= size:
        return
    symbols = list(dict.fromkeys(last.symbols()))
    bound = f"`{symbols[0]} <= {size}`"
    raise Problem(
        "E0313",
        f"`{item.span.text}` goes up to {last}, which may be more than the {size} there"
        " are",
        item.span,
        hint=f"bound the size in the type of the input: {bound}"
        if last.name
        else f"bound {', '.join(symbols)} in the type of the input, as in {bound}",
    )


def _behind(bound: Size, size: Size) -> Size:
    """The bound behind the element that a bound is before."""
    return size if bound == -1 else _bound(bound + 1, size)


def _bound(bound: Size, size: Size) -> Size:
    """NumPy's clipping, as far as the sizes are known."""
    if isinstance(bound, int) and bound < 0:
        bound = size + bound
        if isinstance(bound, int):
            bound = max(bound, 0)
    if isinstance(bound, int) and isinstance(size, int):
        return size if bound > size else bound
    return bound
