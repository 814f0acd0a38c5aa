"""The printed form of modules, which `dlmc.ir.reader` reads back.

Each module stands after those that it calls, under a name of its own:

    module @Affine = block Affine {  # m.dlm:3:1-8:2
      argument units = 4
      dimension D = 3{D}
      input x: f32[N, 3{D}]
      output y: f32[N, 4{units}]
      parameter weight: f32[4{units}, 3{D}] = glorot_uniform()  # m.dlm:5:3-5:40
      body {
        %1: f32[3{D}, 4{units}] = transpose(%weight; axes = (1, 0))  # m.dlm:6:9-6:26
        %y: f32[N, 4{units}] = matmul(%x, %1)  # m.dlm:6:5-6:26
        return %y
      }
    }

A number that depends on an argument or a dimension says how in braces. A call gives
the callee's arguments behind the operands and names its instance:
`%h: f32[N, 4] = @Affine(%x; units = 4) as first`. A module whose modes differ has an
`inference` and a `training` instead of a `body`.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from dlmc.grammar.span import Span
from dlmc.ir.dimensions import Dim, Quotient, Size
from dlmc.ir.module import (
    Apply,
    Body,
    Definition,
    Initializer,
    Module,
    Operation,
    Value,
)
from dlmc.ir.program import Program
from dlmc.ir.traced import Operation as OriginOperation
from dlmc.ir.traced import Origin, Variable, origin_of
from dlmc.ir.traversal import reachable, roots
from dlmc.ir.types import DType, TensorType

PLAIN_NAME = re.compile(r"[A-Za-z_]\w*(\.\w+)*")


def print_program(program: Program) -> str:
    """All modules of a program, and what it uses them for."""
    named = list(roots(program))
    names = unique_names(reachable(module for _, module in named))
    uses = "".join(f"# {use}: @{names[id(module)]}\n" for use, module in named)
    return f"{uses}\n{print_modules(module for _, module in named)}"


def print_modules(modules: Iterable[Module]) -> str:
    """Modules and all that they need."""
    every = reachable(modules)
    names = unique_names(every)
    return "\n".join(
        "".join(f"{line}\n" for line in _module(module, names)) for module in every
    )


def unique_names(modules: Iterable[Module]) -> dict[int, str]:
    """A name for each module by its identity: its definition's, counted."""
    counts: Counter[str] = Counter()
    names: dict[int, str] = {}
    for module in modules:
        counts[module.definition] += 1
        count = counts[module.definition]
        suffix = "" if count == 1 else f".{count}"
        names[id(module)] = module.definition + suffix
    return names


def _module(module: Module, names: Mapping[int, str]) -> Iterator[str]:
    library = "library " if module.is_library else ""
    yield (
        f"module @{names[id(module)]} = {library}{module.kind.value} "
        f"{module.definition} {{{_location(module.span)}"
    )
    if module.documentation is not None:
        yield f"  documentation {json.dumps(module.documentation)}"
    for name, value in module.arguments.items():
        yield f"  argument {name_text(name)} = {value_text(value)}"
    for name, size in module.dimensions.items():
        yield f"  dimension {name_text(name)} = {value_text(size)}"
    for name, size in module.bounds.items():
        yield f"  bound {name_text(name)} = {value_text(size)}"
    for name in sorted(module.fixed):
        yield f"  fixed {name_text(name)}"
    for value in module.inputs:
        yield f"  input {name_text(value.name)}: {type_text(value.type)}"
    for output in module.outputs:
        name = "" if output.name is None else f" {name_text(output.name)}"
        yield f"  output{name}: {type_text(output.type)}"
    for kind, owned in (("parameter", module.parameters), ("state", module.states)):
        for own in owned:
            yield (
                f"  {kind} {name_text(own.name)}: {type_text(own.type)} = "
                f"{value_text(own.initializer)}{_location(own.span)}"
            )
    for instance in module.instances:
        yield (
            f"  instance {name_text(instance.name)} = @{names[id(instance.module)]}"
            f"({_assignments(instance.arguments)}){_location(instance.span)}"
        )
    for one in module.borrowed:
        yield (
            f"  borrowed {name_text(one.parameter)} of {name_text(one.instance)}: "
            f"{type_text(one.type)}"
        )
    if module.training is module.inference:
        yield from _body("body", module.inference, names)
    else:
        yield from _body("inference", module.inference, names)
        yield from _body("training", module.training, names)
    yield "}"


def _body(title: str, body: Body, names: Mapping[int, str]) -> Iterator[str]:
    yield f"  {title} {{"
    for operation in body.operations:
        yield f"    {_operation(operation, names)}{_location(operation.span)}"
    for name, value in body.updates:
        yield f"    update {name_text(name)} = {_reference(value)}"
    yield f"    return {', '.join(map(_reference, body.outputs))}"
    yield "  }"


def _operation(operation: Operation, names: Mapping[int, str]) -> str:
    results = ", ".join(
        f"{_reference(result)}: {type_text(result.type)}"
        for result in operation.results
    )
    operands = ", ".join(map(_reference, operation.operands))
    if isinstance(operation, Apply):
        called, given, instance = operation.primitive, operation.attributes, None
    else:
        called = f"@{names[id(operation.module)]}"
        given, instance = operation.arguments, operation.instance
    between = "; " if given and operands else ""
    of = "" if instance is None else f" as {name_text(instance)}"
    return f"{results} = {called}({operands}{between}{_assignments(given)}){of}"


def _location(span: Span | None) -> str:
    if span is None:
        return ""
    line, column = span.source.position(span.end)
    return f"  # {span}-{line}:{column}"


def _reference(value: Value) -> str:
    plain = re.fullmatch(r"[\w.]+", value.name)
    return f"%{value.name}" if plain else f"%{json.dumps(value.name)}"


def _assignments(values: Mapping[str, Any] | Iterable[tuple[str, Any]]) -> str:
    items = values.items() if isinstance(values, Mapping) else values
    return ", ".join(f"{name_text(n)} = {value_text(v)}" for n, v in items)


def name_text(name: str) -> str:
    """A name as it is, or as a string where it would not read back."""
    return name if PLAIN_NAME.fullmatch(name) else json.dumps(name)


def type_text(type_: TensorType) -> str:
    """A type whose sizes say where they came from."""
    if not type_.shape:
        return str(type_.dtype)
    return f"{type_.dtype}[{', '.join(map(value_text, type_.shape))}]"


def value_text(value: Any) -> str:
    """A compile-time value; a number with its origin in braces."""
    match value:
        case None | bool():
            return str(value).lower()
        case int() | float():
            origin = origin_of(value)
            number = repr(int(value) if isinstance(value, int) else float(value))
            return number if origin is None else f"{number}{{{origin_text(origin)}}}"
        case str():
            return json.dumps(value)
        case DType():
            return value.value
        case Dim():
            return _dim_text(value)
        case tuple():
            comma = "," if len(value) == 1 else ""
            return f"({', '.join(map(value_text, value))}{comma})"
        case list():
            return f"[{', '.join(map(value_text, value))}]"
        case Initializer():
            return f"{value.name}({_assignments(value.arguments)})"
        case Definition():
            return f"<{value.text}>"
    raise AssertionError(value)


def origin_text(origin: Origin | int | float) -> str:
    """How a number is computed; an operation inside another in parentheses."""
    match origin:
        case Variable(name):
            return name
        case OriginOperation(operator, left, right):
            sides = (
                f"({origin_text(side)})"
                if isinstance(side, OriginOperation)
                else origin_text(side)
                for side in (left, right)
            )
            return f" {operator} ".join(sides)
    return repr(origin)


def _dim_text(dim: Dim) -> str:
    text = ""
    for monomial, coefficient in dim.terms:
        factors = [
            _atom_text(atom) if power == 1 else f"{_atom_text(atom)}**{power}"
            for atom, power in monomial
        ]
        sign = " + " if text else ""
        if origin_of(coefficient) is None and coefficient < 0:
            sign, coefficient = " - " if text else "-", -coefficient
        if not factors or coefficient != 1 or origin_of(coefficient) is not None:
            factors.insert(0, value_text(coefficient))
        text += sign + "*".join(factors)
    return text


def _atom_text(atom: Any) -> str:
    if not isinstance(atom, Quotient):
        return str(atom)
    return f"({_side(atom.dividend)} // {_side(atom.divisor)})"


def _side(size: Size) -> str:
    text = value_text(size)
    return f"({text})" if isinstance(size, Dim) and size.is_compound else text
