"""Walks over syntax trees, without recursion: a pipeline of any length is one chain."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields

from dlmc.grammar import tree
from dlmc.grammar.interpolation import interpolated

_PARTS: Mapping[type, tuple[str, ...]] = {
    kind: tuple(f.name for f in fields(kind) if "span" not in f.name)
    for kind in vars(tree).values()
    if isinstance(kind, type) and issubclass(kind, tree.Node)
}
"""The fields of each kind of node that may hold others."""


def children(node: tree.Node) -> Iterator[tree.Node]:
    """The nodes right inside of a node; of a name with `{expr}`, the expressions."""
    if isinstance(node, tree.Named) and "{" in node.name.value:
        yield from (p for p in interpolated(node.name) if not isinstance(p, str))
    for name in _PARTS[type(node)]:
        part = getattr(node, name)
        if isinstance(part, tree.Node):
            yield part
        elif isinstance(part, tuple):
            yield from part


def nodes(root: tree.Node) -> Iterator[tree.Node]:
    """A node and all that is inside of it."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(children(node))


def names(*roots: tree.Node | None) -> set[str]:
    """The names whose values are asked for inside of nodes."""
    return {name for name, _ in reads(root for root in roots if root is not None)}


def reads(roots: Iterable[tree.Node]) -> Iterator[tuple[str, bool]]:
    """The names asked for, and whether a function asks that may be called later.

    A function's own parameters are not among them.
    """
    nothing: frozenset[str] = frozenset()
    waiting: list[tuple[tree.Node, frozenset[str] | None]]
    waiting = [(root, None) for root in roots]
    while waiting:
        node, hidden = waiting.pop()
        if isinstance(node, tree.Name):
            if hidden is None or node.name not in hidden:
                yield node.name, hidden is not None
            continue
        if isinstance(node, tree.Function):
            hidden = (hidden or nothing) | {p.name for p in node.parameters}
        waiting.extend((child, hidden) for child in children(node))
