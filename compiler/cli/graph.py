"""`dlmc graph`."""

import os
import sys
from pathlib import Path

import click

ENDINGS = (".svg", ".html")


class Picture(click.ParamType[Path]):
    """Where a picture goes; its ending says what it is."""

    name = "file"

    def convert(
        self,
        value: str | Path,
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> Path:
        """The path, if its ending is known; `-` is standard output."""
        path = Path(value)
        if str(value) != "-" and path.suffix.lower() not in ENDINGS:
            self.fail(f"{value} ends neither in .svg nor in .html.", param, ctx)
        return path


@click.command()
@click.argument("file")
@click.option(
    "-o", "--output", type=Picture(), metavar="FILE",
    help="NAME.svg or NAME.html; - writes an SVG to standard output"
    " (default: beside the program, .svg in the place of .dlm).",
)  # fmt: skip
@click.option("--model", metavar="NAME", help="Only the model of that name.")
@click.option(
    "--depth", type=click.IntRange(min=1), default=1, metavar="LEVELS",
    help="How many levels are unfolded, the model being the first (default: 1).",
)  # fmt: skip
def graph(file: str, output: Path | None, model: str | None, depth: int) -> None:
    """Draw the models of a program: blocks, layers, and the shapes between them.

    An SVG is a picture for a slide or a page. An HTML file is one page by itself, that
    needs no network: blocks fold and unfold by a click or by Enter, and a pointer on a
    box shows its arguments, shapes, parameters and place in the program. What a loop
    repeats is drawn once, with its number. Both follow the reader's light or dark
    colours, and are the same bytes for the same program.

    \b
    Example:
      dlmc graph resnet.dlm -o resnet.html
    """
    from dlmc.api import read
    from dlmc.cli.failure import WRONG_PROGRAM
    from dlmc.graph.output import HINT, EngineMissingError, TooLargeError, page, svg
    from dlmc.summary.model import UnknownModelError, summarize

    program = read(file)
    try:
        found = summarize(program, model=model)
    except UnknownModelError as error:
        raise click.UsageError(str(error)) from None
    beside = Path("-") if file == "-" else Path(file).with_suffix(".svg")
    path = output or beside
    try:
        if path.suffix.lower() == ".html":
            made = page(program.file, found, depth)
        else:
            made = svg(found, depth)
    except EngineMissingError as error:
        click.echo(f"error: {error}\n  = help: {HINT}", err=True)
        sys.exit(WRONG_PROGRAM)
    except TooLargeError:
        click.echo(
            "error: the model has too many layers for one picture\n  = help: fewer"
            " levels with `--depth`, or blocks around what belongs together",
            err=True,
        )
        sys.exit(WRONG_PROGRAM)
    if str(path) == "-":
        sys.stdout.buffer.write(made.encode("utf-8"))
        return
    try:
        _write(path, made)
    except OSError as error:
        click.echo(f"error: {path}: {error.strerror or error}", err=True)
        sys.exit(WRONG_PROGRAM)
    click.echo(path)


def _write(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.write_text(text, "utf-8", newline="\n")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
