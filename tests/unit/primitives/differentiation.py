"""Functions of a primitive's samples and their gradients, in f64."""

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from dlmc.grammar.span import Source, Span
from dlmc.interpreter import run
from dlmc.ir.builder import Builder
from dlmc.ir.dimensions import Dim
from dlmc.ir.module import Apply, Body, Kind, Module, Output, Value
from dlmc.ir.types import DType, TensorType
from dlmc.passes.differentiate import differentiate
from dlmc.primitives import Primitive, Sample
from tests.unit.primitives.drawing import draw

SPAN = Span(Source("sample.dlm", "x"), 0, 1)

Arrays = Mapping[str, Any]


def function(
    inputs: tuple[Value, ...], operations: tuple[Apply, ...], *results: Value
) -> Module:
    """A function of inputs with the outputs `y0`, `y1` …"""
    body = Body(operations, results)
    outputs = tuple(Output(f"y{i}", value.type) for i, value in enumerate(results))
    return Module(
        definition="Sample",
        kind=Kind.MODEL,
        is_library=False,
        arguments={},
        dimensions={},
        inputs=inputs,
        outputs=outputs,
        parameters=(),
        states=(),
        instances=(),
        inference=body,
        training=body,
        span=SPAN,
    )


def wide(type_: TensorType) -> TensorType:
    """The type with f64 for every float."""
    return replace(type_, dtype=DType.F64) if type_.dtype.is_float else type_


def of_sample(primitive: Primitive, sample: Sample) -> Module:
    """A primitive on the inputs `x0`, `x1` …, with f64 for every float."""
    types = tuple(map(wide, sample.operands))
    given = dict(sample.attributes)
    for name, value in given.items():
        if isinstance(value, DType) and value.is_float:
            given[name] = DType.F64
        elif isinstance(value, float) and math.isinf(value):
            given[name] = 1.0  # which sums bear
    normal = primitive.normalize(types, given)
    inputs = tuple(Value(f"x{i}", type_) for i, type_ in enumerate(types))
    result = Value("y", primitive.infer(types, normal))
    # A size that no operand has comes from an input of its own.
    known = {n for t in types for size in t.shape for n in names(size)}
    others = {n for size in result.type.shape for n in names(size)} - known
    sizes = tuple(
        Value(f"of_{n}", TensorType(DType.BOOL, (Dim.symbol(n),))) for n in others
    )
    apply = Apply(primitive.name, inputs, normal, result, SPAN)
    return function((*inputs, *sizes), (apply,), result)


def names(size: Any) -> list[str]:
    """The symbols in a size."""
    return [] if isinstance(size, int) else list(size.symbols())


def projected(module: Module, *chosen: str) -> Module:
    """A module whose one output `y0` is a sum of the chosen outputs' numbers.

    Each has a factor of its own in an input: `r0`, `r1` …
    """
    operations = [o for o in module.inference.operations if isinstance(o, Apply)]
    given = {value.name for value in module.inputs}
    builder = Builder(SPAN, {*given, *(o.result.name for o in operations)})
    for operation in operations:
        builder.know(operation)
    named = zip(module.outputs, module.inference.outputs, strict=True)
    found = {output.name: builder.term(value) for output, value in named}
    taken = len([name for name in given if name.startswith("r")])
    factors = [
        Value(f"r{taken + i}", found[name].type) for i, name in enumerate(chosen)
    ]
    total = builder.constant(0, DType.F64)
    for name, factor in zip(chosen, factors, strict=True):
        total = total + builder.sum(found[name] * builder.term(factor))
    return function(
        (*module.inputs, *factors), (*operations, *builder.operations), total.value
    )


def floats(module: Module) -> list[str]:
    """The inputs that a gradient can be of, the factors of `projected` left out."""
    return [
        value.name
        for value in module.inputs
        if value.type.dtype.is_float and value.name.startswith("x")
    ]


def draws(module: Module, sample: Sample, seed: int = 0) -> dict[str, Any]:
    """Arrays for the inputs, those of the sample's operands in its ranges."""
    rng = np.random.default_rng(seed)
    ranges = {f"x{i}": between for i, between in sample.ranges.items()}
    return {
        value.name: draw(value.type, rng, ranges.get(value.name))
        for value in module.inputs
    }


def gradients(module: Module, given: Arrays) -> dict[str, Any]:
    """The gradient of the first output for each of `floats`, by the interpreter."""
    wrt = floats(module)
    result = run(differentiate(module, wrt), given, {}, precise=True)
    return {name: result.outputs[f"grad.{name}"] for name in wrt}


def difference(
    module: Module, given: Arrays, name: str, direction: Any, step: float
) -> float:
    """The slope of the first output along a direction of one input."""

    def value(by: float) -> float:
        moved = {**given, name: given[name] + by * direction}
        return float(run(module, moved, {}, precise=True).outputs["y0"])

    # Of the fourth order: the error is far below that of the rounding.
    far = value(2 * step) - value(-2 * step)
    return (8 * (value(step) - value(-step)) - far) / (12 * step)
