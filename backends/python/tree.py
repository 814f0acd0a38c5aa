"""A small immutable tree of Python, from which all generated code is printed.

Nodes say what the code is, never how it is laid out: precedence, quotes, wrapping and
import order are `printer`'s business. A `Name` may carry the import that it needs, so
imports are collected from the code itself. Trees are most easily made with
`quotation.Quote`.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, TypeAlias
from typing import Literal as Choice

# --- Expressions ---


@dataclass(frozen=True, slots=True)
class Import:
    """`import module as alias`, or with a name `from module import name as alias`."""

    module: str
    name: str | None = None
    alias: str | None = None

    @property
    def bound(self) -> str:
        """The name that the import binds."""
        return self.alias or self.name or self.module.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Name:
    """An identifier, with the import that binds it if one does."""

    id: str
    imported: Import | None = None


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, string, bytes, boolean, None or `...`."""

    value: Any


@dataclass(frozen=True, slots=True)
class Attribute:
    """`value.name`."""

    value: "Expression"
    name: str


@dataclass(frozen=True, slots=True)
class Keyword:
    """`name=value` in a call; with name None, `**value`."""

    name: str | None
    value: "Expression"


@dataclass(frozen=True, slots=True)
class Call:
    """`function(arguments, keywords)`."""

    function: "Expression"
    arguments: tuple["Expression", ...] = ()
    keywords: tuple[Keyword, ...] = ()


@dataclass(frozen=True, slots=True)
class Subscript:
    """`value[index]`; several indices are a `Tuple`."""

    value: "Expression"
    index: "Expression"


@dataclass(frozen=True, slots=True)
class Slice:
    """`start:stop:step`, inside a subscript alone."""

    start: "Expression | None" = None
    stop: "Expression | None" = None
    step: "Expression | None" = None


@dataclass(frozen=True, slots=True)
class Unary:
    """`-`, `+`, `~` or `not` before an operand."""

    operator: Choice["-", "+", "~", "not"]
    operand: "Expression"


BinaryOperator: TypeAlias = Choice[
    "+", "-", "*", "/", "//", "%", "@", "**", "<<", ">>", "&", "|", "^"
]


@dataclass(frozen=True, slots=True)
class Binary:
    """An arithmetic or bitwise operator between two operands."""

    left: "Expression"
    operator: BinaryOperator
    right: "Expression"


Comparator: TypeAlias = Choice[
    "==", "!=", "<", "<=", ">", ">=", "is", "is not", "in", "not in"
]


@dataclass(frozen=True, slots=True)
class Compare:
    """`left comparator right`."""

    left: "Expression"
    comparator: Comparator
    right: "Expression"


@dataclass(frozen=True, slots=True)
class Boolean:
    """`and` or `or` between two or more operands."""

    operator: Choice["and", "or"]
    operands: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Conditional:
    """`then if condition else otherwise`."""

    then: "Expression"
    condition: "Expression"
    otherwise: "Expression"


@dataclass(frozen=True, slots=True)
class Lambda:
    """`lambda parameters: body`."""

    parameters: tuple[str, ...]
    body: "Expression"


@dataclass(frozen=True, slots=True)
class Starred:
    """`*value`."""

    value: "Expression"


@dataclass(frozen=True, slots=True)
class Tuple:
    """A tuple; without parentheses where Python allows it and readers expect it."""

    elements: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class List:
    """`[elements]`."""

    elements: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Set:
    """`{elements}`, of one element at least."""

    elements: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Dict:
    """`{key: value}`; a key None stands for `**value`."""

    items: tuple[tuple["Expression | None", "Expression"], ...]


@dataclass(frozen=True, slots=True)
class Comprehension:
    """`element for target in iterable if conditions` in brackets of its kind.

    For a `dict` the element is a value and `key` its key.
    """

    kind: Choice["list", "set", "dict", "generator"]
    element: "Expression"
    target: "Expression"
    iterable: "Expression"
    conditions: tuple["Expression", ...] = ()
    key: "Expression | None" = None


@dataclass(frozen=True, slots=True)
class Formatted:
    """`{value:specification}` in an f-string."""

    value: "Expression"
    specification: str = ""


@dataclass(frozen=True, slots=True)
class FString:
    """An f-string: text and formatted values."""

    parts: tuple["str | Formatted", ...]


Expression: TypeAlias = (
    Name
    | Literal
    | Attribute
    | Call
    | Subscript
    | Slice
    | Unary
    | Binary
    | Compare
    | Boolean
    | Conditional
    | Lambda
    | Starred
    | Tuple
    | List
    | Set
    | Dict
    | Comprehension
    | FString
)

# --- Statements ---


@dataclass(frozen=True, slots=True)
class Assign:
    """`target: annotation = value  # comment`; one of annotation and value at least."""

    target: Expression
    value: Expression | None
    annotation: Expression | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class AugmentedAssign:
    """`target operator= value`."""

    target: Expression
    operator: BinaryOperator
    value: Expression


@dataclass(frozen=True, slots=True)
class Evaluate:
    """An expression as a statement."""

    value: Expression


@dataclass(frozen=True, slots=True)
class Return:
    """`return value`."""

    value: Expression | None = None


@dataclass(frozen=True, slots=True)
class Raise:
    """`raise value`."""

    value: Expression


@dataclass(frozen=True, slots=True)
class Pass:
    """`pass`."""


@dataclass(frozen=True, slots=True)
class Comment:
    """`# text` on lines of its own; wrapped where it is long."""

    text: str


@dataclass(frozen=True, slots=True)
class Blank:
    """An empty line that separates paragraphs of a body."""


@dataclass(frozen=True, slots=True)
class If:
    """`if condition: body else: otherwise`; a sole `If` in `otherwise` is an `elif`."""

    condition: Expression
    body: tuple["Statement", ...]
    otherwise: tuple["Statement", ...] = ()


@dataclass(frozen=True, slots=True)
class For:
    """`for target in iterable: body`."""

    target: Expression
    iterable: Expression
    body: tuple["Statement", ...]


@dataclass(frozen=True, slots=True)
class While:
    """`while condition: body`."""

    condition: Expression
    body: tuple["Statement", ...]


@dataclass(frozen=True, slots=True)
class With:
    """`with context as target, …: body`."""

    items: tuple[tuple[Expression, Expression | None], ...]
    body: tuple["Statement", ...]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a function; the name `*` alone makes later ones keyword-only."""

    name: str
    annotation: Expression | None = None
    default: Expression | None = None


@dataclass(frozen=True, slots=True)
class Function:
    """`def name(parameters) -> returns: body`, with decorators and a docstring."""

    name: str
    parameters: tuple[Parameter, ...]
    body: tuple["Statement", ...]
    returns: Expression | None = None
    documentation: str | None = None
    decorators: tuple[Expression, ...] = ()


@dataclass(frozen=True, slots=True)
class Class:
    """`class name(bases): body`, with decorators and a docstring."""

    name: str
    bases: tuple[Expression, ...]
    body: tuple["Statement", ...]
    documentation: str | None = None
    decorators: tuple[Expression, ...] = ()


Statement: TypeAlias = (
    Assign
    | AugmentedAssign
    | Evaluate
    | Return
    | Raise
    | Pass
    | Comment
    | Blank
    | If
    | For
    | While
    | With
    | Function
    | Class
)

Node: TypeAlias = Expression | Statement | Keyword | Formatted | Parameter


@dataclass(frozen=True, slots=True)
class Module:
    """A whole file; its imports are those that its names carry."""

    body: tuple[Statement, ...]
    documentation: str | None = None


# --- Walking ---


def children(node: Any) -> Iterator[Node]:
    """The nodes right below a node, in order."""
    for field in fields(node):
        yield from _nodes(getattr(node, field.name))


def _nodes(value: Any) -> Iterator[Node]:
    if isinstance(value, tuple):
        for item in value:
            yield from _nodes(item)
    elif hasattr(value, "__dataclass_fields__") and not isinstance(value, Import):
        yield value


def walk(node: Any) -> Iterator[Node]:
    """A node and everything below it, parents first."""
    yield node
    for child in children(node):
        yield from walk(child)


def imports(nodes: Sequence[Node]) -> Iterator[Import]:
    """The imports that nodes need, in order, with repetitions."""
    for root in nodes:
        for node in walk(root):
            if isinstance(node, Name) and node.imported is not None:
                yield node.imported


# --- Rewriting ---


def rewrite(node: Any, change: Callable[[Any], Any]) -> Any:
    """A node with every node in it, children first, replaced by what `change` says."""
    if isinstance(node, tuple):
        return tuple(rewrite(item, change) for item in node)
    if isinstance(node, Import) or not hasattr(node, "__dataclass_fields__"):
        return node
    values = {f.name: getattr(node, f.name) for f in fields(node)}
    changed = {name: rewrite(value, change) for name, value in values.items()}
    if any(changed[name] is not values[name] for name in values):
        node = replace(node, **changed)
    return change(node)
