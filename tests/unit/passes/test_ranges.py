"""The ranges of labels and indices, read off programs."""

from pathlib import Path

import pytest

from dlmc.passes.ranges import Range, input_ranges, ranges
from tests.unit.elaborate.programs import program

MODEL = """
model Net {{ input x: i64[N, 5]
  input other: i64[N]
  h = {model}
  output logits: f32[N, 4] = h -> Dense(4)
  output seen = other }}
data rows {{
  source = inline(x = [[1, 2, 3, 0, 1]], other = [1], label = [0], pair = [[1, 2]])
  x:     i64[5]
  other: i64
  label: i64
  pair:  i64[2]
  large: bool = column("label", dtype = i64) > 1
  which: i64  = cast(column("label", dtype = i64) > 1, i64)
}}
train Net on rows {{
  loss      = {loss}
  metrics   = [{metrics}]
  optimizer = sgd(lr = 0.1)
  epochs    = 1
  batch     = 1
}}
"""
PLAIN = "cast(x, f32)"
CLASSES = frozenset[int]()


def found(
    loss: str = "mean(logits)", model: str = PLAIN, metrics: str = ""
) -> list[Range]:
    (training,) = program(
        MODEL.format(model=model, loss=loss, metrics=metrics), Path()
    ).trainings
    return list(ranges(training))


@pytest.mark.parametrize(
    ("loss", "others"),
    [
        ("cross_entropy(logits, label)", ()),
        ("nll(log_softmax(logits), cast(label, i32))", ()),
        ("cross_entropy(logits, label, ignore = -1, weight = [1, 2, 3, 4])", (-1,)),
        ("cross_entropy(logits, label, ignore = [7, 2, -1])", (-1, 7)),
        ("cross_entropy(logits, reshape(label[:, new], [-1]))", ()),
        ("mse(logits, one_hot(label, depth = 4))", ()),
        ("mse(logits, one_hot(select(label != 9, label, 0), depth = 4))", (9,)),
        (
            "mse(logits,"
            " one_hot(select(label == 8 or 9 == label, 0, label), depth = 4))",
            (8, 9),
        ),
        (
            "mse(logits, one_hot(select(not (label == 8), label, 0), depth = 4))",
            (8,),
        ),
        (
            "mse(logits,"
            " one_hot(select(label != 8 and label != 9, label, 0), depth = 4))",
            (8, 9),
        ),
    ],
)
def test_labels(loss: str, others: tuple[int, ...]) -> None:
    if "reshape" in loss:
        loss = "cross_entropy(logits, reshape(label[:, new], [label.shape[0]]))"
    assert found(loss) == [Range("label", 4, frozenset(others), True)]


@pytest.mark.parametrize(
    "loss",
    [
        "cross_entropy(logits, label + 1)",
        "cross_entropy(logits, maximum(label, 0))",
        "cross_entropy(logits, select(label == 9, label, 0))",
        "cross_entropy(logits, select(other == 9, 0, label))",
        "cross_entropy(logits, which)",
        "mean(logits * cast(label == 2, f32)[:, new])",
    ],
)
def test_what_is_computed_is_not_known(loss: str) -> None:
    """A label that is changed may be right where the field is not."""
    assert not [one for one in found(loss) if one.field == "label"] or "other" in loss


def test_an_index_of_the_model() -> None:
    assert found(model="other -> Embedding(7, 3)") == [
        Range("other", 7, CLASSES, False)
    ]


def test_an_index_along_an_axis() -> None:
    loss = "mean(take_along_axis(logits, label[:, new], axis = 1))"
    assert found(loss) == [Range("label", 4, CLASSES, False)]


def test_through_blocks_and_in_training_alone() -> None:
    text = "if training then gather(iota(9), x) else x"
    assert found(model=f"cast({text}, f32)") == [Range("x", 9, CLASSES, False)]


def test_an_output_is_a_field_still() -> None:
    assert found("mean(logits) + mean(one_hot(seen, depth = 3))") == [
        Range("other", 3, CLASSES, True)
    ]


def test_parts_of_a_sample() -> None:
    first, rest = (
        found(f"cross_entropy(logits, x[:, {part}])")[0].part for part in ("0", "-1")
    )
    assert first == ((0, 1, 1),)
    assert rest == ((4, 5, 1),)
    tokens = found(model="x[:, :-1] -> Embedding(6, 2) -> flatten")
    assert tokens == [Range("x", 6, CLASSES, False, ((0, 4, 1),))]


def test_all_uses_hold_together() -> None:
    """The smallest size, and what is ignored everywhere."""
    metrics = (
        "cross_entropy(logits, label, ignore = [5, 6]), mean(one_hot(label, depth = 6))"
    )
    loss = "cross_entropy(logits, label, ignore = [-1, 5])"
    assert found(loss, metrics=metrics) == [Range("label", 4, frozenset({5}), True)]


def test_inputs_of_a_model_alone() -> None:
    text = MODEL.format(
        model="other -> Embedding(7, 3)",
        loss="cross_entropy(logits, other)",
        metrics="",
    )
    (training,) = program(text).trainings
    assert [one.size for one in ranges(training)] == [4]
    assert [one.size for one in input_ranges(training.model)] == [7]
