"""`dlmc check`."""

import sys

import click


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing when all is well.")
def check(files: tuple[str, ...], quiet: bool) -> None:
    """Report every error and warning in programs, without running them.

    `-` reads standard input. The exit status is 1 if there is an error.

    \b
    Example:
      dlmc check digits.dlm
    """
    from dlmc.api import check as check_file
    from dlmc.cli.failure import WRONG_PROGRAM, show
    from dlmc.diagnostics import Severity

    found = [diagnostic for file in files for diagnostic in check_file(file)]
    if found:
        show(found)
    if any(diagnostic.severity is Severity.ERROR for diagnostic in found):
        sys.exit(WRONG_PROGRAM)
    if not quiet and not found:
        click.echo(f"{', '.join(files)}: no errors")
