"""Signatures for docstrings: `x: f32[N, C, H, W] -> f32[N, filters, H, W]`."""

from dlmc.backends.python.numbers import symbolic
from dlmc.ir.module import Module
from dlmc.ir.types import TensorType


def documentation(module: Module) -> str:
    """A module's own documentation, and what it takes and gives."""
    text = (module.documentation or "").strip()
    return f"{text}\n\n{signature(module)}" if text else signature(module)


def signature(module: Module) -> str:
    """What a module takes and gives, in its own terms."""
    inputs = [f"{value.name}: {shown(value.type)}" for value in module.inputs]
    outputs = [
        f"{output.name}: {shown(output.type)}" if output.name else shown(output.type)
        for output in module.outputs
    ]
    return f"{', '.join(inputs)} -> {', '.join(outputs)}".strip()


def shown(type_: TensorType) -> str:
    """A type with its sizes in lowest terms."""
    sizes = ", ".join(str(symbolic(size)) for size in type_.shape)
    return f"{type_.dtype}[{sizes}]" if type_.shape else str(type_.dtype)
