"""What a framework adds to the machinery that writes Python: its dialect."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dlmc.backends.python import tree as py
from dlmc.backends.python.numbers import Numbers
from dlmc.backends.python.quotation import Quote
from dlmc.backends.python.uses import Native, Use
from dlmc.ir.module import Apply, Borrowed, Module, Parameter, State
from dlmc.ir.types import DType, TensorType


@dataclass(frozen=True)
class Operand:
    """What an operation takes: an expression, and the tensor it stands for.

    `is_number` says that it is a number of Python, not a tensor.
    """

    expression: py.Expression
    type: TensorType
    is_number: bool = False


@dataclass(frozen=True)
class Child:
    """A module that another owns, under the name it has in the program."""

    name: str
    create: py.Expression
    use: Use
    is_native: bool


@dataclass(frozen=True)
class Own:
    """A parameter or state; its sizes and its initialiser's arguments as code."""

    name: str
    shape: py.Tuple
    dtype: DType
    initializer: str
    arguments: tuple[tuple[str, py.Expression], ...]
    trained: bool


@dataclass(frozen=True)
class Constant:
    """A tensor of numbers that stand in the program."""

    name: str
    value: Any
    dtype: DType


@dataclass(frozen=True)
class Argument:
    """A parameter of a constructor or function: `variable` is its name in DLM."""

    variable: str
    name: str
    type: str
    stored: str | None = None
    """The attribute in which methods find it, where they read it."""


@dataclass(frozen=True)
class Parts:
    """What a class or function is made of, without its name and documentation.

    Equal parts make one class: two specialisations that have them differ in numbers
    alone, and these are arguments.
    """

    is_class: bool
    arguments: tuple[Argument, ...]
    children: tuple[Child, ...]
    own: tuple[Own, ...]
    constants: tuple[Constant, ...]
    inputs: tuple[str, ...]
    outputs: int
    body: tuple[py.Statement, ...]
    depends_on_mode: bool
    initial: tuple[py.Statement, ...] = ()
    """What the constructor does to start parameters and states."""
    chains: frozenset[py.Expression] = frozenset()
    """The lists of children that are called whole, as a chain."""
    settled: Mapping[str, Any] = field(default_factory=dict)
    """Arguments that are not taken, being the same number wherever it is used."""

    @property
    def code(self) -> tuple[Any, ...]:
        """All that is written but the types of arguments, to compare."""
        arguments = tuple((a.variable, a.name, a.stored) for a in self.arguments)
        children = tuple((child.name, child.create) for child in self.children)
        rest = (self.own, self.initial, repr(self.constants), self.inputs, self.body)
        return (self.is_class, arguments, children, *rest)


class Scope(ABC):
    """What a dialect may ask of the code around an operation."""

    numbers: Numbers
    """Writes compile-time numbers and sizes."""

    @abstractmethod
    def anchor(self) -> py.Expression | None:
        """A tensor of the body, to take a device or the like from, if it has one."""

    @abstractmethod
    def constant(self, value: Any, dtype: DType) -> py.Expression:
        """A tensor of numbers that stand in the program."""

    @abstractmethod
    def named(self, expression: py.Expression, hint: str) -> py.Expression:
        """The expression under a name of its own, to be used more than once."""


class Dialect(ABC):
    """How one framework writes what a program says.

    A backend makes one for each program. Everything about modules, names and numbers is
    the same for all; what differs is here.
    """

    quote: Quote
    """Makes expressions, with the framework's imports."""
    reserved: frozenset[str]
    """Names that nothing else in a file may have: what it imports and defines."""
    members: frozenset[str]
    """Names that a class of the framework has already."""
    has_chains = False
    """Whether a list of layers can be something that is called, one after another."""

    # -- modules --

    @abstractmethod
    def native(self, module: Module) -> Native | None:
        """The framework's own version of a library definition, if it has one."""

    @abstractmethod
    def class_of(self, name: str, module: Module, parts: Parts) -> py.Class:
        """The class of a block; `module` is one of those that it stands for."""

    @abstractmethod
    def function_of(self, name: str, module: Module, parts: Parts) -> py.Function:
        """The function of a pure function."""

    @abstractmethod
    def child(self, module: Module, name: str) -> py.Expression:
        """A child of the module, in its methods."""

    @abstractmethod
    def own(self, module: Module, name: str) -> py.Expression:
        """A parameter, state or constant of the module, in its methods."""

    @abstractmethod
    def borrowed(self, module: Module, borrowed: Borrowed) -> py.Expression:
        """A parameter of a child, in the methods of the module."""

    def call(
        self,
        function: py.Expression,
        operands: Sequence[py.Expression],
        callee: Module,
        caller: Module,
    ) -> py.Call:
        """A child or function that is no native, applied."""
        return py.Call(function, tuple(operands))

    def initial(
        self,
        module: Module,
        instance: str | None,
        owned: Parameter | State,
        write: Callable[[Any], py.Expression],
    ) -> Sequence[py.Statement]:
        """What a constructor does to start a parameter or state.

        It belongs to the module itself, or to a native child of the name `instance`.
        `write` writes numbers of the initialiser.
        """
        return ()

    def input_size(
        self, module: Module, position: int, axis: int
    ) -> py.Expression | None:
        """The size of an input, where a class makes its parameters when it sees one.

        None where the constructor makes them, to which sizes are arguments.
        """
        return None

    @abstractmethod
    def in_training(self, module: Module) -> py.Expression:
        """Whether the model is in training, inside a method or function."""

    @abstractmethod
    def updates(
        self, pairs: Sequence[tuple[py.Expression, py.Expression]]
    ) -> Sequence[py.Statement]:
        """Give states (the first of each pair) new values, apart from gradients."""

    def snapshot(self, state: py.Expression) -> py.Expression | None:
        """The value of a state that outlasts its update; None where any does."""
        return None

    # -- tensors --

    @abstractmethod
    def primitive(
        self, apply: Apply, operands: Sequence[Operand], scope: Scope
    ) -> py.Expression:
        """A primitive applied; at least one operand is a tensor, if it has any."""

    @abstractmethod
    def tensor(
        self, number: py.Expression, dtype: DType, scope: Scope
    ) -> py.Expression:
        """A number of Python as a tensor."""

    def dimension(self, size: py.Expression, dtype: DType) -> py.Expression | None:
        """A size that is known only when it runs, as a tensor.

        None where it is a number of Python then, which serves beside any tensor.
        """
        return None

    @abstractmethod
    def array(self, value: Any, dtype: DType, scope: Scope) -> py.Expression:
        """A tensor of numbers that stand in the program, made where it is used."""

    @abstractmethod
    def size(self, tensor: py.Expression, axis: int) -> py.Expression:
        """The size of an axis of a tensor, as a number of Python."""

    def sizes(self, tensor: py.Expression) -> py.Expression | None:
        """All sizes of a tensor, to be unpacked into names, where there is a way."""
        return None

    def peephole(
        self, apply: Apply, inner: Apply, operand: Operand, scope: Scope
    ) -> py.Expression | None:
        """Two operations in a row, `inner` first and used by `apply` alone, as one."""
        return None
