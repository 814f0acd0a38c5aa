"""One program, three targets: compile the digits, train them, compare the results.

    make demo

The generated projects and all that they write stay in build/demo, to be looked at.
"""

import csv
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
from rich.console import Console
from rich.table import Table
from safetensors.numpy import load_file

ROOT = Path(__file__).resolve().parents[1]
PROGRAM = ROOT / "examples" / "digits.dlm"
DATA = ROOT / "examples" / "data" / "digits.csv"
OUT = ROOT / "build" / "demo"
DLMC = Path(sys.executable).with_name("dlmc")
FRAMEWORKS = {"torch": "PyTorch", "tensorflow": "TensorFlow"}
DROPOUT = "-> Dropout(0.25) "
TEST = re.compile(r"test loss (\S+)\s+accuracy (\S+)")

console = Console(highlight=False)


class Result(NamedTuple):
    """How well a trained model does on the test part, and what it took."""

    accuracy: float
    loss: float
    seconds: float


def build(program: Path, *targets: str) -> None:
    """Compile a program for some targets, each to a folder of its own in `OUT`."""
    words = [word for target in targets for word in ("--target", target)]
    subprocess.run(
        [DLMC, "build", program, *words, "-o", OUT, "--init", "--force"],
        cwd=ROOT,
        check=True,
    )


def train(project: Path) -> Result:
    """Run a project's train.py from the initial weights that all targets share."""
    console.rule(project.name)
    start = time.perf_counter()
    environment = os.environ | {"PYTHONUNBUFFERED": "1", "TF_CPP_MIN_LOG_LEVEL": "2"}
    command = [sys.executable, "train.py", "--init", "init.safetensors"]
    with subprocess.Popen(
        [*command, "--out", "runs"],
        cwd=project,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        line = ""
        for line in process.stdout:
            console.out(line, end="")
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, process.args)
    tested = TEST.search(line)
    if tested is None:
        raise ValueError(f"{project.name}/train.py did not end with its test: {line}")
    seconds = time.perf_counter() - start
    return Result(float(tested[2]), float(tested[1]), seconds)


def load_test_part(project: Path) -> Any:
    """The test part as the project itself reads it, with fields `image` and `label`."""
    spec = importlib.util.spec_from_file_location("data", project / "data.py")
    assert spec is not None
    assert spec.loader is not None
    data = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(data)
    _, _, test = data.load()
    return test


def predict(graph: Path, weights: Path, test: Any) -> Result:
    """Run the ONNX graph on the test part, with weights that a framework trained."""
    model = onnx.load(graph)
    places = {place.name: place for place in model.graph.initializer}
    for name, value in load_file(weights).items():
        places[name].CopyFrom(onnx.numpy_helper.from_array(value, name))
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    start = time.perf_counter()
    (logits,) = session.run(["logits"], {"image": test.image})
    return score(logits, test.label, time.perf_counter() - start)


def score(
    logits: npt.NDArray[np.float32], label: npt.NDArray[np.int64], seconds: float
) -> Result:
    """Accuracy and mean cross-entropy of logits [n, classes] against labels [n]."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_sums = np.log(np.exp(shifted).sum(axis=1))
    losses = log_sums - shifted[np.arange(len(label)), label]
    hits = logits.argmax(axis=1) == label
    return Result(float(hits.mean()), float(losses.mean()), seconds)


def without_dropout() -> Path:
    """Write the program anew without its one random part, the data beside it."""
    source = PROGRAM.read_text("utf-8")
    if DROPOUT not in source:
        raise ValueError(f"{PROGRAM.name} has no {DROPOUT.strip()!r} to leave out")
    source = source.replace(DROPOUT, "").replace("data/digits.csv", DATA.name)
    program = OUT / "digits_no_dropout.dlm"
    program.write_text(source, "utf-8")
    shutil.copyfile(DATA, OUT / DATA.name)
    return program


def read_losses(history: Path) -> list[float]:
    """The training loss of each epoch."""
    with history.open(newline="") as file:
        return [float(row["loss"]) for row in csv.DictReader(file)]


def losses_table(torch: list[float], tensorflow: list[float]) -> Table:
    """Two trainings side by side, epoch by epoch, and how far apart they are."""
    apart = [abs(a - b) / abs(a) for a, b in zip(torch, tensorflow, strict=True)]
    table = Table(
        title="Training loss without dropout",
        caption=f"largest relative difference: {max(apart):.1e}",
    )
    for name in ("epoch", *FRAMEWORKS.values(), "difference"):
        table.add_column(name, justify="right")
    for epoch, row in enumerate(zip(torch, tensorflow, apart, strict=True), start=1):
        table.add_row(str(epoch), f"{row[0]:.6f}", f"{row[1]:.6f}", f"{row[2]:.1e}")
    return table


def results_table(results: dict[str, Result]) -> Table:
    """Each target's accuracy and loss on the test part."""
    table = Table(
        title="The digits on every target",
        caption="time: the whole training; for ONNX Runtime, predicting the test part",
    )
    table.add_column("target")
    for name in ("test accuracy", "test loss", "time"):
        table.add_column(name, justify="right")
    for target, (accuracy, loss, seconds) in results.items():
        spent = f"{seconds:.1f} s" if seconds >= 1 else f"{1000 * seconds:.1f} ms"
        table.add_row(target, f"{accuracy:.2%}", f"{loss:.4f}", spent)
    return table


def main() -> None:
    """Build, train, predict and compare."""
    OUT.mkdir(parents=True, exist_ok=True)
    build(PROGRAM, *FRAMEWORKS, "onnx")
    results = {
        name: train(OUT / f"digits-{target}") for target, name in FRAMEWORKS.items()
    }
    test = load_test_part(OUT / "digits-torch")
    for target, name in FRAMEWORKS.items():
        results[f"ONNX Runtime, weights from {name}"] = predict(
            OUT / "digits-onnx" / "model.onnx",
            OUT / f"digits-{target}" / "runs" / "model.safetensors",
            test,
        )

    program = without_dropout()
    build(program, *FRAMEWORKS)
    losses = {}
    for target in FRAMEWORKS:
        project = OUT / f"{program.stem}-{target}"
        train(project)
        losses[target] = read_losses(project / "runs" / "history.csv")

    console.print()
    console.print(losses_table(**losses))
    console.print(results_table(results))


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(error.returncode)
    except KeyboardInterrupt:
        sys.exit(130)
