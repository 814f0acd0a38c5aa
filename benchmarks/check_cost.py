"""What a check costs: time and memory of `dlmc check` as a whole process."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.table import Table

from benchmarks.measure import interleaved, median_megabytes, median_seconds

EXAMPLES = Path(__file__).parents[1] / "examples"
DLMC = str(Path(sys.executable).with_name("dlmc"))
BARE = "bare Python"
COMMANDS = {
    BARE: [sys.executable, "-c", "pass"],
    "dlmc --help": [DLMC, "--help"],
    "dlmc check digits.dlm": [DLMC, "check", str(EXAMPLES / "digits.dlm")],
    "dlmc check resnet.dlm": [DLMC, "check", str(EXAMPLES / "resnet.dlm")],
}
LAYERS = (1_000, 3_000, 10_000)
ROUNDS = 10


def chain(layers: int) -> str:
    """A program of so many layers, each on a line and with a name of its own."""
    lines = "".join(f"  x = x -> Dense(8) as d{i} -> relu\n" for i in range(layers))
    return f"model Chain {{\n  input x: f32[N, 8]\n{lines}  output y = x\n}}\n"


def run(rounds: int | None = None) -> Table:
    """Checking programs: whole processes beside a Python that does nothing."""
    with TemporaryDirectory() as folder:
        commands = dict(COMMANDS)
        for layers in LAYERS:
            path = Path(folder) / f"chain{layers}.dlm"
            path.write_text(chain(layers), "utf-8")
            commands[f"dlmc check, {layers:,} layers"] = [DLMC, "check", str(path)]
        costs = interleaved(commands, rounds or ROUNDS)
    seconds = {name: median_seconds(runs) for name, runs in costs.items()}
    megabytes = {name: median_megabytes(runs) for name, runs in costs.items()}
    table = Table("check", "process s", "× bare", "peak MB", "× bare")
    for column in table.columns[1:]:
        column.justify = "right"
    for name in costs:
        table.add_row(
            name,
            f"{seconds[name]:.3f}",
            f"{seconds[name] / seconds[BARE]:.1f}",
            f"{megabytes[name]:.0f}",
            f"{megabytes[name] / megabytes[BARE]:.1f}",
        )
    return table
