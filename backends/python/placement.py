"""How the expressions of a statement are laid out: where they get parentheses.

An expression that does not fit breaks in its last brackets if that reads well, in
parentheses of its own otherwise.
"""

from dataclasses import dataclass
from enum import Enum
from typing import TypeGuard

from dlmc.backends.python import tree as py
from dlmc.backends.python.bracketing import Place, commas, parenthesized_if_broken
from dlmc.backends.python.layout import (
    CHOSEN,
    COMPARED,
    LOGICAL,
    LOOSENESS,
    document,
    documents,
    is_long,
    lambda_,
)
from dlmc.backends.python.precedence import (
    BIT_OR,
    COMPARISON,
    CONDITIONAL,
    LAMBDA,
    NOT,
    OPERATORS,
    OR,
    PRIMARY,
    SIGN,
    left_needs,
    operand_needs,
    right_needs,
)
from dlmc.backends.python.shape import has_brackets, is_fluent, needs_parentheses
from dlmc.grammar.document import (
    HARD,
    SOFT,
    Choice,
    Document,
    Group,
    Identity,
    IfBroken,
    Indent,
    IndentIfBroken,
    ParenthesizeToFit,
)


class Wish(Enum):
    """What an expression that does not fit wants of parentheses around it."""

    IF_BROKEN = "where it breaks outside of its brackets"
    IF_FITTING = "where it fits then"
    NEVER = "none"


def is_splittable(expression: py.Expression) -> bool:
    """Whether a type can break at all."""
    match expression:
        case py.Name() | py.Literal() | py.FString():
            return False
        case py.Attribute(inner):
            return is_splittable(inner)
        case _:
            return True


def wish_of(expression: py.Expression) -> Wish:
    """What an expression that does not fit wants of parentheses around it."""
    match expression:
        case py.Binary() | py.Compare() | py.Boolean() | py.Conditional():
            return Wish.IF_BROKEN
        case py.Lambda() | py.Starred():
            return Wish.IF_BROKEN
        case py.Unary(_, operand):
            if needs_parentheses(operand, operand_needs(expression)):
                return Wish.NEVER
            return wish_of(operand)
        case py.Literal() | py.FString() if is_long(expression):
            return Wish.IF_BROKEN
        case py.Name() | py.Literal() | py.FString():
            return Wish.IF_FITTING
        case py.Call(inner) | py.Subscript(inner) | py.Attribute(inner):
            if is_fluent(expression):
                return Wish.IF_BROKEN
            if needs_parentheses(inner, PRIMARY):
                return Wish.NEVER
            return wish_of(inner)
        case _:
            return Wish.NEVER


def _breaks_in_brackets(expression: py.Expression) -> bool:
    """Whether it may break in its brackets alone, without parentheses around it."""
    survey = _Survey()
    survey.inspect(expression)
    if not survey.has_brackets or survey.count > 1:
        return False
    if survey.loosest in (_NO_OPERATOR, _ATTRIBUTE):
        return True
    ends = (survey.first, survey.last)
    return any(
        end is not None
        and not (isinstance(end[0], py.Subscript) and not end[1])
        and (end[1] or has_brackets(end[0]) == "filled")
        for end in ends
    )


_NO_OPERATOR, _ATTRIBUTE = -2, -1


@dataclass
class _Survey:
    """What an expression is made of outside of its brackets."""

    has_brackets: bool = False
    loosest: int = _NO_OPERATOR
    count: int = 0
    """How many operators bind the loosest."""
    first: tuple[py.Expression, bool] | None = None
    """The subexpression that it starts with, and whether that is in parentheses."""
    starts_with_token: bool = False
    last: tuple[py.Expression, bool] | None = None

    def note(self, looseness: int, count: int = 1) -> None:
        if looseness > self.loosest:
            self.loosest, self.count = looseness, count
        elif looseness == self.loosest:
            self.count += count

    def visit(self, expression: py.Expression, needs: int) -> None:
        in_parentheses = needs_parentheses(expression, needs)
        self.last = (expression, in_parentheses)
        if in_parentheses:
            self.has_brackets = True
        else:
            self.inspect(expression)
        if self.first is None and not self.starts_with_token:
            self.first = (expression, in_parentheses)

    def token(self) -> None:
        if self.first is None:
            self.starts_with_token = True

    def inspect(self, expression: py.Expression) -> None:
        match expression:
            case py.Dict() | py.List() | py.Set() | py.Comprehension() | py.Tuple():
                self.has_brackets = True
            case py.Boolean(operator, operands):
                self.note(LOGICAL, len(operands) - 1)
                for operand in operands:
                    self.visit(operand, OR + 1 if operator == "or" else NOT)
            case py.Binary(left, operator, right):
                self.note(LOOSENESS[OPERATORS[operator]])
                self.visit(left, left_needs(expression))
                self.visit(right, right_needs(expression))
            case py.Compare(left, _, right):
                self.note(COMPARED)
                self.visit(left, COMPARISON + 1)
                self.visit(right, COMPARISON + 1)
            case py.Conditional(then, condition, otherwise):
                self.note(CHOSEN, 2)
                self.visit(condition, CONDITIONAL + 1)
                self.visit(then, CONDITIONAL + 1)
                self.visit(otherwise, CONDITIONAL)
            case py.Call(inner) | py.Subscript(inner):
                self.has_brackets = True
                self.visit(inner, PRIMARY)
                self.last = (expression, False)
            case py.Attribute(inner):
                self.visit(inner, PRIMARY)
                if needs_parentheses(inner, PRIMARY) or has_brackets(inner):
                    self.note(_ATTRIBUTE)
                self.last = (expression, False)
            case py.Unary(operator, operand):
                if operator == "~":
                    self.note(LOOSENESS[SIGN])
                self.token()
                self.visit(operand, operand_needs(expression))
            case py.Lambda(_, body):
                self.token()
                self.visit(body, LAMBDA)
            case py.Starred(inner):
                self.token()
                self.visit(inner, BIT_OR)
            case _:
                pass


# --- Statements' expressions ---


def value(expression: py.Expression) -> Document:
    """What is assigned, in parentheses where breaking needs them."""
    if _is_bare_tuple(expression):
        return target(expression)
    return optionally_parenthesized(expression, assigned=True)


def result(expression: py.Expression) -> Document:
    """What is returned, in parentheses where breaking needs them."""
    if _is_bare_tuple(expression) and len(expression.elements) == 2:
        name = Identity()
        return _optional(commas(documents(expression.elements, name)), name)
    return value(expression)


def _is_bare_tuple(expression: py.Expression) -> TypeGuard[py.Tuple]:
    return isinstance(expression, py.Tuple) and len(expression.elements) > 1


def optionally_parenthesized(
    expression: py.Expression, all_or_nothing: bool = False, assigned: bool = False
) -> Document:
    """An expression, in parentheses where breaking needs them.

    `all_or_nothing` asks for them even around what cannot break itself; `assigned` says
    that the expression is what is assigned or returned.
    """
    wish = wish_of(expression)
    if wish is Wish.NEVER:
        return document(expression, Place.BARE)
    if wish is Wish.IF_FITTING and not all_or_nothing:
        name = Identity()
        return ParenthesizeToFit(document(expression, name), name)
    if assigned and isinstance(expression, py.Lambda):
        name = Identity()
        return _optional(lambda_(expression, name, assigned), name)
    if _breaks_in_brackets(expression):
        return _optional_parentheses(expression)
    return parenthesized_if_broken(document(expression, Place.INSIDE))


def _optional_parentheses(expression: py.Expression) -> Document:
    name = Identity()
    return _optional(document(expression, name), name)


def _optional(content: Document, name: Identity) -> Document:
    return Group(
        [
            IfBroken("("),
            IndentIfBroken([SOFT, content], name),
            SOFT,
            IfBroken(")"),
        ],
        name,
    )


def target(expression: py.Expression) -> Document:
    """The left side of an assignment or of `in`; a tuple without parentheses."""
    if _is_bare_tuple(expression):
        return parenthesized_if_broken(
            commas(documents(expression.elements, Place.INSIDE))
        )
    return document(expression, Place.BARE)


def assignment(left: Document, operator: str, right: py.Expression) -> Document:
    """`left operator right` where the left could break too: the right breaks first."""
    head: Document = [left, f" {operator} "]
    atoms = py.Name | py.Literal | py.FString
    chains = py.Call | py.Subscript | py.Attribute
    if wish_of(right) is not Wish.IF_FITTING or not isinstance(right, atoms | chains):
        return [head, value(right)]
    bare = document(right, Place.BARE)
    flat: Document = [head, bare]
    wrapped: Document = [head, "(", Indent([HARD, bare]), HARD, ")"]
    if isinstance(right, chains):
        return Choice((flat, [head, Group(bare, expand=True)], wrapped, flat))
    return Choice((flat, wrapped, flat))


def context(expression: py.Expression, bound: py.Expression | None) -> Document:
    """The only context of a `with`."""
    if bound is None:
        return optionally_parenthesized(expression)
    ending: Document = [" as ", target(bound)]
    if not _breaks_in_brackets(expression):
        inside = document(expression, Place.INSIDE)
        return parenthesized_if_broken([inside, ending])
    name = Identity()
    return _optional([document(expression, name), ending], name)


def statement(expression: py.Expression) -> Document:
    """An expression that is a statement."""
    if isinstance(expression, py.Binary | py.Compare):
        return optionally_parenthesized(expression)
    return document(expression, Place.BARE)


def annotation(expression: py.Expression) -> Document:
    """A type before a value; in parentheses where it must break outside brackets."""
    if has_brackets(expression):
        return document(expression, Place.BARE)
    if _breaks_in_brackets(expression):
        return _optional_parentheses(expression)
    return parenthesized_if_broken(document(expression, Place.INSIDE))


def returned(expression: py.Expression, has_parameters: bool) -> Document:
    """What a function returns, behind its arrow; parameters break first."""
    if has_parameters and has_brackets(expression):
        return document(expression, Place.BARE)
    return optionally_parenthesized(expression, all_or_nothing=not has_parameters)
