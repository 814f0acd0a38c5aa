"""What can be wrong with a program, as data."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

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
class Diagnostic:
    """One message: a stable code, what is wrong, where, and the way out.

    `labels` are the other places involved. `hint` says what to do. A file that cannot
    be read at all has a message without a place.
    """

    code: str
    message: str
    place: Label | None
    labels: tuple[Label, ...] = ()
    hint: str | None = None
    severity: Severity = Severity.ERROR


class DlmError(Exception):
    """A program that cannot be compiled; `diagnostics` say why."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__(self._summary())

    def _summary(self) -> str:
        from dlmc.diagnostics.render import render

        return "\n".join(render(diagnostic) for diagnostic in self.diagnostics)
