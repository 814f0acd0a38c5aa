"""Uses of modules in their callers' terms, and natives: a framework's own versions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from dlmc.backends.python import tree as py
from dlmc.backends.python.numbers import Numbers, places, symbols
from dlmc.backends.python.quotation import expression_of
from dlmc.ir.dimensions import Dim
from dlmc.ir.module import Call, Instance, Module, Parameter, State, Value
from dlmc.ir.traced import evaluate, origin_of


@dataclass(frozen=True)
class Use:
    """One use of a module.

    `values` holds its arguments and dimensions by name, in the terms of the module that
    uses it.
    """

    module: Module
    values: Mapping[str, Any]

    def outer(self, value: Any) -> Any:
        """A number in the used module's terms, in those of its user."""
        if isinstance(value, list | tuple):
            return type(value)(self.outer(item) for item in value)
        origin = origin_of(value)
        if origin is not None:
            return evaluate(origin, self.values)
        if isinstance(value, Dim):
            return value.substitute(self.values.__getitem__, self.outer)
        return value


def use_of(call: Call) -> Use:
    """A call as a use."""
    return Use(call.module, _values(call.module, call.arguments, call.operands))


def use_of_instance(instance: Instance, user: Module) -> Use:
    """An instance as a use: that of its first call."""
    for body in (user.inference, user.training):
        for operation in body.operations:
            if (
                isinstance(operation, Call)
                and operation.instance == instance.name
                and operation.module is instance.module
            ):
                return use_of(operation)
    return Use(instance.module, dict(instance.arguments))


def _values(
    module: Module, arguments: Mapping[str, Any], operands: tuple[Value, ...]
) -> dict[str, Any]:
    sizes = {
        name: operands[position].type.shape[axis]
        for name, (position, axis) in places(module).items()
    }
    listed = {
        name: size
        for argument, declared in module.arguments.items()
        for name, size in symbols(declared, arguments.get(argument))
    }
    return {**sizes, **listed, **arguments}


def owned_by(module: Module) -> list[Parameter | State]:
    """A module's own parameters and states."""
    return [*module.parameters, *module.states]


# --- Natives ---


Hole: TypeAlias = Any
"""What fills a hole of a native's template: a number in the definition's own terms, a
list of these or a mapping of names to them, a node, or a `Filling`."""

Filling: TypeAlias = Callable[[Use, Numbers], Any]
"""Fills a hole when the use is known: its values are in the user's terms, and `Numbers`
writes them."""


def options(**given: tuple[Any, Any]) -> Filling:
    """Keyword arguments from (value, default) pairs, without those at their defaults.

    The values are in the definition's own terms. One that depends on an argument of the
    user is written whatever its value.
    """

    def fill(use: Use, numbers: Numbers) -> dict[str, py.Expression]:
        written = {
            name: (numbers(use.outer(value)), expression_of(default))
            for name, (value, default) in given.items()
        }
        return {name: value for name, (value, d) in written.items() if value != d}

    return fill


@dataclass(frozen=True)
class NativeLayer:
    """A library block that is an object of the framework.

    `create` is a template over the block's arguments and dimensions and over `holes`.
    `apply` is one over `layer`, the inputs by name and `holes`.
    """

    create: str
    apply: str = "{layer}({x})"
    holes: Mapping[str, Hole] = field(default_factory=dict)


@dataclass(frozen=True)
class NativeCall:
    """A library function that is a call of the framework.

    `template` is over the inputs, arguments and dimensions by name and over `holes`.
    """

    template: str
    holes: Mapping[str, Hole] = field(default_factory=dict)


Native: TypeAlias = NativeLayer | NativeCall
NativeRule: TypeAlias = Native | Callable[[Module], Native | None]
"""A native, or a function that finds the one for a module, if there is one."""


def native_of(table: Mapping[str, NativeRule], module: Module) -> Native | None:
    """The native of a module, by a table of the library's definitions."""
    if not module.is_library:
        return None
    rule = table.get(module.definition)
    if rule is None or isinstance(rule, NativeLayer | NativeCall):
        return rule
    return rule(module)
