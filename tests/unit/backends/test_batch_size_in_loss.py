"""A loss that computes with the number of samples, which only the run knows."""

import csv
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import dlmc

PROGRAM = """
model Line {{
  input  x: f32[N, 1]
  output y = x -> Dense(1)
}}

data points {{
  source = inline(
    x      = [[1.0], [2.0], [3.0], [4.0]],
    target = [[2.0], [4.0], [6.0], [9.0]])
  x:      f32[1]
  target: f32[1]
}}

train Line on points {{
  loss      = {loss}
  optimizer = sgd(lr = 0.01)
  epochs    = 3
  batch     = 3
}}
"""
OWN = "sum((reshape(y, [y.shape[0]]) - target[:, 0]) ** 2 / cast(y.shape[0], f32))"


def history(folder: Path, target: str, loss: str) -> list[float]:
    """The loss of each epoch, from the weights that every target starts with."""
    folder.mkdir()
    program = folder / "line.dlm"
    program.write_text(PROGRAM.format(loss=loss), "utf-8")
    project = dlmc.build(program, target=target, output=folder, init=True)
    subprocess.run(
        [sys.executable, "train.py", "--init", "init.safetensors"],
        cwd=project, check=True, capture_output=True,
    )  # fmt: skip
    (path,) = project.rglob("history.csv")
    with path.open(newline="") as file:
        return [float(row["loss"]) for row in csv.DictReader(file)]


@pytest.mark.parametrize("target", ["torch", "tensorflow"])
def test_it_is_the_mean_that_it_says(target: str, tmp_path: Path) -> None:
    """A sum divided by the count is the library's mean, in a last short batch, too."""
    own = history(tmp_path / "own", target, OWN)
    library = history(tmp_path / "library", target, "mse(y, target)")
    assert len(own) == 3
    np.testing.assert_allclose(own, library, rtol=1e-5)
