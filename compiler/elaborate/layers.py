"""Names of layers."""

from typing import Any

from dlmc.elaborate.problems import Problem
from dlmc.elaborate.values import Layer, describe
from dlmc.grammar import tree


def name_value(value: Any, name: str, node: tree.Node) -> Any:
    """Give a layer the name that `as` says."""
    if not isinstance(value, Layer):
        raise Problem("E0310", f"`as` names a layer, not {describe(value)}", node.span)
    parts = name.split(".")
    if not all(part.replace("_", "a").isalnum() and part.isascii() for part in parts):
        raise Problem(
            "E0310",
            f'"{name}" is no name: letters, digits and `_`, in parts joined by dots',
            node.span,
        )
    value.name = name
    return value
