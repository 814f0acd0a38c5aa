"""Names of layers."""

from typing import Any

from dlmc.elaborate.frame import Frame
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


def refuse_layers(frame: Frame, owner: str) -> None:
    """Raise `Problem` where the body of what owns nothing has made a layer."""
    for layer in frame.instances.values():
        raise Problem(
            "E0312",
            f"{owner} owns no layer, such as `{layer.module.definition}`",
            layer.span,
            hint="what is trained belongs to the model",
        )
