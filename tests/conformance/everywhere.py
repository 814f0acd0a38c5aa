"""A program on every target and in the interpreter, for tests that know the answer."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from dlmc.backend import Unsupported
from dlmc.initializers import initial_weights
from dlmc.interpreter import run
from dlmc.ir.module import Module
from tests.conformance.slopes import gradients
from tests.conformance.targets import TARGETS, Observed
from tests.unit.elaborate.programs import model

ALL = ("interpreter", *TARGETS)


def observed(
    text: str,
    inputs: Mapping[str, Any],
    weights: Mapping[str, Any] | None = None,
    *,
    training: bool = False,
    projections: Mapping[str, Any] | None = None,
) -> Iterator[tuple[str, Observed]]:
    """What the last model of a text does, by target; a graph neither trains nor has
    gradients.

    Weights that are not given are at their start.
    """
    module = model(text)
    start = initial_weights(module, 0)
    given = {**start, **(weights or {})}
    assert given.keys() == start.keys()
    given = {n: np.asarray(a, start[n].dtype) for n, a in given.items()}
    yield "interpreter", interpreted(module, given, inputs, training, projections)
    for name, target in TARGETS.items():
        if name == "onnx" and (training or projections):
            continue
        for natives in (True, False):
            try:
                found = target(
                    module, given, inputs, natives=natives, training=training,
                    projections=projections,
                )  # fmt: skip
            except Unsupported:
                if name != "onnx":  # whose runtime lacks some of f64
                    raise
                continue
            yield f"{name} {'natives' if natives else 'written out'}", found


def interpreted(
    module: Module,
    weights: Mapping[str, Any],
    inputs: Mapping[str, Any],
    training: bool,
    projections: Mapping[str, Any] | None,
) -> Observed:
    """By the reference."""
    found = run(module, inputs, weights, training=training)
    slopes = {}
    if projections is not None:
        slopes = gradients(module, weights, inputs, projections, training)
    return Observed(found.outputs, found.updates, slopes)


def one_output(
    wanted: Any, expression: str, inputs: Mapping[str, Any], types: str, **rest: Any
) -> None:
    """That `y = expression` is `wanted` on every target, to 1e-5 or 64 bits' 1e-12."""
    text = f"model Test {{ {types}\noutput y = {expression} }}"
    wide = any(np.asarray(a).dtype == np.float64 for a in inputs.values())
    bar = 1e-12 if wide else 1e-5
    for target, found in observed(text, inputs, **rest):
        y = np.asarray(found.outputs["y"])
        assert y.shape == np.shape(wanted), target
        np.testing.assert_allclose(y, wanted, rtol=bar, atol=bar, err_msg=target)


def slopes_of(
    wanted: Any, expression: str, x: Any, types: str, name: str = "x"
) -> None:
    """That the derivative of `expression`'s sum is `wanted` on every target."""
    text = f"model Test {{ {types}\noutput y = {expression} }}"
    x = np.asarray(x, np.float32)
    shape = run(model(text), {name: x}, initial_weights(model(text), 0)).outputs["y"]
    ones = {"y": np.ones_like(shape)}
    for target, found in observed(text, {name: x}, projections=ones):
        np.testing.assert_allclose(
            found.gradients[name], wanted, rtol=1e-6, atol=1e-7, err_msg=target
        )
