"""Modules from the printed form of `dlmc.ir.printer`.

It is read line by line: each line says one thing, and a location ends it.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from dlmc.grammar.span import Source, Span
from dlmc.ir.module import (
    Apply,
    Body,
    Borrowed,
    Call,
    Initializer,
    Instance,
    Kind,
    Module,
    Operation,
    Output,
    Parameter,
    State,
    Value,
)
from dlmc.ir.text import LineReader, ReadError
from dlmc.ir.types import TensorType

LOCATION = re.compile(r"  # (?P<file>(?:(?!  # ).)*):(\d+):(\d+)-(\d+):(\d+)$")


def read_modules(
    text: str, sources: Mapping[str, Source] | None = None
) -> dict[str, Module]:
    """The modules of a printed form, by their names there.

    Without the source of a file its locations point into a blank text of the same
    lines and columns.

    Raises:
        ReadError: The text is no printed form.
    """
    lines = text.splitlines()
    reader = _Reader({**_blank_sources(lines), **(sources or {})})
    numbered = _lines(lines)
    for number, line, place in numbered:
        with _reading(number):
            reader.module(LineReader(line), place, numbered)
    return reader.modules


Place = re.Match[str] | None
Lines = Iterator[tuple[int, str, Place]]


@contextmanager
def _reading(number: int) -> Iterator[None]:
    """Says of a mistake on which line it is."""
    try:
        yield
    except ReadError as error:
        raise error if error.line else ReadError(str(error), number) from None
    except (ArithmeticError, KeyError, TypeError, ValueError) as error:
        # Values that read well and make no sense together: `1.5 + N`, `N // 0`.
        raise ReadError(str(error), number) from None


def _lines(lines: list[str]) -> Lines:
    """Numbered lines that say something, without their locations."""
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.startswith("#"):
            place = LOCATION.search(line)
            yield number, line if place is None else line[: place.start()], place


def _blank_sources(lines: list[str]) -> dict[str, Source]:
    extents: dict[str, tuple[int, int]] = {}
    for line in lines:
        if place := LOCATION.search(line):
            rows, columns = extents.get(place["file"], (0, 0))
            first, begin, last, end = map(int, place.groups()[1:])
            rows, columns = max(rows, first, last), max(columns, begin, end)
            extents[place["file"]] = rows, columns
    return {
        name: Source(name, (" " * columns + "\n") * rows)
        for name, (rows, columns) in extents.items()
    }


@dataclass(slots=True)
class _Parts:
    """What a module's lines said so far."""

    arguments: dict[str, Any] = field(default_factory=dict)
    dimensions: dict[str, Any] = field(default_factory=dict)
    bounds: dict[str, Any] = field(default_factory=dict)
    fixed: set[str] = field(default_factory=set)
    inputs: list[Value] = field(default_factory=list)
    outputs: list[Output] = field(default_factory=list)
    parameters: list[Parameter] = field(default_factory=list)
    states: list[State] = field(default_factory=list)
    instances: list[Instance] = field(default_factory=list)
    borrowed: list[Borrowed] = field(default_factory=list)
    bodies: dict[str, Body] = field(default_factory=dict)
    documentation: str | None = None


class _Reader:
    """Reads modules in order; a later one may call an earlier one."""

    def __init__(self, sources: Mapping[str, Source]) -> None:
        self.sources = sources
        self.modules: dict[str, Module] = {}

    def module(self, header: LineReader, place: Place, lines: Lines) -> None:
        """One module from its header and the lines that follow."""
        header.word("module")
        name = header.take("module name")[1:]
        header.expect("=")
        is_library = header.accept("library")
        kind = Kind(header.name())
        definition = header.name()
        header.expect("{")
        header.end()
        parts = _Parts()
        for number, text, at in lines:
            with _reading(number):
                line = LineReader(text)
                if line.accept("}"):
                    break
                self._part(line, at, parts, lines)
                line.end()
        inference = parts.bodies.get("body") or parts.bodies.get("inference")
        training = parts.bodies.get("body") or parts.bodies.get("training")
        if inference is None or training is None:
            raise ReadError(f"module @{name} lacks a body")
        if name in self.modules:
            raise ReadError(f"two modules are called @{name}")
        self.modules[name] = Module(
            definition=definition,
            kind=kind,
            is_library=is_library,
            arguments=parts.arguments,
            dimensions=parts.dimensions,
            inputs=tuple(parts.inputs),
            outputs=tuple(parts.outputs),
            parameters=tuple(parts.parameters),
            states=tuple(parts.states),
            instances=tuple(parts.instances),
            inference=inference,
            training=training,
            borrowed=tuple(parts.borrowed),
            fixed=frozenset(parts.fixed),
            bounds=parts.bounds,
            documentation=parts.documentation,
            span=None if place is None else self._span(place),
        )

    def _part(
        self, line: LineReader, place: Place, parts: _Parts, lines: Lines
    ) -> None:
        word = line.name()
        match word:
            case "documentation":
                parts.documentation = line.name()
            case "argument" | "dimension" | "bound":
                name = line.name()
                line.expect("=")
                values = {
                    "argument": parts.arguments,
                    "dimension": parts.dimensions,
                    "bound": parts.bounds,
                }
                values[word][name] = line.value()
            case "fixed":
                parts.fixed.add(line.name())
            case "input":
                parts.inputs.append(Value(*_typed(line)))
            case "output":
                named = None if line.peek() == ":" else line.name()
                line.expect(":")
                parts.outputs.append(Output(named, line.type()))
            case "parameter" | "state":
                name, type_ = _typed(line)
                line.expect("=")
                initializer = line.value()
                if not isinstance(initializer, Initializer):
                    raise ReadError(f"{name} lacks an initialiser")
                span = self._span(place)
                if word == "parameter":
                    parts.parameters.append(Parameter(name, type_, initializer, span))
                else:
                    parts.states.append(State(name, type_, initializer, span))
            case "instance":
                name = line.name()
                line.expect("=")
                module = self._module(line)
                line.expect("(")
                arguments = line.assignments(")")
                parts.instances.append(
                    Instance(name, module, arguments, self._span(place))
                )
            case "borrowed":
                name = line.name()
                line.word("of")
                owner, type_ = _typed(line)
                parts.borrowed.append(Borrowed(owner, name, type_))
            case "body" | "inference" | "training":
                line.expect("{")
                parts.bodies[word] = self._body(parts, lines)
            case _:
                raise ReadError(f"a module has no {word}")

    def _body(self, parts: _Parts, lines: Lines) -> Body:
        owned = (
            Value(own.name, own.type)
            for group in (parts.parameters, parts.states, parts.borrowed)
            for own in group
        )
        values = {value.name: value for value in (*parts.inputs, *owned)}
        operations: list[Operation] = []
        updates: list[tuple[str, Value]] = []
        outputs: tuple[Value, ...] | None = None
        for number, text, place in lines:
            with _reading(number):
                line = LineReader(text)
                if line.accept("}"):
                    break
                if line.accept("return"):
                    outputs = tuple(_references(line, values))
                elif line.accept("update"):
                    name = line.name()
                    line.expect("=")
                    updates.append((name, _reference(line, values)))
                else:
                    operation = self._operation(line, place, values)
                    operations.append(operation)
                    values.update((r.name, r) for r in operation.results)
                line.end()
        if outputs is None:
            raise ReadError("a body lacks its return")
        return Body(tuple(operations), outputs, tuple(updates))

    def _operation(
        self, line: LineReader, place: Place, values: Mapping[str, Value]
    ) -> Operation:
        results: list[Value] = []
        while True:
            name = line.reference()
            line.expect(":")
            results.append(Value(name, line.type()))
            if not line.accept(","):
                break
        line.expect("=")
        module = self._module(line) if line.peek().startswith("@") else None
        primitive = line.name() if module is None else ""
        line.expect("(")
        operands = tuple(_references(line, values))
        if operands and not line.accept(";"):
            line.expect(")")
            given = {}
        else:
            given = line.assignments(")")
        span = self._span(place)
        if module is None:
            (result,) = results
            return Apply(primitive, operands, given, result, span)
        instance = line.name() if line.accept("as") else None
        return Call(module, instance, operands, given, tuple(results), span)

    def _module(self, line: LineReader) -> Module:
        name = line.take("module name")[1:]
        if name not in self.modules:
            raise ReadError(f"there is no module @{name} above")
        return self.modules[name]

    def _span(self, place: Place) -> Span:
        if place is None:
            raise ReadError("the line has no location")
        source = self.sources[place["file"]]
        first, begin, last, end = map(int, place.groups()[1:])
        starts = source.line_starts
        return Span(source, starts[first - 1] + begin - 1, starts[last - 1] + end - 1)


def _typed(line: LineReader) -> tuple[str, TensorType]:
    name = line.name()
    line.expect(":")
    return name, line.type()


def _references(line: LineReader, values: Mapping[str, Value]) -> Iterator[Value]:
    while line.peek().startswith("%"):
        yield _reference(line, values)
        if not line.accept(","):
            break


def _reference(line: LineReader, values: Mapping[str, Value]) -> Value:
    name = line.reference()
    if name not in values:
        raise ReadError(f"there is no value %{name} above")
    return values[name]
