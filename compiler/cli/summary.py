"""`dlmc summary`."""

import json
import os
import sys

import click


class Setting(click.ParamType[tuple[str, int]]):
    """A symbolic size and its value: `N=32`."""

    name = "NAME=SIZE"

    def convert(
        self,
        value: str | tuple[str, int],
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> tuple[str, int]:
        """The name and a number from 1 on."""
        if isinstance(value, tuple):
            return value
        name, equals, number = value.partition("=")
        if not (equals and number.isascii() and number.isdigit() and int(number) > 0):
            self.fail(f"{value!r} is not like N=32.", param, ctx)
        return name, int(number)


@click.command()
@click.argument("file")
@click.option("--model", metavar="NAME", help="Only the model of that name.")
@click.option(
    "--set", "given", type=Setting(), multiple=True,
    help="A number for an open size; may be given several times.",
)  # fmt: skip
@click.option(
    "--depth", type=click.IntRange(min=1), metavar="LEVELS",
    help="How many levels of layers are shown (default: all).",
)  # fmt: skip
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text",
    help="A table (default), or JSON with exact figures.",
)  # fmt: skip
def summary(
    file: str,
    model: str | None,
    given: tuple[tuple[str, int], ...],
    depth: int | None,
    form: str,
) -> None:
    """Show the layers of each model: shapes, parameters, FLOPs and memory.

    Figures are exact sums in the sizes that the program leaves open, shown with three
    digits. A row counts all below it, and the rows of a level sum to the one above:
    what a block's own operators compute is its row `arithmetic`. Of equal rows one is
    shown, with their number.

    FLOPs: 2 for a multiply-add, 1 for each number that any other arithmetic,
    comparison or choice makes or that a reduction takes, 0 for moves. A step is a
    forward pass in training and a backward pass, where each operation costs its FLOPs
    again for each operand that a gradient reaches.

    Activations: bytes that the forward pass keeps because a gradient reads them, each
    value once, weights and views left out. A layer or function of the library keeps
    its arguments where that is less than its inner values.

    \b
    Example:
      dlmc summary resnet.dlm --set N=32 --depth 1
    """
    from dlmc.api import read
    from dlmc.diagnostics import Diagnostic, DlmError, Label
    from dlmc.summary.model import UnknownModelError, UnknownSizeError, summarize
    from dlmc.summary.tape import SizeError

    program = read(file)
    try:
        found = summarize(program, dict(given), model)
    except (UnknownModelError, UnknownSizeError) as error:
        raise click.UsageError(str(error)) from None
    except SizeError as error:
        sizes = ", ".join(f"{name} = {value}" for name, value in given)
        message = f"the model has no meaning for {sizes}: {error.message}"
        place = None if error.span is None else Label(error.span)
        raise DlmError([Diagnostic("E0304", message, place)]) from None
    if form == "json":
        from dlmc.summary.document import document

        content = document(program.file, found)
        click.echo(json.dumps(content, indent=2))
    else:
        from dlmc.summary.table import print_table

        colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
        print_table(found, sys.stdout, depth=depth, colour=colour)
