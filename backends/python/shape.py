"""Questions about the form of an expression that decide where it may break."""

from dlmc.backends.python import tree as py
from dlmc.backends.python.precedence import PRIMARY, precedence


def needs_parentheses(expression: py.Expression, needs: int) -> bool:
    """Whether it needs parentheses where a precedence of `needs` is called for."""
    return precedence(expression) < needs


def has_brackets(expression: py.Expression) -> str | None:
    """Whether it ends in brackets of its own: `filled`, `empty` or None."""
    match expression:
        case py.Comprehension() | py.Subscript():
            return "filled"
        case py.List(items) | py.Set(items) | py.Tuple(items):
            return "filled" if items else "empty"
        case py.Dict(pairs):
            return "filled" if pairs else "empty"
        case py.Call(_, arguments, keywords):
            return "filled" if arguments or keywords else "empty"
        case _:
            return None


def is_fluent(expression: py.Expression) -> bool:
    """Whether it is a chain of calls that breaks before its dots."""
    links = 0
    while True:
        match expression:
            case py.Attribute(inner):
                if needs_parentheses(inner, PRIMARY):
                    return links + 1 >= 2
                links += isinstance(inner, py.Call | py.Subscript)
                expression = inner
            case py.Call(inner) | py.Subscript(inner):
                if needs_parentheses(inner, PRIMARY):
                    return links >= 2
                expression = inner
            case _:
                return links >= 2
