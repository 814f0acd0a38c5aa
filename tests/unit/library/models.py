"""Models of one expression."""

from dlmc.ir.module import Module
from tests.unit.elaborate.programs import model


def text_of(type_: str, expression: str) -> str:
    """A program whose only output is an expression of an input `x`."""
    return f"model Test {{\n  input x: {type_}\n  output {expression}\n}}"


def model_with(type_: str, expression: str) -> Module:
    """The model of such a program."""
    return model(text_of(type_, expression))
