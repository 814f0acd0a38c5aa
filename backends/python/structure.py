"""From modules to classes and functions.

Elaboration has made a module of every use of a definition. Here those whose code is
equal but for numbers become one class or function again, with an argument for each
number that the code needs; the rest get numbered names.

An argument that decided the structure of a module (`Module.fixed`) is one of its class
only where the uses differ in it: another value might have called for other code.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dlmc.backends.python.dialect import Argument, Parts
from dlmc.backends.python.names import Names
from dlmc.backends.python.numbers import values_of
from dlmc.ir.dimensions import Dim
from dlmc.ir.module import Call, Module

Key = tuple[Any, ...]


@dataclass(frozen=True)
class Emitted:
    """A class or function, and the modules that it stands for."""

    name: str
    parts: Parts
    members: tuple[Module, ...]

    @property
    def arguments(self) -> tuple[Argument, ...]:
        """What its constructor, or the function, takes beside tensors."""
        return self.parts.arguments


def definitions(
    roots: Sequence[Module], is_native: Callable[[Module], bool]
) -> list[list[Module]]:
    """The modules that need code, by definition; what others use comes first.

    A block can be given a layer of its own kind, `Residual(Residual(Dense(8)))`, so
    those of one definition come apart by how deep they nest: code that is equal nests
    equally deep.
    """
    heights: dict[Module, int] = {}
    groups: dict[Key, list[Module]] = {}

    def visit(module: Module) -> int:
        if is_native(module):
            return 0
        if module not in heights:
            heights[module] = 1 + max(map(visit, used_by(module)), default=0)
            groups.setdefault(key(module), []).append(module)
        return heights[module]

    def key(module: Module) -> Key:
        place = (module.is_library, module.definition, module.span)
        return (*place, heights[module])

    for root in roots:
        visit(root)
    ordered: dict[Key, list[Module]] = {}

    def put(group: Key) -> None:
        if group in ordered:
            return
        for module in groups[group]:
            for used in used_by(module):
                if used in heights:
                    put(key(used))
        ordered[group] = groups[group]

    for group in groups:
        put(group)
    return list(ordered.values())


def used_by(module: Module) -> Iterator[Module]:
    """The modules that a module owns or calls."""
    for instance in module.instances:
        yield instance.module
    for body in (module.inference, module.training):
        for operation in body.operations:
            if isinstance(operation, Call):
                yield operation.module


PartsOf = Callable[[Module, Mapping[str, Any]], Parts]
"""The parts of a module, with some arguments settled to their values."""


def emitted(
    members: Sequence[Module],
    roots: Sequence[Module],
    parts_of: PartsOf,
    names: Names,
) -> list[Emitted]:
    """The classes or functions of one definition, for all its modules."""
    result: list[Emitted] = []
    for group in _equal(members, lambda module: parts_of(module, {})):
        settled = _settled(group, roots, parts_of)
        for same in _equal(group, lambda m, s=settled: parts_of(m, s(m))):  # type: ignore[misc]
            parts = _typed([parts_of(module, settled(module)) for module in same])
            parts = replace(parts, settled=_common(same, parts))
            name = names.new(same[0].definition, separator="")
            result.append(Emitted(name, parts, tuple(same)))
    return result


def _typed(members: Sequence[Parts]) -> Parts:
    """Equal parts as one, whose arguments take the numbers of all."""
    arguments = [
        replace(
            same[0], type="float" if any(a.type == "float" for a in same) else "int"
        )
        for same in zip(*(parts.arguments for parts in members), strict=True)
    ]
    return replace(members[0], arguments=tuple(arguments))


def _common(members: Sequence[Module], parts: Parts) -> dict[str, Any]:
    """The arguments that are one number in all modules of a class without them."""
    first, *others = [values_of(module) for module in members]
    taken = {argument.variable for argument in parts.arguments}
    return {
        name: first[name]
        for name in members[0].arguments
        if name not in taken
        and isinstance(first[name], int | float)
        and all(repr(values[name]) == repr(first[name]) for values in others)
    }


def _equal(
    members: Sequence[Module], parts_of: Callable[[Module], Parts]
) -> list[list[Module]]:
    groups: dict[Any, list[Module]] = {}
    for module in members:
        groups.setdefault(parts_of(module).code, []).append(module)
    return list(groups.values())


def _settled(
    group: Sequence[Module], roots: Sequence[Module], parts_of: PartsOf
) -> Callable[[Module], Mapping[str, Any]]:
    """For each module the arguments that its class does not take."""
    values = {module: values_of(module) for module in group}
    fixed = frozenset().union(*(module.fixed for module in group))
    used = [argument.variable for argument in parts_of(group[0], {}).arguments]
    is_root = any(module in roots for module in group)
    names = [
        name
        for name in used
        if name in fixed
        and not any(isinstance(values[module][name], Dim) for module in group)
        and (is_root or len({repr(values[module][name]) for module in group}) == 1)
    ]
    return lambda module: {name: values[module][name] for name in names}
