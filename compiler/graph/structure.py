"""A model as a graph to draw: nodes, what flows between them, and graphs inside."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from dlmc.graph import labels
from dlmc.graph.repetition import Repeat, repeats
from dlmc.ir.module import Apply, Call, Module, Operation, Value
from dlmc.ir.types import TensorType
from dlmc.summary.figures import flops
from dlmc.summary.model import ModelSummary
from dlmc.summary.rows import Row
from dlmc.summary.tape import Sizes, actual, call_sizes

SILENT = ("constant", "dimension")
"""Primitives that are no nodes: numbers stand in what they meet."""


@dataclass(frozen=True, slots=True)
class Node:
    """A box. `graph` is what is inside, where it can be unfolded.

    `role` says how it looks: `input output weight block layer function operator`, or
    `repeat` around nodes that a loop repeats. `count` is how many it stands for.
    """

    id: str
    role: str
    title: str
    detail: str = ""
    note: str = ""
    count: int = 1
    facts: tuple[tuple[str, str], ...] = ()
    graph: "Graph | None" = None


@dataclass(frozen=True, slots=True)
class Edge:
    """A value on its way from one node to another; `label` is its shape."""

    source: str
    target: str
    label: str
    type: str


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes, in the order of the program, and edges."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def graph_of(summary: ModelSummary, path: str = "") -> Node:
    """The model as one unfolded node; `path` begins the names of all nodes inside."""
    row = summary.row
    return Node(
        id=path,
        role="model",
        title=labels.shown(summary.name),
        detail=labels.fitted(labels.arguments(summary.module, summary.arguments), 80),
        note=f"{row.parameters:,} parameters, {flops(summary.figures.forward)} FLOPs",
        graph=_Builder(path, row, {}, is_outermost=True).graph(),
    )


@dataclass(slots=True)
class _Builder:
    """Makes the graph inside one module."""

    path: str
    row: Row
    sizes: Sizes
    is_outermost: bool = False
    nodes: list[Node] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    sources: dict[str, str] = field(default_factory=dict)
    """The node that makes each value, by the value's name."""
    rows: dict[int, Row] = field(default_factory=dict)
    """The row of each call, by the call's identity."""
    constants: dict[str, str] = field(default_factory=dict)

    @property
    def module(self) -> Module:
        assert self.row.module is not None, "only modules have a graph inside"
        return self.row.module

    def graph(self) -> Graph:
        """Inputs, operations, outputs."""
        for value in self.module.inputs:
            self._end(value, "input", value.name)
        self._owned()
        body = self.module.inference
        turns: Counter[tuple[bool, str]] = Counter()
        shown: list[Operation] = []
        for operation in body.operations:
            if isinstance(operation, Call):
                name = operation.instance or operation.module.definition
                is_instance = operation.instance is not None
                key = (is_instance, name)
                self.rows[id(operation)] = self.row.child(
                    name,
                    turns[key],
                    operation.span,
                    operation.module,
                    is_instance=is_instance,
                )
                turns[key] += 1
            elif operation.primitive in SILENT:
                self.constants[operation.result.name] = labels.constant(operation)
                continue
            shown.append(operation)
        self._run(shown, body.outputs)
        for output, value in zip(self.module.outputs, body.outputs, strict=True):
            self._output(value, output.name or "output")
        return Graph(tuple(self.nodes), tuple(self.edges))

    def _run(self, operations: Sequence[Operation], outputs: Sequence[Value]) -> None:
        for part in repeats(operations, outputs, self.constants):
            if isinstance(part, Repeat):
                self._repeat(part)
            else:
                self._operation(part, (part,), count=1)

    def _end(self, value: Value, role: str, name: str) -> None:
        type_ = actual(value.type, self.sizes)
        id_ = f"{self.path}{role}:{name}"
        title = labels.shown(name)
        self.nodes.append(
            Node(id_, role, title, self._dtype(type_), facts=(("Type", str(type_)),))
        )
        self.sources[value.name] = id_

    def _dtype(self, type_: TensorType) -> str:
        """What the ends of a model say of themselves; the edge has the shape."""
        return str(type_.dtype) if self.is_outermost else ""

    def _owned(self) -> None:
        """Weights that the block's own operations read."""
        read = {
            operand.name
            for operation in self.module.inference.operations
            for operand in operation.operands
        }
        module = self.module
        owned = [(one.name, one.type) for one in module.parameters]
        owned += [(one.name, one.type) for one in module.borrowed]
        owned += [(one.name, one.type) for one in module.states]
        for name, type_ in owned:
            if name in read:
                self._end(Value(name, type_), "weight", name)

    def _output(self, value: Value, name: str) -> None:
        type_ = actual(value.type, self.sizes)
        id_ = f"{self.path}output:{name}"
        facts = (("Type", str(type_)),)
        title = labels.shown(name)
        self.nodes.append(Node(id_, "output", title, self._dtype(type_), facts=facts))
        self._edge(value, id_)

    def _edge(self, value: Value, target: str) -> None:
        source = self.sources.get(value.name)
        if source is not None:
            type_ = actual(value.type, self.sizes)
            self.edges.append(Edge(source, target, labels.shape(type_), str(type_)))

    def _operation(
        self, first: Operation, turns: Sequence[Operation], count: int
    ) -> None:
        """A node for an operation, which may stand for its like in other turns."""
        if isinstance(first, Apply):
            node = self._primitive(first, count)
        else:
            node = self._call(first, [self.rows[id(call)] for call in turns], count)
        self.nodes.append(node)
        for operand in first.operands:
            self._edge(operand, node.id)
        for result in turns[-1].results:
            self.sources[result.name] = node.id

    def _id(self) -> str:
        return f"{self.path}{len(self.nodes)}"

    def _primitive(self, operation: Apply, count: int) -> Node:
        type_ = actual(operation.result.type, self.sizes)
        return Node(
            self._id(),
            "operator",
            labels.operator(operation, self.constants),
            count=count,
            facts=labels.facts_of_primitive(operation, type_),
        )

    def _call(self, call: Call, rows: Sequence[Row], count: int) -> Node:
        row = rows[0]
        kind = labels.call(call.module, call.arguments)
        id_ = self._id()
        graph = None
        if row.is_open:
            operands = [actual(o.type, self.sizes) for o in call.operands]
            sizes = call_sizes(call.module, operands, call.arguments, self.sizes)
            graph = _Builder(f"{id_}/", row, sizes).graph()
        return Node(
            id_,
            labels.role(call.module),
            labels.shown(labels.names([r.name for r in rows]))
            if row.is_instance
            else kind,
            detail=kind if row.is_instance else "",
            note=labels.parameters(row),
            count=count,
            facts=labels.facts_of(row, call.arguments),
            graph=graph,
        )

    def _repeat(self, repeat: Repeat) -> None:
        """What a loop repeats: one turn of it, in a box of its own."""
        if repeat.width == 1:
            turns = [turn[0] for turn in repeat.turns]
            self._operation(turns[0], turns, count=len(turns))
            return
        id_ = self._id()
        inside = _Builder(
            f"{id_}/", self.row, self.sizes, rows=self.rows, constants=self.constants
        )
        made = {r.name for operation in repeat.turns[0] for r in operation.results}
        entering: dict[str, Value] = {}
        for operation in repeat.turns[0]:
            for operand in operation.operands:
                if operand.name not in made and operand.name in self.sources:
                    entering.setdefault(operand.name, operand)
        for value in entering.values():
            inside._end(value, "input", value.hint or "x")
            inside.sources[value.name] = inside.nodes[-1].id
        for operations in zip(*repeat.turns, strict=True):
            inside._operation(operations[0], operations, count=1)
            # Inside, what follows reads the first turn.
            for before, after in zip(
                operations[0].results, operations[-1].results, strict=True
            ):
                inside.sources[before.name] = inside.sources[after.name]
        leaving = [*repeat.leaving()]
        for first, last in leaving:
            inside._output(first, last.hint or "x")
        self.nodes.append(
            Node(
                id_,
                "repeat",
                f"× {len(repeat.turns)}",
                count=len(repeat.turns),
                graph=Graph(tuple(inside.nodes), tuple(inside.edges)),
            )
        )
        for value in entering.values():
            self._edge(value, id_)
        for _, last in leaving:
            self.sources[last.name] = id_


def walk(graph: Graph) -> Iterator[Node]:
    """All nodes, those inside after those around them."""
    for node in graph.nodes:
        yield node
        if node.graph is not None:
            yield from walk(node.graph)


def document(node: Node, depth: int) -> Mapping[str, object]:
    """Plain data for the page; blocks are open down to `depth` levels.

    What a loop repeats is on the level of the loop, and stands open there.
    """
    plain: dict[str, object] = {"id": node.id, "role": node.role, "title": node.title}
    texts = {"detail": node.detail, "note": node.note}
    plain |= {name: text for name, text in texts.items() if text}
    if node.count > 1:
        plain["count"] = node.count
    if node.facts:
        plain["facts"] = [list(fact) for fact in node.facts]
    if node.graph is not None:
        plain["open"] = depth > 0 or node.role == "repeat"
        below = depth if node.role == "repeat" else depth - 1
        plain["nodes"] = [document(inner, below) for inner in node.graph.nodes]
        plain["edges"] = [
            [edge.source, edge.target, edge.label, edge.type]
            for edge in node.graph.edges
        ]
    return plain
