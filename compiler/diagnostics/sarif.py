"""Diagnostics as SARIF 2.1.0, which code hosts and editors show beside the code.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/sarif-v2.1.0-errata01-os.html
"""

import os
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import quote

from dlmc.diagnostics.diagnostic import Diagnostic, Label, Severity
from dlmc.diagnostics.explanation import explanation, titles
from dlmc.diagnostics.report import Report
from dlmc.grammar.span import Span

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/"
    "sarif-schema-2.1.0.json"
)
Json = dict[str, Any]


def log(reports: Sequence[Report]) -> Json:
    """A log with one run: a result for each diagnostic, a rule for each code in it.

    Files are relative to the working directory where they lie inside of it. Lines and
    columns are counted from 1, columns in Unicode code points.
    """
    found = [(r.file, d) for r in reports for d in r.diagnostics]
    severities = {d.code: d.severity for _, d in sorted(found, key=lambda x: x[1].code)}
    codes = list(severities)
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "dlmc",
                        "version": version("dlmc"),
                        "rules": [_rule(*item) for item in severities.items()],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "artifacts": [
                    {"location": _artifact(report.file), "sourceLanguage": "dlm"}
                    for report in reports
                ],
                "results": [
                    _result(file, diagnostic, codes.index(diagnostic.code))
                    for file, diagnostic in found
                ],
            }
        ],
    }


def _rule(code: str, severity: Severity) -> Json:
    text = explanation(code)
    return {
        "id": code,
        "shortDescription": {"text": titles()[code]},
        "help": {"text": text, "markdown": text},
        "defaultConfiguration": {"level": severity.value},
    }


def _result(file: str, diagnostic: Diagnostic, rule: int) -> Json:
    place = diagnostic.place
    text = diagnostic.message
    if place is not None and place.text:
        text += f" ({place.text})"
    if diagnostic.hint is not None:
        text += f"\n{diagnostic.hint}"
    where = (
        {"artifactLocation": _artifact(file)} if place is None else _place(place.span)
    )
    return {
        "ruleId": diagnostic.code,
        "ruleIndex": rule,
        "level": diagnostic.severity.value,
        "message": _message(text),
        "locations": [{"physicalLocation": where}],
        "relatedLocations": [
            _related(number, label)
            for number, label in enumerate(_others(diagnostic), start=1)
        ],
    }


def _others(diagnostic: Diagnostic) -> Iterator[Label]:
    """The other places, and those that a tensor has come by."""
    yield from diagnostic.labels
    for step in diagnostic.steps:
        if step.span is not None:
            yield Label(step.span, f"{step.text}: {step.type}")


def _related(number: int, label: Label) -> Json:
    return {
        "id": number,
        "physicalLocation": _place(label.span),
        **({"message": _message(label.text)} if label.text else {}),
    }


def _message(text: str) -> Json:
    # A brace would start a placeholder (3.11.5), and `](` look like a link (3.11.6).
    escaped = text.replace("{", "{{").replace("}", "}}").replace("](", "\\](")
    return {"text": escaped}


def _place(span: Span) -> Json:
    line, column = span.source.position(span.start)
    end_line, end_column = span.source.position(span.end)
    return {
        "artifactLocation": _artifact(span.source.name),
        "region": {
            "startLine": line,
            "startColumn": column,
            "endLine": end_line,
            "endColumn": end_column,
        },
    }


def _artifact(file: str) -> Json:
    here = Path.cwd()
    path = Path(os.path.normpath(here / file))
    if not path.is_relative_to(here):
        return {"uri": path.as_uri()}
    # Quoted, a colon in the first part makes no scheme of it.
    return {"uri": quote(os.fsencode(path.relative_to(here).as_posix()))}
