"""What a check costs: time and memory of `dlmc check` as a whole process."""

import sys
from pathlib import Path

from rich.table import Table

from benchmarks.measure import interleaved, median_megabytes, median_seconds

PROGRAM = Path(__file__).parents[1] / "examples" / "digits.dlm"
DLMC = Path(sys.executable).with_name("dlmc")
BARE = "bare Python"
COMMANDS = {
    BARE: [sys.executable, "-c", "pass"],
    "dlmc check digits.dlm": [str(DLMC), "check", str(PROGRAM)],
}
ROUNDS = 10


def run(rounds: int | None = None) -> Table:
    """Checking a program: whole processes beside a Python that does nothing."""
    costs = interleaved(COMMANDS, rounds or ROUNDS)
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
