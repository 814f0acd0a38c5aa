"""Modules: the typed, hierarchical, immutable middle of the compiler.

A `Module` is one definition (a function, a block, a model, an optimizer; the user's or
the library's) specialised to its compile-time arguments and input types. It has two
bodies, for training and for inference, over the same inputs, parameters, states and
instances; where the definition does not ask which it is, both are the same object.

Frames: names, symbols and traced numbers (`dlmc.ir.traced`) in a module speak of that
module alone. A `Call` gives arguments in the caller's terms.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, TypeAlias

from dlmc.grammar.span import Span
from dlmc.ir.dimensions import Size
from dlmc.ir.types import TensorType


@dataclass(frozen=True, slots=True)
class Value:
    """A tensor in a body, named once.

    A name is unique within a body (inputs, parameters and states included). A value
    bound in the source is called as there, with `.2`, `.3` … on later bindings of the
    same name; any other is a number.
    """

    name: str
    type: TensorType

    @property
    def hint(self) -> str | None:
        """The name in the source, None where the source gives none."""
        return None if self.name[0].isdigit() else self.name.partition(".")[0]

    def __str__(self) -> str:
        return f"%{self.name}"


@dataclass(frozen=True, slots=True)
class Apply:
    """A primitive applied to values."""

    primitive: str
    operands: tuple[Value, ...]
    attributes: Mapping[str, Any]
    result: Value
    span: Span = field(compare=False, repr=False)

    @property
    def results(self) -> tuple[Value, ...]:
        """The one result, as a tuple."""
        return (self.result,)


@dataclass(frozen=True, slots=True)
class Call:
    """Another module applied to values.

    `instance` names the instance in the calling module whose parameters and states are
    used; None where the callee has none (a pure function). `arguments` are the callee's
    compile-time arguments in the caller's terms (all of them, defaults filled in).
    """

    module: "Module"
    instance: str | None
    operands: tuple[Value, ...]
    arguments: Mapping[str, Any]
    results: tuple[Value, ...]
    span: Span = field(compare=False, repr=False)


Operation: TypeAlias = Apply | Call


@dataclass(frozen=True, slots=True)
class Initializer:
    """How a parameter or state starts: a name of `dlmc.initializers` and arguments."""

    name: str
    arguments: tuple[tuple[str, Any], ...] = ()

    @property
    def number(self) -> float | None:
        """The number that all elements start from, None where they differ."""
        match self.name:
            case "zeros":
                return 0
            case "ones":
                return 1
            case "constant":
                value: float = dict(self.arguments)["value"]
                return value
        return None

    def __str__(self) -> str:
        given = ", ".join(f"{name} = {value}" for name, value in self.arguments)
        return f"{self.name}({given})"


@dataclass(frozen=True, slots=True)
class Definition:
    """A function, a block or a layer as a compile-time argument: what it is called.

    A layer's own arguments stand beside it, as `parameter.argument`.
    """

    text: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """A trained tensor that a module owns; in bodies it is the value of its name."""

    name: str
    type: TensorType
    initializer: Initializer
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class State:
    """A tensor that a module owns and changes itself, without a gradient."""

    name: str
    type: TensorType
    initializer: Initializer
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Instance:
    """A module owned by another: its parameters are called `name.…` there.

    `module` is the specialisation of its first use; another use of the same instance
    may be another specialisation with the same parameters. `arguments` as in `Call`.
    """

    name: str
    module: "Module"
    arguments: Mapping[str, Any]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Borrowed:
    """A parameter of an instance that the owner's bodies read: `embed.weight`.

    `type` is in the owner's terms.
    """

    instance: str
    parameter: str
    type: TensorType

    @property
    def name(self) -> str:
        """The name of its value in a body."""
        return f"{self.instance}.{self.parameter}"


@dataclass(frozen=True, slots=True)
class Body:
    """What a module computes in one mode.

    `outputs` stand in the order of `Module.outputs`. `updates` give the new value of
    each state that changes.
    """

    operations: tuple[Operation, ...]
    outputs: tuple[Value, ...]
    updates: tuple[tuple[str, Value], ...] = ()


@dataclass(frozen=True, slots=True)
class Output:
    """An output: its name, and its type in the module's own terms.

    `name` is None for the single output that the source does not name.
    """

    name: str | None
    type: TensorType


class Kind(Enum):
    """What a module was declared as."""

    FUNCTION = "fn"
    BLOCK = "block"
    MODEL = "model"
    OPTIMIZER = "optimizer"


@dataclass(frozen=True, slots=True, eq=False)
class Module:
    """A definition specialised to its arguments and input types.

    Compared by identity: elaboration makes one module for equal specialisations.
    """

    definition: str
    """The declared name: `Conv`, `relu`, `ConvBlock`."""
    kind: Kind
    is_library: bool
    """Whether it stands in the standard library (so that natives may apply)."""
    arguments: Mapping[str, Any]
    """Every compile-time argument by name, in the declared order."""
    dimensions: Mapping[str, Size]
    """Each symbol of the declared input types: a traced `int`, or the `Dim` itself."""
    inputs: tuple[Value, ...]
    outputs: tuple[Output, ...]
    parameters: tuple[Parameter, ...]
    states: tuple[State, ...]
    instances: tuple[Instance, ...]
    inference: Body
    training: Body
    borrowed: tuple[Borrowed, ...] = ()
    fixed: frozenset[str] = frozenset()
    """Arguments and dimensions that decided what the body is, not only its numbers."""
    bounds: Mapping[str, Size] = field(default_factory=dict)
    """The largest value of a symbolic dimension, where the source bounds it."""
    documentation: str | None = None
    span: Span | None = field(default=None, repr=False)

    def body(self, training: bool) -> Body:
        """The body of one mode."""
        return self.training if training else self.inference

    @property
    def is_stateless(self) -> bool:
        """Whether it owns nothing, itself or through instances."""
        return not (self.parameters or self.states or self.instances)

    @property
    def has_states(self) -> bool:
        """Whether it owns a state, itself or through instances."""
        return bool(self.states) or any(i.module.has_states for i in self.instances)

    @property
    def depends_on_mode(self) -> bool:
        """Whether training and inference differ, here or in a callee."""
        if self.inference is not self.training:
            return True
        return any(
            isinstance(operation, Call) and operation.module.depends_on_mode
            for operation in self.inference.operations
        )

    def instance(self, name: str) -> Instance:
        """The instance of that name."""
        return next(i for i in self.instances if i.name == name)


@dataclass(frozen=True, slots=True)
class Weight:
    """A parameter or state of a whole model, by its full dotted name."""

    name: str
    type: TensorType
    initializer: Initializer
    trained: bool


def weights(module: Module, prefix: str = "") -> Iterator[Weight]:
    """All parameters and states in their one order: own ones, then by instance."""
    for parameter in module.parameters:
        yield Weight(
            prefix + parameter.name, parameter.type, parameter.initializer, True
        )
    for state in module.states:
        yield Weight(prefix + state.name, state.type, state.initializer, False)
    for instance in module.instances:
        yield from weights(instance.module, f"{prefix}{instance.name}.")
