"""`dlmc train`."""

import signal
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import click

from dlmc.cli.build import Target, build_all


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("file")
@click.option(
    "-t", "--target", "targets", type=Target(), multiple=True, required=True,
    help="torch or tensorflow.",
)  # fmt: skip
@click.option(
    "-o", "--output", type=click.Path(file_okay=False, path_type=Path), default=".",
    help="Where the project's folder is made (default: here).",
)  # fmt: skip
@click.option("--force", is_flag=True, help="Overwrite files edited by hand.")
@click.argument("options", nargs=-1, type=click.UNPROCESSED, metavar="[OPTIONS…]")
def train(
    file: str,
    targets: tuple[str, ...],
    output: Path,
    force: bool,
    options: tuple[str, ...],
) -> None:
    """Build the project of a program and run its train.py.

    What is not an option of this command goes to train.py; `-- --help` lists its own.

    \b
    Example:
      dlmc train digits.dlm --target torch --epochs 5
    """
    from dlmc.backend import backend, backend_names
    from dlmc.cli.failure import WRONG_PROGRAM

    if len(targets) > 1:
        raise click.UsageError("--target is given once: a training has one target")
    (target,) = targets
    if not backend(target).can_train:
        able = [name for name in backend_names() if backend(name).can_train]
        raise click.UsageError(
            f"the target {target} cannot train yet; these can: {', '.join(able)}"
        )
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
            "declaration has one",
            err=True,
        )
        sys.exit(WRONG_PROGRAM)
    # Ctrl-C reaches the script too, which may have something to save before it ends.
    signal.signal(signal.SIGINT, lambda *_: None)
    status = subprocess.run([sys.executable, str(script), *options]).returncode
    sys.exit(status if status >= 0 else 128 - status)
