"""The command line: one file a command."""

import gc
import sys

import click

from dlmc.cli.build import build
from dlmc.cli.check import check
from dlmc.cli.explain import explain
from dlmc.cli.failure import reported
from dlmc.cli.fmt import fmt
from dlmc.cli.graph import graph
from dlmc.cli.new import new
from dlmc.cli.ops import ops
from dlmc.cli.summary import summary
from dlmc.cli.train import train
from dlmc.cli.verify import verify


class Commands(click.Group):
    """The commands; a word that is none of them is told what may be meant."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the first word names, and the other words."""
        word = args[0]
        if word in self.commands or word.startswith("-"):
            return super().resolve_command(ctx, args)
        if word.endswith(".dlm"):
            near = [f"dlmc check {word}"]
        else:
            from difflib import get_close_matches

            near = get_close_matches(word.lower(), self.commands, n=1)
        hint = f"; did you mean `{near[0]}`?" if near else ""
        raise click.UsageError(f"there is no command {word!r}{hint}", ctx)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(None, "-V", "--version", package_name="dlmc")
def cli() -> None:
    """Compile a model description to PyTorch, TensorFlow and ONNX.

    \b
    Example:
      dlmc build digits.dlm --target torch --target tensorflow
    """


for command in (new, check, build, train, verify, fmt, explain, summary, graph, ops):
    cli.add_command(command)


def main() -> None:
    """The console script `dlmc`; exits with 0, 1 (wrong program) or 2 (wrong call)."""
    # A program becomes many objects and few cycles: those are looked for seldom.
    gc.set_threshold(100_000)
    with reported():
        sys.exit(cli.main(prog_name="dlmc", standalone_mode=False))
