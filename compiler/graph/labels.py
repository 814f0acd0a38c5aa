"""What a picture says of its parts."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

from dlmc.grammar import tree
from dlmc.grammar.span import Span
from dlmc.ir.dimensions import Dim
from dlmc.ir.module import Apply, Definition, Kind, Module
from dlmc.ir.printer import value_text
from dlmc.ir.traced import plain
from dlmc.ir.types import TensorType
from dlmc.primitives import REGISTRY, Primitive
from dlmc.primitives.arithmetic import Binary
from dlmc.summary.figures import flops
from dlmc.summary.rows import Row

_SIGNS = {"*": "×", "-": "−", "/": "÷", "**": "^"}
_LONGEST = 52
"""How many characters of a text a box shows; a tooltip has all of it."""
Facts = tuple[tuple[str, str], ...]


def shown(text: str, longest: int | None = _LONGEST) -> str:
    """A text as a picture may hold it.

    Control characters have no place in XML, and those that turn the direction of
    writing could make a picture say what a program does not.
    """
    clean = "".join(
        " "
        if c in "\t\n"
        else "\ufffd"
        if unicodedata.category(c) in ("Cc", "Cs", "Cf")
        or (unicodedata.category(c) == "Cn" and ord(c) & 0xFFFE == 0xFFFE)
        else c
        for c in text
    )
    if longest is None or len(clean) <= longest:
        return clean
    return clean[: longest - 1].rstrip() + "…"


def role(module: Module) -> str:
    """How a call of a module looks."""
    if module.kind is Kind.FUNCTION:
        return "function"
    return "layer" if module.is_library else "block"


def names(rows: Sequence[str]) -> str:
    """One name for several: `layer3.1 … 5` for layer3.1 to layer3.5."""
    first, last = rows[0], rows[-1]
    if first == last:
        return first
    stem, end = re.split(r"(?=\d*$)", first, maxsplit=1)
    if end and re.fullmatch(re.escape(stem) + r"\d+", last):
        return f"{first} … {last[len(stem) :]}"
    return f"{first} … {last}"


def call(module: Module, given: Mapping[str, Any]) -> str:
    """A use as a program writes it: `Conv(64, 3, stride = 2)`."""
    inside = fitted(arguments(module, given), _LONGEST - len(module.definition) - 2)
    return f"{module.definition}({inside})" if inside else module.definition


def fitted(parts: Sequence[str], longest: int) -> str:
    """As many of the parts as there is room for; of the first what there is."""
    text = ", ".join(parts)
    kept = list(parts)
    while len(text) > longest and len(kept) > 1:
        kept.pop()
        text = ", ".join([*kept, "…"])
    return shown(text, longest)


def arguments(module: Module, given: Mapping[str, Any]) -> list[str]:
    """Arguments, each as a program writes it.

    Of a definition in the library those that are not as by default, the required ones
    by position; of another one all, by name.
    """
    parts = []
    defaults = _defaults(module)
    for name, value in given.items():
        default = defaults.get(name)
        text = _text(value)
        if name in defaults:
            if default is None:
                parts.append(text)
                continue
            if _is_default(value, default, given):
                continue
        parts.append(f"{name} = {text}")
    return parts


def _text(value: Any) -> str:
    bare = plain(value)
    if isinstance(bare, Definition):
        return bare.text
    return value_text(bare)


def _defaults(module: Module) -> dict[str, tree.Expression | None]:
    """The declared parameters of a definition in the library, with their defaults."""
    if not module.is_library:
        return {}
    from dlmc.elaborate.standard import library_index

    declaration = library_index()[module.definition].read()
    assert isinstance(declaration, tree.Block | tree.FunctionDeclaration)
    return {one.name: one.default for one in declaration.parameters}


def _is_default(value: Any, default: tree.Expression, given: Mapping[str, Any]) -> bool:
    if isinstance(default, tree.Name) and default.name in given:
        return bool(plain(value) == plain(given[default.name]))  # `stride = size`
    text = default.span.text
    try:
        return bool(plain(value) == float(text))
    except (TypeError, ValueError):
        return _text(value) == text


def shape(type_: TensorType) -> str:
    """Sizes for the side of an edge: `N × 64 × 56 × 56`; of a scalar its dtype."""
    if not type_.shape:
        return str(type_.dtype)
    sizes = (
        f"({size})" if isinstance(size, Dim) and size.is_compound else str(size)
        for size in type_.shape
    )
    return " × ".join(sizes)


def parameters(row: Row) -> str:
    """How many parameters a layer has, in words."""
    if row.is_reused:
        return "shared weights"
    return f"{row.parameters:,} parameters" if row.parameters else ""


def facts_of(row: Row, given: Mapping[str, Any]) -> Facts:
    """All that is known of a use of a module."""
    module = row.module
    assert module is not None, "primitives have facts of their own"
    word = "function" if module.kind is Kind.FUNCTION else module.kind.value
    owner = "the library" if module.is_library else "this program"
    inside = ", ".join(f"{name} = {_text(value)}" for name, value in given.items())
    facts = [("Definition", f"{module.definition}, a {word} of {owner}")]
    if inside:
        facts.append(("Arguments", inside))
    if row.outputs:
        facts.append(("Output", ", ".join(map(str, row.outputs))))
    if row.parameters:
        facts.append(("Parameters", f"{row.parameters:,}"))
    if row.states:
        facts.append(("States", f"{row.states:,}"))
    if row.figures.forward != 0:
        facts.append(("Forward FLOPs", flops(row.figures.forward)))
    if row.span is not None:
        facts.append(("Source", _place(row.span)))
    if module.documentation:
        facts.append(("", module.documentation.split("\n\n")[0]))
    return tuple((name, shown(text, None)) for name, text in facts)


def facts_of_primitive(operation: Apply, type_: TensorType) -> Facts:
    """All that is known of a use of a primitive."""
    facts = [("Primitive", operation.primitive)]
    for name, value in operation.attributes.items():
        facts.append((name, _text(value)))
    facts.append(("Output", str(type_)))
    facts.append(("Source", _place(operation.span)))
    return tuple((name, shown(text, None)) for name, text in facts)


def _place(span: Span) -> str:
    """File and line; without the folder, which is another one elsewhere."""
    return f"{PurePath(span.source.name).name}:{span.line}"


def constant(operation: Apply) -> str:
    """A number that is no node of its own."""
    key = "value" if operation.primitive == "constant" else "size"
    value = plain(operation.attributes[key])
    if isinstance(value, float):
        return f"{value:.6g}"
    return _text(value) if not isinstance(value, tuple) else "[…]"


def operator(operation: Apply, constants: Mapping[str, str]) -> str:
    """An operator's sign, with the constant that it is applied to: `× 0.5`."""
    primitive = REGISTRY[operation.primitive]
    sign = primitive.name
    if isinstance(primitive, Binary) and primitive.operator is not None:
        sign = _SIGNS.get(primitive.operator, primitive.operator)
    elif operation.primitive == "matmul":
        sign = "@"
    elif operation.primitive == "slice":
        sign = _slice(operation)
    else:
        sign += _attributes(primitive, operation)
    numbers = [constants.get(operand.name) for operand in operation.operands]
    match numbers:
        case [str(), str()]:
            return shown(f"{numbers[0]} {sign} {numbers[1]}")
        case [None, str(right)]:
            return shown(f"{sign} {right}")
        case [str(left), None]:
            return shown(f"{left} {sign}")
    return sign


def _attributes(primitive: Primitive, operation: Apply) -> str:
    """Attributes that are not as by default, if they are short: `(axis = [2, 3])`."""
    parts = [
        f"{name} = {_text(list(value) if isinstance(value, tuple) else value)}"
        for name, value in operation.attributes.items()
        if value != primitive.attribute_defaults[name]
    ]
    text = f"({', '.join(parts)})"
    return text if parts and len(text) <= 28 else ""


def _slice(operation: Apply) -> str:
    """A slice as it is written: `[:, 1:T]`."""
    given = (operation.attributes[name] for name in ("start", "stop", "step"))
    parts = []
    sizes = operation.operands[0].type.shape
    for start, stop, step, size in zip(*given, sizes, strict=True):
        text = f"{start if start != 0 else ''}:{stop if stop != size else ''}"
        parts.append(text if step == 1 else f"{text}:{step}")
    return shown(f"[{', '.join(parts)}]")
