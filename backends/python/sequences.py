"""Children that stand in lists, called one after another: chains and loops.

Elaboration has unrolled the loops of the source. Where what is left says the same for
each item of a list of layers, the code says it once again: the list itself is called,
if it is a chain, or a loop goes over it.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from dlmc.backends.python import tree as py
from dlmc.backends.python.names import free_name

Lists = Mapping[py.Expression, int]
"""The lists of children in a module's methods, and their lengths."""


def item_of(node: Any, lists: Lists) -> tuple[py.Expression, int] | None:
    """The list and index, where a node is an item of a list."""
    match node:
        case py.Subscript(base, py.Literal(int(index))) if base in lists:
            return base, index
    return None


# --- Chains ---


def chained(
    bodies: Sequence[Sequence[py.Statement]], lists: Lists
) -> set[py.Expression]:
    """The lists that are always called from first to last item, in a chain."""
    found: set[py.Expression] = set()
    for base, length in lists.items():
        only = {base: length}
        joined = [join(body, only) for body in bodies]
        uses = sum(
            _is_chain_call(node, base)
            for body in joined
            for statement in body
            for node in py.walk(statement)
        )
        items = any(
            item_of(node, only) is not None
            for body in joined
            for statement in body
            for node in py.walk(statement)
        )
        if uses and not items:
            found.add(base)
    return found


def _is_chain_call(node: Any, base: py.Expression) -> bool:
    return isinstance(node, py.Call) and node.function == base


def join(body: Sequence[py.Statement], lists: Lists) -> list[py.Statement]:
    """Statements with each whole chain made a call of its list."""

    def change(node: Any) -> Any:
        segment = _segment(node, lists)
        if segment is not None and segment[1:3] == (0, lists[segment[0]] - 1):
            return py.Call(segment[0], (segment[3],))
        return node

    result: list[py.Statement] = []
    position = 0
    while position < len(body):
        joined = _joined(body, position, lists)
        if joined is None:
            result.append(py.rewrite(body[position], change))
            position += 1
        else:
            statement, count = joined
            result.append(statement)
            position += count
    return result


_Segment = tuple[py.Expression, int, int, py.Expression]


def _segment(node: Any, lists: Lists) -> _Segment | None:
    """The list, the first and last item and the operand of calls one in another."""
    if not isinstance(node, py.Call) or len(node.arguments) != 1 or node.keywords:
        return None
    item = item_of(node.function, lists)
    if item is None:
        return None
    base, last = item
    inner = _segment(node.arguments[0], lists)
    if inner is not None and inner[0] == base and inner[2] == last - 1:
        return base, inner[1], last, inner[3]
    return base, last, last, node.arguments[0]


def _joined(
    body: Sequence[py.Statement], start: int, lists: Lists
) -> tuple[py.Statement, int] | None:
    """One statement for a chain that goes over several, and how many those are."""
    first = _assigned(body[start], lists)
    if first is None or first[1][1] != 0:
        return None
    target, (base, _, last, operand) = first
    count = 1
    while last < lists[base] - 1:
        if start + count == len(body):
            return None
        following = _assigned(body[start + count], lists)
        if following is None:
            return None
        other, (list_, begin, end, given) = following
        if (other, list_, begin, given) != (target, base, last + 1, target):
            return None
        last = end
        count += 1
    return py.Assign(target, py.Call(base, (operand,))), count


def _assigned(statement: py.Statement, lists: Lists) -> tuple[py.Name, _Segment] | None:
    match statement:
        case py.Assign(py.Name() as target, value, None):
            segment = _segment(value, lists)
            return None if segment is None else (target, segment)
    return None


# --- Loops ---


def rolled(
    body: Sequence[py.Statement], lists: Lists, avoided: Collection[str]
) -> list[py.Statement]:
    """Statements with loops, where each turn does the same to the next items."""
    result: list[py.Statement] = []
    position = 0
    while position < len(body):
        loop = _loop(body[position:], lists, {*avoided, *_names(body)})
        if loop is None:
            result.append(body[position])
            position += 1
        else:
            statement, count = loop
            result.append(statement)
            position += count
    return result


def _names(body: Sequence[py.Statement]) -> set[str]:
    return {
        node.id
        for statement in body
        for node in py.walk(statement)
        if isinstance(node, py.Name)
    }


def _loop(
    body: Sequence[py.Statement], lists: Lists, avoided: Collection[str]
) -> tuple[py.Statement, int] | None:
    """The loop that the first statements are, and how many these are."""
    best: tuple[py.Statement, int] | None = None
    second = _moved(body[0], _first_items(body[:1], lists) or {}, 1)
    for period in range(1, len(body) // 2 + 1):
        if body[period] != second:
            continue
        first = body[:period]
        starts = _first_items(first, lists)
        if starts is None:
            continue
        turns = 1
        while turns < len(body) // period:
            expected = [_moved(statement, starts, turns) for statement in first]
            if list(body[turns * period : (turns + 1) * period]) != expected:
                break
            turns += 1
        if turns >= 2 and (best is None or turns * period > best[1]):
            best = _written(first, starts, turns, lists, avoided), turns * period
    return best


def _first_items(
    body: Sequence[py.Statement], lists: Lists
) -> dict[py.Expression, int] | None:
    """Which item of each list the statements use, where it is one of each."""
    starts: dict[py.Expression, int] = {}
    for statement in body:
        for base, index in _items(statement, lists):
            if starts.setdefault(base, index) != index:
                return None
    # In the order in which the constructor has them.
    return {base: starts[base] for base in lists if base in starts} or None


def _items(node: Any, lists: Lists) -> Iterator[tuple[py.Expression, int]]:
    for inner in py.walk(node):
        item = item_of(inner, lists)
        if item is not None:
            yield item


def _moved(
    statement: py.Statement, starts: Mapping[py.Expression, int], by: int
) -> Any:
    def change(node: Any) -> Any:
        match node:
            case py.Subscript(base, py.Literal(int(index))) if base in starts:
                return py.Subscript(base, py.Literal(index + by))
        return node

    return py.rewrite(statement, change)


def _written(
    body: Sequence[py.Statement],
    starts: Mapping[py.Expression, int],
    turns: int,
    lists: Lists,
    avoided: Collection[str],
) -> py.Statement:
    taken = set(avoided)
    variables: dict[py.Expression, py.Name] = {}
    for base in starts:
        name = free_name(_singular(base), taken)
        taken.add(name)
        variables[base] = py.Name(name)

    def change(node: Any) -> Any:
        match node:
            case py.Subscript(base, py.Literal()) if base in variables:
                return variables[base]
        return node

    parts = []
    for base, start in starts.items():
        stop = start + turns
        part: py.Expression = base
        if start or stop < lists[base]:
            part = py.Subscript(
                base,
                py.Slice(
                    py.Literal(start) if start else None,
                    py.Literal(stop) if stop < lists[base] else None,
                ),
            )
        parts.append(part)
    inner = tuple(py.rewrite(statement, change) for statement in body)
    if len(parts) == 1:
        (variable,) = variables.values()
        return py.For(variable, parts[0], inner)
    strict = (py.Keyword("strict", py.Literal(True)),)
    together = py.Call(py.Name("zip"), tuple(parts), strict)
    return py.For(py.Tuple(tuple(variables.values())), together, inner)


def _singular(base: py.Expression) -> str:
    """What an item of a list is called: `layer` in `self.layers` or `self.layer1`."""
    match base:
        case py.Attribute(_, name) | py.Subscript(_, py.Literal(str(name))):
            short = re.sub(r"_?\d+$", "", name)
            return short.removesuffix("s") if len(short) > 3 else short or "item"
    return "item"
