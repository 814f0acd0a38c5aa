"""From rows to lines of text."""

from dlmc.grammar.document import (
    HARD,
    Choice,
    Document,
    Indent,
    Measure,
    flat,
    render,
)
from dlmc.grammar.formatter.cursor import Comment
from dlmc.grammar.formatter.parts import INDENT, WIDTH
from dlmc.grammar.formatter.rows import (
    Assignment,
    Body,
    Break,
    Compound,
    Content,
    Plain,
)
from dlmc.grammar.formatter.tables import aligned, padding

SHORT_HEAD = 16
"""Columns of the longest head whose value always starts beside it."""


def written(body: Body, indent: int = 0) -> list[str]:
    """The lines of a body, its rows at an indentation of so many columns."""
    lines: list[str] = []
    remarks: list[list[tuple[int, str]]] = []
    """The comments beside rows, each with its line; adjacent ones together."""
    for row, content in zip(body.rows, aligned(body.rows), strict=True):
        for comment in row.before:
            _put_comment(lines, comment, indent)
        if row.after_blank and lines:
            lines.append("")
        lines += _lines(content, indent)
        if row.remark is not None:
            last = len(lines) - 1
            if not remarks or remarks[-1][-1][0] != last - 1:
                remarks.append([])
            remarks[-1].append((last, row.remark))
    for comment in body.rest:
        _put_comment(lines, comment, indent)
    for group in remarks:
        pads = padding(group, lambda remark: len(lines[remark[0]]))
        for (line, text), pad in zip(group, pads, strict=True):
            lines[line] += " " * pad + f"  {text}"
    return lines


def _put_comment(lines: list[str], comment: Comment, indent: int) -> None:
    """A comment on a line of its own; no empty line comes first in a body."""
    if comment.after_blank and lines:
        lines.append("")
    lines.append(" " * indent + comment.text)


def _lines(content: Content, indent: int) -> list[str]:
    match content:
        case Plain(document):
            return _rendered(document, indent)
        case Assignment():
            return _rendered(_assignment(content), indent)
        case Compound(sections):
            lines: list[str] = []
            for section in sections:
                head = _rendered(_opening(section.head, bool(lines)), indent)
                if lines:
                    lines.pop()
                lines += head
                inside = written(section.body, indent + INDENT)
                if not inside and section.remark is None and section is sections[-1]:
                    lines[-1] += "}"
                    continue
                if section.remark is not None:
                    lines[-1] += f"  {section.remark}"
                lines += [*inside, " " * indent + "}"]
            return lines
        case _:
            raise AssertionError(content)


def _opening(head: Document, is_later: bool) -> Document:
    return ["} " if is_later else "", head, " {"]


def _assignment(content: Assignment) -> Document:
    """`head = value`, the value on the next line where it needs one of its own.

    That gains little after a short head. After a longer one, a value goes there that
    fits on that line, or that breaks before its operators.
    """
    value = content.value
    beside: Document = [content.head, " = ", value.document]
    below: Document = [content.head, " =", Indent([HARD, value.document], INDENT)]
    if flat(content.head, SHORT_HEAD) is not None:
        return beside
    broken = below if value.breaks is Break.BEFORE_OPERATORS else beside
    if value.has_comments:
        return broken
    return Choice((beside, below, broken), Measure.ALL_LINES)


def _rendered(document: Document, indent: int) -> list[str]:
    # Most rows fit on a line, which is soon written.
    text = flat(document, WIDTH - indent) or render(document, WIDTH, indent)
    return (" " * indent + text).split("\n")
