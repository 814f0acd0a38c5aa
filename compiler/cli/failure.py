"""How a command ends when something is wrong."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from dlmc.diagnostics import Diagnostic

WRONG_PROGRAM = 1
INTERRUPTED = 130
"""The exit status after Ctrl-C, as shells have it."""
INTERNAL = 70
"""The exit status of an internal error, as sysexits.h has it."""


def show(diagnostics: "Sequence[Diagnostic]", end: str | None = None) -> None:
    """Print messages to standard error, in colour on a terminal.

    The last line is `end`, or says how many errors and warnings there are.
    """
    from dlmc.diagnostics.render import render, styled

    colour = sys.stderr.isatty() and not os.environ.get("NO_COLOR")
    if colour:
        from rich.console import Console

        console = Console(stderr=True, highlight=False, soft_wrap=True)
        for diagnostic in diagnostics:
            console.print(styled(diagnostic), end="\n\n")
    else:
        for diagnostic in diagnostics:
            click.echo(render(diagnostic) + "\n", err=True)
    click.echo(summary(diagnostics) if end is None else end, err=True)


def summary(diagnostics: "Sequence[Diagnostic]") -> str:
    """How many errors and warnings there are."""
    from dlmc.diagnostics import Severity

    parts = []
    for severity in Severity:
        count = sum(d.severity is severity for d in diagnostics)
        if count:
            parts.append(f"{count} {severity.value}{'s' if count > 1 else ''}")
    return ", ".join(parts)


@contextmanager
def reported() -> Iterator[None]:
    """Each way in which a command can fail ends with its status and a line about it.

    1 where the program is wrong, 2 where the call is, 130 after Ctrl-C, 70 for a defect
    of the compiler.
    """
    try:
        yield
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("dlmc: interrupted", err=True)
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # Who reads our output has gone, as `head` does; nothing is left to say.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(WRONG_PROGRAM)
    except Exception as error:
        from dlmc.diagnostics import DlmError

        if isinstance(error, DlmError):
            show(error.diagnostics)
            sys.exit(WRONG_PROGRAM)
        import traceback

        traceback.print_exc()
        click.echo(
            "\ndlmc: this is a defect of the compiler, not of your program. Please"
            " report it with the lines above and the program.",
            err=True,
        )
        sys.exit(INTERNAL)
