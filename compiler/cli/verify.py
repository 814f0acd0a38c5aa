"""`dlmc verify`."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dlmc.cli.build import Target

if TYPE_CHECKING:
    from rich.progress import TaskID

Progress = Callable[[str, int], None]


@click.command()
@click.argument("file")
@click.option(
    "-t", "--target", "targets", type=Target(), multiple=True,
    help="A target to compare; may be given several times (default: all installed).",
)  # fmt: skip
@click.option("--train", "training", metavar="NAME", help="Only this training.")
@click.option(
    "--steps", type=click.IntRange(min=0), default=300, metavar="N",
    help="How many steps each training takes (default: 300).",
)  # fmt: skip
@click.option(
    "--batch", type=click.IntRange(min=1), metavar="N",
    help="Samples a step, instead of the program's.",
)  # fmt: skip
@click.option(
    "--seed", type=click.IntRange(min=0), metavar="N",
    help="Of initial weights and the order of data, instead of the program's.",
)  # fmt: skip
@click.option(
    "--tolerance", type=click.FloatRange(min=0), metavar="X",
    help="The largest relative difference of every quantity (default: its own).",
)  # fmt: skip
@click.option(
    "--precision", type=click.Choice(["f64", "f32"]), default="f64",
    help="Train in 64 bits (default), or as the program is typed.",
)  # fmt: skip
@click.option(
    "--with-noise", "noise", is_flag=True,
    help="Keep dropout and the like; what depends on it is not judged.",
)  # fmt: skip
@click.option(
    "--explain", is_flag=True,
    help="Find the operation that differs, where a target does.",
)  # fmt: skip
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text",
    help="A table (default), or JSON with every figure.",
)  # fmt: skip
@click.option(
    "--report", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE.html",
    help="Also write a page with the curves of loss and of differences.",
)  # fmt: skip
def verify(
    file: str,
    targets: tuple[str, ...],
    training: str | None,
    steps: int,
    batch: int | None,
    seed: int | None,
    tolerance: float | None,
    precision: str,
    noise: bool,
    explain: bool,
    form: str,
    report: Path | None,
) -> None:
    """Prove that a program does the same on each target.

    From the same initial weights and the same batches, each framework's generated code
    is compared with the interpreter, which says what a program means: outputs, loss,
    gradients, states, and loss and weights along the first steps of each training. A
    program without a training is compared on random inputs. The exit status is 1 where
    something differs by more than its tolerance.

    \b
    Example:
      dlmc verify digits.dlm
      dlmc verify digits.dlm --target torch --steps 50 --explain
    """
    from dlmc.api import verify as verified
    from dlmc.cli.failure import WRONG_PROGRAM
    from dlmc.interpreter import InterpreterError
    from dlmc.sources import reason
    from dlmc.trial import DataError
    from dlmc.verification.run import MissingTarget, UnknownTraining

    # A long run should not end with a page that has no place.
    if report is not None and not report.parent.is_dir():
        click.echo(f"error: {report}: there is no folder {report.parent}", err=True)
        sys.exit(WRONG_PROGRAM)
    try:
        with _progress(steps) as progress:
            found = verified(
                file,
                targets=targets,
                training=training,
                steps=steps,
                batch=batch,
                seed=seed,
                tolerance=tolerance,
                precision=precision,
                noise=noise,
                explain=explain,
                progress=progress,
            )
    except MissingTarget as missing:
        click.echo(
            f"error: {missing}\n  = help: pip install 'dlmc[{missing.target}]'",
            err=True,
        )
        sys.exit(WRONG_PROGRAM)
    except DataError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(WRONG_PROGRAM)
    except InterpreterError as error:
        click.echo(f"error: the program has no result: {error}", err=True)
        sys.exit(WRONG_PROGRAM)
    except UnknownTraining as unknown:
        raise click.UsageError(str(unknown)) from None
    if form == "json":
        import json

        click.echo(json.dumps(found.document(), indent=2))
    else:
        from dlmc.verification.table import print_report

        print_report(found, sys.stdout)
    if report is not None:
        from dlmc.verification.page import page

        try:
            report.write_text(page(found), "utf-8")
        except OSError as error:
            click.echo(f"error: {report}: {reason(error)}", err=True)
            sys.exit(WRONG_PROGRAM)
    if not found.agrees or not any(case.targets for case in found.cases):
        sys.exit(WRONG_PROGRAM)


@contextmanager
def _progress(steps: int) -> Iterator[Progress]:
    """A bar for each training on standard error, if that is a terminal."""
    if not sys.stderr.isatty():
        yield lambda name, step: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True) as bars:
        start = bars.add_task("starting", total=None)
        tasks: dict[str, TaskID] = {}

        def progress(name: str, step: int) -> None:
            bars.update(start, visible=False)
            if name not in tasks:
                tasks[name] = bars.add_task(name, total=steps)
            bars.update(tasks[name], completed=step)

        yield progress
