"""What an expression can be while a program is elaborated.

Compile-time values are Python's own: numbers (`int` with an origin, see
`dlmc.ir.traced`), `Dim`, `bool`, `str`, `list`, `DType`, `Initializer`. A tensor is the
`Value` of the body under construction. The rest are the classes below.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dlmc.grammar import tree
from dlmc.grammar.span import Span
from dlmc.ir.dimensions import Dim
from dlmc.ir.module import Initializer, Value
from dlmc.ir.types import DType
from dlmc.primitives.base import Primitive

if TYPE_CHECKING:
    from dlmc.elaborate.frame import Frame
    from dlmc.elaborate.scope import Environment, FileScope


@dataclass(frozen=True, slots=True, eq=False)
class NamedFunction:
    """A function declared at the top of a file."""

    declaration: tree.FunctionDeclaration
    scope: "FileScope"


@dataclass(frozen=True, slots=True, eq=False)
class Closure:
    """`fn(z) = expr`, with the names around it in the frame that made it."""

    node: tree.Function
    environment: "Environment"
    frame: "Frame"


@dataclass(frozen=True, slots=True, eq=False)
class PrimitiveFunction:
    """A primitive as a function of the language."""

    primitive: Primitive


@dataclass(frozen=True, slots=True, eq=False)
class Builtin:
    """A compile-time function of the language, written in Python.

    `run` gets the call's frame and its bound arguments by name and returns any value;
    it raises `dlmc.primitives.base.Fault` where they make no sense.
    """

    name: str
    parameters: tuple[tuple[str, Any], ...]
    """Names with defaults; `REQUIRED` for none."""
    run: Callable[..., Any]
    documentation: str
    others: str | None = None
    """What `run` calls all other arguments, given by name, where there may be any."""


@dataclass(frozen=True, slots=True, eq=False)
class BlockFunction:
    """A declared block or model: called, it makes a layer."""

    declaration: tree.Block
    scope: "FileScope"


@dataclass(frozen=True, slots=True, eq=False)
class InitializerFunction:
    """An initialiser by name: called, it makes an `Initializer`."""

    name: str


class Declared(ABC):
    """A declaration as a value, which a training alone can use."""

    @property
    @abstractmethod
    def description(self) -> str:
        """What it is, in the words of the language."""


@dataclass(slots=True, eq=False)
class Layer:
    """A block with its arguments; one instance however often it is applied.

    It belongs to the frame that made it and gets its name there: `name` from `as`,
    else from the binding (`hint`), else counted from its kind when first applied, and
    from the `loops` that it was made in. `instance` is the name it has in the end.
    A layer that is an argument of another belongs to that one's block (`given_to`).
    """

    block: BlockFunction
    arguments: Mapping[str, Any]
    span: Span
    frame: "Frame"
    name: str | None = None
    hint: str | None = None
    loops: tuple[int, ...] = ()
    instance: str | None = None
    given_to: "Layer | None" = None
    given: Mapping[str, Span] = field(default_factory=dict)
    """Where its arguments stand."""
    outer: Mapping[str, Any] = field(default_factory=dict)
    """What its block's arguments and dimensions are here, once it was applied."""


@dataclass(frozen=True, slots=True)
class Poison:
    """Stands for a value whose mistake was reported."""


@dataclass(frozen=True, slots=True)
class Foreign:
    """Stands for a tensor, or a size that is a symbol, of another block."""

    span: Span | None
    """Where it was bound."""


@dataclass(frozen=True, slots=True)
class Bound:
    """A name's value, and where it was bound."""

    value: Any
    span: Span | None = field(default=None)


class Required:
    """The default of a parameter without one."""

    def __repr__(self) -> str:
        return "required"


REQUIRED = Required()

CALLABLE = (
    NamedFunction,
    Closure,
    PrimitiveFunction,
    Builtin,
    BlockFunction,
    InitializerFunction,
    Layer,
)


def holds_tensor(value: Any) -> bool:
    """Whether a tensor is anywhere in a list."""
    return isinstance(value, list | tuple) and any(
        isinstance(item, Value) or holds_tensor(item) for item in value
    )


def holds_callable(value: object) -> bool:
    """Whether a value is something that can be called, or a list with one in it."""
    if isinstance(value, list | tuple):
        return any(holds_callable(item) for item in value)
    return isinstance(value, CALLABLE)


def rounded(value: object, node: tree.Expression) -> str | None:
    """A hint for an expression whose value has to be a whole number."""
    if not isinstance(value, float) or not math.isfinite(value):
        return None
    if isinstance(node, tree.Binary) and node.operator == "/":
        return "`//` rounds down"
    if value == int(value) and isinstance(node, tree.Number):
        return f"write `{int(value)}`: a number with a point is no whole number"
    return "`floor(…)` and `round(…)` make whole numbers"


def is_plain(value: object) -> bool:
    """Whether a value is made of numbers, strings and dtypes alone."""
    if isinstance(value, list | tuple):
        return all(is_plain(item) for item in value)
    return value is None or isinstance(value, int | float | Dim | str | DType)


def is_number(value: object) -> bool:
    """Whether it is a compile-time number (a `bool` is none)."""
    return isinstance(value, int | float | Dim) and not isinstance(value, bool)


def describe(value: object) -> str:
    """What a value is, in the words of the language."""
    match value:
        case Value(type=type_):
            return str(type_)
        case bool():
            return "true" if value else "false"
        case Dim():
            return f"the size {value}"
        case float() if math.isfinite(value) and value != int(value):
            return f"the number {value:.6g}"
        case int() | float():
            return f"the number {value}"
        case str():
            return f'the string "{value}"'
        case list():
            return f"a list of {len(value)}"
        case DType():
            return f"the dtype {value}"
        case Initializer():
            return f"the initialiser {value}"
        case NamedFunction(declaration):
            return f"the function `{declaration.name.name}`"
        case Closure():
            return "a function"
        case PrimitiveFunction(primitive):
            return f"the function `{primitive.name}`"
        case Builtin(name):
            return f"the function `{name}`"
        case BlockFunction(declaration):
            kind = "model" if declaration.is_model else "block"
            return f"the {kind} `{declaration.name.name}`"
        case InitializerFunction(name):
            return f"the initialiser `{name}`"
        case Layer():
            return f"a layer `{value.block.declaration.name.name}`"
        case tuple():
            return f"{len(value)} values"
        case Declared():
            return value.description
        case _:
            return "something else"
