"""A training with the losses' options, as projects run it on two frameworks."""

import re
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

import dlmc
from tests.parity.test_projects import (
    TARGETS,
    assert_same_losses,
    history,
    python,
    trained,
)

PROGRAM = """
const WEIGHT = [1, 2, 0.5, 0]

model Net {
  input x: f32[N, 6]
  h = x -> Dense(12) as hidden -> tanh
  output logits = h -> Dense(4) as classes
  output choices = h -> Dense(4) as choices
  output steps = reshape(h -> Dense(20) as spoken, [N, 5, 4])
}

data rows {
  source = csv("rows.csv")
  x:      f32[6] = columns("x_*")
  label:  i64
  said:   i64[2] = columns("said_*")
  length: i64
  split  = random(train = 80%, validation = 20%, seed = 1)
}

train Net on rows {
  loss = cross_entropy(logits, label, weight = WEIGHT, ignore = -1, smoothing = 0.1)
       + focal(choices, one_hot(said[:, 0], depth = 4))
       + 0.1 * ctc(steps, said, length + 3, length, zero_infinity = true)
       + 0.1 * binary_cross_entropy(choices, one_hot(said[:, 1], depth = 4), WEIGHT)
  metrics = [
    cross_entropy(logits, label, ignore = -1),
    nll(log_softmax(logits), label, weight = [1, 2, 3, 4], ignore = -1),
  ]
  optimizer = sgd(lr = 0.1, momentum = 0.9)
  epochs    = 8
  batch     = 7
}
"""


def rows(folder: Path, last: str = "") -> Path:
    """A program beside its table, whose labels may be ignored."""
    rng = np.random.default_rng(0)
    names = [*(f"x_{i}" for i in range(6)), "label", "said_0", "said_1", "length"]
    lines = [",".join(names)]
    for i in range(40):
        x = rng.normal(size=6).round(3)
        label = -1 if i % 3 == 0 else int(rng.integers(0, 4))
        said = rng.integers(1, 4, 2)
        numbers = [*x, label, *said, rng.integers(0, 3)]
        lines.append(",".join(map(str, numbers)))
    (folder / "rows.csv").write_text("\n".join([*lines, last]) + "\n")
    path = folder / "net.dlm"
    path.write_text(PROGRAM, "utf-8")
    return path


def test_same_losses(tmp_path: Path) -> None:
    folders = trained(rows(tmp_path), tmp_path)
    assert_same_losses(folders)
    losses = [line["loss"] for line in history(folders["torch"])]
    assert losses[-1] < 0.9 * losses[0]
    mine, other = (
        load_file(folder / "runs" / "model.safetensors") for folder in folders.values()
    )
    for name, value in mine.items():
        np.testing.assert_allclose(other[name], value, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("target", TARGETS)
def test_a_label_out_of_range(target: str, tmp_path: Path) -> None:
    """The script ends with the place, before anything is trained."""
    path = rows(tmp_path, "0,0,0,0,0,0,4,1,1,1")
    project = dlmc.build(path, target=target, output=tmp_path)
    message = "rows.csv, line 42: label is 4, but there are 4 classes (0 to 3, -1)"
    with pytest.raises(AssertionError, match=re.escape(message)) as caught:
        python(project, "train.py")
    assert "Traceback" not in str(caught.value)
