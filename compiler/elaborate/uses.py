"""Calls that elaboration is inside of, and how their callers are told what is wrong.

What goes wrong inside of a library definition is said of the use of it: there it is
placed, at the argument that is at fault where one is, and in the words of its caller.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dlmc.elaborate.arguments_elsewhere import explained
from dlmc.elaborate.builtins import BUILTINS
from dlmc.elaborate.operators import in_terms
from dlmc.elaborate.problems import Problem
from dlmc.elaborate.standard import library_index
from dlmc.grammar.span import Source, Span
from dlmc.ir.module import Value
from dlmc.ir.types import DType, TensorType
from dlmc.primitives import REGISTRY

if TYPE_CHECKING:
    from dlmc.elaborate.frame import Frame

NUMBER = TensorType(DType.F64, ())
"""The type of what a schedule is given, of which no reader has to be told."""
_IS_SAID = re.compile(r'\bgot \b|"')
"""A message that shows what was given already."""
_SUBJECT = re.compile(r"`(\w+)`(?=[ :])")
_EXPECTED = re.compile(r" expects \w+(?=: | to be | for )")
_ARITHMETIC = re.compile(r"[\w\s.+*/%=<>!-]+")


@dataclass(frozen=True, slots=True)
class Use:
    """A call, with its tensors in the caller's frame.

    `given` says where the call's arguments and inputs stand, by what the callee calls
    them; those left to their defaults are absent.
    """

    place: Span
    operands: tuple[Value, ...] = ()
    frame: "Frame | None" = None
    given: Mapping[str, Span] = field(default_factory=dict)

    def explain(self, problem: Problem, position: int = 0) -> None:
        """Say that a problem is about one of the tensors."""
        if self.frame is not None and position < len(self.operands):
            problem.about(self.operands[position], self.frame)

    def retold(self, problem: Problem, library: Collection[Source]) -> Problem:
        """A problem inside of a library definition, as one of this use of it."""
        found = problem.diagnostic
        assert found.place is not None
        argument = self._at_fault(found.place.span)
        message, hint = found.message, found.hint
        for name, span in self.given.items():
            hint = in_terms(hint, name, span)
        if self.place.source not in library:
            callee = self.place.text.partition("(")[0]
            message = _said(callee, argument, message)
            says_more = any(operand.type != NUMBER for operand in self.operands)
            if found.code == "E0301" and says_more and not _IS_SAID.search(message):
                types = " and ".join(str(operand.type) for operand in self.operands)
                message = f"{message}; got {types}"
            hint = hint or explained(callee, argument or "", alone=True)
        place = self.place if argument is None else self.given[argument]
        if place.start < self.place.start:  # the whole pipeline up to here
            place = self.place
        at_use = Problem(
            found.code,
            message,
            place,
            labels=tuple(
                label for label in found.labels if label.span.source not in library
            ),
            hint=hint,
        )
        if problem.subject is not None:  # the library's values say nothing
            self.explain(at_use)
        return at_use

    def _at_fault(self, span: Span) -> str | None:
        """The argument that a wrong expression of the callee speaks of, if it is one.

        An expression that calls something may be wrong for other reasons.
        """
        if span.end - span.start > 80 or not _ARITHMETIC.fullmatch(span.text):
            return None
        names = set(re.findall(r"[A-Za-z_]\w*", span.text)) & self.given.keys()
        return names.pop() if len(names) == 1 else None


def _said(callee: str, argument: str | None, message: str) -> str:
    """What a definition of the library says, of what the user wrote."""
    subject = _SUBJECT.match(message)
    if subject is not None and _is_definition(subject[1]):
        rest = message[subject.end() :]
        if argument is not None:
            rest = _EXPECTED.sub(f" expects {argument}", rest, count=1)
        elif _EXPECTED.match(rest):
            return f"in `{callee}`: {message}"
        return f"`{callee}`{rest}"
    if argument is not None:
        return f"`{argument}` of `{callee}`: {message}"
    return f"in `{callee}`: {message}"


def _is_definition(name: str) -> bool:
    return name in REGISTRY or name in BUILTINS or name in library_index()
