"""Text of a program in Markdown: it stays where it is put, whatever it holds."""

from dlmc.backends.python.text import visible
from dlmc.ir.module import Module


def code(text: str) -> str:
    """Text as code, also in a table."""
    plain = inline(text).replace("`", "'")
    return f"`{plain}`"


def inline(text: str) -> str:
    """Text on one line that does not end a table's cell."""
    return " ".join(visible(text).split()).replace("|", "\\|")


def quotation(text: str) -> str:
    """Text with Markdown of its own; what it leaves open ends with it."""
    lines = visible(text.strip()).splitlines()
    return "\n".join(f"> {line}".rstrip() for line in lines)


def signature(module: Module, name: str | None = None) -> str:
    """What a module is called, by its definition unless it says, takes and gives."""
    inputs = ", ".join(f"{value.name}: {value.type}" for value in module.inputs)
    outputs = ", ".join(f"{o.name or 'output'}: {o.type}" for o in module.outputs)
    return f"{code(name or module.definition)}, {code(f'{inputs} -> {outputs}')}"
