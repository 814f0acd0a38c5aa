"""What stands in a body: rows, each with its comments."""

from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias

from dlmc.grammar.document import Document
from dlmc.grammar.formatter.cursor import Comment


class Break(Enum):
    """Where a value breaks that does not fit on a line."""

    INSIDE = "between its own brackets"
    BEFORE_OPERATORS = "before its operators"
    NOWHERE = "it has no place to"


@dataclass(frozen=True, slots=True)
class Value:
    """What stands after a `=`."""

    document: Document
    breaks: Break
    has_comments: bool


@dataclass(frozen=True, slots=True)
class Plain:
    """A row with nothing to align."""

    document: Document


@dataclass(frozen=True, slots=True)
class Assignment:
    """`head = value`."""

    head: Document
    value: Value


class Family(Enum):
    """Rows that make a table where they follow each other."""

    PORTS = "inputs and outputs"
    WEIGHTS = "parameters and states"
    ENTRIES = "settings, and the fields of data"


@dataclass(frozen=True, slots=True)
class Cells:
    """`keyword name: type = value`, a row of a table."""

    family: Family
    keyword: str
    name: str
    type: Document | None
    value: Value | None


@dataclass(frozen=True, slots=True)
class Section:
    """`head { … }`; `remark` is the comment beside the brace."""

    head: Document
    remark: str | None
    body: "Body"


@dataclass(frozen=True, slots=True)
class Compound:
    """`if … { … } else { … }`, or a section alone."""

    sections: list[Section]


Content: TypeAlias = Plain | Assignment | Cells | Compound


@dataclass(slots=True)
class Row:
    """A statement, a declaration, a documentation string."""

    before: list[Comment]
    """Each stands on a line of its own."""
    after_blank: bool
    """Whether an empty line stands between those and the row."""
    content: Content
    remark: str | None
    """The comment at the end of the last line."""

    @property
    def starts_after_blank(self) -> bool:
        """Whether an empty line stands before all of it."""
        return self.before[0].after_blank if self.before else self.after_blank

    def start_after_blank(self, wanted: bool) -> None:
        """Set whether an empty line stands before all of it."""
        if self.before:
            self.before[0] = self.before[0]._replace(after_blank=wanted)
        else:
            self.after_blank = wanted


@dataclass(slots=True)
class Body:
    """Rows, and the comments after the last of them."""

    rows: list[Row] = field(default_factory=list)
    rest: list[Comment] = field(default_factory=list)
