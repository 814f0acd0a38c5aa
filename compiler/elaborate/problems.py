"""How elaboration stops at a mistake and goes on after it."""

from collections.abc import Collection
from dataclasses import replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, TypeAlias

from dlmc.diagnostics import Diagnostic, Label
from dlmc.grammar.span import Span

if TYPE_CHECKING:
    from dlmc.elaborate.frame import Frame
    from dlmc.ir.module import Value


Subject: TypeAlias = "tuple[Value, Frame]"


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
        also: "tuple[Problem, ...]" = (),
    ) -> None:
        super().__init__(message)
        self.diagnostic = Diagnostic(code, message, Label(span, at), labels, hint)
        self.subject: Subject | None = None
        self.also = also
        """Other mistakes in the same place, which do not follow from this one."""

    def about(self, value: "Value", frame: "Frame") -> None:
        """Say which tensor does not fit, unless that is known already."""
        self.subject = self.subject or (value, frame)

    def amended(self, addition: str) -> "Problem":
        """The same problem, its message followed by something to add."""
        message = f"{self.diagnostic.message}, {addition}"
        self.diagnostic = replace(self.diagnostic, message=message)
        return self

    @property
    def explained(self) -> Diagnostic:
        """The message, with the way of the tensor that it is about."""
        from dlmc.elaborate.steps import channels_last, steps_to

        if self.subject is None:
            return self.diagnostic
        found = self.diagnostic
        if found.hint is None and found.code in ("E0304", "E0302"):
            found = replace(found, hint=channels_last(*self.subject))
        return replace(found, steps=steps_to(*self.subject))


class Exhausted(Problem):
    """The program needs more work than the limit allows: nothing more is looked at."""


class Poisoned(Exception):
    """A value depends on one whose mistake was already reported: nothing to add."""


def nearest(name: str, known: Collection[str], cutoff: float = 0.6) -> str | None:
    """The one of the known names that is most like a name, None where none is."""
    # Names of the same letters, or that differ in case alone, are near however short.
    letters = sorted(name.lower())
    for other in known:
        if len(other) == len(name) and sorted(other.lower()) == letters:
            return other
    near = get_close_matches(name, known, n=1, cutoff=cutoff)
    return near[0] if near else None


def did_you_mean(name: str, known: Collection[str]) -> str | None:
    """A hint with the nearest of the known names, None where none is near."""
    near = nearest(name, known)
    return None if near is None else f"did you mean `{near}`?"


def listing(names: list[str] | tuple[str, ...]) -> str:
    """`a`, `b` and `c`, for messages."""
    quoted = [f"`{name}`" for name in names]
    if len(quoted) < 2:
        return "".join(quoted)
    return f"{', '.join(quoted[:-1])} and {quoted[-1]}"
