"""`# dlmc: allow W0201`: a person has looked, and means it."""

import re

from dlmc.diagnostics import Diagnostic
from dlmc.grammar.span import Source

ALLOW = re.compile(r"#\s*dlmc:\s*allow\b(?P<codes>(?:[\s,]+W\d{4})+)")


def is_silenced(warning: Diagnostic) -> bool:
    """Whether a comment on its line, or alone on the lines right before, allows it."""
    assert warning.place is not None
    source, line = warning.place.span.source, warning.place.span.line
    if warning.code in _allowed(source, line):
        return True
    while line > 1 and source.line(line - 1).lstrip().startswith("#"):
        line -= 1
        if warning.code in _allowed(source, line):
            return True
    return False


def _allowed(source: Source, line: int) -> list[str]:
    found = ALLOW.search(source.line(line))
    return re.findall(r"W\d{4}", found["codes"]) if found else []
