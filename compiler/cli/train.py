"""`dlmc train`."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import click

from dlmc.cli.build import Target, build_all


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("file")
@click.option(
    "-t", "--target", type=Target(), required=True, help="torch or tensorflow."
)
@click.option(
    "-o", "--output", type=click.Path(file_okay=False, path_type=Path), default=".",
    help="Where the project's folder is made (default: here).",
)  # fmt: skip
@click.option("--force", is_flag=True, help="Overwrite files edited by hand.")
@click.argument("options", nargs=-1, type=click.UNPROCESSED, metavar="[OPTIONS…]")
def train(
    file: str, target: str, output: Path, force: bool, options: tuple[str, ...]
) -> None:
    """Build the project of a program and run its train.py.

    What is not an option of this command goes to train.py; `-- --help` lists its own.

    \b
    Example:
      dlmc train digits.dlm --target torch --epochs 5
    """
    from dlmc.backend import backend
    from dlmc.cli.failure import WRONG_PROGRAM

    missing = [name for name in backend(target).requirements if find_spec(name) is None]
    if missing:
        click.echo(
            f"error: {missing[0]} is not installed\n"
            f"  = help: pip install 'dlmc[{target}]'",
            err=True,
        )
        sys.exit(WRONG_PROGRAM)
    (folder,) = build_all(file, (target,), output, force=force)
    script = folder / "train.py"
    if not script.is_file():
        click.echo(
            f"error: {folder} has no train.py\n  = help: a program with a `train` "
            "declaration has one, for targets that can train",
            err=True,
        )
        sys.exit(WRONG_PROGRAM)
    sys.exit(subprocess.run([sys.executable, str(script), *options]).returncode)
