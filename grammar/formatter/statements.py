"""Rows of statements, and what declarations have in common with them."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from dlmc.grammar.document import SPACE, Align, Document, Group
from dlmc.grammar.formatter.cursor import Comment, Cursor
from dlmc.grammar.formatter.expressions import expression, type_
from dlmc.grammar.formatter.rows import (
    Assignment,
    Body,
    Break,
    Cells,
    Compound,
    Content,
    Family,
    Plain,
    Row,
    Section,
    Value,
)
from dlmc.grammar.tree import (
    Attribute,
    Binding,
    Boolean,
    Call,
    Emit,
    Expression,
    For,
    If,
    Index,
    Input,
    List,
    Name,
    Node,
    Number,
    Output,
    Param,
    Scan,
    State,
    Statement,
    String,
    Type,
)

Item = TypeVar("Item", bound=Node)


def row(cursor: Cursor, item: Item, build: Callable[[Cursor, Item], Content]) -> Row:
    """A row; comments that stand in it where none belongs go before it."""
    before = cursor.begin()
    after_blank = cursor.after_blank
    content = build(cursor, item)
    for stray in cursor.end():
        before.append(stray._replace(after_blank=after_blank))
        after_blank = False
    return Row(before, after_blank, content, cursor.remark())


def body(
    cursor: Cursor,
    items: Sequence[Item],
    build: Callable[[Cursor, Item], Content],
) -> tuple[str | None, Body]:
    """Rows between braces, and the comment beside the first brace."""
    cursor.open("{")
    remark = cursor.remark()
    rows = [row(cursor, item, build) for item in items]
    rest = cursor.pending()
    cursor.close("}")
    return remark, Body(rows, rest)


def statement(cursor: Cursor, node: Statement) -> Content:
    """A statement in the body of a block, model or optimizer."""
    match node:
        case Input(type=type):
            return _cells(cursor, Family.PORTS, "input", type, None)
        case Output(name=None, value=value):
            cursor.take("output")
            return Plain(["output ", expression(cursor, value)])
        case Output(type=type, value=value):
            return _cells(cursor, Family.PORTS, "output", type, value)
        case Param(type=type, value=value):
            return _cells(cursor, Family.WEIGHTS, "param", type, value)
        case State(type=type, value=value):
            return _cells(cursor, Family.WEIGHTS, "state", type, value)
        case Binding(targets=targets, value=value):
            return assignment(cursor, _targets(cursor, len(targets)), value)
        case Emit(value=value):
            cursor.take("emit")
            return assignment(cursor, f"emit {cursor.take()}", value)
        case For(targets=targets, iterable=iterable, body=statements):
            cursor.take("for")
            names = _targets(cursor, len(targets))
            cursor.take("in")
            head = ["for ", names, " in ", expression(cursor, iterable)]
            return Compound([_section(cursor, head, statements)])
        case If():
            return _if(cursor, node)
        case Scan():
            return Compound([_section(cursor, _scan(cursor, node), node.body)])


def assignment(cursor: Cursor, head: Document, node: Expression) -> Assignment:
    """`head = value`."""
    cursor.take("=")
    return Assignment(head, _value(cursor, node))


def entry(
    cursor: Cursor, type: Type | None = None, value: Expression | None = None
) -> Cells:
    """A setting or a field: `name: type = value`."""
    return _cells(cursor, Family.ENTRIES, "", type, value)


def _cells(
    cursor: Cursor,
    family: Family,
    keyword: str,
    type: Type | None,
    value: Expression | None,
) -> Cells:
    if keyword:
        cursor.take(keyword)
    name = cursor.take()
    written = None
    if type is not None:
        cursor.take(":")
        written = type_(cursor, type)
    result = None
    if value is not None:
        cursor.take("=")
        result = _value(cursor, value)
    return Cells(family, keyword, name, written, result)


def _value(cursor: Cursor, node: Expression) -> Value:
    placed = cursor.placed
    document = expression(cursor, node)
    return Value(document, _breaks(node), cursor.placed != placed)


def _breaks(node: Expression) -> Break:
    match node:
        case Call() | List() | Index():
            return Break.INSIDE
        case Name() | Number() | String() | Boolean() | Attribute():
            return Break.NOWHERE
        case _:
            return Break.BEFORE_OPERATORS


def _targets(cursor: Cursor, count: int) -> str:
    """`a, b`."""
    names = [cursor.take()]
    for _ in range(count - 1):
        cursor.take(",")
        names.append(cursor.take())
    return ", ".join(names)


def _section(
    cursor: Cursor, head: Document, statements: Sequence[Statement]
) -> Section:
    remark, inside = body(cursor, statements, statement)
    return Section(head, remark, inside)


def _if(cursor: Cursor, node: If) -> Compound:
    """`if … { } else if … { } else { }`.

    An `else` with nothing in it is left out, and so are the braces around an `if` that
    is alone in it.
    """
    cursor.take("if")
    head: Document = ["if ", expression(cursor, node.condition)]
    sections = [_section(cursor, head, node.then)]
    if cursor.next != "else":
        return Compound(sections)
    before = cursor.pending()
    cursor.take("else")
    before += cursor.pending()
    if cursor.next == "if":
        (inner,) = node.otherwise
        assert isinstance(inner, If)
        return Compound(sections + _else_if(_if(cursor, inner), before))
    section = _section(cursor, "else", node.otherwise)
    _put_first(section.body, before)
    rows, rest = section.body.rows, section.body.rest
    if not rest and section.remark is None:
        if not rows:
            return Compound(sections)
        content = rows[0].content
        is_alone = len(rows) == 1 and isinstance(node.otherwise[0], If)
        if is_alone and not rows[0].before and rows[0].remark is None:
            assert isinstance(content, Compound)
            return Compound(sections + _else_if(content, []))
    return Compound([*sections, section])


def _else_if(inner: Compound, before: list[Comment]) -> list[Section]:
    """The sections of an `if` after an `else`; comments between go into the first."""
    first, *others = inner.sections
    _put_first(first.body, before)
    return [Section(["else ", first.head], first.remark, first.body), *others]


def _put_first(inside: Body, comments: list[Comment]) -> None:
    """Put comments before all else in a body."""
    if inside.rows:
        inside.rows[0].before[:0] = comments
    else:
        inside.rest[:0] = comments


def _scan(cursor: Cursor, node: Scan) -> Document:
    """`scan h = a, c = b over x in xs axis 1`."""
    cursor.take("scan")
    carries: list[Document] = []
    for number, carry in enumerate(node.carries):
        name = cursor.take()
        cursor.take("=")
        value = expression(cursor, carry.value)
        carries += [[",", SPACE] if number else "", name, " = ", value]
        cursor.skip(",")
    cursor.take("over")
    slices: list[Document] = []
    for number, over in enumerate(node.over):
        name = cursor.take()
        cursor.take("in")
        value = expression(cursor, over.value)
        cursor.take("axis")
        axis = expression(cursor, over.axis)
        slices += [[",", SPACE] if number else "", name, " in ", value, " axis ", axis]
        cursor.skip(",")
    states: Document = [" ", Group(Align(carries))] if carries else ""
    return Group(Align(["scan", states, SPACE, "over ", Group(Align(slices))]))
