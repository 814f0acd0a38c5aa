"""Run a generated training script and print how long its training took.

    python benchmarks/timing.py PROJECT [options of train.py]

Imports, reading the data and building the model do not count; the first step with all
that it traces and allocates does, as in the versions written by hand.
"""

import importlib
import re
import sys
import time
from pathlib import Path
from typing import Any

# The one place that knows the form of a generated train.py: the function whose calls
# are timed. It is looked up in the module when `main()` calls it.
FUNCTION = "train"

REPORT = re.compile(r"^training (\d+\.\d+) s$", re.MULTILINE)


def report(seconds: float) -> str:
    """The line that tells a benchmark the training time."""
    return f"training {seconds:.4f} s"


def training_seconds(output: str) -> float:
    """The training time that a script reported among what it printed."""
    if found := REPORT.search(output):
        return float(found[1])
    raise ValueError("the script reported no training time")


def main() -> None:
    """Import a project's train.py, time its training, print the report."""
    project = Path(sys.argv[1]).resolve()
    sys.path.insert(0, str(project))
    sys.argv = [str(project / "train.py"), *sys.argv[2:]]
    script = importlib.import_module("train")
    train = getattr(script, FUNCTION)
    seconds = 0.0

    def timed(*args: Any, **options: Any) -> Any:
        nonlocal seconds
        start = time.perf_counter()
        try:
            return train(*args, **options)
        finally:
            seconds += time.perf_counter() - start

    setattr(script, FUNCTION, timed)
    script.main()
    print(report(seconds))


if __name__ == "__main__":
    main()
