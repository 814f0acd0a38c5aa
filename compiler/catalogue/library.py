"""The entries of the standard library: what its DLM says about itself."""

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePath

from dlmc.catalogue.entry import Entry, Group, Owned
from dlmc.catalogue.samples import Definition, is_schedule, sample
from dlmc.elaborate.standard import library_files, library_index
from dlmc.grammar import tree
from dlmc.grammar.lexer import lex
from dlmc.grammar.span import Source

ORDER = (
    "layers", "convolutions", "spatial", "normalizations", "dropouts",
    "reparametrizations", "activations", "losses", "metrics", "optimizers", "schedules",
    "shapes",
)  # fmt: skip
"""What is looked for most comes first; files that are not named here follow."""


def library_groups() -> list[Group]:
    """One group for each file of the library, in the order of reading."""
    files = {PurePath(f.span.source.name).stem: f for f in library_files()}
    order = {stem: i for i, stem in enumerate(ORDER)}
    stems = sorted(files, key=lambda stem: (order.get(stem, len(order)), stem))
    helpers = {
        d.name.name: d
        for file in files.values()
        for d in _definitions(file)
        if d.documentation is None
    }
    return [_group(files[stem], helpers) for stem in stems]


def _definitions(file: tree.File) -> list[Definition]:
    return [d for d in file.declarations if isinstance(d, Definition)]


def _group(file: tree.File, helpers: dict[str, Definition]) -> Group:
    entries = tuple(
        _entry(definition, helpers)
        for definition in _definitions(file)
        if definition.documentation is not None
    )
    # "Losses: functions of …" or "Losses. Each is …"
    title, *rest = re.split(r"[:.]\s+", file.documentation or "", maxsplit=1)
    says = " ".join(" ".join(rest).removesuffix(".").split())
    title = title.removesuffix(".")
    return Group(title, f"{says[:1].upper()}{says[1:]}." if says else "", entries)


def _entry(definition: Definition, helpers: dict[str, Definition]) -> Entry:
    name = definition.name.name
    needed = [*_needed(definition, helpers), definition]
    body: Sequence[tree.Statement] = ()
    if not isinstance(definition, tree.FunctionDeclaration):
        body = definition.body
    statements = list(_statements(body))
    return Entry(
        name=name,
        kind=_kind(definition),
        signature=f"{name}({', '.join(map(_parameter, definition.parameters))})",
        documentation=definition.documentation or "",
        inputs=tuple(
            (s.name.name, _text(s.type))
            for s in statements
            if isinstance(s, tree.Input)
        ),
        owned=tuple(
            Owned(
                "param" if isinstance(s, tree.Param) else "state",
                s.name.name,
                "" if s.type is None else _text(s.type),
                _text(s.value),
            )
            for s in statements
            if isinstance(s, tree.Param | tree.State)
        ),
        source="\n\n".join(d.span.text for d in needed),
        file=PurePath(definition.span.source.name).name,
        samples=tuple(
            sample(definition, text) for text in library_index()[name].samples
        ),
    )


def _kind(definition: Definition) -> str:
    match definition:
        case tree.Block():
            return "layer"
        case tree.Optimizer():
            return "optimizer"
    return "schedule" if is_schedule(definition) else "function"


def _parameter(parameter: tree.Parameter) -> str:
    if parameter.default is None:
        return parameter.name
    return f"{parameter.name} = {_text(parameter.default)}"


def _text(node: tree.Node) -> str:
    """A node as the source has it, on one line."""
    return " ".join(node.span.text.split())


def _statements(body: Sequence[tree.Statement]) -> Iterator[tree.Statement]:
    """The statements of a body, with those in its choices and loops."""
    for statement in body:
        yield statement
        match statement:
            case tree.If(then=then, otherwise=otherwise):
                yield from _statements((*then, *otherwise))
            case tree.For(body=inner) | tree.Scan(body=inner):
                yield from _statements(inner)


def _needed(definition: Definition, helpers: dict[str, Definition]) -> list[Definition]:
    """The helpers that a definition uses, each after those that it uses itself."""
    found: dict[str, Definition] = {}

    def visit(one: Definition) -> None:
        tokens, _ = lex(Source(one.span.source.name, one.span.text))
        for token in tokens:
            helper = helpers.get(token.text)
            if helper is not None and helper is not one and token.text not in found:
                visit(helper)
                found[token.text] = helper

    visit(definition)
    return list(found.values())
