"""Programs from text, for tests."""

from pathlib import Path
from typing import Any

import numpy as np

from dlmc.diagnostics.render import render
from dlmc.elaborate.program import elaborate
from dlmc.grammar.span import Source
from dlmc.initializers import initial_weights
from dlmc.interpreter import run
from dlmc.ir.module import Module
from dlmc.ir.program import Program


def program(text: str, folder: Path = Path()) -> Program:
    """The program of a text that has no errors."""
    found = elaborate(Source("test.dlm", text), folder)
    assert found.program is not None, "\n".join(map(render, found.diagnostics))
    return found.program


def model(text: str) -> Module:
    """The last model of a text."""
    return program(text).models[-1]


def errors(text: str) -> list[str]:
    """The messages about a text."""
    found = elaborate(Source("test.dlm", text), Path())
    return [diagnostic.message for diagnostic in found.diagnostics]


def compute(
    text: str, *, training: bool = False, **inputs: Any
) -> dict[str, np.ndarray[Any, Any]]:
    """What the last model of a text gives for inputs, from its initial weights."""
    module = model(text)
    arrays = {
        value.name: np.asarray(inputs[value.name], value.type.dtype.value.replace(
            "f", "float").replace("i", "int") if value.type.dtype.value != "bool"
            else "bool")
        for value in module.inputs
    }  # fmt: skip
    weights = initial_weights(module, 0)
    return run(module, arrays, weights, training=training).outputs
