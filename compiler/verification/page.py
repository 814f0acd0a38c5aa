"""A report as one HTML file that fetches nothing."""

from collections.abc import Iterator
from html import escape
from pathlib import Path
from string import Template

from dlmc import __version__
from dlmc.diagnostics import Diagnostic, Label
from dlmc.diagnostics.render import render
from dlmc.verification.chart import Curve, chart
from dlmc.verification.report import CaseReport, Report, Verdict
from dlmc.verification.table import COLUMNS, conclusion, failure, rows, title

_ASSETS = Path(__file__).parent / "assets"
_CLASSES = {
    Verdict.AGREES: "agrees",
    Verdict.DIFFERS: "differs",
    Verdict.SHOWN: "shown",
}


def page(report: Report) -> str:
    """The text of the page."""
    return Template((_ASSETS / "report.html").read_text("utf-8")).substitute(
        title=escape(f"dlmc verify {report.file}"),
        style=(_ASSETS / "report.css").read_text("utf-8"),
        verdict="agrees" if report.agrees else "differs",
        conclusion=escape(conclusion(report)),
        body="\n".join(part for case in report.cases for part in _case(report, case)),
        version=escape(__version__),
    )


def _case(report: Report, case: CaseReport) -> Iterator[str]:
    yield f"<h2>{escape(title(report, case))}</h2>"
    for note in case.notes:
        yield f'<p class="note">{escape(note)}</p>'
    for target in case.targets:
        if target.failure is not None:
            yield f"<p class='differs'>{escape(failure(target))}</p>"
        found = target.explanation
        if found is not None:
            place = None if found.span is None else Label(found.span)
            shown = Diagnostic("", found.message, place, hint=found.hint)
            yield f"<pre>{escape(render(shown))}</pre>"
    trained = [target for target in case.targets if target.losses]
    if trained:
        losses = [Curve("interpreter", case.losses)]
        losses += [Curve(target.target, target.losses) for target in trained]
        yield _figure("Loss at each step", chart(losses, "Loss at each step"))
        said = "Relative difference of the loss from the interpreter's"
        apart = [Curve(target.target, target.differences) for target in trained]
        picture = chart(apart, said, logarithmic=True, bar=_bar(case), style=1)
        yield _figure(said, picture)
    yield '<div class="scroll"><table>'
    heads = (
        f'<th class="{"number" if side == "right" else ""}">{escape(name)}</th>'
        for name, side in COLUMNS
    )
    yield f"<thead><tr>{''.join(heads)}</tr></thead><tbody>"
    for cells, verdict in rows(case):
        kinds = ["number" if side == "right" else "" for _, side in COLUMNS]
        kinds[-1] = _CLASSES[verdict] if verdict else ""
        row = "".join(
            f'<td class="{kind}">{escape(cell)}</td>'
            for kind, cell in zip(kinds, cells, strict=True)
        )
        yield f'<tr class="{"first" if cells[0] else ""}">{row}</tr>'
    yield "</tbody></table></div>"


def _figure(caption: str, picture: str) -> str:
    return f"<figure><figcaption>{escape(caption)}</figcaption>{picture}</figure>"


def _bar(case: CaseReport) -> float | None:
    """The tolerance of the loss along the training."""
    bars = (
        finding.tolerance
        for target in case.targets
        for finding in target.findings
        if finding.quantity.startswith("loss, ")
    )
    return next(bars, None)
