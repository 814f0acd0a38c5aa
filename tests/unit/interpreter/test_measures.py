"""The loss and the metrics of a whole part, against NumPy on all of it at once."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from dlmc.api import read
from dlmc.initializers import initial_weights
from dlmc.interpreter import measure, run
from dlmc.ir.program import Training
from tests import measured
from tests.unit.elaborate.programs import program

Arrays = Mapping[str, Any]


@pytest.fixture(scope="module")
def heads(tmp_path_factory: pytest.TempPathFactory) -> tuple[Training, Arrays, Arrays]:
    """A training, weights, and a part of its data."""
    path = measured.write(tmp_path_factory.mktemp("measured"))
    (training,) = read(path).trainings
    with np.load(path.parent / "rows.npz") as file:
        part = {name: file[name][:53] for name in file.files}
    return training, initial_weights(training.model, 3), part


@pytest.mark.parametrize("batch", [7, 64])
def test_every_metric(heads: tuple[Training, Arrays, Arrays], batch: int) -> None:
    """Whatever the batch is, a metric is that of the whole part."""
    training, weights, part = heads
    outputs = run(training.model, {"x": part["x"]}, weights).outputs
    wanted = measured.figures({**part, **outputs})
    found = measure(training, part, weights, batch=batch)
    assert list(found) == ["loss", *wanted]
    for name, value in wanted.items():
        np.testing.assert_allclose(found[name], value, rtol=2e-6, err_msg=name)


def test_every_metric_in_f64(heads: tuple[Training, Arrays, Arrays]) -> None:
    training, weights, part = heads
    wide = {n: a.astype(float) if a.dtype.kind == "f" else a for n, a in part.items()}
    precise = run(training.model, {"x": wide["x"]}, weights, precise=True).outputs
    wanted = measured.figures({**part, **precise})
    found = measure(training, wide, weights, batch=7, precise=True)
    exact = {"rmse", "r2", "mae", "perplexity", "perplexity_2"}
    for name in exact:
        np.testing.assert_allclose(found[name], wanted[name], rtol=1e-12, err_msg=name)


def single(metric: str, fields: str, **values: Any) -> list[float]:
    """A metric of fields, over batches of two."""
    listed = ", ".join(
        f"{n} = {json.dumps(np.asarray(v).tolist())}" for n, v in values.items()
    )
    text = f"""
model M {{ input x: f32[N, 1]
  output out = x -> Dense(1) }}
data rows {{
  source = inline(x = {[[0.0]] * len(next(iter(values.values())))}, {listed})
  x: f32[1]
  {fields}
}}
train M on rows {{
  loss = mean(out ** 2)
  metrics = [{metric}]
  optimizer = sgd(lr = 0.1)
  epochs = 1
  batch = 2
}}
"""
    (training,) = program(text).trainings
    types = {f.name: f.type.dtype.value for f in training.data.fields}
    dtypes = {"f32": np.float32, "f64": np.float64, "i64": np.int64, "bool": bool}
    part = {n: np.asarray(v, dtypes[types[n]]) for n, v in values.items()}
    part["x"] = np.zeros((len(next(iter(values.values()))), 1), np.float32)
    weights = initial_weights(training.model, 0)
    found = measure(training, part, weights, batch=2)
    (name,) = (metric.name for metric in training.metrics)
    return found[name].tolist()  # type: ignore[no-any-return]


def test_precision_of_nothing_is_0() -> None:
    assert single("precision(a, b)", "a: f32\nb: f32", a=[-1.0] * 3, b=[1, 0, 1]) == 0
    assert single("recall(a, b)", "a: f32\nb: f32", a=[1.0] * 3, b=[0.0] * 3) == 0
    assert single("f1(a, b)", "a: f32\nb: bool", a=[-1.0] * 3, b=[False] * 3) == 0


def test_area_counts_ties_half_over_batches() -> None:
    fields = "a: f32\nb: i64"
    assert single("auc(a, b)", fields, a=[1, 1, 1, 1.0, 1], b=[0, 1, 0, 1, 1]) == 0.5
    assert single("auc(a, b)", fields, a=[3, 1, 2.0], b=[1, 0, 0]) == 1
    assert single("auc(a, b)", fields, a=[2, 1, 2.0], b=[1, 0, 0]) == 0.75


def test_area_of_one_class_is_not_a_number() -> None:
    assert np.isnan(single("auc(a, b)", "a: f32\nb: i64", a=[2, 1, 3.0], b=[1, 1, 1]))


def test_r2_of_equal_targets() -> None:
    fields = "a: f32\nb: f32"
    assert single("r2(a, b)", fields, a=[3.0, 3, 3], b=[3.0, 3, 3]) == 1
    assert single("r2(a, b)", fields, a=[3.0, 3, 2], b=[3.0, 3, 3]) == 0


def test_r2_of_targets_far_from_zero() -> None:
    """No square of a large number is taken, which f32 could not hold."""
    b = 10000 + np.array([0.0, 1.0, 2.0, 3.0, 4.0])
    a = b + np.array([0.5, -0.5, 0.5, -0.5, 0.5])
    found = single("r2(a, b)", "a: f32\nb: f32", a=a, b=b)
    assert found == pytest.approx(1 - 5 * 0.25 / 10)


def test_labels_that_are_ignored_only() -> None:
    fields = "a: f32[2]\nb: i64"
    a, b = [[0.0, 1.0]] * 3, [1, -1, -1]
    assert single("confusion(a, b, ignore = -1)", fields, a=a, b=b) == [[0, 0], [0, 1]]
    none = single("perplexity(a, b, ignore = [-1])", fields, a=a, b=[-1, -1, -1])
    assert none == 1


def test_totals_are_added_in_f64() -> None:
    """2 ** 24 in f32 stays what it is when 1 is added."""
    a = [2.0**24, 0, 1, 0, 1, 0]
    assert single("total(sum(a))", "a: f32", a=a) == 2**24 + 2


def test_a_metric_of_integers_is_a_mean() -> None:
    found = single("sum(cast(a > 0, i64))", "a: f32", a=[1.0, 1, 1, -1, 1])
    assert found == pytest.approx((2 * 2 + 1 * 2 + 1 * 1) / 5)
