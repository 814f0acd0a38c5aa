"""Rows of declarations: a whole file."""

from collections.abc import Sequence

from dlmc.grammar.document import SPACE, Document, Group, Indent
from dlmc.grammar.formatter.brackets import bracketed
from dlmc.grammar.formatter.cursor import Cursor
from dlmc.grammar.formatter.expressions import expression, parameter
from dlmc.grammar.formatter.parts import INDENT
from dlmc.grammar.formatter.rows import (
    Body,
    Cells,
    Compound,
    Content,
    Plain,
    Row,
    Section,
)
from dlmc.grammar.formatter.statements import assignment, body, entry, row, statement
from dlmc.grammar.tree import (
    Block,
    Const,
    Data,
    Declaration,
    Field,
    File,
    FunctionDeclaration,
    Optimizer,
    Parameter,
    Setting,
    Train,
    Use,
)


def file_body(cursor: Cursor, file: File) -> Body:
    """The rows of a file, with an empty line between declarations."""
    rows: list[Row] = []
    if file.documentation is not None:
        rows.append(row(cursor, file, _documentation))
    previous: Declaration | None = None
    for declaration in file.declarations:
        is_documented = declaration.documentation is not None
        first = len(rows)
        if is_documented:
            rows.append(row(cursor, declaration, _documentation))
        rows.append(row(cursor, declaration, _declaration))
        if is_documented:
            rows[-1].start_after_blank(False)
        if not (type(previous) is type(declaration) and _is_listed(declaration)):
            rows[first].start_after_blank(True)
        previous = declaration
    rest = cursor.pending()
    if rest:
        rest[0] = rest[0]._replace(after_blank=True)
    return Body(rows, rest)


def _is_listed(declaration: Declaration) -> bool:
    """Whether it may stand close to others of its kind."""
    return isinstance(declaration, Const | Use) and declaration.documentation is None


def _documentation(cursor: Cursor, _: File | Declaration) -> Plain:
    """A documentation string as it is, without the blanks at the ends of its lines."""
    lines = cursor.take().split("\n")
    return Plain("\n".join(line.rstrip() for line in lines))


def _declaration(cursor: Cursor, node: Declaration) -> Content:
    match node:
        case Const(value=value):
            cursor.take("const")
            return assignment(cursor, f"const {cursor.take()}", value)
        case FunctionDeclaration(parameters=parameters, body=expr):
            cursor.take("fn")
            name = cursor.take()
            head = ["fn ", name, bracketed(cursor, "()", parameters, parameter)]
            return assignment(cursor, head, expr)
        case (
            Block(parameters=parameters, body=statements)
            | Optimizer(parameters=parameters, body=statements)
        ):
            word = cursor.take("block", "model", "optimizer")
            head = [f"{word} {cursor.take()}", _parameters(cursor, parameters)]
            return Compound([Section(head, *body(cursor, statements, statement))])
        case Data():
            cursor.take("data")
            head = ["data ", cursor.take()]
            # The tree has fields and settings apart; the text need not.
            entries: Sequence[Field | Setting] = [*node.fields, *node.settings]
            entries = sorted(entries, key=lambda part: part.span.start)
            return Compound([Section(head, *body(cursor, entries, _entry))])
        case Train():
            trained = _train(cursor, node)
            return Compound([Section(trained, *body(cursor, node.settings, _entry))])
        case Use():
            return Plain(_use(cursor, node))


def _parameters(cursor: Cursor, parameters: tuple[Parameter, ...]) -> Document:
    """Parameters of a block; where there are none, no parentheses either."""
    if not parameters:
        if cursor.skip("("):
            cursor.skip(")")
        return ""
    return bracketed(cursor, "()", parameters, parameter)


def _entry(cursor: Cursor, node: Field | Setting) -> Cells:
    return entry(cursor, node.type if isinstance(node, Field) else None, node.value)


def _train(cursor: Cursor, node: Train) -> Document:
    """`train name = Model(arguments) on data`."""
    cursor.take("train")
    pieces: list[Document] = ["train "]
    if node.name is not None:
        pieces.append(f"{cursor.take()} = ")
        cursor.take("=")
    pieces.append(expression(cursor, node.model))
    cursor.take("on")
    pieces.append(f" on {cursor.take()}")
    return pieces


def _use(cursor: Cursor, node: Use) -> Document:
    """`use "file.dlm": A, b`, the names on lines of their own where they need more."""
    cursor.take("use")
    path = cursor.take()
    cursor.take(":")
    names: list[Document] = []
    for number in range(len(node.names)):
        if number:
            cursor.take(",")
            names.append(",")
        names.append(Group([SPACE, cursor.take()]))
    cursor.skip(",")
    return [f"use {path}:", Indent(names, INDENT)]
