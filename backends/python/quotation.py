"""Trees from text: templates of Python with holes.

    quote = Quote({"nn": Import("torch", "nn")})
    quote("nn.Linear({D}, {units}, bias={bias})", D=16, units=Name("units"), bias=False)

The text is parsed by Python's own parser and a hole filled with a node, so precedence
and quoting are right whatever fills it. What fills a hole is a node; a plain number,
string, boolean or None, which becomes a literal (a string never becomes code); a
sequence of these, spliced into the arguments or elements around the hole; or a mapping,
which becomes keyword arguments (`**{options}`). Braces that are not holes are written
twice.
"""

import ast
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, cast

from dlmc.backends.python import tree as py

_HOLE = re.compile(r"\{\{|\}\}|\{([A-Za-z_]\w*)\}")
_PREFIX = "_hole_"

_BINARY: dict[type[ast.operator], py.BinaryOperator] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.MatMult: "@",
    ast.Pow: "**",
    ast.LShift: "<<",
    ast.RShift: ">>",
    ast.BitAnd: "&",
    ast.BitOr: "|",
    ast.BitXor: "^",
}
_UNARY: dict[type[ast.unaryop], Literal["-", "+", "~", "not"]] = {
    ast.USub: "-",
    ast.UAdd: "+",
    ast.Invert: "~",
    ast.Not: "not",
}
_COMPARE: dict[type[ast.cmpop], py.Comparator] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.In: "in",
    ast.NotIn: "not in",
}


def expression_of(value: Any) -> py.Expression:
    """A node as it is; a plain value as a literal, lists and tuples to their depth."""
    if hasattr(value, "__dataclass_fields__"):
        return cast(py.Expression, value)
    if isinstance(value, list):
        return py.List(tuple(map(expression_of, value)))
    if isinstance(value, tuple):
        return py.Tuple(tuple(map(expression_of, value)))
    if isinstance(value, bool):
        return py.Literal(bool(value))
    if isinstance(value, int):
        return py.Literal(int(value))
    if isinstance(value, float):
        return _float(float(value))
    if value is None or value is ... or isinstance(value, str | bytes):
        return py.Literal(value)
    raise TypeError(f"no literal for {value!r}")


def _float(value: float) -> py.Expression:
    if math.isfinite(value):
        return py.Literal(value)
    name = "nan" if math.isnan(value) else "inf"
    found = py.Attribute(py.Name("math", py.Import("math")), name)
    return py.Unary("-", found) if value < 0 else found


class Quote:
    """Makes trees from templates, giving each name of `imports` its import."""

    def __init__(self, imports: Mapping[str, py.Import] | None = None) -> None:
        self.imports = dict(imports or {})

    def __call__(self, template: str, /, **holes: Any) -> py.Expression:
        """The expression that a template makes."""
        source = ast.parse(_mark(template), mode="eval")
        return _Reader(self.imports, holes).expression(source.body)

    def statements(self, template: str, /, **holes: Any) -> tuple[py.Statement, ...]:
        """The statements that a template makes (comments in it are lost)."""
        source = ast.parse(_mark(template))
        return _Reader(self.imports, holes).body(source.body)


def holes_of(template: str) -> frozenset[str]:
    """The names of a template's holes."""
    return frozenset(name for name in _HOLE.findall(template) if name)


def _mark(template: str) -> str:
    def mark(match: re.Match[str]) -> str:
        return f"{_PREFIX}{match[1]}" if match[1] else match[0][0]

    return _HOLE.sub(mark, template)


class _Reader:
    """Turns Python's syntax tree into ours."""

    def __init__(
        self, imports: Mapping[str, py.Import], holes: Mapping[str, Any]
    ) -> None:
        self.imports = imports
        self.holes = holes

    # -- holes --

    def hole(self, node: ast.AST) -> Any:
        """What fills the hole that a name stands for; `_NO_HOLE` for another node."""
        if isinstance(node, ast.Name) and node.id.startswith(_PREFIX):
            return self.holes[node.id.removeprefix(_PREFIX)]
        return _NO_HOLE

    def sequence(self, nodes: Sequence[ast.expr]) -> tuple[py.Expression, ...]:
        """Expressions, those in sequence holes spliced in."""
        return tuple(self.spliced(nodes))

    def spliced(self, nodes: Sequence[ast.expr]) -> Iterator[py.Expression]:
        for node in nodes:
            value = self.hole(node)
            if isinstance(value, list | tuple):
                yield from map(expression_of, value)
            elif not isinstance(value, Mapping):
                yield self.expression(node)

    def identifier(self, name: str) -> str:
        """A name that is no expression: of an attribute, a keyword, a function."""
        if not name.startswith(_PREFIX):
            return name
        value = self.holes[name.removeprefix(_PREFIX)]
        value = value.id if isinstance(value, py.Name) else value
        if not (isinstance(value, str) and value.isidentifier()):
            raise TypeError(f"{value!r} is no name")
        return value

    # -- expressions --

    def expression(self, node: ast.expr) -> py.Expression:
        value = self.hole(node)
        if value is not _NO_HOLE:
            return expression_of(value)
        match node:
            case ast.Name(id):
                return py.Name(id, self.imports.get(id))
            case ast.Constant(value=str(text)) if _PREFIX in text:
                raise TypeError(f"a hole in a string: {text}")
            case ast.Constant(value=constant):
                return py.Literal(constant)
            case ast.Attribute(inner, name):
                return py.Attribute(self.expression(inner), self.identifier(name))
            case ast.Call():
                return self.call(node)
            case ast.Subscript(inner, index):
                return py.Subscript(self.expression(inner), self.expression(index))
            case ast.Slice(start, stop, step):
                return py.Slice(
                    self.optional(start), self.optional(stop), self.optional(step)
                )
            case ast.UnaryOp(operator, operand):
                return py.Unary(_UNARY[type(operator)], self.expression(operand))
            case ast.BinOp(left, op, right):
                return py.Binary(
                    self.expression(left), _BINARY[type(op)], self.expression(right)
                )
            case ast.Compare(left, [comparator], [right]):
                return py.Compare(
                    self.expression(left),
                    _COMPARE[type(comparator)],
                    self.expression(right),
                )
            case ast.BoolOp(logical, operands):
                return py.Boolean(
                    "and" if isinstance(logical, ast.And) else "or",
                    tuple(map(self.expression, operands)),
                )
            case ast.IfExp(condition, then, otherwise):
                return py.Conditional(
                    self.expression(then),
                    self.expression(condition),
                    self.expression(otherwise),
                )
            case ast.Lambda(parameters, body):
                names = tuple(self.identifier(a.arg) for a in parameters.args)
                return py.Lambda(names, self.expression(body))
            case ast.Starred(inner):
                return py.Starred(self.expression(inner))
            case ast.Tuple(items):
                return py.Tuple(self.sequence(items))
            case ast.List(items):
                return py.List(self.sequence(items))
            case ast.Set(items):
                return py.Set(self.sequence(items))
            case ast.Dict(keys, values):
                entries = zip(keys, values, strict=True)
                return py.Dict(
                    tuple((self.optional(k), self.expression(v)) for k, v in entries)
                )
            case ast.ListComp(element, [clause]):
                return self.comprehension("list", element, clause)
            case ast.SetComp(element, [clause]):
                return self.comprehension("set", element, clause)
            case ast.GeneratorExp(element, [clause]):
                return self.comprehension("generator", element, clause)
            case ast.DictComp(key, element, [clause]):
                return self.comprehension("dict", element, clause, key)
            case ast.JoinedStr(values):
                return py.FString(tuple(map(self.part, values)))
            case _:
                raise TypeError(f"no template may hold {ast.unparse(node)}")

    def optional(self, node: ast.expr | None) -> py.Expression | None:
        return None if node is None else self.expression(node)

    def call(self, node: ast.Call) -> py.Call:
        keywords: list[py.Keyword] = []
        for keyword in node.keywords:
            filled = self.hole(keyword.value)
            if keyword.arg is None and isinstance(filled, Mapping):
                keywords += _keywords(filled)
                continue
            name = keyword.arg and self.identifier(keyword.arg)
            keywords.append(py.Keyword(name, self.expression(keyword.value)))
        for argument in node.args:
            filled = self.hole(argument)
            if isinstance(filled, Mapping):
                keywords += _keywords(filled)
        arguments = self.sequence(node.args)
        return py.Call(self.expression(node.func), arguments, tuple(keywords))

    def comprehension(
        self,
        kind: Literal["list", "set", "dict", "generator"],
        element: ast.expr,
        clause: ast.comprehension,
        key: ast.expr | None = None,
    ) -> py.Comprehension:
        return py.Comprehension(
            kind,
            self.expression(element),
            self.expression(clause.target),
            self.expression(clause.iter),
            tuple(map(self.expression, clause.ifs)),
            self.optional(key),
        )

    def part(self, node: ast.expr) -> str | py.Formatted:
        """A part of an f-string."""
        match node:
            case ast.Constant(value=str(text)):
                return text
            case ast.FormattedValue(value, _, None):
                return py.Formatted(self.expression(value))
            case ast.FormattedValue(
                value, _, ast.JoinedStr([ast.Constant(value=str(specification))])
            ):
                return py.Formatted(self.expression(value), specification)
            case _:
                raise TypeError(f"no template may hold {ast.unparse(node)}")

    # -- statements --

    def body(self, nodes: Sequence[ast.stmt]) -> tuple[py.Statement, ...]:
        return tuple(statement for node in nodes for statement in self.statement(node))

    def statement(self, node: ast.stmt) -> Sequence[py.Statement]:
        match node:
            case ast.Expr(value=value):
                filled = self.hole(value)
                if isinstance(filled, list | tuple):  # a hole on a line of its own
                    return cast(Sequence[py.Statement], filled)
                return [py.Evaluate(self.expression(value))]
            case ast.Assign(targets=[target], value=value):
                return [py.Assign(self.expression(target), self.expression(value))]
            case ast.AnnAssign(target=target, annotation=annotation, value=given):
                return [
                    py.Assign(
                        self.expression(target),
                        self.optional(given),
                        self.expression(annotation),
                    )
                ]
            case ast.AugAssign(target=target, op=op, value=value):
                return [
                    py.AugmentedAssign(
                        self.expression(target),
                        _BINARY[type(op)],
                        self.expression(value),
                    )
                ]
            case ast.Return(value=given):
                return [py.Return(self.optional(given))]
            case ast.Raise(exc=ast.expr() as exception):
                return [py.Raise(self.expression(exception))]
            case ast.Pass():
                return [py.Pass()]
            case ast.If(test=test, body=body, orelse=otherwise):
                return [
                    py.If(self.expression(test), self.body(body), self.body(otherwise))
                ]
            case ast.For(target=target, iter=iterable, body=body):
                return [
                    py.For(
                        self.expression(target),
                        self.expression(iterable),
                        self.body(body),
                    )
                ]
            case ast.While(test=test, body=body):
                return [py.While(self.expression(test), self.body(body))]
            case ast.With(items=items, body=body):
                contexts = tuple(
                    (self.expression(i.context_expr), self.optional(i.optional_vars))
                    for i in items
                )
                return [py.With(contexts, self.body(body))]
            case ast.FunctionDef():
                return [self._function(node)]
            case _:
                raise TypeError(f"no template may hold {ast.unparse(node)}")

    def _function(self, node: ast.FunctionDef) -> py.Function:
        given = node.args
        defaults = [None] * (len(given.args) - len(given.defaults)) + [*given.defaults]
        pairs = list(zip(given.args, defaults, strict=True))
        parameters = [self._parameter(a, default) for a, default in pairs]
        if given.kwonlyargs:
            parameters.append(py.Parameter("*"))
            for argument, default in zip(
                given.kwonlyargs, given.kw_defaults, strict=True
            ):
                parameters.append(self._parameter(argument, default))
        documentation = ast.get_docstring(node)
        return py.Function(
            self.identifier(node.name),
            tuple(parameters),
            self.body(node.body[1:] if documentation else node.body),
            self.optional(node.returns),
            documentation,
            self.sequence(node.decorator_list),
        )

    def _parameter(self, given: ast.arg, default: ast.expr | None) -> py.Parameter:
        return py.Parameter(
            self.identifier(given.arg),
            self.optional(given.annotation),
            self.optional(default),
        )


def _keywords(given: Mapping[str, Any]) -> list[py.Keyword]:
    return [py.Keyword(name, expression_of(value)) for name, value in given.items()]


_NO_HOLE = object()
