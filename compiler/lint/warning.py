"""How a check says what it found."""

from dlmc.diagnostics import Diagnostic, Label, Severity
from dlmc.grammar.span import Span


def warning(
    code: str,
    message: str,
    span: Span,
    at: str = "",
    *,
    labels: tuple[Label, ...] = (),
    hint: str | None = None,
) -> Diagnostic:
    """A warning at a place, with what is to be said there."""
    return Diagnostic(code, message, Label(span, at), labels, hint, Severity.WARNING)
