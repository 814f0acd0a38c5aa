"""What projects report of a part is what NumPy says of all its predictions at once."""

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import dlmc
from tests import measured
from tests.parity.test_projects import history, python

READ = """
import sys
from pathlib import Path
import numpy as np
import data, weights, train
from model import Heads
sys.argv = ["train.py"]
train.main()
*_, part = data.load(Path("rows.npz"))
model = Heads()
weights.load(model, "runs/model.safetensors")
"""
SCRIPTS = {
    "torch": READ
    + """
import torch
part = [torch.from_numpy(field) for field in part]
with torch.no_grad():
    outputs = model.eval()(part[0])
def evaluate(batch):
    return train.evaluate(model, part, batch)
""",
    "tensorflow": READ
    + """
import keras, tensorflow as tf
part = [tf.constant(field) for field in part]
outputs = model(part[0])
def evaluate(batch):
    trainer = train.Trainer(model, keras.optimizers.SGD(), part, batch)
    figures, tables = trainer.evaluate(part)
    return figures, {name: table.numpy() for name, table in tables.items()}
""",
}
WRITE = """
found = {}
for batch in (7, 64):
    figures, tables = evaluate(batch)
    found[f"figures {batch}"] = np.asarray(figures)
    found |= {f"{name} {batch}": np.asarray(t) for name, t in tables.items()}
names = ("x", "class", "yes", "t", "pixel")
found |= dict(zip(names, map(np.asarray, part), strict=True))
found |= dict(zip(("logits", "score", "y", "pixels"), map(np.asarray, outputs)))
np.savez("found.npz", **found)
"""


@pytest.mark.parametrize("target", SCRIPTS)
def test_metrics_are_those_of_the_whole_part(target: str, tmp_path: Path) -> None:
    path = measured.write(tmp_path)
    project = dlmc.build(path, target=target, output=tmp_path)
    printed = python(project, "-c", SCRIPTS[target] + WRITE).splitlines()
    with np.load(project / "found.npz") as file:
        found = dict(file)
    assert len(found["x"]) == 102  # which no batch here divides
    wanted = measured.figures(found)
    numbers = {n: v for n, v in wanted.items() if np.ndim(v) == 0}
    tables = {n: v for n, v in wanted.items() if np.ndim(v)}

    last = history(project)[-1]
    assert list(last) == ["epoch", "loss", "validation_loss"] + [
        f"validation_{name}" for name in numbers
    ]
    for name, value in numbers.items():
        assert last[f"validation_{name}"] == pytest.approx(value, rel=2e-6), name
    for batch in (7, 64):
        figures = dict(zip(numbers, found[f"figures {batch}"][1:], strict=True))
        assert figures == pytest.approx(numbers, rel=2e-6)
    for name, value in tables.items():
        for batch in (7, 64):
            shown = found[f"{name} {batch}"]
            np.testing.assert_allclose(shown, np.atleast_2d(value), rtol=2e-6)
        written = rows(project / "runs" / f"{name}.csv")
        np.testing.assert_allclose(written, np.atleast_2d(value), rtol=2e-6)
    place = printed.index("confusion, in runs/confusion.csv")
    lines = [line.split() for line in printed[place + 1 : place + 5]]
    assert np.array(lines, int).tolist() == wanted["confusion"].tolist()


def rows(path: Path) -> Any:
    """The numbers of a table."""
    with path.open(newline="") as file:
        return np.array(list(csv.reader(file)), float)
