"""A graph under construction: typed values, unique names, nodes with their source.

A thin layer over `onnx.helper`. Values carry their type in the model's own dimensions,
so that no shape is inferred; a node's name says where in the model it stands
(`/block/conv/Conv`); what no output needs is left out of the finished graph.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Any, Final

import numpy as np
from onnx import ModelProto, NodeProto, TensorProto, ValueInfoProto, helper

from dlmc.backend import Unsupported
from dlmc.backends.onnx.dtypes import ELEMENT_TYPES, computed_in
from dlmc.backends.onnx.opsets import (
    AXES_ARE_INPUTS,
    LOWEST,
    REDUCTIONS_BY_ATTRIBUTE,
    least_version,
)
from dlmc.grammar.span import Span
from dlmc.ir.dimensions import Size
from dlmc.ir.types import DType, TensorType
from dlmc.primitives.arrays import Array, numpy_dtype

IR_VERSION: Final = 10
"""The first version of the file format whose nodes have metadata."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """A value of the graph: its name there, its type in the model's dimensions."""

    name: str
    type: TensorType

    @property
    def dtype(self) -> DType:
        """The kind of number."""
        return self.type.dtype

    @property
    def shape(self) -> tuple[Size, ...]:
        """The sizes."""
        return self.type.shape

    @property
    def rank(self) -> int:
        """The number of dimensions."""
        return self.type.rank


@dataclass(frozen=True, slots=True)
class Node:
    """One operator applied; an input left out is None."""

    name: str
    operator: str
    inputs: tuple[Tensor | None, ...]
    outputs: tuple[Tensor, ...]
    attributes: Mapping[str, Any]
    source: str | None

    @property
    def version(self) -> int:
        """The first operator set in which it is valid."""
        inputs = tuple(x.dtype if x is not None else None for x in self.inputs)
        outputs = len(self.outputs)
        return least_version(self.operator, inputs, outputs, frozenset(self.attributes))


class _Names:
    """Names, each given once."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._counts: dict[str, int] = {}

    def unique(self, wanted: str) -> str:
        """`wanted`, with a number where it is taken."""
        name = wanted
        while name in self._taken:
            count = self._counts[wanted] = self._counts.get(wanted, 0) + 1
            name = f"{wanted}_{count}"
        self._taken.add(name)
        return name


@dataclass(slots=True)
class Builder:
    """Collects the nodes of one graph.

    `interface` are the names of the model's inputs, outputs and weights, which nothing
    else may take.
    """

    interface: Iterable[str] = ()
    span: Span | None = None
    """The place in the source of what is being built."""
    symbols: dict[str, tuple[Tensor, int]] = field(default_factory=dict)
    """Where the run-time value of a symbolic size stands: an axis of an input."""
    sizes: dict[Size, Tensor] = field(default_factory=dict)
    """Run-time sizes that were computed already (`dlmc.backends.onnx.sizes`)."""
    inputs: list[Tensor] = field(default_factory=list)
    weights: dict[str, Tensor] = field(default_factory=dict)
    _nodes: list[Node] = field(default_factory=list)
    _produced: set[str] = field(default_factory=set)
    """The names of all nodes' outputs."""
    _constants: dict[str, Array] = field(default_factory=dict)
    _constant_names: dict[tuple[DType, tuple[int, ...], bytes], Tensor] = field(
        default_factory=dict
    )
    _path: str = ""
    _names: _Names = field(default_factory=_Names)
    _renamed: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in self.interface:
            self._names.unique(name)

    @contextmanager
    def within(self, name: str) -> Iterator[None]:
        """Build inside a part of the model that is called `name`."""
        outer, self._path = self._path, f"{self._path}/{name}"
        try:
            yield
        finally:
            self._path = outer

    @contextmanager
    def at_the_top(self) -> Iterator[None]:
        """Build what belongs to the model as a whole, and to no line of it."""
        outer = self._path, self.span
        self._path, self.span = "", None
        try:
            yield
        finally:
            self._path, self.span = outer

    def input(self, name: str, type_: TensorType) -> Tensor:
        """An input of the graph; its symbolic sizes are known from then on."""
        tensor = Tensor(name, type_)
        self.inputs.append(tensor)
        for axis, size in enumerate(type_.shape):
            symbol = None if isinstance(size, int) else size.name
            if symbol is not None:
                self.symbols.setdefault(symbol, (tensor, axis))
        return tensor

    def weight(self, name: str, type_: TensorType) -> Tensor:
        """A parameter or state of the model, by its full name."""
        return self.weights.setdefault(name, Tensor(name, type_))

    def constant(self, value: Any, dtype: DType) -> Tensor:
        """A constant, one for equal ones."""
        array = np.asarray(value, numpy_dtype(dtype))
        key = (dtype, array.shape, array.tobytes())
        if key not in self._constant_names:
            name = self._names.unique("/constant")
            self._constants[name] = array
            self._constant_names[key] = Tensor(name, TensorType(dtype, array.shape))
        return self._constant_names[key]

    def integers(self, values: Iterable[int]) -> Tensor:
        """A constant vector of i64, as operators take axes and shapes."""
        return self.constant([int(value) for value in values], DType.I64)

    def node(
        self,
        operator: str,
        inputs: Sequence[Tensor | None],
        type_: TensorType,
        **attributes: Any,
    ) -> Tensor:
        """Apply an operator that has one output of the given type."""
        (output,) = self.nodes(operator, inputs, [type_], **attributes)
        return output

    def nodes(
        self,
        operator: str,
        inputs: Sequence[Tensor | None],
        types: Sequence[TensorType],
        **attributes: Any,
    ) -> tuple[Tensor, ...]:
        """Apply an operator that has several outputs, of the given types."""
        name = self._names.unique(f"{self._path}/{operator}")
        outputs = tuple(
            Tensor(self._names.unique(f"{name}_output"), type_) for type_ in types
        )
        self._produced.update(output.name for output in outputs)
        source = None
        if self.span is not None:
            source = f"{PurePath(self.span.source.name).name}:{self.span.line}"
        self._nodes.append(
            Node(name, operator, tuple(inputs), outputs, attributes, source)
        )
        return outputs

    def cast(self, x: Tensor, dtype: DType) -> Tensor:
        """`x` in another dtype; `x` itself where it has that."""
        if x.dtype is dtype:
            return x
        type_ = TensorType(dtype, x.shape)
        return self.node("Cast", [x], type_, to=ELEMENT_TYPES[dtype])

    def computed_in(self, operator: str, dtype: DType) -> DType:
        """The dtype to compute an operator in; `Unsupported` where there is none."""
        found = computed_in(operator, dtype)
        if found is None:
            raise self.unsupported(
                f"ONNX Runtime's CPU provider does not compute {operator} in {dtype}",
                f"cast it: {DType.F32} is computed" if dtype.is_float else None,
            )
        return found

    def widened(self, operator: str, *operands: Tensor) -> tuple[Tensor, ...]:
        """Operands of one dtype, in the dtype that an operator is computed in."""
        wide = self.computed_in(operator, operands[0].dtype)
        return tuple(self.cast(operand, wide) for operand in operands)

    def call_it(self, tensor: Tensor, name: str) -> None:
        """Name a value after the source, where it has no such name yet."""
        if tensor.name in self._produced and tensor.name not in self._renamed:
            self._renamed[tensor.name] = self._names.unique(f"{self._path}/{name}")

    def unsupported(self, message: str, hint: str | None = None) -> Unsupported:
        """An error at the place that is being built."""
        assert self.span is not None
        return Unsupported(message, self.span, hint)

    def finish(
        self,
        name: str,
        outputs: Mapping[str, Tensor],
        documentation: str = "",
        input_notes: Mapping[str, str] | None = None,
    ) -> ModelProto:
        """The whole graph; weights are declared in it and hold nothing yet."""
        self._name_outputs(outputs)
        nodes = self._at_lowest_version(self._live(outputs))
        used = {x.name for node in nodes for x in node.inputs if x is not None}
        notes = input_notes or {}
        graph = helper.make_graph(
            [self._node(node) for node in nodes],
            name,
            [_value_info(x.name, x.type, notes.get(x.name, "")) for x in self.inputs],
            [_value_info(name, tensor.type) for name, tensor in outputs.items()],
            [
                *(_declared(x) for x in self.weights.values() if x.name in used),
                *(
                    _filled(x, self._constants[x.name])
                    for x in self._constant_names.values()
                    if x.name in used
                ),
            ],
            documentation,
            [
                _value_info(self._name(output), output.type)
                for node in nodes
                for output in node.outputs
                if self._name(output) not in outputs
            ],
        )
        version = max((node.version for node in nodes), default=LOWEST)
        return helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", version)],
            ir_version=IR_VERSION,
        )

    def _name_outputs(self, outputs: Mapping[str, Tensor]) -> None:
        """Call values after the outputs that they are; copy what has a name already."""
        free = set(self._produced)
        for name, tensor in outputs.items():
            value = tensor
            if tensor.name not in free:
                with self.at_the_top():
                    value = self.node("Identity", [tensor], tensor.type)
            free.discard(value.name)
            self._renamed[value.name] = name

    def _live(self, outputs: Iterable[str]) -> list[Node]:
        """The nodes that an output needs."""
        needed = set(outputs)
        live: list[Node] = []
        for node in reversed(self._nodes):
            names = {output.name for output in node.outputs}
            names.update(self._name(output) for output in node.outputs)
            if names & needed:
                live.append(node)
                needed.update(x.name for x in node.inputs if x is not None)
        return live[::-1]

    def _at_lowest_version(self, nodes: list[Node]) -> list[Node]:
        """Reductions in their older form, where nothing else needs the newer one."""
        older = [self._with_axes_as_attribute(node) for node in nodes]
        newest = max((node.version for node in older), default=LOWEST)
        return older if newest < AXES_ARE_INPUTS else nodes

    def _with_axes_as_attribute(self, node: Node) -> Node:
        if node.operator not in REDUCTIONS_BY_ATTRIBUTE:
            return node
        x, axes = node.inputs
        assert axes is not None
        values = self._constants[axes.name].tolist()
        return replace(
            node, inputs=(x,), attributes={"axes": values, **node.attributes}
        )

    def _name(self, tensor: Tensor | None) -> str:
        return "" if tensor is None else self._renamed.get(tensor.name, tensor.name)

    def _node(self, node: Node) -> NodeProto:
        made = helper.make_node(
            node.operator,
            [self._name(x) for x in node.inputs],
            [self._name(output) for output in node.outputs],
            node.name,
            **node.attributes,
        )
        if node.source is not None:
            made.metadata_props.add(key="source", value=node.source)
        return made


def _value_info(name: str, type_: TensorType, note: str = "") -> ValueInfoProto:
    sizes = [size if isinstance(size, int) else str(size) for size in type_.shape]
    return helper.make_tensor_value_info(
        name, ELEMENT_TYPES[type_.dtype], sizes, doc_string=note
    )


def _filled(constant: Tensor, value: Array) -> TensorProto:
    element, content = ELEMENT_TYPES[constant.dtype], value.tobytes()
    return helper.make_tensor(constant.name, element, value.shape, content, raw=True)


def _declared(weight: Tensor) -> TensorProto:
    declared = TensorProto(name=weight.name, data_type=ELEMENT_TYPES[weight.dtype])
    declared.dims.extend(int(size) for size in weight.shape if isinstance(size, int))
    return declared
