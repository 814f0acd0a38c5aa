"""What can be wrong with the syntax of a program."""

from dataclasses import dataclass

from dlmc.grammar.span import Span

SYNTAX_CODES = {
    "E0101": "unexpected text",
    "E0102": "a bracket is not closed",
    "E0103": "a closing bracket without its opening one",
    "E0104": "a string is not ended",
    "E0105": "a documentation string is not ended",
    "E0106": "an unknown escape in a string",
    "E0107": "an unknown character",
    "E0108": "a malformed number",
    "E0109": "nested too deeply",
    "E0110": "a word of another language",
    "E0111": "an operator of another language",
    "E0112": "quotes of another kind",
    "E0113": "a comment of another language",
    "E0114": "a body without braces",
    "E0115": "`=` and `:` confused",
    "E0116": "an incomplete `if … then … else …`",
    "E0117": "a missing value",
    "E0118": "a statement in the wrong place",
    "E0119": "a declaration in the wrong place",
    "E0120": "a chain of comparisons",
    "E0121": "a missing comma",
    "E0122": "a positional argument after a named one",
    "E0123": "`*` or `**` before an argument",
    "E0124": "a reserved word as a name",
    "E0125": "a documentation string in the wrong place",
    "E0126": "a scan without its axis",
    "E0127": "an unpaired brace in a string",
}
"""The stable code of each kind of fault, and what the kind is called."""


@dataclass(frozen=True, slots=True)
class SyntaxFault:
    """One thing that is wrong with the text of a program."""

    code: str
    span: Span
    message: str
    hint: str | None = None


class Refused(Exception):
    """A declaration follows the grammar, but not a rule that the grammar leaves out."""

    def __init__(self, fault: SyntaxFault) -> None:
        super().__init__(fault.message)
        self.fault = fault


class SyntaxFaults(Exception):
    """A text is not a program; `faults` says why, in the order of the text."""

    def __init__(self, faults: tuple[SyntaxFault, ...]) -> None:
        super().__init__("\n".join(f"{f.span}: {f.message}" for f in faults))
        self.faults = faults
