"""What can be wrong with a program, as data."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from dlmc.grammar.faults import SyntaxFaults
from dlmc.grammar.span import Span


class Severity(Enum):
    """How bad it is: a program with an error has no meaning."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Label:
    """A place that a message is about, with what is to be said there."""

    span: Span
    text: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One stage on the way of a tensor: how the source says it, and what it gives."""

    text: str
    type: str
    span: Span | None


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One message: a stable code, what is wrong, where, and the way out.

    `labels` are the other places involved. `hint` says what to do. `steps` show where
    the shape of a tensor that does not fit comes from. A file that cannot be read at
    all has a message without a place; what is no fault of the program has no code.
    """

    code: str
    message: str
    place: Label | None
    labels: tuple[Label, ...] = ()
    hint: str | None = None
    severity: Severity = Severity.ERROR
    steps: tuple[Step, ...] = ()


class DlmError(Exception):
    """A program that cannot be compiled; `diagnostics` say why."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__(self._summary())

    def _summary(self) -> str:
        from dlmc.diagnostics.render import render

        return "\n".join(render(diagnostic) for diagnostic in self.diagnostics)


def syntax_diagnostics(faults: SyntaxFaults) -> tuple[Diagnostic, ...]:
    """What is wrong with the text of a program, as messages."""
    return tuple(
        Diagnostic(fault.code, fault.message, Label(fault.span), (), fault.hint)
        for fault in faults.faults
    )
