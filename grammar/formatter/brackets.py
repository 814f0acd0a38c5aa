"""Items between brackets."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from dlmc.grammar.document import (
    HARD,
    SOFT,
    SPACE,
    Document,
    Group,
    IfBroken,
    Indent,
    Note,
    flat,
)
from dlmc.grammar.formatter.cursor import Comment, Cursor
from dlmc.grammar.formatter.parts import (
    INDENT,
    Part,
    beside,
    lines_before,
    separator,
)
from dlmc.grammar.tree import (
    Argument,
    Boolean,
    Call,
    Index,
    List,
    Name,
    Node,
    Number,
    Parameter,
    String,
)

SHORT = 30
"""Columns of the longest item, other than a name or a literal, that shares a line."""

Item = TypeVar("Item", bound=Node)


def bracketed(
    cursor: Cursor,
    brackets: str,
    items: Sequence[Item],
    build: Callable[[Cursor, Item], Document],
) -> Document:
    """Items between two brackets; `build` makes the document of one.

    Where they do not fit on the line, they stand between the lines of the brackets,
    with a comma after the last. Short ones fill the lines; others stand all on one line
    or each on its own. In a list of lists, a matrix, each row has its own. A call or
    list that is alone between the brackets breaks in its own.
    """
    left, right = brackets[0], brackets[1]
    cursor.open(left)
    placed = cursor.placed
    parts: list[Part] = []
    for item in items:
        before = cursor.begin()
        content = build(cursor, item)
        before += cursor.end()
        remark = cursor.remark()
        if cursor.skip(",") and remark is None:
            remark = cursor.remark()
        parts.append(Part(before, content, remark))
    rest = cursor.pending()
    has_comments = cursor.placed != placed
    cursor.close(right)
    if not parts and not rest:
        return brackets
    if len(items) == 1 and not has_comments and _has_brackets(_value(items[0])):
        return [left, parts[0].content, right]
    are_short = all(map(_is_short, items, parts))
    inner = _filled(parts) if are_short else _spaced(parts)
    if not all(isinstance(item, List) for item in items):
        inner = Group(inner, expand=has_comments)
    content = [left, Indent([SOFT, inner, _ending(parts, rest)], INDENT), SOFT, right]
    return Group(content, expand=has_comments)


def _spaced(parts: Sequence[Part]) -> Document:
    """Items, all of them on one line or each on its own."""
    pieces: list[Document] = []
    for number, part in enumerate(parts):
        if number:
            pieces += [",", beside(parts[number - 1])]
            pieces.append(separator(parts[number - 1], part))
        pieces += [*lines_before(part), part.content]
    return pieces


def _filled(parts: Sequence[Part]) -> Document:
    """Items, as many on each line as fit."""
    pieces: list[Document] = []
    for number, part in enumerate(parts):
        comma = "," if number < len(parts) - 1 else ""
        gap: Document = ""
        if number:
            pieces.append(beside(parts[number - 1]))
            gap = separator(parts[number - 1], part)
        if gap is SPACE:
            pieces.append(Group([SPACE, part.content, comma]))
        else:
            pieces += [gap, *lines_before(part), part.content, comma]
    return pieces


def _ending(parts: Sequence[Part], rest: Sequence[Comment]) -> Document:
    """The comma after the last item, and the comments after it."""
    pieces: list[Document] = []
    if parts:
        pieces += [IfBroken(","), beside(parts[-1])]
    for number, comment in enumerate(rest):
        pieces += [HARD if parts or number else "", Note(comment.text)]
    return pieces


def _value(item: Node) -> Node:
    return item.value if isinstance(item, Argument) else item


def _has_brackets(value: Node) -> bool:
    """Whether a value can break between brackets of its own."""
    match value:
        case List(items=items) | Index(items=items):
            return bool(items)
        case Call(arguments=arguments):
            return bool(arguments)
        case _:
            return False


def _is_short(item: Node, part: Part) -> bool:
    """Whether an item is a name or a literal, or has few columns, and is no row."""
    value: Node | None = item
    if isinstance(item, Argument):
        value = item.value
    elif isinstance(item, Parameter):
        value = item.default
    if isinstance(value, List) and len(value.items) > 1:
        return False
    if isinstance(value, Name | Number | String | Boolean):
        return True
    return flat(part.content, SHORT) is not None
