"""Gradients as the compiler derives them, and as differences of values."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from dlmc.interpreter import run
from dlmc.ir.builder import Builder
from dlmc.ir.module import Body, Module, Output, Value
from dlmc.ir.types import DType, TensorType
from dlmc.passes.differentiate import differentiate
from dlmc.passes.inline import inline
from tests.conformance.targets import names

PREFIX = "projection_of_"
STEP = 1e-6
"""Of central differences: its rounding, 1e-10, and its error of second order are both
far below what is asked of it."""


@cache
def projected(module: Module, training: bool) -> Module:
    """The module with one output: the sum of its float outputs times further inputs."""
    flat = inline(module, training)
    body = flat.body(training)
    taken = {value.name for value in flat.inputs}
    taken |= {own.name for own in (*flat.parameters, *flat.states)}
    taken |= {o.name for operation in body.operations for o in operation.results}
    assert flat.span is not None
    builder = Builder(flat.span, taken)
    total = builder.constant(0, DType.F64)
    inputs = list(flat.inputs)
    for name, value in zip(names(module), body.outputs, strict=True):
        if not value.type.dtype.is_float:
            continue
        given = Value(PREFIX + name, TensorType(DType.F64, value.type.shape))
        inputs.append(given)
        wide = builder.cast(builder.term(value), dtype=DType.F64)
        total = total + builder.sum(wide * builder.term(given))
    made = Body((*body.operations, *builder.operations), (total.value,))
    return replace(
        flat,
        inputs=tuple(inputs),
        outputs=(Output("total", total.type),),
        inference=made,
        training=made,
    )


@cache
def with_gradients(module: Module, training: bool) -> Module:
    """The projection and its gradients with respect to inputs and parameters."""
    flat = projected(module, training)
    wanted = [v.name for v in flat.inputs if v.type.dtype.is_float]
    wanted += [p.name for p in flat.parameters]
    return differentiate(flat, [n for n in wanted if not n.startswith(PREFIX)])


def gradients(
    module: Module,
    weights: Mapping[str, Any],
    inputs: Mapping[str, Any],
    projections: Mapping[str, Any],
    training: bool,
    *,
    precise: bool = True,
) -> dict[str, Any]:
    """Of the projected outputs, by the name of the input or parameter: in 64 bits, or
    in the module's own dtypes."""
    found = run(
        with_gradients(module, training),
        _with(inputs, projections),
        weights,
        training=training,
        precise=precise,
    )
    return {
        name.removeprefix("grad."): array
        for name, array in found.outputs.items()
        if name.startswith("grad.")
    }


def slope(
    module: Module,
    weights: Mapping[str, Any],
    inputs: Mapping[str, Any],
    projections: Mapping[str, Any],
    training: bool,
    direction: Mapping[str, Any],
) -> float:
    """The derivative of the projected outputs along a direction, by differences."""

    def at(step: float) -> float:
        def moved(given: Mapping[str, Any]) -> dict[str, Any]:
            return {
                name: np.asarray(array, np.float64) + step * direction[name]
                if name in direction
                else array
                for name, array in given.items()
            }

        found = run(
            projected(module, training),
            _with(moved(inputs), projections),
            moved(weights),
            training=training,
            precise=True,
        )
        return float(found.outputs["total"])

    return (at(STEP) - at(-STEP)) / (2 * STEP)


def _with(inputs: Mapping[str, Any], projections: Mapping[str, Any]) -> dict[str, Any]:
    wide = {PREFIX + n: np.asarray(a, np.float64) for n, a in projections.items()}
    return {**inputs, **wide}
