"""Diagnostics as JSON, for scripts."""

from collections.abc import Iterable
from typing import Any

from dlmc.diagnostics.diagnostic import Diagnostic, Label
from dlmc.diagnostics.report import Report
from dlmc.grammar.span import Span


def document(reports: Iterable[Report]) -> list[dict[str, Any]]:
    """One object a diagnostic, in the order of the files and of their text.

    Lines and columns are counted from 1, columns in Unicode code points; the end of a
    range is the first place after it. What is said about a file as a whole has no
    range.
    """
    return [
        _object(report, diagnostic)
        for report in reports
        for diagnostic in report.diagnostics
    ]


def _object(report: Report, diagnostic: Diagnostic) -> dict[str, Any]:
    place = diagnostic.place
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity.value,
        "message": diagnostic.message,
        **(
            {"file": report.file, "range": None, "label": ""}
            if place is None
            else _place(place)
        ),
        "related": [_place(label) for label in diagnostic.labels],
        "steps": [
            {
                "text": step.text,
                "type": step.type,
                "file": None if step.span is None else step.span.source.name,
                "range": None if step.span is None else _range(step.span),
            }
            for step in diagnostic.steps
        ],
        "hint": diagnostic.hint,
    }


def _place(label: Label) -> dict[str, Any]:
    return {
        "file": label.span.source.name,
        "range": _range(label.span),
        "label": label.text,
    }


def _range(span: Span) -> dict[str, dict[str, int]]:
    ends = {"start": span.start, "end": span.end}
    return {
        name: dict(zip(("line", "column"), span.source.position(at), strict=True))
        for name, at in ends.items()
    }
