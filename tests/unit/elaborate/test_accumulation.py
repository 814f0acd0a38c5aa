"""What a metric computes of each batch, and what of all of them."""

import pytest

from dlmc.ir.module import Apply, Module
from dlmc.ir.program import Accumulation, Metric
from dlmc.ir.types import DType
from tests.unit.elaborate.programs import errors, program

TEXT = """
fn root(squares, count) = sqrt(squares / count)
fn twice(x) = 2 * x
model M {{ input x: f32[N, 3]
  output y = x -> Dense(3) }}
data rows {{
  source = inline(x = [[1, 2, 3], [4, 5, 6]], t = [[1, 2, 3], [4, 5, 6]])
  x: f32[3]
  t: f32[3]
}}
train M on rows {{
  loss = mse(y, t)
  metrics = [{metric}]
  optimizer = sgd(lr = 0.1)
  epochs = 1
  batch = 2
}}
"""


def metric(text: str) -> Metric:
    (training,) = program(TEXT.format(metric=text)).trainings
    (found,) = training.metrics
    return found


def names(module: Module) -> list[str]:
    """Its operations: primitives, and the functions that it calls."""
    return [
        operation.primitive
        if isinstance(operation, Apply)
        else operation.module.definition
        for operation in module.inference.operations
    ]


def test_a_mean_is_whole() -> None:
    found = metric("mae(y, t)")
    assert found.accumulations == (Accumulation.MEAN,)
    assert found.batch is found.module
    assert found.result.inference.outputs == found.result.inputs


def test_the_mean_of_integers_is_a_float() -> None:
    assert metric("sum(cast(y > 0, i64))").result.inputs[0].type.dtype is DType.F32


def test_parts_meet_at_totals() -> None:
    found = metric("root(total(sum((y - t) ** 2)), total(sum(twice(t))))")
    assert found.accumulations == (Accumulation.TOTAL, Accumulation.TOTAL)
    assert names(found.batch) == ["sub", "constant", "pow", "sum", "twice", "sum"]
    assert [value.name for value in found.batch.inputs] == ["y", "t"]
    # What is collected is called as the function that it is given to calls it.
    assert [value.name for value in found.result.inputs] == ["squares", "count"]
    assert names(found.result) == ["root"]


def test_what_is_collected_twice_is_collected_once() -> None:
    found = metric("total(sum(t)) + total(sum(t)) * max(whole(t)) / min(whole(t))")
    assert len(found.accumulations) == 3  # `sum(t)` is written twice, `t` is one value
    assert [value.name for value in found.result.inputs] == [
        "total",
        "total.2",
        "whole",
    ]


def test_a_size_is_that_of_all_samples() -> None:
    found = metric("total(sum(t)) / cast(2 * t.shape[0], f32)")
    assert found.accumulations == (Accumulation.TOTAL, Accumulation.TOTAL)
    assert names(found.batch) == ["sum", "dimension"]
    known = metric("sum(whole(t)) / cast(t.shape[0], f32)")
    assert known.accumulations == (Accumulation.WHOLE,)
    assert "dimension" in names(known.result)


def test_a_table() -> None:
    found = metric("total(sum(t, axis = 0))")
    assert found.is_table
    assert found.result.outputs[0].type.shape == (3,)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("whole(reshape(t, [-1]))[0] / sum(t)", "a value of one batch"),
        ("total(total(sum(t)))", "of all batches already"),
        ("sum(total(whole(t)))", "of all batches already"),
        ("sum(total(t))", "depends on the batch"),
        ("sum(whole(t @ transpose(t, [1, 0])))", "no axis of samples"),
        ("sum(whole(transpose(t, [1, 0])))", "no axis of samples"),
        ("sum(whole(concat([t, t[:1]], axis = 0)))", "no axis of samples"),
        ("sum(broadcast(total(sum(t)), [t.shape[0]]))", "the size of a batch"),
    ],
)
def test_what_has_no_meaning(text: str, said: str) -> None:
    (message,) = errors(TEXT.format(metric=text))
    assert said in message


def test_several_values_of_a_sample() -> None:
    """An axis that has as many values for each sample can be put together."""
    for text in ("reshape(t, [-1])", "concat([t, t], axis = 0)", "t[:, 0]"):
        assert metric(f"max(whole({text}))").accumulations == (Accumulation.WHOLE,)
