"""Whole projects as users run them: the same program, trained by each framework.

The scripts run as processes of their own, in folders where nothing of dlmc can be
imported.
"""

import csv
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file

import dlmc
from dlmc.api import read
from dlmc.interpreter import run
from dlmc.ir.module import weights
from dlmc.ir.program import Program

EXAMPLES = Path(__file__).parents[2] / "examples"
TARGETS = ("torch", "tensorflow")
DROPOUT = re.compile(r"-> Dropout\([^)]*\) ")
LOSSES = 1e-4
"""How far apart two frameworks' losses of an epoch may be, relatively."""
OUTPUTS = 1e-5
"""How far from the interpreter's a prediction may be, of the largest number."""

TRAINED = {
    # By example: options, whether the last line has an accuracy.
    "autoencoder": (["--epochs", "3"], False),
    "digits": (["--epochs", "3"], True),
    "linear": ([], None),
    "wine": (["--epochs", "6", "--seed", "7"], True),
}
LAST = {
    True: r"test loss \d+\.\d{4}  accuracy [01]\.\d{4}",
    False: r"test loss \d+\.\d{4}",
    None: r"epoch 100  loss \d+\.\d{4}",
}

RULES = """
model Line { input x: f32[N, 3]
  output y = x -> Dense(4) -> tanh -> Dense(1) }
data rows {
  source = inline(
    x = [[1.0, 2.0, 0.5], [0.1, -0.4, 1.0], [2.0, 0.0, -1.0], [0.3, 0.7, 0.9],
         [-1.0, 0.4, 0.2]],
    t = [[1.0], [0.0], [2.0], [0.5], [-1.0]])
  x: f32[3] = standardize(column("x"))
  t: f32[1]
}
fn huber(d) = mean(select(abs(d) < 1, 0.5 * d ** 2, abs(d) - 0.5))
optimizer lion(lr, beta1 = 0.9, beta2 = 0.99) {
  state m = zeros()
  update = sign(beta1 * m + (1 - beta1) * grad)
  m = beta2 * m + (1 - beta2) * grad
  weight = weight - lr * update
}
train Line on rows {
  loss = huber(y - t)
  optimizer = OPTIMIZER
  epochs = 8
  batch = 2
}
"""
OPTIMIZERS = [
    "sgd(lr = cosine(0.1, warmup = 4), momentum = 0.9, nesterov = true, l2 = 0.01)",
    "sgd(lr = 0.05, momentum = 0.9, nesterov = true)",
    "adam(lr = cosine(0.05, floor = 0.01), l2 = 0.1)",
    "adamw(lr = 0.05, weight_decay = 0.1)",
    "lion(lr = 0.01)",
]


def python(folder: Path, *words: str | Path) -> str:
    """Run a script of a project; what it printed."""
    (folder / "dlmc.py").write_text("raise ImportError('this stands alone')\n")
    done = subprocess.run(
        [sys.executable, *map(str, words)],
        cwd=folder,
        env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "2"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def history(folder: Path) -> list[dict[str, float]]:
    """The lines of history.csv."""
    with (folder / "runs" / "history.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    return [{name: float(value) for name, value in row.items()} for row in rows]


def trained(path: Path, folder: Path, options: list[str]) -> dict[str, Path]:
    """Build and train a program for each target, from the same start."""
    folders = {}
    for target in TARGETS:
        project = dlmc.build(path, target=target, output=folder, init=True)
        printed = python(project, "train.py", "--init", "init.safetensors", *options)
        (project / "printed.txt").write_text(printed)
        folders[target] = project
    return folders


def assert_same_losses(folders: Mapping[str, Path]) -> None:
    """That two histories tell the same."""
    mine, other = (history(folder) for folder in folders.values())
    assert len(mine) == len(other)
    for a, b in zip(mine, other, strict=True):
        assert a.keys() == b.keys()
        for name in a:
            if name.endswith("loss"):
                assert b[name] == pytest.approx(a[name], rel=LOSSES, abs=1e-7)


def predictions(folder: Path, program: Program, *options: str | Path) -> dict[str, Any]:
    """What predict.py writes for the first samples of the data."""
    words = ["predict.py", *options, "--out", "predictions.npz"]
    python(folder, *words)
    with np.load(folder / "predictions.npz") as file:
        return dict(file)


def samples_of(project: Path) -> str:
    """The name of the data file in a project, empty if there is none."""
    found = [p.name for p in project.iterdir() if p.suffix in (".csv", ".npz")]
    return found[0] if found else ""


def inputs_of(project: Path, file: str) -> list[Any]:
    """What the project's own data.py makes of a file."""
    code = (
        "import data, numpy as np, pathlib\n"
        "path = pathlib.Path('runs/scales.npz')\n"
        "scales = [dict(np.load(path))] if path.exists() else []\n"
        f"found = data.load_inputs(pathlib.Path({file!r}), *scales)\n"
        "np.savez('inputs.npz', *found)\n"
    )
    python(project, "-c", code)
    with np.load(project / "inputs.npz") as arrays:
        return [arrays[f"arr_{i}"] for i in range(len(arrays.files))]


@pytest.mark.parametrize("name", TRAINED)
def test_example(name: str, tmp_path: Path) -> None:
    text = DROPOUT.sub("", (EXAMPLES / f"{name}.dlm").read_text("utf-8"))
    (tmp_path / "data").symlink_to(EXAMPLES / "data")
    path = tmp_path / f"{name}.dlm"
    path.write_text(text, "utf-8")
    program = read(path)
    model = program.trainings[0].model
    options, has_accuracy = TRAINED[name]
    folders = trained(path, tmp_path, options)

    assert_same_losses(folders)
    for project in folders.values():
        last = (project / "printed.txt").read_text().splitlines()[-1]
        assert re.fullmatch(LAST[has_accuracy], last), last
        stored = load_file(project / "runs" / "model.safetensors")
        expected = {w.name: w.type.shape for w in weights(model)}
        assert {n: array.shape for n, array in stored.items()} == expected
        left = {p.name for p in (project / "runs").iterdir()}
        assert left <= {"history.csv", "model.safetensors", "scales.npz"}

        file = samples_of(project)
        if file:
            given, values = ["--data", file], inputs_of(project, file)
        else:
            given, values = ["--x", "[[5.0], [-1.0]]"], [np.float32([[5], [-1]])]
        found = predictions(project, program, *given)
        inputs = {i.name: x for i, x in zip(model.inputs, values, strict=True)}
        result = run(model, inputs, stored)
        for output, expected_values in result.outputs.items():
            scale = np.abs(expected_values).max()
            assert np.abs(found[output] - expected_values).max() <= OUTPUTS * scale
        if has_accuracy:
            assert np.array_equal(found["class"], found["logits"].argmax(axis=1))

    # Weights that one framework trained, in the other.
    shared = folders["torch"] / "runs" / "model.safetensors"
    learned = [folder / "runs" / "scales.npz" for folder in folders.values()]
    assert len({path.exists() for path in learned}) == 1
    assert len({path.read_bytes() for path in learned if path.exists()}) <= 1
    other = predictions(folders["tensorflow"], program, *given, "--weights", shared)
    mine = predictions(folders["torch"], program, *given)
    for output in (o for o in mine if o != "class"):
        scale = np.abs(mine[output]).max()
        assert np.abs(other[output] - mine[output]).max() <= OUTPUTS * scale


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_optimizers_and_schedules(optimizer: str, tmp_path: Path) -> None:
    path = tmp_path / "rules.dlm"
    path.write_text(RULES.replace("OPTIMIZER", optimizer), "utf-8")
    folders = trained(path, tmp_path, [])
    assert_same_losses(folders)
    mine, other = (
        load_file(folder / "runs" / "model.safetensors") for folder in folders.values()
    )
    for name, value in mine.items():
        np.testing.assert_allclose(other[name], value, rtol=1e-3, atol=1e-4)
