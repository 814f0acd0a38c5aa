"""The values of a body in the layouts in which its operations ask for them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TypeAlias

from dlmc.backends.tensorflow.axes import (
    Layout,
    identity,
    is_identity,
    is_unit,
    unit_axes_moved,
)
from dlmc.grammar.span import Span
from dlmc.ir.dimensions import Size
from dlmc.ir.module import Apply, Operation, Value
from dlmc.ir.types import TensorType

Arrangement: TypeAlias = tuple[int | None, ...]
"""A layout with axes of size 1 put in (None) or left out."""


class Arranger:
    """Builds a body: each value has one layout, and others are made on demand.

    A reshape that moves axes of size 1 alone, or a broadcast, is made again from its
    operand where another layout is wanted, which costs nothing; anything else is
    transposed. What is not used in the end is left out.
    """

    def __init__(self, held: Mapping[str, tuple[TensorType, Layout]]) -> None:
        self.transposes = 0
        self._types: dict[str, TensorType] = {}
        self._layouts: dict[str, Layout] = {}
        self._versions: dict[str, dict[Arrangement, Value]] = {}
        self._remade: dict[str, Apply] = {}
        self._operations: list[Operation] = []
        self._names: set[str] = set()
        for name, (type_, layout) in held.items():
            self.define(Value(name, type_), layout)

    def reserve(self, names: Iterable[str]) -> None:
        """Names that no inserted operation may take."""
        self._names.update(names)

    def layout(self, value: Value) -> Layout:
        """The layout that a value of the original body has."""
        return self._layouts[value.name]

    def define(self, value: Value, layout: Layout) -> Value:
        """A value of the original body in its layout, for an operation's result."""
        made = Value(value.name, _arranged_type(value.type, layout))
        self.alias(value, made, layout)
        return made

    def alias(self, value: Value, made: Value, layout: Layout) -> None:
        """A value of the original body that is another one, in a layout."""
        self._names.add(value.name)
        self._types[value.name] = value.type
        self._layouts[value.name] = layout
        self._versions[value.name] = {layout: made}

    def append(self, operation: Operation) -> None:
        """The next operation."""
        self._operations.append(operation)

    def remake(self, operation: Apply) -> None:
        """Note that an operation may be made again in another layout."""
        self._remade[operation.result.name] = operation

    def operations(self, kept: Iterable[Value]) -> tuple[Operation, ...]:
        """All operations, without those that became unnecessary."""
        used = {value.name for value in kept}
        result: list[Operation] = []
        for operation in reversed(self._operations):
            spare = isinstance(operation, Apply) and operation.result.name not in used
            if spare and operation.results[0].name in self._remade:
                continue
            used.update(value.name for value in operation.operands)
            result.append(operation)
        return tuple(reversed(result))

    # --- Versions ---

    def arranged(self, value: Value, wanted: Arrangement, span: Span) -> Value:
        """A value as it is wanted."""
        versions = self._versions[value.name]
        if wanted not in versions:
            origin = self._remade.get(value.name)
            versions[wanted] = (
                self._moved(value.name, wanted, span)
                if origin is None
                else self._made_again(origin, wanted)
            )
        return versions[wanted]

    def aligned(self, value: Value, layout: Layout, span: Span) -> Value:
        """An operand that broadcasts to a tensor in a layout."""
        if is_identity(layout):
            return self.arranged(value, identity(value.type.rank), span)
        return self.arranged(value, _projected(value.type, layout), span)

    def _moved(self, name: str, wanted: Arrangement, span: Span) -> Value:
        shape = self._types[name].shape
        layout = self._layouts[name]
        value = self._versions[name][layout]
        target = tuple(_sizes(shape, wanted))
        axes = tuple(axis for axis in wanted if axis is not None)
        is_full = len(axes) == len(wanted) == len(layout)
        in_order = _long(shape, layout) == _long(shape, axes)
        if in_order and value.type.shape == target:
            return value
        if is_full or not in_order:
            left_out = tuple(axis for axis in layout if axis not in axes)
            order = (*left_out, *axes)
            places = tuple(layout.index(axis) for axis in order)
            self.transposes += 1
            value = self._insert(
                "transpose", value, {"axes": places}, tuple(_sizes(shape, order)), span
            )
        if value.type.shape != target:
            value = self._insert("reshape", value, {"shape": target}, target, span)
        return value

    def _made_again(self, operation: Apply, wanted: Arrangement) -> Value:
        """A reshape or broadcast anew, in another layout."""
        (x,) = operation.operands
        result = operation.result.type
        target = tuple(_sizes(result.shape, wanted))
        if operation.primitive == "reshape":
            moved = unit_axes_moved(x.type.shape, result.shape)
            assert moved is not None
            inside = tuple(None if a is None else moved.get(a) for a in wanted)
            return self.arranged(x, inside, operation.span)
        new = result.rank - x.type.rank
        inside = tuple(None if a is None or a < new else a - new for a in wanted)
        operand = self.arranged(x, _shortened(x.type, inside), operation.span)
        return self._insert(
            "broadcast", operand, {"shape": target}, target, operation.span
        )

    def _insert(
        self,
        primitive: str,
        operand: Value,
        attributes: Mapping[str, object],
        shape: tuple[Size, ...],
        span: Span,
    ) -> Value:
        result = Value(self._fresh(operand), replace(operand.type, shape=shape))
        self.append(Apply(primitive, (operand,), attributes, result, span))
        return result

    def _fresh(self, value: Value) -> str:
        def names() -> Iterator[str]:
            count = 2
            while True:
                yield f"{value.hint}.{count}" if value.hint else str(count)
                count += 1

        name = next(name for name in names() if name not in self._names)
        self._names.add(name)
        return name


def _sizes(shape: tuple[Size, ...], arrangement: Arrangement) -> Iterator[Size]:
    return (1 if axis is None else shape[axis] for axis in arrangement)


def _arranged_type(type_: TensorType, layout: Layout) -> TensorType:
    return replace(type_, shape=tuple(_sizes(type_.shape, layout)))


def _long(shape: tuple[Size, ...], axes: Iterable[int]) -> list[int]:
    """The axes whose order matters: those of another size than 1."""
    return [axis for axis in axes if not is_unit(shape[axis])]


def _projected(type_: TensorType, layout: Layout) -> Arrangement:
    """How an operand of a type has to lie to broadcast to a tensor in a layout."""
    new = len(layout) - type_.rank
    return _shortened(
        type_, tuple(axis - new if axis >= new else None for axis in layout)
    )


def _shortened(type_: TensorType, arrangement: Arrangement) -> Arrangement:
    """An arrangement without the axes of size 1 that it begins with."""
    for start, axis in enumerate(arrangement):
        if axis is not None and not is_unit(type_.shape[axis]):
            return arrangement[start:]
    return ()
