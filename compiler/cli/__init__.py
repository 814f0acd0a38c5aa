"""The command line: one file a command."""

import click

from dlmc.cli.build import build
from dlmc.cli.check import check
from dlmc.cli.failure import reported
from dlmc.cli.train import train


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(None, "-V", "--version", package_name="dlmc")
def cli() -> None:
    """Compile a model description to PyTorch, TensorFlow and ONNX.

    \b
    Example:
      dlmc build digits.dlm --target torch --target tensorflow
    """


for command in (check, build, train):
    cli.add_command(command)


def main() -> None:
    """The console script `dlmc`; exits with 0, 1 (wrong program) or 2 (wrong call)."""
    with reported():
        cli(prog_name="dlmc")
