"""What breaks before its operators: pipelines, choices, sums and their like.

A broken chain stands in one column: its operators below each other.
"""

from collections.abc import Callable
from typing import TypeAlias

from dlmc.grammar.document import (
    SPACE,
    Align,
    Document,
    Group,
    Indent,
    flat,
)
from dlmc.grammar.formatter.cursor import Cursor
from dlmc.grammar.formatter.parts import (
    INDENT,
    Part,
    beside,
    lines_before,
    separator,
)
from dlmc.grammar.formatter.precedence import (
    ANY,
    OPERATORS,
    PIPELINE,
    POSTFIX,
    has_arguments,
    is_unclear,
    operands,
)
from dlmc.grammar.tree import Binary, Choice, Expression, Named, Pipe

Build: TypeAlias = Callable[[Cursor, Expression, int], Document]
"""Makes the document of an expression at a place that needs it to be so strong."""

SHORT_HEAD = 20
"""Columns of the longest value whose pipeline breaks after its first arrow."""


def pipeline(cursor: Cursor, node: Pipe | Named, build: Build) -> Document:
    """`value -> stage as name -> …`.

    A stage with arguments starts a line of a broken pipeline; one without stays behind
    the stage before it where it fits.
    """
    links: list[Pipe | Named] = []
    value: Expression = node
    while isinstance(value, Pipe | Named):
        links.append(value)
        value = value.value
    placed = cursor.placed
    content: list[Document] = [build(cursor, value, PIPELINE + 1)]
    stages: list[tuple[Part, bool]] = []
    while links and isinstance(links[-1], Named):
        links.pop()
        content.append(_name(cursor))
    head = Part([], content, cursor.remark() if links else None)
    while links:
        link = links.pop()
        assert isinstance(link, Pipe)
        before = cursor.begin()
        cursor.take("->")
        content = ["-> ", build(cursor, link.stage, POSTFIX)]
        while links and isinstance(links[-1], Named):
            links.pop()
            content.append(_name(cursor))
        before += cursor.end()
        part = Part(before, content, cursor.remark() if links else None)
        stages.append((part, has_arguments(link.stage)))
    if not stages:
        return head.content
    first, _ = stages[0]
    rows: list[Document] = [*lines_before(first), first.content]
    previous = first
    for stage, has_line in stages[1:]:
        gap = separator(previous, stage)
        rows.append(beside(previous))
        if gap is SPACE and not has_line:
            rows.append(Group([SPACE, stage.content]))
        else:
            rows += [gap, *lines_before(stage), stage.content]
        previous = stage
    expand = cursor.placed != placed
    if head.remark or first.before or flat(head.content, SHORT_HEAD) is None:
        below = Indent([separator(head, first), rows], INDENT)
        return Group(Align([head.content, beside(head), below]), expand=expand)
    return Group([head.content, " ", Align(rows)], expand=expand)


def _name(cursor: Cursor) -> str:
    """` as name`."""
    cursor.take("as")
    return f" as {cursor.last()}"


def choice(cursor: Cursor, node: Choice, build: Build) -> Document:
    """`if condition then a else if … else b`.

    Where it does not fit on a line, each `else` starts one; where a condition and its
    value do not fit on one, `then` does too.
    """
    placed = cursor.placed
    cursor.first("if")
    condition = ["if ", build(cursor, node.condition, PIPELINE)]
    test = Part([], condition, cursor.remark())
    lines: list[Document] = []
    while True:
        started = cursor.placed
        before = cursor.begin()
        cursor.take("then")
        content = ["then ", build(cursor, node.then, PIPELINE)]
        before += cursor.end()
        then = Part(before, content, cursor.remark())
        has_comments = cursor.placed != started or test.remark is not None
        gap = separator(test, then)
        pair = [test.content, beside(test), gap, *lines_before(then), then.content]
        lines += [Group(pair, expand=has_comments), beside(then)]
        before = cursor.begin()
        cursor.take("else")
        if not isinstance(node.otherwise, Choice):
            break
        node = node.otherwise
        cursor.first("if")
        condition = ["else if ", build(cursor, node.condition, PIPELINE)]
        before += cursor.end()
        test = Part(before, condition, cursor.remark())
        lines += [separator(then, test), *lines_before(test)]
    otherwise = ["else ", build(cursor, node.otherwise, ANY)]
    before += cursor.end()
    last = Part(before, otherwise, None)
    lines += [separator(then, last), *lines_before(last), last.content]
    return Group(Align(lines), expand=cursor.placed != placed)


def operation(cursor: Cursor, node: Binary, build: Build) -> Document:
    """`a + b - c`: operators of one strength, in a row."""
    weaker, stronger = operands(node.operator)
    links = [node]
    while (
        isinstance(node.left, Binary)
        and weaker == OPERATORS[node.left.operator]
        and not is_unclear(node.operator, node.left)
    ):
        node = node.left
        links.append(node)
    placed = cursor.placed
    first = _operand(cursor, node, node.left, weaker, build)
    if node.operator == "**":
        cursor.take("**")
        return [first, " ** ", _operand(cursor, node, node.right, stronger, build)]
    part = Part([], first, cursor.remark())
    rows: list[Document] = [first]
    while links:
        node = links.pop()
        before = cursor.begin()
        cursor.take(node.operator)
        right = _operand(cursor, node, node.right, stronger, build)
        before += cursor.end()
        previous, content = part, [f"{node.operator} ", right]
        part = Part(before, content, cursor.remark() if links else None)
        rows += [beside(previous), separator(previous, part)]
        rows += [*lines_before(part), part.content]
    return Group(Align(rows), expand=cursor.placed != placed)


def _operand(
    cursor: Cursor, node: Binary, operand: Expression, needed: int, build: Build
) -> Document:
    unclear = is_unclear(node.operator, operand)
    return build(cursor, operand, POSTFIX if unclear else needed)
