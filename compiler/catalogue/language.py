"""The entries of what needs no declaration: primitives, initialisers, constants."""

import sys
from collections.abc import Iterable, Mapping
from dataclasses import replace
from inspect import Parameter
from typing import Any

from dlmc.catalogue.entry import Entry, Group
from dlmc.catalogue.samples import Sample
from dlmc.elaborate.columns import FUNCTIONS
from dlmc.elaborate.operators import PRIMITIVES
from dlmc.elaborate.top import language
from dlmc.elaborate.values import (
    REQUIRED,
    Builtin,
    InitializerFunction,
    PrimitiveFunction,
)
from dlmc.initializers import INITIALIZERS
from dlmc.ir.printer import value_text
from dlmc.ir.types import DType
from dlmc.primitives import Primitive

SYMBOLS = {
    **{name: f"a {symbol} b" for symbol, name in PRIMITIVES.items()},
    "neg": "-x",
    "not": "not x",
}
"""How a primitive is written that has an operator."""

DATA = "data function"

CONSTANTS: Mapping[str, str] = {
    "pi": "The ratio of a circle's circumference to its diameter.",
    "inf": "Infinity.",
    "training": "Whether the model is in training: a choice at compile time.",
    "f16": "A float of 16 bits: 5 of exponent, 10 of fraction.",
    "bf16": "A float of 16 bits with the range of f32: 8 of exponent, 7 of fraction.",
    "f32": "A float of 32 bits.",
    "f64": "A float of 64 bits.",
    "i8": "An integer of 8 bits, from -128 to 127.",
    "i16": "An integer of 16 bits, from -32,768 to 32,767.",
    "i32": "An integer of 32 bits.",
    "i64": "An integer of 64 bits.",
    "u8": "An integer of 8 bits without a sign, from 0 to 255.",
    "bool": "true or false.",
}


def language_groups() -> list[Group]:
    """Initialisers, compile-time functions, what fields can use, primitives."""
    scope = language()
    values: dict[str, Any] = {}
    for name in scope.names():
        found = scope.lookup(name)
        assert found is not None
        values[name] = found.value
    values["training"] = None
    primitives = [
        v.primitive for v in values.values() if isinstance(v, PrimitiveFunction)
    ]
    # What only the whole of the data decides is known in fields alone.
    fields = [p for p in primitives if p.supplied and "rng" not in p.supplied]
    return [
        Group(
            "Initialisers",
            "How parameters and states start; a number is one, too. Each is drawn from"
            " the seed and the parameter's full name.",
            tuple(_initializer(n) for n, v in values.items() if _is_initializer(v)),
        ),
        Group(
            "Data fields",
            "What the expressions of a `data` declaration's fields read and compute,"
            " beside all functions of tensors.",
            (
                *(
                    Entry(name, DATA, _signature(name, (), dict(parameters)), text)
                    for name, (parameters, text) in FUNCTIONS.items()
                ),
                *(replace(_primitive(one), kind=DATA, samples=()) for one in fields),
            ),
        ),
        Group(
            "Compile-time functions",
            "Functions of values that are known before anything runs.",
            tuple(
                _builtin(v, "compile-time function")
                for v in values.values()
                if isinstance(v, Builtin)
            ),
        ),
        Group(
            "Constants and dtypes",
            "Names of values; the dtypes are those of tensors.",
            tuple(
                Entry(name, "constant", name, CONSTANTS.get(name, ""))
                for name, value in values.items()
                if value is None or isinstance(value, float | DType)
            ),
        ),
        *_primitive_groups([p for p in primitives if p not in fields]),
    ]


def _is_initializer(value: Any) -> bool:
    return isinstance(value, InitializerFunction)


def _initializer(name: str) -> Entry:
    definition = INITIALIZERS[name]
    signature = _signature(name, (), definition.parameters)
    return Entry(name, "initialiser", signature, definition.documentation)


def _builtin(function: Builtin, kind: str) -> Entry:
    signature = _signature(function.name, (), dict(function.parameters))
    if function.others is not None:
        signature = f"{signature.removesuffix(')')}, …)"
    return Entry(function.name, kind, signature, function.documentation)


def _primitive_groups(primitives: list[Primitive]) -> list[Group]:
    """One group for each family, called as its file says."""
    families: dict[str, list[Primitive]] = {}
    for one in primitives:
        families.setdefault(type(one).__module__, []).append(one)
    return [
        Group(
            f"Primitives: {_in_a_sentence(sys.modules[family].__doc__ or '')}",
            "",
            tuple(map(_primitive, members)),
        )
        for family, members in families.items()
    ]


def _in_a_sentence(text: str) -> str:
    first = text.partition("\n")[0].rstrip(".")
    return f"{first[:1].lower()}{first[1:]}"


def _primitive(primitive: Primitive) -> Entry:
    name = primitive.name
    operands = primitive.operand_names
    if primitive.variadic:
        operands = (*primitive.leading, "a", "b", "…")
    signature = SYMBOLS.get(name)
    if signature is None:
        defaults = primitive.attribute_defaults
        later = {n: defaults[n] for n in defaults if n not in primitive.leading}
        signature = _signature(name, operands, later)
    return Entry(
        name,
        "primitive",
        signature,
        primitive.documentation,
        samples=(_example(primitive),),
    )


def _example(primitive: Primitive) -> Sample:
    """The first sample, as one would write it."""
    name = primitive.name
    sample = primitive.samples[0]
    operands = primitive.operand_names
    if primitive.variadic:
        operands = tuple("abcdefgh"[: len(sample.operands)])
    inputs = tuple(zip(operands, map(str, sample.operands), strict=True))
    leading = [value_text(sample.attributes[n]) for n in primitive.leading]
    given = [
        f"{n} = {value_text(v)}"
        for n, v in sample.attributes.items()
        if n not in primitive.leading
    ]
    written = ", ".join([*leading, *operands, *given])
    expression = SYMBOLS.get(name, f"{name}({written})")
    if name == "slice":  # which is written as an index
        ends = zip(sample.attributes["start"], sample.attributes["stop"], strict=True)
        parts = (":".join("" if e is None else str(e) for e in pair) for pair in ends)
        expression = f"x[{', '.join(parts)}]"
    return Sample(name, expression, inputs)


def _signature(
    name: str, operands: Iterable[str], parameters: Mapping[str, Any]
) -> str:
    """`name(operand, parameter = default)`; a default that no program writes is `…`."""
    parts = list(operands)
    for parameter, default in parameters.items():
        stem = parameter.rstrip("0123456789")
        if stem != parameter and stem in parameters:  # one of any number of them
            if parts[-1] != "…":
                parts.append("…")
        elif default is Parameter.empty or default is REQUIRED:
            parts.append(parameter)
        else:
            shown = "…" if default is None else value_text(default)
            parts.append(f"{parameter} = {shown}")
    return f"{name}({', '.join(parts)})"
