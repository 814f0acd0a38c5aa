"""Summaries of whole programs."""

from pathlib import Path

import pytest

from dlmc.ir.dimensions import Dim
from dlmc.primitives import REGISTRY
from dlmc.summary.document import document
from dlmc.summary.folding import folded
from dlmc.summary.model import UnknownModelError, UnknownSizeError, summarize
from dlmc.summary.rows import Row, total
from dlmc.summary.tape import SizeError
from tests.unit.elaborate.programs import program
from tests.unit.summary.programs import RESNET

N = Dim.symbol("N")
LINEAR = """
model Linear { input x: f32[N, 4] output y = x -> Dense(3) }
data d {
  source = inline(x = [[1, 2, 3, 4], [4, 3, 2, 1]], target = [[1, 2, 3], [3, 2, 1]])
  x: f32[4]
  target: f32[3]
}
train Linear on d {
  loss = mse(y, target)
  optimizer = RULE
  epochs = 1
  batch = 2
}
"""


def names(rows: list[Row]) -> list[str]:
    return [row.name for row in rows]


def test_resnet50(monkeypatch: pytest.MonkeyPatch) -> None:
    """25.6 million parameters and 4.09 billion multiply-adds, as torchvision says."""
    (found,) = summarize(program(RESNET))
    assert found.row.parameters == 25_557_032
    assert found.row.states == 53_120
    assert found.weight_bytes == 4 * (25_557_032 + 53_120)
    for name, primitive in REGISTRY.items():
        if name not in ("matmul", "conv"):
            monkeypatch.setattr(type(primitive), "flops", lambda *_: 0)
    (products,) = summarize(program(RESNET))
    assert products.figures.forward == 2 * 4_089_184_256 * N
    # All else is one operation in a hundred and fifty.
    assert found.figures.forward - products.figures.forward == 59_986_408 * N + 79_680


def test_a_perceptron_by_hand() -> None:
    """Dense(D -> U): 2DU + U; back to the weight alone in the first layer."""
    (found,) = summarize(
        program("model M { input x: f32[N, 4] output y = x -> Dense(3) -> Dense(2) }")
    )
    first, second = found.row.children
    assert first.figures.forward == (2 * 4 * 3 + 3) * N
    assert first.figures.step == (2 * 2 * 4 * 3 + 3 * 3) * N
    assert second.figures.forward == (2 * 3 * 2 + 2) * N
    assert second.figures.step == 3 * (2 * 3 * 2 + 2) * N
    assert (first.figures.kept, second.figures.kept) == (16 * N, 12 * N)
    assert (first.parameters, second.parameters) == (15, 8)


def test_repeated_rows_are_folded() -> None:
    """A stage's equal blocks, and groups that a loop repeats."""
    (found,) = summarize(program(RESNET))
    shown = [(fold.name, len(fold.rows)) for fold in folded(found.row.children)]
    assert shown == [
        ("conv1", 1), ("bn1", 1), ("relu", 1), ("max_pool", 1),
        ("layer1.0", 1), ("layer1.1 … layer1.2", 2),
        ("layer2.0", 1), ("layer2.1 … layer2.3", 3),
        ("layer3.0", 1), ("layer3.1 … layer3.5", 5),
        ("layer4.0", 1), ("layer4.1 … layer4.2", 2), ("mean", 1), ("fc", 1),
    ]  # fmt: skip
    (found,) = summarize(
        program(
            "model M { input x: f32[N, 4] "
            "for i in 0..3 { x = x -> LayerNorm -> Dense(4) -> relu } output y = x }"
        )
    )
    shown = [(fold.name, len(fold.rows)) for fold in folded(found.row.children)]
    # The first turn needs no gradient of the input, and the others stay together.
    assert shown == [
        ("layer_norm.0", 1), ("dense.0", 1), ("relu", 1),
        ("layer_norm.1 … layer_norm.2", 2), ("dense.1 … dense.2", 2), ("relu", 2),
    ]  # fmt: skip


def test_a_layer_that_is_applied_twice() -> None:
    """It is counted once, and works twice."""
    (found,) = summarize(
        program(
            "model M { input x: f32[N, 4] d = Dense(4) output y = x -> d -> d -> d }"
        )
    )
    rows = found.row.children
    assert names(rows) == ["d", "d", "d"]
    assert [row.parameters for row in rows] == [20, 0, 0]
    assert found.row.parameters == 20
    assert found.figures.forward == 3 * 36 * N


def test_a_layer_that_is_never_applied() -> None:
    """Its weights are there all the same."""
    (found,) = summarize(
        program("model M { input x: f32[N, 4] if false { u = x -> Dense(2) } "
                "output y = x -> Dense(4) }")
    )  # fmt: skip
    assert found.row.parameters == sum(row.parameters for row in found.row.children)


def test_modes_are_merged() -> None:
    """A dropout costs nothing in inference; a row stands once."""
    (found,) = summarize(
        program(
            "model M { input x: f32[N, 4] output y = x -> Dense(4) -> Dropout(0.5) }"
        )
    )
    assert names(found.row.children) == ["dense", "dropout"]
    drop = found.row.children[1].figures
    assert drop.forward == 0
    assert drop.step != 0


def test_what_no_gradient_reaches() -> None:
    """Nothing is kept, and nothing goes back, behind `stop_gradient`."""
    (found,) = summarize(
        program(
            "model M { input x: f32[N, 4] "
            "output y = stop_gradient(x -> Dense(4) as a) -> Dense(2) as b }"
        )
    )
    a, _, b = found.row.children
    assert a.figures.step == a.figures.forward
    assert a.figures.kept == 0
    assert b.figures.step == (2 * 2 * 4 * 2 + 3 * 2) * N


@pytest.mark.parametrize(
    ("rule", "state"),
    [
        ("sgd(lr = 0.1)", 0),
        ("sgd(lr = 0.1, momentum = 0.9)", 1),
        ("adam(lr = 0.1)", 2),
        ("adamw(lr = 0.1)", 2),
    ],
)
def test_memory_of_a_training(rule: str, state: int) -> None:
    """Weights, gradients, what the rule remembers, activations."""
    (found,) = summarize(program(LINEAR.replace("RULE", rule)))
    (training,) = found.trainings
    weights = 4 * (4 * 3 + 3)
    assert training.weights == training.gradients == weights
    assert training.optimizer_state == state * weights
    # x of the dense layer, and what the loss keeps: the difference that it squares.
    assert training.activations == 2 * 4 * 4 + 2 * 3 * 4
    assert training.memory == (2 + state) * weights + 56


def test_flops_of_a_training() -> None:
    """The model, mse, and `weight - lr * grad` for each of fifteen weights."""
    (found,) = summarize(program(LINEAR.replace("RULE", "sgd(lr = 0.1)")))
    (training,) = found.trainings
    model = 2 * (2 * 4 * 3 + 3) + 2 * (2 * 4 * 3 + 2 * 3)
    forward, backward = 3 * 6, 3 * 6  # a difference, a square, a mean of six numbers
    update = 2 * 15
    scalar = training.step - model - forward - backward - update
    assert scalar in (0, 6)  # what one number for each weight costs


def test_given_sizes() -> None:
    """A number in the place of a symbol, everywhere."""
    text = "model M { input x: f32[N, T, 4] output y = x -> Dense(3) }"
    (found,) = summarize(program(text), {"T": 5})
    assert found.figures.forward == 5 * 27 * N
    assert found.symbols == ("N",)
    (found,) = summarize(program(text), {"T": 5, "N": 2})
    assert found.figures.forward == 2 * 5 * 27
    assert found.symbols == ()


def test_sizes_that_cannot_be() -> None:
    text = "model M { input x: f32[N, 3, H, W] output y = x -> Conv(2, 5) }"
    with pytest.raises(UnknownSizeError, match="open sizes are N, H, W"):
        summarize(program(text), {"T": 3})
    with pytest.raises(SizeError) as raised:
        summarize(program(text), {"H": 4})
    assert raised.value.span is not None
    (found,) = summarize(program(text), {"H": 5, "W": 5})
    assert found.row.children[0].outputs[0].shape == (N, 2, 1, 1)


def test_bounds() -> None:
    text = """model M(context = 8) {
      input x: f32[N, T <= context, 4] output y = x -> Dense(3) }"""
    summarize(program(text), {"T": 8})
    with pytest.raises(SizeError, match="T is at most 8"):
        summarize(program(text), {"T": 9})


def test_several_models() -> None:
    text = (
        "model A { input x: f32[N, 4] output y = x -> Dense(3) }\n"
        "model B { input x: f32[N, 4] output y = x -> Dense(2) }\n"
    )
    assert [s.name for s in summarize(program(text))] == ["A", "B"]
    (found,) = summarize(program(text), model="B")
    assert found.row.parameters == 10
    with pytest.raises(UnknownModelError, match="the program has A, B"):
        summarize(program(text), model="C")


def test_a_training_with_other_arguments() -> None:
    """Its model has a summary of its own."""
    text = LINEAR.replace("RULE", "sgd(lr = 0.1)").replace(
        "model Linear { input x: f32[N, 4] output y = x -> Dense(3) }",
        "model Linear(wide = 1) { input x: f32[N, 4] "
        "output y = x -> Dense(wide) -> Dense(3) }",
    )
    text = text.replace("train Linear on", "train Linear(wide = 7) on")
    plain, trained = summarize(program(text))
    assert (plain.arguments, plain.trainings) == ({"wide": 1}, ())
    assert trained.arguments == {"wide": 7}
    assert len(trained.trainings) == 1
    assert trained.row.parameters == 5 * 7 + 8 * 3


def test_exact_figures_in_the_document() -> None:
    found = document("resnet.dlm", summarize(program(RESNET)))
    (model,) = found["models"]
    assert model["parameters"] == 25_557_032
    assert model["forward_flops"].endswith("*N + 79680")
    assert model["rows"][4]["name"] == "layer1.0"
    assert model["rows"][4]["rows"][0]["outputs"] == ["f32[N, 64, 56, 56]"]
    assert model["rows"][0]["line"] == 17


OPERATIONS = """
block Scaled(act) {
  input x: float[N, D]
  param scale: float[D] = ones()
  output act(-x * scale)
}
model M {
  input x: f32[N, 8]
  y = x -> Dense(8) -> tanh -> reshape([N, 2, 4])
  output z = y[:, 0] + y[:, 1] -> Scaled(exp) -> Scaled(tanh)
}
"""


def test_primitives_that_are_called_have_rows() -> None:
    """By name, also as an argument; operators and indexing are one row, the last."""
    (found,) = summarize(program(OPERATIONS))
    rows = found.row.children
    assert names(rows) == [
        "dense",
        "tanh",
        "reshape",
        "scaled",
        "scaled_2",
        "arithmetic",
    ]
    tanh, reshape, scaled, _, arithmetic = rows[1:]
    assert (tanh.figures.forward, tanh.figures.step) == (8 * N, 16 * N)
    assert tanh.outputs == (rows[0].outputs[0],)
    assert reshape.figures.forward == 0
    assert arithmetic.figures.forward == 4 * N
    inner = [(row.name, row.kind, row.parameters) for row in scaled.children]
    assert inner == [
        ("scale", "param", 4),
        ("exp", "fn", 0),
        ("arithmetic", "operators", 0),
    ]
    assert scaled.children[-1].figures.forward == 2 * 4 * N


def test_a_weight_of_a_shared_block_is_counted_once() -> None:
    (found,) = summarize(
        program(
            "block B { input x: float[N, D] param w: float[D] = ones() output x * w }\n"
            "model M { input x: f32[N, 4] b = B() output y = x -> b -> b }"
        )
    )
    first, second = found.row.children
    assert [row.parameters for row in (first, second)] == [4, 0]
    assert [row.children[0].is_reused for row in (first, second)] == [False, True]


def rows_add_up(row: Row) -> None:
    if row.children:
        below = row.children
        assert row.parameters == sum(child.parameters for child in below)
        assert row.states == sum(child.states for child in below)
        for figure in ("forward", "step", "kept"):
            assert getattr(row.figures, figure) == total(
                getattr(child.figures, figure) for child in below
            )
    for child in row.children:
        rows_add_up(child)


EXAMPLES = sorted((Path(__file__).parents[3] / "examples").glob("*.dlm"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_rows_add_up(path: Path) -> None:
    """Rows of a level sum to the row above, and the first level's to the totals."""
    import dlmc

    for summary in summarize(dlmc.read(path)):
        assert summary.row.figures == summary.figures
        rows_add_up(summary.row)
        for training in summary.trainings:
            assert training.memory > training.weights


def test_rows_of_operators_add_up() -> None:
    for text in (OPERATIONS, RESNET):
        (found,) = summarize(program(text))
        rows_add_up(found.row)
