"""Gradients: reverse accumulation over a flat module, in its own primitives."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from dlmc.grammar.span import Source, Span
from dlmc.ir.builder import Builder, Term
from dlmc.ir.module import Apply, Module, Output, Value
from dlmc.ir.types import TensorType
from dlmc.passes.prune import prune
from dlmc.primitives import REGISTRY, Primitive

Reads: TypeAlias = tuple[tuple[int, ...] | None, ...]
"""For each operand the places of what its gradient reads; see `reads`."""

NOWHERE = Span(Source("", ""), 0, 0)
"""The place of what is built to be looked at alone."""


def differentiate(module: Module, wrt: Sequence[str]) -> Module:
    """A module that also computes the gradients of its first output.

    Args:
        module: One without calls (`dlmc.passes.inline`), whose first output is a scalar
            float.
        wrt: Parameters, states and inputs by name, floats each.

    Returns:
        The module with an output `grad.NAME` for each name behind its own, of the type
        of what it is the gradient of: zeros where the first output does not depend on
        it. What neither outputs nor states need is not computed.
    """
    (loss, *_) = module.inference.outputs
    assert loss.type.rank == 0, loss.type
    assert loss.type.dtype.is_float, loss.type
    operations = [_flat(operation) for operation in module.inference.operations]
    given = {value.name: value.type for value in module.inputs}
    given |= {own.name: own.type for own in module.parameters}
    given |= {own.name: own.type for own in module.states}
    wanted = {name: Value(name, given[name]) for name in wrt}
    taken = {*given, *(operation.result.name for operation in operations)}
    span = operations[-1].span if operations else module.span
    assert span is not None
    builder = Builder(span, taken)
    for operation in operations:
        builder.know(operation)
    found = _accumulated(builder, operations, loss, wanted)
    gradients = [
        builder.fit(found[name], value.type.shape)
        if name in found
        else builder.full(0, value.type)
        for name, value in wanted.items()
    ]
    body = replace(
        module.inference,
        operations=(*operations, *builder.operations),
        outputs=(*module.inference.outputs, *(g.value for g in gradients)),
    )
    outputs = tuple(Output(f"grad.{name}", v.type) for name, v in wanted.items())
    both = replace(
        module,
        outputs=(*_named(module.outputs), *outputs),
        inference=body,
        training=body,
    )
    return prune(both)


def has_gradient(primitive: Primitive) -> bool:
    """Whether gradients pass through a primitive."""
    return hasattr(primitive, "gradient")


def _flat(operation: object) -> Apply:
    assert isinstance(operation, Apply), "a call: inline the module first"
    return operation


def _named(outputs: tuple[Output, ...]) -> Iterable[Output]:
    """The single output without a name gets that under which it is reported."""
    return (replace(output, name=output.name or "output") for output in outputs)


def _accumulated(
    builder: Builder,
    operations: Sequence[Apply],
    loss: Value,
    wanted: dict[str, Value],
) -> dict[str, Term]:
    """The gradient of each value between the wanted ones and the loss, by name."""
    active = {name for name, value in wanted.items() if value.type.dtype.is_float}
    for operation in operations:
        if _passes(operation) and any(o.name in active for o in operation.operands):
            active.add(operation.result.name)
    found: dict[str, Term] = {}
    if loss.name in active:
        found[loss.name] = builder.constant(1, loss.type.dtype)
    for operation in reversed(operations):
        dy = found.get(operation.result.name)
        if dy is None:
            continue
        builder.span = operation.span
        gradients = gradients_of(builder, operation, dy)
        for operand, gradient in zip(operation.operands, gradients, strict=True):
            if gradient is None or operand.name not in active:
                continue
            before = found.get(operand.name)
            found[operand.name] = gradient if before is None else before + gradient
    return found


def _passes(operation: Apply) -> bool:
    is_float = operation.result.type.dtype.is_float
    return is_float and has_gradient(REGISTRY[operation.primitive])


def reads(
    primitive: Primitive, types: Sequence[TensorType], attributes: Mapping[str, Any]
) -> Reads:
    """For each operand what its gradient is computed from, beside the result's.

    That are operands by their positions; the number of operands stands for the result.
    None is an operand without a gradient.
    """
    if not has_gradient(primitive):
        return (None,) * len(types)
    result = primitive.infer(tuple(types), attributes)
    values = [Value(f"x{i}", type_) for i, type_ in enumerate((*types, result))]
    operation = Apply(
        primitive.name, tuple(values[:-1]), attributes, values[-1], NOWHERE
    )
    builder = Builder(NOWHERE)
    dy = builder.term(Value("dy", result))
    gradients = gradients_of(builder, operation, dy)
    sources: dict[str, set[int]] = {v.name: {i} for i, v in enumerate(values)}
    for made in builder.operations:
        read = (sources.get(operand.name, set()) for operand in made.operands)
        sources[made.result.name] = set().union(*read)
    return tuple(
        None
        if gradient is None
        else tuple(sorted(sources.get(gradient.value.name, ())))
        for gradient in gradients
    )


def gradients_of(
    builder: Builder, operation: Apply, dy: Term
) -> tuple[Term | None, ...]:
    """The gradient of each operand, of its shape, from the result's."""
    operands = [builder.term(operand) for operand in operation.operands]
    y = builder.term(operation.result)
    made = REGISTRY[operation.primitive].gradient(
        builder, dy, y, *operands, **operation.attributes
    )
    return tuple(
        None
        if gradient is None or not operand.dtype.is_float
        else builder.fit(gradient, operand.shape)
        for operand, gradient in zip(operands, made, strict=True)
    )
