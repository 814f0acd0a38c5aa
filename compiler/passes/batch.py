"""From one sample to all of them: a data field's function with samples in front.

A field is written for one sample; generated code computes it for all at once. Each
value that depends on a sample gets a leading axis, and each operation is written anew
so that it leaves that axis alone. Calls are taken apart on the way.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from string import ascii_letters
from typing import Any, TypeAlias

from dlmc.backend import Unsupported
from dlmc.grammar.span import Span
from dlmc.ir.dimensions import Dim, Size
from dlmc.ir.module import Apply, Body, Module, Output, Value
from dlmc.ir.types import TensorType
from dlmc.passes.inline import inline
from dlmc.primitives import REGISTRY
from dlmc.primitives.arithmetic import Binary
from dlmc.primitives.elementwise import Elementwise
from dlmc.primitives.reductions import ArgReduction, Reduction


def batch(module: Module, samples: str = "n") -> Module:
    """The function of many samples that does to each what `module` does to one.

    Args:
        module: A pure function of one sample, without symbolic sizes.
        samples: The symbol for the number of samples, the first axis of every input
            and output.

    Raises:
        Unsupported: for an operation that means something else on many samples.
    """
    batcher = _Batcher(Dim.symbol(samples))
    inputs = tuple(batcher.input(value) for value in module.inputs)
    scope = {
        value.name: Operand(given, True)
        for value, given in zip(module.inputs, inputs, strict=True)
    }
    flat = inline(module).inference
    for operation in flat.operations:
        assert isinstance(operation, Apply)
        operands = [scope[operand.name] for operand in operation.operands]
        scope[operation.result.name] = batcher.operation(operation, operands)
    values = tuple(batcher.each(scope[output.name]) for output in flat.outputs)
    body = Body(tuple(batcher.operations), values)
    outputs = tuple(
        Output(output.name, value.type)
        for output, value in zip(module.outputs, values, strict=True)
    )
    return replace(
        module, inputs=inputs, outputs=outputs, inference=body, training=body
    )


@dataclass(frozen=True, slots=True)
class Operand:
    """A value, and whether samples are its first axis."""

    value: Value
    batched: bool

    @property
    def shape(self) -> tuple[Size, ...]:
        """The shape of one sample's."""
        return self.value.type.shape[1:] if self.batched else self.value.type.shape

    @property
    def rank(self) -> int:
        """The rank of one sample's."""
        return len(self.shape)


Attributes: TypeAlias = dict[str, Any]


class _Batcher:
    """Collects the operations on many samples."""

    def __init__(self, size: Dim) -> None:
        self.size = size
        self.operations: list[Apply] = []
        self.names: set[str] = set()
        self.span: Span | None = None
        self.hint: str | None = None

    # -- building --

    def named(self, hint: str | None) -> str:
        """A new name, from the source's where there is one."""
        count = len(self.names) + 2
        numbers = (str(i) if hint is None else f"{hint}.{i + 2}" for i in range(count))
        candidates = numbers if hint is None else (hint, *numbers)
        name = next(name for name in candidates if name not in self.names)
        self.names.add(name)
        return name

    def input(self, value: Value) -> Value:
        """An input with its axis of samples."""
        shape = (self.size, *value.type.shape)
        return Value(self.named(value.hint), TensorType(value.type.dtype, shape))

    def step(self, primitive: str, *operands: Value, **attributes: Any) -> Value:
        """Add an operation on the way to the one that is being written anew."""
        return self.add(primitive, operands, attributes, None)

    def last(self, primitive: str, *operands: Value, **attributes: Any) -> Value:
        """Add the operation that has the result, called as in the source."""
        return self.add(primitive, operands, attributes, self.hint)

    def add(
        self,
        primitive: str,
        operands: tuple[Value, ...],
        attributes: Mapping[str, Any],
        hint: str | None,
    ) -> Value:
        """Add an operation whose result is called after `hint`."""
        types = tuple(operand.type for operand in operands)
        type_ = REGISTRY[primitive].infer(types, attributes)
        result = Value(self.named(hint), type_)
        assert self.span is not None
        self.operations.append(
            Apply(primitive, operands, attributes, result, self.span)
        )
        return result

    # -- operations --

    def operation(self, operation: Apply, operands: list[Operand]) -> Operand:
        """Add an operation in its form for many samples."""
        self.span = operation.span
        self.hint = operation.result.hint
        name = operation.primitive
        attributes = dict(operation.attributes)
        if name == "standardize":
            operands = [Operand(self.each(operand), True) for operand in operands]
        is_fixed = not any(operand.batched for operand in operands)
        if is_fixed and not REGISTRY[name].supplied:
            values = [operand.value for operand in operands]
            return Operand(self.last(name, *values, **attributes), False)
        rule = _rule(name)
        made = rule(self, operands, attributes) if rule else None
        if made is None:
            raise Unsupported(
                f"{name} cannot stand in a data field",
                operation.span,
                "compute it in the model instead",
            )
        return Operand(made, True)

    # -- shapes --

    def aligned(self, operand: Operand, rank: int) -> Value:
        """A value whose axes, samples apart, line up from the last with `rank` axes."""
        missing = rank - operand.rank
        if not operand.batched or missing <= 0:
            return operand.value
        shape = (self.size, *(1,) * missing, *operand.shape)
        return self.step("reshape", operand.value, shape=shape)

    def each(self, operand: Operand) -> Value:
        """A value with samples in front: the same for all where it does not depend."""
        if operand.batched:
            return operand.value
        shape = (self.size, *operand.shape)
        return self.step("broadcast", operand.value, shape=shape)


Rule: TypeAlias = Callable[[_Batcher, list[Operand], Attributes], Value | None]
"""Writes an operation anew; None where it cannot be said of many samples."""


def _rule(name: str) -> Rule | None:
    match REGISTRY[name]:
        case Elementwise():
            return lambda b, operands, _: b.last(name, operands[0].value)
        case Binary():
            return lambda b, operands, _: b.last(name, *_lined_up(b, operands))
        case Reduction():
            return lambda b, operands, a: b.last(
                name, operands[0].value, **{**a, "axis": _later(a["axis"])}
            )
        case ArgReduction():
            return lambda b, operands, a: b.last(
                name, operands[0].value, **{**a, "axis": a["axis"] + 1}
            )
    return _RULES.get(name)


def _lined_up(b: _Batcher, operands: list[Operand]) -> list[Value]:
    """Operands that broadcast together as those of one sample do."""
    rank = max(operand.rank for operand in operands)
    return [b.aligned(operand, rank) for operand in operands]


def _later(axes: tuple[int, ...]) -> tuple[int, ...]:
    """The same axes behind that of samples."""
    return tuple(axis + 1 for axis in axes)


def _select(b: _Batcher, operands: list[Operand], a: Attributes) -> Value:
    return b.last("select", *_lined_up(b, operands))


def _cast(b: _Batcher, operands: list[Operand], a: Attributes) -> Value:
    return b.last("cast", operands[0].value, **a)


def _stop_gradient(b: _Batcher, operands: list[Operand], a: Attributes) -> Value:
    return b.last("stop_gradient", operands[0].value)


def _standardize(b: _Batcher, operands: list[Operand], a: Attributes) -> Value:
    return b.last("standardize", operands[0].value)


def _one_hot(b: _Batcher, operands: list[Operand], a: Attributes) -> Value:
    return b.last("one_hot", operands[0].value, **a)


def _reshape(b: _Batcher, operands: list[Operand], a: Attributes) -> Value:
    return b.last("reshape", operands[0].value, shape=(b.size, *a["shape"]))


def _broadcast(b: _Batcher, operands: list[Operand], a: Attributes) -> Value:
    x = b.aligned(operands[0], len(a["shape"]))
    return b.last("broadcast", x, shape=(b.size, *a["shape"]))


def _transpose(b: _Batcher, operands: list[Operand], a: Attributes) -> Value:
    return b.last("transpose", operands[0].value, axes=(0, *_later(a["axes"])))


def _concat(b: _Batcher, operands: list[Operand], a: Attributes) -> Value:
    values = [b.each(operand) for operand in operands]
    return b.last("concat", *values, axis=a["axis"] + 1)


def _along_axis(name: str) -> Rule:
    def rule(b: _Batcher, operands: list[Operand], a: Attributes) -> Value:
        values = [b.each(operand) for operand in operands]
        return b.last(name, *values, **{**a, "axis": a["axis"] + 1})

    return rule


def _einsum(b: _Batcher, operands: list[Operand], a: Attributes) -> Value | None:
    """The pattern with a letter more, for samples."""
    pattern: str = a["pattern"]
    letter = next((c for c in ascii_letters if c not in pattern), None)
    if letter is None:
        return None
    left, _, right = pattern.partition("->")
    terms = [
        f"{letter}{term}" if operand.batched else term
        for term, operand in zip(left.split(","), operands, strict=True)
    ]
    values = [operand.value for operand in operands]
    said = f"{','.join(terms)}->{letter}{right}"
    return b.last("einsum", *values, pattern=said)


def _pad(b: _Batcher, operands: list[Operand], a: Attributes) -> Value:
    low, high = (0, *a["low"]), (0, *a["high"])
    return b.last("pad", operands[0].value, low=low, high=high, value=a["value"])


def _slice(b: _Batcher, operands: list[Operand], a: Attributes) -> Value:
    whole = {"start": 0, "stop": b.size, "step": 1}
    entries = {name: (first, *a[name]) for name, first in whole.items()}
    return b.last("slice", operands[0].value, **entries)


def _gather(b: _Batcher, operands: list[Operand], a: Attributes) -> Value | None:
    x, indices = operands
    axis = a["axis"]
    if x.batched and indices.batched:
        return None
    if x.batched:
        return b.last("gather", x.value, indices.value, axis=axis + 1)
    if axis == 0:
        return b.last("gather", x.value, indices.value, axis=0)
    taken = b.step("gather", x.value, indices.value, axis=axis)
    others = (i for i in range(taken.type.rank) if i != axis)
    return b.last("transpose", taken, axes=(axis, *others))


def _matmul(b: _Batcher, operands: list[Operand], a: Attributes) -> Value:
    left, right = operands
    is_stack = left.rank >= 2 or right.rank <= 2
    if (not right.batched and is_stack) or (
        not left.batched and left.rank == 1 and right.rank >= 2
    ):
        return b.last("matmul", left.value, right.value)
    # Vectors become matrices, and stacks of them line up.
    rank = max(left.rank, right.rank, 2)
    values = [
        b.aligned(Operand(_matrix(b, operand, column), operand.batched), rank)
        for operand, column in ((left, False), (right, True))
    ]
    if left.rank >= 2 and right.rank >= 2:
        return b.last("matmul", *values)
    product = b.step("matmul", *values)
    shape = list(product.type.shape)
    if right.rank == 1:
        del shape[-1]
    if left.rank == 1:
        del shape[-1 if right.rank == 1 else -2]
    return b.last("reshape", product, shape=tuple(shape))


def _matrix(b: _Batcher, operand: Operand, column: bool) -> Value:
    """A vector as a matrix of one row or one column; a matrix as it is."""
    if operand.rank > 1:
        return operand.value
    front = operand.value.type.shape[:-1]
    size = operand.value.type.shape[-1]
    shape = (*front, size, 1) if column else (*front, 1, size)
    return b.step("reshape", operand.value, shape=shape)


_RULES: dict[str, Rule] = {
    "argsort": _along_axis("argsort"),
    "broadcast": _broadcast,
    "cast": _cast,
    "concat": _concat,
    "cumsum": _along_axis("cumsum"),
    "einsum": _einsum,
    "gather": _gather,
    "matmul": _matmul,
    "one_hot": _one_hot,
    "pad": _pad,
    "reshape": _reshape,
    "select": _select,
    "slice": _slice,
    "standardize": _standardize,
    "stop_gradient": _stop_gradient,
    "take_along_axis": _along_axis("take_along_axis"),
    "transpose": _transpose,
}
