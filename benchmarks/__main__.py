"""The command line: `python -m benchmarks [WORKLOAD …] [--rounds N]`."""

import argparse
import os
import platform
from collections.abc import Callable
from importlib.metadata import version

from rich.console import Console
from rich.table import Table

from benchmarks import check_cost, mlp

WORKLOADS: dict[str, Callable[[int | None], Table]] = {
    "mlp": mlp.run,
    "check": check_cost.run,
}


def describe() -> str:
    """What the workloads are, one a line."""
    lines = (f"  {name:6} {run.__doc__}" for name, run in WORKLOADS.items())
    return "workloads:\n" + "\n".join(lines)


def setting() -> str:
    """What the figures depend on, in one line."""
    packages = ", ".join(f"{name} {version(name)}" for name in ("torch", "tensorflow"))
    policy = os.environ.get("OMP_WAIT_POLICY", "not set")
    return (
        f"{os.cpu_count()} cores, Python {platform.python_version()}, {packages}, "
        f"OMP_WAIT_POLICY {policy}"
    )


def main() -> None:
    """Run the workloads that were asked for, all of them by default."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Time generated code and the compiler; run it on a quiet machine.",
        epilog=describe(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("workload", nargs="*", help="what to run (default: everything)")
    parser.add_argument("--rounds", type=int, help="runs of each (default: its own)")
    args = parser.parse_args()
    if unknown := [name for name in args.workload if name not in WORKLOADS]:
        parser.error(f"unknown workload {unknown[0]!r}: {', '.join(WORKLOADS)}")
    if args.rounds is not None and args.rounds < 1:
        parser.error("--rounds takes a number from 1 on")

    console = Console()
    console.print(setting(), highlight=False)
    for name in args.workload or WORKLOADS:
        with console.status(f"{name} …"):
            table = WORKLOADS[name](args.rounds)
        console.print(table)


if __name__ == "__main__":
    main()
