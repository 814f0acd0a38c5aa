"""Where ruff would break an expression: documents from trees.

Follows the style that ruff and black share: an expression that does not fit breaks in
its last brackets, then in parentheses of its own, operators at line starts, one element
a line with a trailing comma where all of them do not fit on one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from dlmc.backends.python import text
from dlmc.backends.python import tree as py
from dlmc.backends.python.bracketing import (
    Level,
    Place,
    brackets,
    commas,
    grouped,
    parenthesized_if_broken,
    space,
)
from dlmc.backends.python.precedence import (
    BIT_OR,
    COMPARISON,
    CONDITIONAL,
    LAMBDA,
    NOT,
    OPERATORS,
    OR,
    POWER,
    PRIMARY,
    SIGN,
    is_negative,
    left_needs,
    operand_needs,
    right_needs,
)
from dlmc.backends.python.shape import has_brackets, is_fluent, needs_parentheses
from dlmc.grammar.document import (
    HARD,
    SOFT,
    SPACE,
    Choice,
    Document,
    Group,
    Identity,
    IfBroken,
    Indent,
    MayExpand,
    render,
)

LONG_STRING = 60
"""Longer strings may be broken into pieces of at most this many characters."""


def document(expression: py.Expression, level: Level, needs: int = LAMBDA) -> Document:
    """An expression at a place that needs its precedence to be at least `needs`."""
    if needs_parentheses(expression, needs):
        return brackets("(", _document(expression, Place.INSIDE), ")", level)
    return _document(expression, level)


def _document(expression: py.Expression, level: Level) -> Document:
    match expression:
        case py.Name(id):
            return id
        case py.Literal(number) if is_negative(number):
            return f"-{text.literal(-number)}"
        case py.Literal() | py.FString() if is_long(expression):
            return _long_string(expression, level)
        case py.Literal(constant):
            return text.literal(constant)
        case py.FString():
            return fstring(expression)
        case py.Attribute() | py.Call() | py.Subscript():
            return _chain(expression, level)
        case py.Slice():
            return _slice(expression)
        case py.Unary(operator, operand):
            gap = " " if operator == "not" else ""
            inner = document(operand, level, operand_needs(expression))
            return [operator, gap, inner]
        case py.Binary() | py.Compare() | py.Boolean():
            return grouped(_operators(_flattened(expression, LAMBDA), level), level)
        case py.Conditional():
            return grouped(_conditional(expression, level), level)
        case py.Lambda():
            return lambda_(expression, level)
        case py.Starred(inner):
            return ["*", document(inner, level, BIT_OR)]
        case py.Tuple((single,)):
            one: Document = [document(single, Place.INSIDE), ","]
            return brackets("(", one, ")", level)
        case py.Tuple(items):
            return _collection("(", documents(items, Place.INSIDE), ")", level)
        case py.List(items):
            return _collection("[", documents(items, Place.INSIDE), "]", level)
        case py.Set(items):
            return _collection("{", documents(items, Place.INSIDE), "}", level)
        case py.Dict(items):
            pairs = [_pair(key, value) for key, value in items]
            return _collection("{", pairs, "}", level)
        case py.Comprehension():
            return _comprehension(expression, level)


def documents(items: Sequence[py.Expression], level: Level) -> list[Document]:
    """Expressions that stand at the same place."""
    return [document(item, level) for item in items]


def _collection(
    left: str, items: Sequence[Document], right: str, level: Level
) -> Document:
    if not items:
        return left + right
    return brackets(left, commas(items), right, level)


def _pair(key: py.Expression | None, value: py.Expression) -> Document:
    if key is None:
        return ["**", document(value, Place.INSIDE, BIT_OR)]
    return Group([document(key, Place.INSIDE), ": ", document(value, Place.INSIDE)])


# -- operators --

LOOSENESS = {
    level: order
    for order, level in enumerate(
        [POWER, SIGN, *sorted(set(OPERATORS.values()) - {POWER}, reverse=True)]
    )
}
"""How early a row breaks before operators of a precedence: the loosest first."""
COMPARED, LOGICAL, CHOSEN = 100, 101, 102
"""The same for comparisons, `and` and `or`, and `if … else`."""


@dataclass(frozen=True, slots=True)
class _Operand:
    expression: py.Expression
    needs: int


@dataclass(frozen=True, slots=True)
class _Operator:
    symbol: str
    looseness: int


_Flat: TypeAlias = list["_Operand | _Operator"]


def _flattened(expression: py.Expression, needs: int) -> _Flat:
    """Operands and operators in a row, down to what stands in parentheses."""
    if needs_parentheses(expression, needs):
        return [_Operand(expression, needs)]
    match expression:
        case py.Binary(left, operator, right):
            return [
                *_flattened(left, left_needs(expression)),
                _Operator(operator, LOOSENESS[OPERATORS[operator]]),
                *_flattened(right, right_needs(expression)),
            ]
        case py.Compare(left, comparator, right):
            return [
                *_flattened(left, COMPARISON + 1),
                _Operator(comparator, COMPARED),
                *_flattened(right, COMPARISON + 1),
            ]
        case py.Boolean(operator, operands):
            row: _Flat = []
            for operand in operands:
                if row:
                    row.append(_Operator(operator, LOGICAL))
                row += _flattened(operand, OR + 1 if operator == "or" else NOT)
            return row
        case _:
            return [_Operand(expression, needs)]


def _operators(row: _Flat, level: Level) -> Document:
    """A row broken before its loosest operators, then within their operands."""
    if len(row) == 1:
        (operand,) = row
        assert isinstance(operand, _Operand)
        if is_long(operand.expression):
            return _whole_string(operand.expression)
        return document(operand.expression, level, operand.needs)
    loosest = max(part.looseness for part in row if isinstance(part, _Operator))
    result: list[Document] = []
    start = 0
    for index, part in enumerate([*row, None]):
        at_operator = isinstance(part, _Operator) and part.looseness == loosest
        if not at_operator and part is not None:
            continue
        between = row[start:index]
        inner = _operators(between, level)
        result.append(inner if len(between) == 1 else grouped(inner, level))
        if isinstance(part, _Operator):
            tight = part.symbol == "**" and all(
                _is_simple_power(row[i]) for i in (index - 1, index + 1)
            )
            result += _operator(part.symbol, tight, level)
        start = index + 1
    return result


def _operator(symbol: str, tight: bool, level: Level) -> list[Document]:
    if not tight:
        return [space(level), f"{symbol} "]
    if level is Place.INSIDE:
        return [SOFT, symbol, IfBroken(" ")]
    if isinstance(level, Identity):
        return [IfBroken(SOFT, "", level), symbol, IfBroken(IfBroken(" "), "", level)]
    return [symbol]


def _is_simple_power(part: _Operand | _Operator) -> bool:
    assert isinstance(part, _Operand)
    return not needs_parentheses(part.expression, part.needs) and _is_simple(
        part.expression
    )


def _is_simple(expression: py.Expression) -> bool:
    match expression:
        case py.Unary(operator, operand):
            return operator != "not" and _is_simple(operand)
        case py.Attribute(inner):
            return _is_simple(inner)
        case py.Literal(constant):
            return constant is None or isinstance(constant, int | float)
        case _:
            return isinstance(expression, py.Name)


def _conditional(expression: py.Conditional, level: Level) -> Document:
    otherwise: Document
    if isinstance(expression.otherwise, py.Conditional):
        otherwise = _conditional(expression.otherwise, level)
    else:
        otherwise = grouped(document(expression.otherwise, level, CONDITIONAL), level)
    return [
        document(expression.then, level, CONDITIONAL + 1),
        space(level),
        "if ",
        document(expression.condition, level, CONDITIONAL + 1),
        space(level),
        "else ",
        otherwise,
    ]


# -- calls --


def _chain(
    expression: py.Expression, level: Level, fluent: bool | None = None
) -> Document:
    """Attributes, calls and subscripts in a row; `fluent` is None for its whole."""
    is_root = fluent is None
    if fluent is None:
        fluent = level is not Place.BARE and is_fluent(expression)
    content: Document
    match expression:
        case py.Call(function, positional, keywords):
            inner = _link(function, level, fluent)
            content = [inner, arguments(positional, keywords, level)]
        case py.Subscript(value, index):
            inner = _link(value, level, fluent)
            content = [inner, _index(index, level)]
        case py.Attribute(value, name):
            inner = _link(value, level, fluent)
            breaks = fluent and (
                isinstance(value, py.Call | py.Subscript)
                or needs_parentheses(value, PRIMARY)
            )
            content = [inner, SOFT if breaks else "", ".", name]
        case _:
            raise AssertionError(expression)
    return Group(content) if is_root and fluent else content


def _link(expression: py.Expression, level: Level, fluent: bool) -> Document:
    if isinstance(expression, py.Attribute | py.Call | py.Subscript):
        return _chain(expression, level, fluent)
    return document(expression, level, PRIMARY)


def arguments(
    positional: Sequence[py.Expression],
    keywords: Sequence[py.Keyword] = (),
    level: Level = Place.BARE,
) -> Document:
    """Arguments of a call, or the bases of a class, in their parentheses."""
    if not positional and not keywords:
        return "()"
    if len(positional) == 1 and not keywords:
        (argument,) = positional
        if isinstance(argument, py.Comprehension) and argument.kind == "generator":
            return brackets("(", Group(_clauses(argument)), ")", level)
    items = [*documents(positional, Place.INSIDE), *map(_keyword, keywords)]
    return brackets("(", Group(commas(items)), ")", level)


def _keyword(keyword: py.Keyword) -> Document:
    if keyword.name is None:
        return ["**", document(keyword.value, Place.INSIDE)]
    return [keyword.name, "=", document(keyword.value, Place.INSIDE)]


def _index(index: py.Expression, level: Level) -> Document:
    if isinstance(index, py.Tuple) and index.elements:
        items = documents(index.elements, Place.INSIDE)
        content = [commas(items), "," if len(items) == 1 else ""]
        return brackets("[", Group(content), "]", level)
    return brackets("[", document(index, Place.INSIDE), "]", level)


def _slice(expression: py.Slice) -> Document:
    ends = [expression.start, expression.stop, expression.step]
    gap = "" if all(end is None or _is_simple_end(end) for end in ends) else " "
    result: list[Document] = []
    if expression.start is not None:
        result += [document(expression.start, Place.INSIDE), gap]
    result.append(":")
    if expression.stop is not None:
        result += [gap, document(expression.stop, Place.INSIDE)]
    if expression.step is not None:
        result += [gap if expression.stop is not None else "", ":", gap]
        result.append(document(expression.step, Place.INSIDE))
    return result


def _is_simple_end(expression: py.Expression) -> bool:
    while isinstance(expression, py.Unary) and expression.operator != "not":
        expression = expression.operand
    return isinstance(expression, py.Name | py.Literal)


# -- the rest --


def lambda_(expression: py.Lambda, level: Level, assigned: bool = False) -> Document:
    """A lambda; one that is `assigned` breaks in its body before all else."""
    head = f"lambda {', '.join(expression.parameters)}".rstrip() + ": "
    body = _lambda_body(expression.body, level)
    return [head, MayExpand(body) if assigned else body]


def _lambda_body(body: py.Expression, level: Level) -> Document:
    if isinstance(body, py.Call | py.Subscript) and not is_fluent(body):
        inner = document(body, level)
        wrapped: Document = ["(", Indent([HARD, inner]), HARD, ")"]
        return Choice((inner, Group(inner, expand=True), wrapped))
    if has_brackets(body):
        return document(body, level)
    return parenthesized_if_broken(document(body, Place.INSIDE))


_BRACKETS = {"list": "[]", "set": "{}", "dict": "{}", "generator": "()"}


def _comprehension(expression: py.Comprehension, level: Level) -> Document:
    pair = _BRACKETS[expression.kind]
    return brackets(pair[0], Group(_clauses(expression)), pair[1], level)


def _clauses(expression: py.Comprehension) -> Document:
    element: Document = document(expression.element, Place.INSIDE)
    if expression.key is not None:
        element = [document(expression.key, Place.INSIDE), ": ", element]
    clauses: list[Document] = [
        "for ",
        _on_one_line(expression.target),
        " in ",
        document(expression.iterable, Place.INSIDE, OR),
    ]
    for condition in expression.conditions:
        clauses += [SPACE, "if ", document(condition, Place.INSIDE, OR)]
    return [Group(element), SPACE, clauses]


# -- strings --


def is_long(expression: py.Expression) -> bool:
    """Whether it is a string that may be broken into pieces."""
    return len(_pieces(expression)) > 1


def _pieces(expression: py.Expression) -> list[str]:
    """A long string as literals that Python joins; empty for what is no string."""
    match expression:
        case py.FString(parts):
            return [fstring(piece) for piece in _fstring_pieces(parts)]
        case py.Literal(str(string)):
            return [text.literal(piece) for piece in text.pieces(string, LONG_STRING)]
        case _:
            return []


def _long_string(expression: py.Expression, level: Level) -> Document:
    whole = _whole_string(expression)
    if level is Place.BARE:
        return whole
    broken: list[Document] = []
    for piece in _pieces(expression):
        broken += [HARD, piece] if broken else [piece]
    return Group(IfBroken(broken, whole))


def _whole_string(expression: py.Expression) -> str:
    match expression:
        case py.FString():
            return fstring(expression)
        case py.Literal(string):
            return text.literal(string)
        case _:
            raise AssertionError(expression)


def _fstring_pieces(parts: Sequence[str | py.Formatted]) -> list[py.FString]:
    """An f-string in pieces of about `LONG_STRING` characters, cut after spaces."""
    pieces: list[list[str | py.Formatted]] = [[]]
    length = 0
    may_cut = False
    for part in parts:
        units = text.pieces(part, 0) if isinstance(part, str) else [part]
        for unit in units:
            size = len(fstring(py.FString((unit,)))) - len('f""')
            if may_cut and length + size > LONG_STRING:
                pieces.append([])
                length = 0
            pieces[-1].append(unit)
            length += size
            may_cut = isinstance(unit, str) and unit[-1:].isspace()
    return [py.FString(tuple(piece)) for piece in pieces]


def fstring(expression: py.FString, quote: str = '"') -> str:
    """An f-string on one line; strings in its values take the other quotes."""
    inner = "'" if quote == '"' else '"'
    parts = []
    for part in expression.parts:
        if isinstance(part, str):
            escaped = text.escape(part, quote)
            parts.append(escaped.replace("{", "{{").replace("}", "}}"))
            continue
        value = _on_one_line(part.value).replace(quote, inner)
        value = f" {value}" if value.startswith("{") else value
        colon = ":" if part.specification else ""
        parts.append(f"{{{value}{colon}{part.specification}}}")
    if not any(isinstance(part, py.Formatted) for part in expression.parts):
        return text.literal("".join(map(str, expression.parts)), quote)
    return f"f{quote}{''.join(parts)}{quote}"


def _on_one_line(expression: py.Expression) -> str:
    if isinstance(expression, py.Tuple) and len(expression.elements) > 1:
        return ", ".join(map(_on_one_line, expression.elements))
    return render(document(expression, Place.BARE), width=1_000_000)
