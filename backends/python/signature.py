"""Signatures for docstrings: `x: f32[N, C, H, W] -> f32[N, filters, H, W]`."""

from dlmc.backends.python import printer
from dlmc.backends.python import tree as py
from dlmc.backends.python.numbers import Numbers, symbolic
from dlmc.ir.dimensions import Dim, Size
from dlmc.ir.module import Kind, Module
from dlmc.ir.types import TensorType


def documentation(module: Module) -> str | None:
    """A module's own documentation, and what it takes and gives."""
    text = (module.documentation or "").strip()
    if module.kind is Kind.FUNCTION:
        return text or None  # its source says nothing of sizes
    return f"{text}\n\n{signature(module)}" if text else signature(module)


def signature(module: Module) -> str:
    """What a module takes and gives, in its own terms."""
    inputs = [f"{value.name}: {shown(value.type)}" for value in module.inputs]
    outputs = [
        f"{output.name}: {shown(output.type)}" if output.name else shown(output.type)
        for output in module.outputs
    ]
    taken, given = ", ".join(inputs), ", ".join(outputs)
    separator = " " if len(taken) + len(given) < 70 else "\n"
    return f"{taken}{separator}-> {given}".strip()


def shown(type_: TensorType) -> str:
    """A type with its sizes in lowest terms; `...` are axes without a name."""
    sizes: list[str] = []
    for size in type_.shape:
        text = _size(size)
        if text != "..." or sizes[-1:] != ["..."]:
            sizes.append(text)
    return f"{type_.dtype}[{', '.join(sizes)}]" if sizes else str(type_.dtype)


def _size(size: Size) -> str:
    found = symbolic(size)
    if not isinstance(found, Dim):
        return str(found)
    if any(".shape[" in name for name in found.symbols()):
        return "..."
    return printer.on_one_line(Numbers(py.Name, {})(found))
