"""Parts in a row, each with the comments before and beside it; how wide things are."""

from collections.abc import Iterable
from typing import NamedTuple

from dlmc.grammar.document import HARD, SPACE, Document, Note
from dlmc.grammar.formatter.cursor import Comment

WIDTH = 100
"""Columns of a line; a comment, string or name may still be longer."""

INDENT = 2
"""Columns of a level."""


class Part(NamedTuple):
    """An item of a list, a stage of a pipeline, an operand with its operator."""

    before: list[Comment]
    """Each stands on a line of its own."""
    content: Document
    remark: str | None
    """The comment at the end of its line."""


def lines_before(part: Part) -> Iterable[Document]:
    """The comments before a part."""
    for comment in part.before:
        yield Note(comment.text)
        yield HARD


def beside(part: Part) -> Document:
    """The comment at the end of a part's line."""
    return Note(f"  {part.remark}") if part.remark else ""


def separator(previous: Part, part: Part, usual: Document = SPACE) -> Document:
    """What stands between two parts: a line where a comment needs one."""
    return HARD if previous.remark or part.before else usual
