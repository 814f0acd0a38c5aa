"""How a command ends when something is wrong."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import click

from dlmc.diagnostics import Diagnostic, Severity
from dlmc.diagnostics.render import render, styled

WRONG_PROGRAM = 1
INTERNAL = 70
"""The exit status of an internal error, as sysexits.h has it."""


def show(diagnostics: Sequence[Diagnostic]) -> None:
    """Print messages to standard error, in colour on a terminal, and their count."""
    colour = sys.stderr.isatty() and not os.environ.get("NO_COLOR")
    if colour:
        from rich.console import Console

        console = Console(stderr=True, highlight=False, soft_wrap=True)
        for diagnostic in diagnostics:
            console.print(styled(diagnostic), end="\n\n")
    else:
        for diagnostic in diagnostics:
            click.echo(render(diagnostic) + "\n", err=True)
    click.echo(summary(diagnostics), err=True)


def summary(diagnostics: Sequence[Diagnostic]) -> str:
    """How many errors and warnings there are."""
    parts = []
    for severity in Severity:
        count = sum(d.severity is severity for d in diagnostics)
        if count:
            parts.append(f"{count} {severity.value}{'s' if count > 1 else ''}")
    return ", ".join(parts)


@contextmanager
def reported() -> Iterator[None]:
    """Errors of the program end with status 1, a defect of the compiler says so."""
    from dlmc.diagnostics import DlmError

    try:
        yield
    except DlmError as error:
        show(error.diagnostics)
        sys.exit(WRONG_PROGRAM)
    except BrokenPipeError:
        # Who reads our output has gone, as `head` does; nothing is left to say.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(WRONG_PROGRAM)
    except Exception:
        import traceback

        traceback.print_exc()
        click.echo(
            "\ndlmc: this is a defect of the compiler, not of your program. Please"
            " report it with the lines above and the program.",
            err=True,
        )
        sys.exit(INTERNAL)
