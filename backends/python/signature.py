"""Signatures for docstrings: `x: f32[N, C, H, W] -> f32[N, filters, H, W]`."""

from collections.abc import Mapping
from typing import Any

from dlmc.backends.python import printer
from dlmc.backends.python import tree as py
from dlmc.backends.python.numbers import Numbers, symbolic
from dlmc.ir.dimensions import Dim, Size
from dlmc.ir.module import Kind, Module
from dlmc.ir.types import TensorType


def documentation(module: Module, settled: Mapping[str, Any]) -> str | None:
    """A module's own documentation, and what it takes and gives.

    `settled` are the arguments that are one number wherever its code is used.
    """
    text = (module.documentation or "").strip()
    if module.kind is Kind.FUNCTION:
        return text or None  # its source says nothing of sizes
    taken_and_given = signature(module, settled)
    return f"{text}\n\n{taken_and_given}" if text else taken_and_given


def signature(module: Module, settled: Mapping[str, Any]) -> str:
    """What a module takes and gives, in its own terms."""

    def named(name: str | None, type_: TensorType) -> str:
        text = shown(type_, settled)
        return f"{name}: {text}" if name else text

    inputs = [named(value.name, value.type) for value in module.inputs]
    outputs = [named(output.name, output.type) for output in module.outputs]
    taken, given = ", ".join(inputs), ", ".join(outputs)
    separator = " " if len(taken) + len(given) < 70 else "\n"
    return f"{taken}{separator}-> {given}".strip()


def shown(type_: TensorType, settled: Mapping[str, Any]) -> str:
    """A type with its sizes in lowest terms; `...` are axes without a name."""
    sizes: list[str] = []
    for size in type_.shape:
        text = _size(size, settled)
        if text != "..." or sizes[-1:] != ["..."]:
            sizes.append(text)
    return f"{type_.dtype}[{', '.join(sizes)}]" if sizes else str(type_.dtype)


def _size(size: Size, settled: Mapping[str, Any]) -> str:
    found = symbolic(size, settled)
    if not isinstance(found, Dim):
        return str(found)
    if any(".shape[" in name for name in found.symbols()):
        return "..."
    return printer.on_one_line(Numbers(py.Name, {})(found))
