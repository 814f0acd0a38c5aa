"""Models as graphs: what is a node, what flows, what is repeated."""

import pytest

from dlmc.graph.structure import Graph, Node, document, graph_of, walk
from dlmc.summary.model import summarize
from tests.unit.elaborate.programs import program
from tests.unit.summary.programs import RESNET


def graph(text: str) -> Graph:
    """The graph inside the only model of a text."""
    (summary,) = summarize(program(text))
    found = graph_of(summary).graph
    assert found is not None
    return found


def titles(found: Graph) -> list[str]:
    return [node.title for node in found.nodes]


def links(found: Graph) -> list[tuple[str, str, str]]:
    """Edges by the titles of what they join."""
    names = {node.id: node.title for node in found.nodes}
    return [(names[e.source], names[e.target], e.label) for e in found.edges]


def inside(node: Node) -> Graph:
    assert node.graph is not None
    return node.graph


def test_a_chain() -> None:
    """Inputs, layers, functions, outputs, and shapes between them."""
    found = graph(
        "model M { input x: f32[N, 4] output y = x -> Dense(3) as first -> relu }"
    )
    assert [(n.role, n.title, n.detail) for n in found.nodes] == [
        ("input", "x", "f32"),
        ("layer", "first", "Dense(3)"),
        ("function", "relu", ""),
        ("output", "y", "f32"),
    ]
    assert links(found) == [
        ("x", "first", "N × 4"),
        ("first", "relu", "N × 3"),
        ("relu", "y", "N × 3"),
    ]
    assert found.nodes[1].note == "15 parameters"


def test_a_residual_connection() -> None:
    """What goes around a layer is an edge of its own."""
    found = graph("model M { input x: f32[N, 4] output y = x + (x -> Dense(4)) }")
    assert ("x", "+", "N × 4") in links(found)
    assert ("dense", "+", "N × 4") in links(found)


def test_constants_stand_in_operators() -> None:
    found = graph("model M { input x: f32[N, 4] output y = (2 * x - 1) ** 2 / 3 }")
    assert titles(found) == ["x", "2 ×", "− 1", "^ 2", "÷ 3", "y"]


def test_slices_and_attributes() -> None:
    found = graph(
        "model M { input x: f32[N, T, 6] "
        "output y = mean(x[:, 0] + x[:, 1:, ::2][:, 0, :][:, new, 0], axis = 0) }"
    )
    names = titles(found)
    assert "[:, :1, :]" in names
    assert "[:, 1:, ::2]" in names
    assert "mean(axis = [0])" in names


def test_own_weights() -> None:
    """A weight of the model itself is a node; one that nothing reads is none."""
    found = graph(
        "model M { input x: f32[N, 4] param w: f32[4] = ones() output y = x * w }"
    )
    assert [(n.role, n.title) for n in found.nodes][1] == ("weight", "w")
    assert ("w", "×", "4") in links(found)


def test_arguments_that_are_not_as_by_default() -> None:
    """Of the library's definitions; of a program's own all are shown."""
    found = graph(RESNET)
    details = {node.title: node.detail for node in found.nodes}
    assert details["conv1"] == "Conv(64, 7, stride = 2, padding = 3, bias = false)"
    assert details["bn1"] == "BatchNorm"
    assert details["layer1.0"] == "Bottleneck(width = 64, stride = 1)"
    assert "max_pool(3, stride = 2, padding = 1)" in details


def test_repeated_blocks_are_one_node() -> None:
    found = graph(RESNET)
    repeated = {node.title: node.count for node in found.nodes if node.count > 1}
    assert repeated == {
        "layer1.1 … 2": 2, "layer2.1 … 3": 3, "layer3.1 … 5": 5, "layer4.1 … 2": 2,
    }  # fmt: skip
    assert ("layer3.0", "layer3.1 … 5", "N × 1024 × 14 × 14") in links(found)
    assert ("layer3.1 … 5", "layer4.0", "N × 1024 × 14 × 14") in links(found)


def test_a_loop_over_several_layers() -> None:
    """One turn in a box: what enters it, what leaves it, what goes around."""
    found = graph(
        "model M { input x: f32[N, 4] "
        "for i in 0..5 { x = x + (x -> LayerNorm -> Dense(4) -> gelu) } output y = x }"
    )
    assert [(n.role, n.title) for n in found.nodes] == [
        ("input", "x"), ("repeat", "× 5"), ("output", "y"),
    ]  # fmt: skip
    turn = inside(found.nodes[1])
    assert titles(turn) == ["x", "layer_norm.0 … 4", "dense.0 … 4", "gelu", "+", "x"]
    assert {node.count for node in turn.nodes} == {1}
    assert sorted(links(turn)) == sorted(
        [
            ("x", "layer_norm.0 … 4", "N × 4"),
            ("layer_norm.0 … 4", "dense.0 … 4", "N × 4"),
            ("dense.0 … 4", "gelu", "N × 4"),
            ("x", "+", "N × 4"),
            ("gelu", "+", "N × 4"),
            ("+", "x", "N × 4"),
        ]
    )


def test_a_layer_that_is_used_twice() -> None:
    """It is no loop: it stands where it is used, and says that weights are shared."""
    found = graph(
        "model M { input f: f32[N, 4] shared = Dense(4) "
        "output y = f -> shared -> relu -> shared -> relu }"
    )
    assert titles(found) == ["f", "shared", "relu", "shared", "relu", "y"]
    notes = [node.note for node in found.nodes if node.title == "shared"]
    assert notes == ["20 parameters", "shared weights"]
    assert {node.count for node in found.nodes} == {1}


def test_a_layer_that_a_loop_repeats() -> None:
    """It is one turn, which a picture shows open on the level of the loop."""
    (summary,) = summarize(
        program(
            "model M { input f: f32[N, 4] shared = Dense(4) "
            "for i in 0..3 { f = f -> shared -> relu } output y = f }"
        )
    )
    model = graph_of(summary)
    assert model.graph is not None
    turn = model.graph.nodes[1]
    assert (turn.role, turn.title) == ("repeat", "× 3")
    assert titles(inside(turn)) == ["f", "shared", "relu", "f"]
    drawn = document(model, 1)["nodes"]
    assert isinstance(drawn, list)
    assert drawn[1]["open"] is True


@pytest.mark.parametrize(
    "body",
    [
        # Each reads the input: they stand beside each other.
        "concat(x -> Dense(4), x -> Dense(4), x -> Dense(4), axis = 1)",
        # What the first makes is read again behind the second.
        "{ a = x -> Dense(4) b = a -> Dense(4) output y = a + b }",
        # Unlike sizes.
        "x -> Dense(4) -> Dense(5) -> Dense(4)",
        # Unlike names.
        "x -> Dense(4) as a -> Dense(4) as b",
    ],
)
def test_what_is_no_repetition(body: str) -> None:
    text = body[1:-1] if body.startswith("{") else f"output y = {body}"
    found = graph(f"model M {{ input x: f32[N, 4] {text} }}")
    layers = [node for node in found.nodes if node.role == "layer"]
    assert {node.count for node in layers} == {1}
    assert len(layers) == body.count("Dense")


def test_every_edge_joins_nodes() -> None:
    """Identities are unique in the whole picture, and edges stay inside one graph."""
    found = graph(RESNET)
    identities = [node.id for node in walk(found)]
    assert len(set(identities)) == len(identities)
    graphs = [found, *(n.graph for n in walk(found) if n.graph is not None)]
    for one in graphs:
        here = {node.id for node in one.nodes}
        assert all({e.source, e.target} <= here for e in one.edges)
        # All but inputs and weights get something; all but outputs go somewhere.
        targets = {edge.target for edge in one.edges}
        sources = {edge.source for edge in one.edges}
        for node in one.nodes:
            assert node.id in targets or node.role in ("input", "weight")
            assert node.id in sources or node.role == "output"


def test_sizes_are_the_model_s_own() -> None:
    """A block's symbols are written as the model's, at every depth."""
    found = graph(
        "block B { input x: float[A, C] output x -> Dense(C) }\n"
        "block Outer { input x: float[P, Q] output x -> B -> B as last }\n"
        "model M { input x: f32[N, 6] output y = x -> Outer }"
    )
    every = [found, *(n.graph for n in walk(found) if n.graph is not None)]
    assert {edge.label for one in every for edge in one.edges} == {"N × 6"}


def test_facts() -> None:
    """What a tooltip says."""
    (_, conv, *_) = graph(RESNET).nodes
    facts = dict(conv.facts)
    assert facts["Definition"] == "Conv, a block of the library"
    assert facts["Arguments"].startswith("filters = 64, size = 7, stride = 2")
    assert facts["Output"] == "f32[N, 64, 112, 112]"
    assert facts["Parameters"] == "9,408"
    assert facts["Forward FLOPs"] == "236 M · N"
    assert facts["Source"] == "test.dlm:17"


def test_arguments_that_do_not_fit() -> None:
    """Whole ones are left out, and a mark says so."""
    found = graph(
        "block Wide(first_number = 1, second_number = 2, third_number = 3) {\n"
        "  input x: float[N, D]\n  output x -> Dense(D)\n}\n"
        "block Long(text) { input x: float[N, D] output x -> Dense(D) }\n"
        'model M { input x: f32[N, 4] output y = x -> Wide -> Long("'
        + "word " * 20
        + '") }'
    )
    _, wide, long, _ = found.nodes
    assert wide.detail == "Wide(first_number = 1, second_number = 2, …)"
    assert dict(wide.facts)["Arguments"].endswith("third_number = 3")
    assert long.detail.startswith('Long(text = "word word')
    assert long.detail.endswith("…)")
    assert len(long.detail) <= 52
