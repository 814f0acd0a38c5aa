"""A report as text: a table for each training, and what explains a difference."""

import os
from collections.abc import Iterator
from typing import Literal, TextIO

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from dlmc.diagnostics import Diagnostic, Label
from dlmc.diagnostics.render import render, styled
from dlmc.verification.explanation import Explanation
from dlmc.verification.report import CaseReport, Report, TargetReport, Verdict

_WIDE = 10_000
_STYLES = {Verdict.AGREES: "green", Verdict.DIFFERS: "bold red", Verdict.SHOWN: "dim"}


def print_report(report: Report, file: TextIO) -> None:
    """Write a report to a stream, in colour on a terminal."""
    colour = file.isatty() and not os.environ.get("NO_COLOR")
    console = Console(
        file=file,
        width=_WIDE,
        color_system="auto" if colour else None,
        force_terminal=None if colour else False,
        highlight=False,
        markup=False,
        emoji=False,
    )
    with console.capture() as written:
        for case in report.cases:
            console.print(Text(title(report, case), style="bold"))
            console.print(_table(case))
            for note in case.notes:
                console.print(f"note: {note}")
            for target in case.targets:
                if target.failure is not None:
                    console.print(Text(failure(target)))
                if target.explanation is not None:
                    console.print(_explanation(target.explanation, colour))
                    console.print()
        for target_name, package in report.missing:
            console.print(
                f"note: {target_name} was left out: {package} is not installed"
                f" (pip install 'dlmc[{target_name}]')"
            )
        console.print(conclusion(report))
    lines = written.get().splitlines()
    file.write("".join(f"{line.rstrip()}\n" for line in lines))


def title(report: Report, case: CaseReport) -> str:
    """What a case is called: of what, on how much, for how long."""
    if not case.is_training:
        return f"{report.file}: model {case.name}, random inputs of {case.batch}"
    steps = len(case.losses)
    run = f", {steps} step{'s' * (steps > 1)} in {case.precision}" if steps else ""
    return f"{report.file}: train {case.name}, batches of {case.batch}{run}"


def conclusion(report: Report) -> str:
    """The last line."""
    named = [t.target for case in report.cases for t in case.targets]
    parted = [t.target for case in report.cases for t in case.targets if not t.agrees]
    if not named:
        return "no target is installed: nothing was compared"
    if not parted:
        return f"all agree: the interpreter, {listed(dict.fromkeys(named))}"
    return f"not all agree: {listed(dict.fromkeys(parted))}"


def failure(target: TargetReport) -> str:
    """Why a target could not go on: the last line that it said."""
    lines = [line.strip() for line in (target.failure or "").splitlines()]
    return f"{target.target} failed: {[line for line in lines if line][-1]}"


def listed(names: dict[str, None]) -> str:
    """`torch, tensorflow`."""
    return ", ".join(names)


def _table(case: CaseReport) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for name, side in COLUMNS:
        table.add_column(name, justify=side, no_wrap=True)
    for cells, verdict in rows(case):
        style = "" if verdict is None else _STYLES[verdict]
        *rest, last = cells
        table.add_row(*rest, Text(last, style=style))
    return table


COLUMNS: tuple[tuple[str, Literal["left", "right"]], ...] = (
    ("target", "left"),
    ("quantity", "left"),
    ("difference", "right"),
    ("at", "left"),
    ("bar", "right"),
    ("", "left"),
)


def rows(case: CaseReport) -> Iterator[tuple[tuple[str, ...], Verdict | None]]:
    """The cells of each row, and its verdict; a failure is one without figures."""
    for target in case.targets:
        name = target.target
        for finding in target.findings:
            bar = "" if finding.tolerance is None else f"{finding.tolerance:.0e}"
            yield (
                (
                    name,
                    finding.quantity,
                    f"{finding.difference:.1e}",
                    finding.where,
                    bar,
                    finding.verdict.value,
                ),
                finding.verdict,
            )
            name = ""
        if target.failure is not None:
            yield (name, "", "", "", "", "failed"), Verdict.DIFFERS


def _explanation(found: Explanation, colour: bool) -> Text:
    place = None if found.span is None else Label(found.span)
    shown = Diagnostic("", found.message, place, hint=found.hint)
    return styled(shown) if colour else Text(render(shown))
