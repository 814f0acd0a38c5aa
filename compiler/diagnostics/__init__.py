"""Errors and warnings about programs: data first, text last."""

from dlmc.diagnostics.diagnostic import (
    Diagnostic,
    DlmError,
    Label,
    Severity,
    Step,
    syntax_diagnostics,
)

__all__ = [
    "Diagnostic",
    "DlmError",
    "Label",
    "Severity",
    "Step",
    "syntax_diagnostics",
]
