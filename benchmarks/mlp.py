"""The training loop: an MLP 32-128-64-10 on 50,000 rows, 588 steps of Adam."""

import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

import numpy as np
from rich.table import Table

from benchmarks.measure import interleaved, median_megabytes, median_seconds
from benchmarks.timing import training_seconds

HERE = Path(__file__).parent
DATA = HERE / "mlp.npz"
DLMC = str(Path(sys.executable).with_name("dlmc"))
TARGETS = {"torch": "mlp_torch.py", "tensorflow": "mlp_keras.py"}
ROUNDS = 5


def make_data() -> None:
    """Write the rows where they are missing: labels by a random linear teacher."""
    if DATA.exists():
        return
    random = np.random.default_rng(0)
    features = random.standard_normal((50_000, 32), dtype=np.float32)
    teacher = random.standard_normal((32, 10), dtype=np.float32)
    np.savez(DATA, features=features, label=(features @ teacher).argmax(axis=1))


def run(rounds: int | None = None) -> Table:
    """Training an MLP: generated code beside code written by hand."""
    make_data()
    with tempfile.TemporaryDirectory() as folder:
        targets = [word for target in TARGETS for word in ("--target", target)]
        build = [DLMC, "build", str(HERE / "mlp.dlm"), *targets, "-o", folder]
        subprocess.run(build, check=True, stdout=subprocess.DEVNULL)
        commands: dict[str, list[str]] = {}
        for target, script in TARGETS.items():
            by_hand = [str(HERE / "by_hand" / script), str(DATA)]
            project = f"{folder}/mlp-{target}"
            generated = [str(HERE / "timing.py"), project, "--out", f"{project}/runs"]
            commands[f"{target}, by hand"] = [sys.executable, *by_hand]
            commands[f"{target}, generated"] = [sys.executable, *generated]
        costs = interleaved(commands, rounds or ROUNDS)

    training = {
        name: median(training_seconds(cost.output) for cost in runs)
        for name, runs in costs.items()
    }
    table = Table("mlp", "training s", "× by hand", "process s", "peak MB")
    for column in table.columns[1:]:
        column.justify = "right"
    for name, runs in costs.items():
        target, _, _ = name.partition(",")
        ratio = training[name] / training[f"{target}, by hand"]
        table.add_row(
            name,
            f"{training[name]:.2f}",
            f"{ratio:.2f}",
            f"{median_seconds(runs):.2f}",
            f"{median_megabytes(runs):.0f}",
        )
    return table
