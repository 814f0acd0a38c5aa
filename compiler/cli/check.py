"""`dlmc check`."""

import os
import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from dlmc.diagnostics.report import Report


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "sarif"]), default="text",
    help="For people (default), for scripts, or SARIF 2.1.0 for code hosts.",
)  # fmt: skip
@click.option("--strict", is_flag=True, help="Take warnings for errors.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing when all is well.")
def check(files: tuple[str, ...], form: str, strict: bool, quiet: bool) -> None:
    """Report every error and warning in programs, without running them.

    A folder stands for all programs (.dlm) in it and below, `-` for standard input. The
    exit status is 1 if there is an error; warnings leave it 0, unless --strict. Text
    goes to standard error, JSON and SARIF to standard output.

    \b
    Example:
      dlmc check digits.dlm
      dlmc check --format sarif models > dlmc.sarif
    """
    from dlmc.cli.failure import WRONG_PROGRAM, show, summary
    from dlmc.diagnostics import Severity

    reports = _reports(files)
    found = [diagnostic for report in reports for diagnostic in report.diagnostics]
    match form:
        case "json":
            from dlmc.diagnostics.structured import document

            _print_json(document(reports))
        case "sarif":
            from dlmc.diagnostics.sarif import log

            _print_json(log(reports))
        case _ if found:
            with_some = sum(bool(report.diagnostics) for report in reports)
            several = f" in {with_some} of {len(reports)} files"
            show(found, summary(found) + (several if len(reports) > 1 else ""))
        case _ if not quiet:
            names = [click.format_filename(report.file) for report in reports]
            click.echo(
                f"{names[0] if len(names) == 1 else f'{len(names)} files'}: no errors"
            )
    if any(strict or d.severity is Severity.ERROR for d in found):
        sys.exit(WRONG_PROGRAM)


def _reports(names: tuple[str, ...]) -> "list[Report]":
    """What is said about each file, each once, and about folders that have none."""
    from dlmc.api import check as check_file
    from dlmc.cli.folders import programs
    from dlmc.diagnostics import Diagnostic
    from dlmc.diagnostics.report import Report

    reports: dict[str, Report] = {}

    def refuse(name: str, reason: str) -> None:
        found = Diagnostic("E0001", f"{name}: {reason}", None)
        reports[name] = Report(name, (found,))

    for name in names:
        if not os.path.isdir(name):  # noqa: PTH112 - no error for a name too long
            shown = "<stdin>" if name == "-" else name
            reports[shown] = reports.get(shown) or Report(shown, check_file(name))
            continue
        files, unreadable = programs(name)
        for error in unreadable:
            refuse(str(error.filename), str(error.strerror).lower())
        if not files and not unreadable:
            refuse(name, "there is no .dlm file in this folder")
        for file in files:
            reports[file] = reports.get(file) or Report(file, check_file(file))
    return list(reports.values())


def _print_json(content: object) -> None:
    import json

    # Escaped where it is not ASCII, so that no terminal and no locale matters.
    click.echo(json.dumps(content, indent=2))
