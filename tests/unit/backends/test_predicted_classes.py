"""Which axis of an output holds classes: what `predict.py` says first."""

from pathlib import Path

import pytest

from dlmc.backends.python import printer
from dlmc.backends.python.prediction import results
from tests.unit.backends.projects import plan_of, program

PROGRAM = """
model Net {{ input x: f32[N, 1, 4, 6]
  output logits = x -> Conv(3, 1) -> transpose({axes}) }}
data rows {{
  source = inline(x = [[{image}]], label = [{image}])
  x: f32[1, 4, 6]
  label: i64[4, 6]
}}
train Net on rows {{
  loss = cross_entropy(logits, label, {options})
  optimizer = sgd(lr = 0.1)
  epochs = 1
  batch = 1
}}
"""
IMAGE = [[0, 1, 2, 0, 1, 2]] * 4


@pytest.mark.parametrize(
    ("axes", "options", "axis"),
    [
        ([0, 2, 3, 1], "smoothing = 0.1", -1),
        ([0, 1, 2, 3], "axis = 1", 1),
        ([0, 2, 1, 3], "axis = -2, ignore = 7", 2),
        ([0, 2, 3, 1], "axis = 3", -1),
    ],
)
def test_axis(axes: list[int], options: str, axis: int, tmp_path: Path) -> None:
    text = PROGRAM.format(axes=axes, options=options, image=IMAGE)
    found = printer.on_one_line(results(plan_of(program(text, tmp_path))))
    assert found.startswith(f'{{"class": logits.argmax(axis={axis}), ')
