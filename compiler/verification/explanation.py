"""Where a target parts from the interpreter."""

from dataclasses import dataclass
from typing import Any

from dlmc.grammar.span import Span


@dataclass(frozen=True, slots=True)
class Explanation:
    """The first thing that differs, or that none does by itself.

    `span` is its place in the program, None where there is none to name.
    """

    message: str
    span: Span | None
    hint: str | None = None

    def document(self) -> dict[str, Any]:
        """The explanation as JSON has it."""
        place = None
        if self.span is not None:
            place = {
                "file": self.span.source.name,
                "line": self.span.line,
                "column": self.span.column,
            }
        return {"message": self.message, "place": place, "hint": self.hint}
