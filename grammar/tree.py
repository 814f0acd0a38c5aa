"""The syntax tree: what the text says, before anything is known of its meaning.

Every node is immutable and carries the span it was read from; spans take no part in
equality, so two texts with the same tree are the same program.
"""

from dataclasses import dataclass, field
from typing import Literal

from dlmc.grammar.span import Span


@dataclass(frozen=True, slots=True)
class Node:
    """Anything that was read from the text."""

    span: Span = field(compare=False, repr=False)


# --- Expressions ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Number(Node):
    """`3`, `1e-3`; `20%` is the float 0.2."""

    value: int | float


@dataclass(frozen=True, slots=True)
class Boolean(Node):
    """`true` or `false`."""

    value: bool


@dataclass(frozen=True, slots=True)
class String(Node):
    """`"text"` with its escapes resolved; `{expr}` inside is kept as written."""

    value: str


@dataclass(frozen=True, slots=True)
class Name(Node):
    """An identifier where a value is wanted."""

    name: str


@dataclass(frozen=True, slots=True)
class List(Node):
    """`[a, b, c]`."""

    items: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Range(Node):
    """`start..stop`, without the stop."""

    start: "Expression"
    stop: "Expression"


UnaryOperator = Literal["-", "+", "not"]
BinaryOperator = Literal[
    "+", "-", "*", "/", "//", "%", "**", "@",
    "==", "!=", "<", "<=", ">", ">=", "and", "or",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Unary(Node):
    """An operator before its operand."""

    operator: UnaryOperator
    operand: "Expression"


@dataclass(frozen=True, slots=True)
class Binary(Node):
    """An operator between its operands."""

    operator: BinaryOperator
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True)
class Choice(Node):
    """`if condition then a else b`."""

    condition: "Expression"
    then: "Expression"
    otherwise: "Expression"


@dataclass(frozen=True, slots=True)
class Function(Node):
    """`fn(a, b = 1) = expr` as a value."""

    parameters: tuple["Parameter", ...]
    body: "Expression"


@dataclass(frozen=True, slots=True)
class Argument(Node):
    """`value` or `name = value` in a call; `name_span` covers the name."""

    value: "Expression"
    name: str | None = None
    name_span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Call(Node):
    """`function(arguments)`."""

    function: "Expression"
    arguments: tuple[Argument, ...]


@dataclass(frozen=True, slots=True)
class Attribute(Node):
    """`value.name`."""

    value: "Expression"
    name: str


@dataclass(frozen=True, slots=True)
class Slice(Node):
    """`start:stop:step` inside brackets; each part may be missing."""

    start: "Expression | None"
    stop: "Expression | None"
    step: "Expression | None"


@dataclass(frozen=True, slots=True)
class Ellipsis(Node):
    """`...`: in an index the axes not named, in a type any leading dimensions."""


@dataclass(frozen=True, slots=True)
class NewAxis(Node):
    """`new` in an index: an axis of size 1."""


@dataclass(frozen=True, slots=True)
class Index(Node):
    """`value[items]`."""

    value: "Expression"
    items: tuple["Expression | Slice | Ellipsis | NewAxis", ...]


@dataclass(frozen=True, slots=True)
class Pipe(Node):
    """`value -> stage`: `stage` is a call that gets `value` first, or a bare callee."""

    value: "Expression"
    stage: "Expression"


@dataclass(frozen=True, slots=True)
class Named(Node):
    """`expr as name`: the instance that `expr` makes is called so."""

    value: "Expression"
    name: String


Expression = (
    Number
    | Boolean
    | String
    | Name
    | List
    | Range
    | Unary
    | Binary
    | Choice
    | Function
    | Call
    | Attribute
    | Index
    | Pipe
    | Named
)


# --- Types ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Type(Node):
    """`f32[N, 3]`, or `i64` for a scalar.

    A dimension is an expression, an ellipsis, or a bound `T <= context`, which is the
    binary expression of that form.
    """

    dtype: str
    dimensions: tuple[Expression | Ellipsis, ...]


# --- Statements ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Identifier(Node):
    """A name that is being given a meaning."""

    name: str


@dataclass(frozen=True, slots=True)
class Input(Node):
    """`input x: type`."""

    name: Identifier
    type: Type


@dataclass(frozen=True, slots=True)
class Output(Node):
    """`output expr`, `output y = expr`, `output y: type = expr` or `output y`.

    `output y` is an expression without a name of its own: `name` is None, and the
    output is called as the expression's name.
    """

    name: Identifier | None
    type: Type | None
    value: Expression


@dataclass(frozen=True, slots=True)
class Param(Node):
    """`param weight: type = initialiser`."""

    name: Identifier
    type: Type
    value: Expression


@dataclass(frozen=True, slots=True)
class State(Node):
    """`state mean: type = initialiser`; in an optimizer the type is left out."""

    name: Identifier
    type: Type | None
    value: Expression


@dataclass(frozen=True, slots=True)
class Binding(Node):
    """`a = expr`, `a, b = expr`."""

    targets: tuple[Identifier, ...]
    value: Expression


@dataclass(frozen=True, slots=True)
class For(Node):
    """`for a, b in iterable { body }`."""

    targets: tuple[Identifier, ...]
    iterable: Expression
    body: tuple["Statement", ...]


@dataclass(frozen=True, slots=True)
class If(Node):
    """`if condition { … } else { … }`; `else if` is an `If` alone in `otherwise`."""

    condition: Expression
    then: tuple["Statement", ...]
    otherwise: tuple["Statement", ...]


@dataclass(frozen=True, slots=True)
class Carry(Node):
    """`h = zeros([N, units])`: a value that a scan hands from step to step."""

    name: Identifier
    value: Expression


@dataclass(frozen=True, slots=True)
class Over(Node):
    """`xt in x axis 1`: the slices that a scan visits."""

    name: Identifier
    value: Expression
    axis: Expression


@dataclass(frozen=True, slots=True)
class Emit(Node):
    """`emit states = h`: collects a value of every step of a scan."""

    name: Identifier
    value: Expression


@dataclass(frozen=True, slots=True)
class Scan(Node):
    """`scan carries over slices { body }`."""

    carries: tuple[Carry, ...]
    over: tuple[Over, ...]
    body: tuple["Statement", ...]


Statement = Input | Output | Param | State | Binding | For | If | Scan | Emit


# --- Declarations --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Parameter(Node):
    """`width` or `stride = 1` in a declaration's parameters."""

    name: str
    default: Expression | None


@dataclass(frozen=True, slots=True)
class Const(Node):
    """`const NAME = expr`."""

    name: Identifier
    value: Expression
    documentation: str | None = None


@dataclass(frozen=True, slots=True)
class FunctionDeclaration(Node):
    """`fn name(parameters) = expr`."""

    name: Identifier
    parameters: tuple[Parameter, ...]
    body: Expression
    documentation: str | None = None


@dataclass(frozen=True, slots=True)
class Block(Node):
    """`block Name(parameters) { … }`, or `model` where `is_model`."""

    name: Identifier
    parameters: tuple[Parameter, ...]
    body: tuple[Statement, ...]
    is_model: bool
    documentation: str | None = None


@dataclass(frozen=True, slots=True)
class Optimizer(Node):
    """`optimizer name(parameters) { … }`."""

    name: Identifier
    parameters: tuple[Parameter, ...]
    body: tuple[Statement, ...]
    documentation: str | None = None


@dataclass(frozen=True, slots=True)
class Field(Node):
    """`image: f32[1, 8, 8] = expr` or `x: f32[1]` in a `data` declaration."""

    name: Identifier
    type: Type
    value: Expression | None


@dataclass(frozen=True, slots=True)
class Setting(Node):
    """`epochs = 10` in a `data` or `train` declaration."""

    name: Identifier
    value: Expression


@dataclass(frozen=True, slots=True)
class Data(Node):
    """`data name { … }`."""

    name: Identifier
    fields: tuple[Field, ...]
    settings: tuple[Setting, ...]
    documentation: str | None = None


@dataclass(frozen=True, slots=True)
class Train(Node):
    """`train [name =] Model[(arguments)] on data { … }`."""

    name: Identifier | None
    model: Name | Call
    data: Name
    settings: tuple[Setting, ...]
    documentation: str | None = None


@dataclass(frozen=True, slots=True)
class Use(Node):
    """`use "file.dlm": A, b`."""

    path: String
    names: tuple[Identifier, ...]
    documentation: str | None = None


Declaration = Const | FunctionDeclaration | Block | Optimizer | Data | Train | Use


@dataclass(frozen=True, slots=True)
class File(Node):
    """One `.dlm` file."""

    declarations: tuple[Declaration, ...]
    documentation: str | None = None
