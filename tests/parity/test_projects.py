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
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Trained:
    """How an example is trained here, and what its last line must say."""

    options: str
    last: str = r"test loss \d+\.\d{4}  accuracy ([01]\.\d{4})"
    least: float = 0.0
    """The least that the metric in the last line may be."""


# Some trainings amplify the rounding of f32 so much that after some steps PyTorch is as
# far from itself in f64 as from TensorFlow; they are compared over few steps.
TRAINED = {
    "autoencoder": Trained("--epochs 3", r"test loss \d+\.\d{4}"),
    "digits": Trained("--epochs 3", least=0.9),
    "linear": Trained("", r"epoch 100  loss \d+\.\d{4}"),
    "resnet": Trained("--epochs 1 --batch 1500"),
    "siamese": Trained(
        "--epochs 2", r"test loss \d+\.\d{4}  agreement ([01]\.\d{4})", least=0.8
    ),
    "unet": Trained("--epochs 1 --batch 180"),
    "wide_and_deep": Trained("--epochs 10", least=0.8),
    "wine": Trained("--epochs 6 --seed 7", least=0.8),
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
OWN_RULE = """
model Net { input image: f32[N, 2, 4, 4]
  output y = image -> Conv(3, 3, padding = 1) -> tanh -> Conv(3, 3, groups = 3)
    -> flatten -> Dense(7) as wide -> tanh -> Dense(2) as out }
data rows {
  source = npz("rows.npz")
  image: f32[2, 4, 4]
  t:     f32[2]
}
optimizer factored(lr, beta = 0.9) {
  state row: f32[weight.shape[:-1]] = 0.1
  state power: f64 = 1
  power = beta * power
  if weight.rank == 1 {
    change = grad
  } else {
    row = beta * row + (1 - beta) * mean(grad ** 2, axis = -1)
    change = grad * rsqrt(row[..., new] + 1e-3)
    if weight.rank == 2 {
      rows, columns = weight.shape
      if rows > columns {
        change = change - 0.1 * weight @ (transpose(weight) @ change)
      } else {
        change = change - 0.1 * (change @ transpose(weight)) @ weight
      }
    }
  }
  weight = weight - lr / (1 - power) * change
}
fn halved(lr, step, steps, every) = lr * 0.5 ** (step // every)
train Net on rows {
  loss = mse(y, t)
  optimizer = factored(lr = halved(0.05, every = 2 * epoch))
  epochs = 5
  batch = 4
}
"""
TRAININGS = """
model Net(width, depth = 1) { input x: f32[N, 2]
  y = x
  for i in 0..depth { y = y -> Dense(width) as "hidden.{i}" -> tanh }
  output y = y -> Dense(1) as out }
data points {
  source = inline(x = [[1.0, 2.0], [2.0, 0.5], [3.0, 1.0]], t = [[2.0], [4.0], [6.0]])
  x: f32[2]
  t: f32[1]
}
train small = Net(width = 3) on points {
  loss = mse(y, t)
  optimizer = sgd(lr = 0.1)
  epochs = 1
  batch = 3
}
train large = Net(8, depth = 3) on points {
  loss = mae(y, t)
  optimizer = adam(lr = 0.1)
  epochs = 1
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


def trained(path: Path, folder: Path, options: str = "") -> dict[str, Path]:
    """Build and train a program for each target, from the same start."""
    words = ["--init", "init.safetensors", *options.split()]
    folders = {}
    for target in TARGETS:
        project = dlmc.build(path, target=target, output=folder, init=True)
        printed = python(project, "train.py", *words)
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


def test_every_training_is_run() -> None:
    """An example that trains something is in the table above."""
    paths = sorted(EXAMPLES.glob("*.dlm"))
    assert list(TRAINED) == [path.stem for path in paths if read(path).trainings]


@pytest.mark.parametrize("name", TRAINED)
def test_example(name: str, tmp_path: Path) -> None:
    text = DROPOUT.sub("", (EXAMPLES / f"{name}.dlm").read_text("utf-8"))
    (tmp_path / "data").symlink_to(EXAMPLES / "data")
    path = tmp_path / f"{name}.dlm"
    path.write_text(text, "utf-8")
    program = read(path)
    model = program.trainings[0].model
    training = TRAINED[name]
    folders = trained(path, tmp_path, training.options)

    assert_same_losses(folders)
    for project in folders.values():
        last = (project / "printed.txt").read_text().splitlines()[-1]
        shown = re.fullmatch(training.last, last)
        assert shown, last
        assert all(float(metric) >= training.least for metric in shown.groups()), last
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
        if "logits" in found:
            assert np.array_equal(found["class"], found["logits"].argmax(axis=-1))

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
    folders = trained(path, tmp_path)
    assert_same_losses(folders)
    mine, other = (
        load_file(folder / "runs" / "model.safetensors") for folder in folders.values()
    )
    for name, value in mine.items():
        np.testing.assert_allclose(other[name], value, rtol=1e-3, atol=1e-4)


def test_own_rule_that_asks_for_axes(tmp_path: Path) -> None:
    """It sees weights as the program has them, however a framework keeps them."""
    path = tmp_path / "own.dlm"
    path.write_text(OWN_RULE, "utf-8")
    generator = np.random.default_rng(0)
    image = generator.normal(size=(18, 2, 4, 4)).astype(np.float32)
    target = np.tanh(image[:, 0, :2, 0]).astype(np.float32)
    np.savez(tmp_path / "rows.npz", image=image, t=target)
    folders = trained(path, tmp_path)
    assert_same_losses(folders)
    mine, other = (
        load_file(folder / "runs" / "model.safetensors") for folder in folders.values()
    )
    for name, value in mine.items():
        np.testing.assert_allclose(other[name], value, 1e-4, 1e-5, err_msg=name)


@pytest.mark.parametrize("target", TARGETS)
def test_several_trainings(target: str, tmp_path: Path) -> None:
    """The second training of a model has its own arguments, script and weights."""
    path = tmp_path / "nets.dlm"
    path.write_text(TRAININGS, "utf-8")
    large = read(path).trainings[1]
    project = dlmc.build(path, target=target, output=tmp_path)
    python(project, "train_large.py", "--out", "large")
    file = Path("large", "model.safetensors")
    stored = load_file(project / file)
    assert {name: array.shape for name, array in stored.items()} == {
        weight.name: weight.type.shape for weight in weights(large.model)
    }
    words = ["--x", "[[1.0, -2.0]]", "--weights", file, "--out", "y.npz"]
    python(project, "predict_large.py", *words)
    with np.load(project / "y.npz") as found:
        expected = run(large.model, {"x": np.float32([[1, -2]])}, stored).outputs
        np.testing.assert_allclose(found["y"], expected["y"], rtol=OUTPUTS)
