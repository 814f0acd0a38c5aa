"""How elaboration stops at a mistake and goes on after it."""

from difflib import get_close_matches

from dlmc.diagnostics import Diagnostic, Label
from dlmc.grammar.span import Span


class Problem(Exception):
    """A mistake in the program; caught around the statement it stands in."""

    def __init__(
        self,
        code: str,
        message: str,
        span: Span,
        *,
        at: str = "",
        labels: tuple[Label, ...] = (),
        hint: str | None = None,
    ) -> None:
        super().__init__(message)
        self.diagnostic = Diagnostic(code, message, Label(span, at), labels, hint)


class Poisoned(Exception):
    """A value depends on one whose mistake was already reported: nothing to add."""


def did_you_mean(name: str, known: list[str] | tuple[str, ...]) -> str | None:
    """A hint with the nearest of the known names, None where none is near."""
    near = get_close_matches(name, known, n=1, cutoff=0.6)
    if not near:
        # Names that differ in case alone are near however short they are.
        near = [other for other in known if other.lower() == name.lower()]
    return f"did you mean `{near[0]}`?" if near else None


def listing(names: list[str] | tuple[str, ...]) -> str:
    """`a`, `b` and `c`, for messages."""
    quoted = [f"`{name}`" for name in names]
    if len(quoted) < 2:
        return "".join(quoted)
    return f"{', '.join(quoted[:-1])} and {quoted[-1]}"
