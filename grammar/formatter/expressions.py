"""Documents of expressions and types."""

from dlmc.grammar.document import Document
from dlmc.grammar.formatter.brackets import bracketed
from dlmc.grammar.formatter.chains import choice, operation, pipeline
from dlmc.grammar.formatter.cursor import Cursor
from dlmc.grammar.formatter.precedence import (
    ANY,
    NOT,
    POSTFIX,
    SIGN,
    is_simple,
    strength,
)
from dlmc.grammar.tree import (
    Argument,
    Attribute,
    Binary,
    Boolean,
    Call,
    Choice,
    Ellipsis,
    Expression,
    Function,
    Index,
    List,
    Name,
    Named,
    NewAxis,
    Number,
    Parameter,
    Pipe,
    Range,
    Slice,
    String,
    Type,
    Unary,
)


def expression(cursor: Cursor, node: Expression, needed: int = ANY) -> Document:
    """An expression at a place that needs it to be so strong, else in parentheses."""
    written = _bare(cursor, node)
    if strength(node, written) < needed:
        return ["(", written, ")"]
    return written


def _bare(cursor: Cursor, node: Expression) -> Document:
    match node:
        case Name() | Number() | String() | Boolean():
            return cursor.only()
        case Call(function=function, arguments=arguments):
            callee = expression(cursor, function, POSTFIX)
            return [callee, bracketed(cursor, "()", arguments, argument)]
        case Attribute(value=value):
            inner = expression(cursor, value, POSTFIX)
            cursor.take(".")
            return [inner, ".", cursor.last()]
        case Index(value=value, items=items):
            inner = expression(cursor, value, POSTFIX)
            return [inner, bracketed(cursor, "[]", items, _item)]
        case List(items=items):
            cursor.enter()
            return bracketed(cursor, "[]", items, expression)
        case Pipe() | Named():
            return pipeline(cursor, node, expression)
        case Binary():
            return operation(cursor, node, expression)
        case Unary(operator=operator, operand=operand):
            cursor.first(operator)
            gap, needed = (" ", NOT) if operator == "not" else ("", SIGN)
            return [operator, gap, expression(cursor, operand, needed)]
        case Range(start=start, stop=stop):
            first = _end(cursor, start)
            if _last(first) == "%":
                first = ["(", first, ")"]  # `20%..x` would be a remainder
            cursor.take("..")
            return [first, "..", _end(cursor, stop)]
        case Choice():
            return choice(cursor, node, expression)
        case Function(parameters=parameters, body=body):
            cursor.first("fn")
            head = bracketed(cursor, "()", parameters, parameter)
            cursor.take("=")
            return ["fn", head, " = ", expression(cursor, body)]


def _end(cursor: Cursor, node: Expression) -> Document:
    """An end of a range: `0..(n + 1)`."""
    return expression(cursor, node, SIGN if is_simple(node) else POSTFIX)


def _last(written: Document) -> str:
    """The last character of what is written."""
    while isinstance(written, list):
        written = written[-1]
    return written[-1] if isinstance(written, str) else ""


def argument(cursor: Cursor, node: Argument) -> Document:
    """`value` or `name = value`."""
    if node.name is None:
        return expression(cursor, node.value)
    name = cursor.take()
    cursor.take("=")
    return [name, " = ", expression(cursor, node.value)]


def parameter(cursor: Cursor, node: Parameter) -> Document:
    """`name` or `name = default`."""
    name = cursor.take()
    if node.default is None:
        return name
    cursor.take("=")
    return [name, " = ", expression(cursor, node.default)]


def _item(cursor: Cursor, node: Expression | Slice | Ellipsis | NewAxis) -> Document:
    """An item between the brackets of an index or a type."""
    match node:
        case Slice(start=start, stop=stop, step=step):
            return _slice(cursor, start, stop, step)
        case Ellipsis() | NewAxis():
            return cursor.take()
        case _:
            return expression(cursor, node)


def _slice(
    cursor: Cursor,
    start: Expression | None,
    stop: Expression | None,
    step: Expression | None,
) -> Document:
    """`start:stop:step`; blanks set an operation apart from another end."""
    ends = [end for end in (start, stop, step) if end is not None]
    gap = "" if len(ends) < 2 or all(map(is_simple, ends)) else " "
    pieces: list[Document] = []
    if start is not None:
        pieces += [expression(cursor, start), gap]
    cursor.take(":")
    pieces.append(":")
    if stop is not None:
        pieces += [gap, expression(cursor, stop)]
    if step is None:
        cursor.skip(":")
        return pieces
    cursor.take(":")
    pieces += [gap if stop is not None else "", ":", gap, expression(cursor, step)]
    return pieces


def type_(cursor: Cursor, node: Type) -> Document:
    """`f32[N, 3]`; a scalar has no brackets."""
    dtype = cursor.take()
    if not node.dimensions:
        if cursor.skip("["):
            cursor.skip("]")
        return dtype
    return [dtype, bracketed(cursor, "[]", node.dimensions, _item)]
