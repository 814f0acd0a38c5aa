"""The catalogue as a page for the documentation."""

from collections.abc import Iterable, Iterator, Sequence

from dlmc.backend import backend_names
from dlmc.catalogue.contents import Catalogue
from dlmc.catalogue.entry import Entry, Group
from dlmc.catalogue.gradients import why_no_gradient
from dlmc.catalogue.measured import difference
from dlmc.catalogue.targets import WRITTEN_OUT, Support, support

TITLE = f"""# The library

Everything that a program can use by name. `dlmc ops NAME` shows the same on the command
line, with the source of each definition; `make golden` writes this page.

For each target stands what its generated code has in the place of the example.
*{WRITTEN_OUT.capitalize()}* means that the framework has nothing that means just this:
the generated code says it by the functions that it is made of. TensorFlow's code for
images has their channels last, as its models have them inside. Beside it stands by how
much values and gradients differed from those of NumPy in 64 bits in the definition's
samples, relative to the largest number: a measurement, which `make measure` repeats. Of
`f32` an operation keeps some 6e-08.
"""


def page(contents: Catalogue) -> str:
    """The whole reference."""
    parts = [TITLE, _contents(contents.groups)]
    for group in contents.groups:
        parts.append(f"## {group.title}\n")
        if group.documentation:
            parts.append(f"{group.documentation}\n")
        if any(entry.source for entry in group.entries):
            parts += [section(entry, "###") for entry in group.entries]
        else:
            parts.append(_table_of(group))
    return "\n".join(parts)


def section(entry: Entry, heading: str = "##") -> str:
    """One entry."""
    parts = [
        f"{heading} {entry.name}\n",
        f"`{entry.signature}`\n",
        f"{entry.documentation.strip()}\n",
    ]
    owned = [("input", name, type_, "") for name, type_ in entry.inputs]
    owned += [(one.kind, one.name, one.type, one.start) for one in entry.owned]
    if owned:
        rows = [
            (kind, _code(f"{name}: {type_}" if type_ else name), _code(start))
            for kind, name, type_, start in owned
        ]
        parts.append(_table(("", "", "starts as"), rows))
    if entry.example is not None:
        parts.append(f"Example: {_example(entry)}\n")
        said = [
            (one.target, _support(one), difference(entry.name, one.target) or "")
            for one in support(entry)
        ]
        parts.append(_table(("target", "in generated code", "differs by"), said))
        if entry.example.result is not None:
            why = why_no_gradient(entry)
            if why is not None:
                parts.append(f"It has no gradient: {why}.\n")
    if entry.source is not None:
        link = f"[{entry.file}](../compiler/library/{entry.file})"
        if entry.kind == "layer" or entry.kind == "optimizer":
            parts.append(f"Defined in {link}.\n")
        else:
            lines = (f"    {line}".rstrip() for line in entry.source.splitlines())
            parts.append(f"Defined in {link}:\n")
            parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def _contents(groups: Sequence[Group]) -> str:
    """The groups, and links to what has a heading of its own."""
    rows = []
    for group in groups:
        names = (
            f"[{e.name}](#{e.name.lower()})" if e.source else f"`{e.name}`"
            for e in group.entries
        )
        rows.append((group.title, " ".join(names)))
    return _table(("group", "names"), rows)


def _example(entry: Entry) -> str:
    assert entry.example is not None
    given = ", ".join(f"`{name}: {type_}`" for name, type_ in entry.example.inputs)
    said = _code(entry.example.expression)
    if given:
        said += f" with {given}"
    result = entry.example.result
    return said if result is None else f"{said} is `{result}`"


def _table_of(group: Group) -> str:
    """Entries without a source, one a row."""
    asked = any(entry.example is not None for entry in group.entries)
    targets = backend_names() if asked else ()
    rows = []
    for entry in group.entries:
        says = " ".join(entry.documentation.partition("\n\n")[0].split())
        signature = _code(entry.signature)
        if entry.signature.partition("(")[0] != entry.name:
            signature = f"`{entry.name}`: {signature}"
        cells = [_support(one) for one in support(entry)] or [""] * len(targets)
        rows.append((signature, says.replace("|", "\\|"), *cells))
    return _table(("", "", *targets), rows)


def _support(one: Support) -> str:
    return _code(one.code) if one.code is not None else one.text


def _code(text: str) -> str:
    """Code in a cell of a table; each of several lines by itself."""
    lines = text.replace("|", "\\|").splitlines()
    return "<br>".join(f"`{line}`" for line in lines)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return "\n".join(_lines(head, rows)) + "\n"


def _lines(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'-|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
