"""Run whole processes and say what each of them cost."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from statistics import median
from typing import NamedTuple

# On Linux a process's peak memory is never less than its parent's at the fork, so the
# parent is a small Python of its own.
PARENT = """\
import os, sys, time
start = time.perf_counter()
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
_, status, usage = os.wait4(child, 0)
unit = 1 if sys.platform == "darwin" else 1024
print(time.perf_counter() - start, usage.ru_maxrss * unit)
sys.exit(os.waitstatus_to_exitcode(status))
"""


class Cost(NamedTuple):
    """What a process took, and what it printed to standard output."""

    seconds: float
    peak_bytes: int
    output: str


def measure(command: Sequence[str]) -> Cost:
    """Run a command, its program given by path, from start to finish.

    Raises:
        subprocess.CalledProcessError: it failed; `stderr` has what it said.
    """
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", PARENT, *command],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.stderr.write(done.stderr)
        raise subprocess.CalledProcessError(
            done.returncode, command, done.stdout, done.stderr
        )
    *printed, figures = done.stdout.splitlines()
    seconds, peak_bytes = figures.split()
    return Cost(float(seconds), int(peak_bytes), "\n".join(printed))


def interleaved(
    commands: Mapping[str, Sequence[str]], rounds: int
) -> dict[str, list[Cost]]:
    """Run each command once a round, so that a busy minute strikes all alike."""
    costs: dict[str, list[Cost]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            costs[name].append(measure(command))
    return costs


def median_seconds(costs: Sequence[Cost]) -> float:
    """The median of the whole processes' times."""
    return median(cost.seconds for cost in costs)


def median_megabytes(costs: Sequence[Cost]) -> float:
    """The median of the peaks of memory, in MB."""
    return median(cost.peak_bytes for cost in costs) / 1e6
