"""`dlmc fmt`."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from dlmc.diagnostics import Diagnostic

STDIN = "-"


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@click.option(
    "--check", is_flag=True,
    help="Write nothing; the exit status is 1 if a file would change.",
)  # fmt: skip
@click.option("--diff", is_flag=True, help="Write nothing; show what would change.")
def fmt(files: tuple[str, ...], check: bool, diff: bool) -> None:
    """Lay programs out anew, in the one way that all programs have.

    What a program means stays the same, and so do its comments. The names of the files
    that change go to standard output. A folder stands for all programs (.dlm) in it and
    below; `-` is standard input, whose layout goes to standard output. A file with
    syntax errors is left as it is, the others are written; the exit status is then 1.

    \b
    Example:
      dlmc fmt digits.dlm
      dlmc fmt --check --diff models
    """
    from dlmc.cli.failure import WRONG_PROGRAM, show

    found: list[Diagnostic] = []
    changed = unchanged = 0
    writes = not check and not diff
    for name in _files(files, found):
        texts = _formatted(name, found)
        if texts is None:
            continue
        before, after = texts
        if name == STDIN and writes:
            click.echo(after.encode(), nl=False)
        elif before == after:
            unchanged += 1
        elif not writes or _written(name, after, found):
            changed += 1
            if not diff:
                click.echo(click.format_filename(name))
            for line in _difference(name, before, after) if diff else ():
                click.echo(line)
    if found:
        show(found)
    elif changed or unchanged:
        click.echo(_summary(changed, unchanged, would=check or diff), err=True)
    if found or (check and changed):
        sys.exit(WRONG_PROGRAM)


def _files(names: tuple[str, ...], found: "list[Diagnostic]") -> list[str]:
    """The files that are asked for, each once; folders without any are reported."""
    from dlmc.cli.folders import programs

    asked: dict[str, None] = {}
    for name in names:
        if not os.path.isdir(name):  # noqa: PTH112 - no error for a name too long
            asked[name] = None
            continue
        inside, unreadable = programs(name)
        found += [_failure(str(error.filename), error) for error in unreadable]
        if not inside and not unreadable:
            empty = ValueError("there is no .dlm file in this folder")
            found.append(_failure(name, empty))
        asked |= dict.fromkeys(inside)
    return list(asked)


def _formatted(name: str, found: "list[Diagnostic]") -> tuple[str, str] | None:
    """The text of a file, and its one layout; None if something is wrong."""
    from dlmc.diagnostics import syntax_diagnostics
    from dlmc.grammar.faults import SyntaxFaults
    from dlmc.grammar.formatter import formatted
    from dlmc.grammar.span import Source
    from dlmc.sources import MAX_BYTES, decoded

    try:
        if name == STDIN:
            content = sys.stdin.buffer.read()
        else:
            with Path(name).open("rb") as stream:
                content = stream.read(MAX_BYTES + 1)
        text = decoded(content)
    except (OSError, ValueError) as error:
        found.append(_failure(name, error))
        return None
    try:
        after = formatted(Source("<stdin>" if name == STDIN else name, text))
    except SyntaxFaults as faults:
        found += syntax_diagnostics(faults)
        return None
    # With the byte order mark, which the layout leaves out.
    return content.decode(), after


def _written(name: str, text: str, found: "list[Diagnostic]") -> bool:
    """Write a file anew; says whether that went well."""
    from dlmc.rewriting import rewrite

    try:
        rewrite(Path(name), text.encode())
    except OSError as error:
        found.append(_failure(name, error))
        return False
    return True


def _failure(name: str, error: OSError | ValueError) -> "Diagnostic":
    from dlmc.diagnostics import Diagnostic
    from dlmc.sources import reason

    return Diagnostic("E0001", f"{name}: {reason(error)}", None)


def _difference(name: str, before: str, after: str) -> Iterator[str]:
    """The lines of a unified diff, in colour on a terminal."""
    from difflib import unified_diff

    old, new = (text.split("\n") for text in (before, after))
    for lines in (old, new):
        lines[:-1] = [f"{line}\n" for line in lines[:-1]]
        if lines[-1] == "":
            lines.pop()
    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    colours = {"+": "green", "-": "red", "@": "cyan"}
    shown = unified_diff(old, new, name, f"{name} (formatted)")
    for number, line in enumerate(shown):
        text = line.removesuffix("\n")
        if not colour:
            yield text
        elif number < 2:
            yield click.style(text, bold=True)
        else:
            yield click.style(text, fg=colours.get(text[:1]))
        if text == line:
            yield "\\ No newline at end of file"


def _summary(changed: int, unchanged: int, *, would: bool) -> str:
    """How many files there were."""
    parts = []
    if changed:
        verb = "would change" if would else "changed"
        parts.append(f"{_files_in_words(changed)} {verb}")
    if unchanged:
        parts.append(f"{_files_in_words(unchanged)} unchanged")
    return ", ".join(parts)


def _files_in_words(count: int) -> str:
    return f"{count} file{'' if count == 1 else 's'}"
