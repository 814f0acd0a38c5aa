"""Which argument goes to which parameter."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from dlmc.diagnostics import Label
from dlmc.elaborate.arguments_elsewhere import argument_here, explained
from dlmc.elaborate.problems import Problem, did_you_mean, listing
from dlmc.elaborate.values import REQUIRED, is_number
from dlmc.grammar import tree
from dlmc.grammar.span import Span


@dataclass(frozen=True, slots=True)
class Given:
    """A value given to a call, by position or by name."""

    value: Any
    span: Span
    name: str | None = None
    name_span: Span | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """A parameter; its default is a value, `REQUIRED`, or a tree to evaluate."""

    name: str
    default: Any = REQUIRED


def bind(
    callee: str,
    wanted: Sequence[Wanted],
    given: Sequence[Given],
    span: Span,
    *,
    declared: Span | None = None,
) -> dict[str, Given]:
    """The given values by parameter; parameters left to their defaults are absent."""
    names = [parameter.name for parameter in wanted]
    bound: dict[str, Given] = {}
    unknown: list[Problem] = []
    there = () if declared is None else (Label(declared, "declared here"),)
    position = 0
    for argument in given:
        if argument.name is None:
            if position >= len(names):
                raise Problem(
                    "E0204",
                    f"`{callee}` takes {_count(len(names))}, {_were(len(given))} given",
                    argument.span,
                    labels=there,
                    hint=_listed(names, given) or _signature(callee, wanted),
                )
            name = names[position]
            position += 1
        else:
            name = argument.name
            if name not in names:
                unknown.append(
                    Problem(
                        "E0203",
                        f"`{callee}` has no argument `{name}`",
                        argument.name_span or argument.span,
                        labels=there,
                        hint=_renamed(name, names)
                        or (explained(callee, name) if declared is None else None)
                        or did_you_mean(name, names)
                        or _signature(callee, wanted),
                    )
                )
                continue
        if name in bound:
            raise Problem(
                "E0204",
                f"`{name}` is given twice to `{callee}`",
                argument.name_span or argument.span,
                labels=(Label(bound[name].span, "first here"),),
            )
        bound[name] = argument
    if unknown:  # what seems to be missing may be one of them
        unknown[0].also = tuple(unknown[1:])
        raise unknown[0]
    missing = [p.name for p in wanted if p.default is REQUIRED and p.name not in bound]
    if missing:
        raise Problem(
            "E0204",
            f"`{callee}` needs {listing(missing)}",
            span,
            labels=there,
            hint=_example(callee, wanted, is_library=declared is None),
        )
    return bound


def _example(callee: str, wanted: Sequence[Wanted], *, is_library: bool) -> str:
    """How something is called: its signature, and a sample of the library's."""
    from dlmc.catalogue.samples import library_samples  # which few programs need
    from dlmc.elaborate.standard import library_index

    signature = _signature(callee, wanted)
    if not is_library or callee not in library_index():
        return signature
    for sample in library_samples(callee)[:1]:
        return f"for example `{sample.expression}`; {signature}"
    return signature


def duplicates(parameters: Sequence[tree.Parameter]) -> Iterator[Problem]:
    """Each parameter that is called as one before it."""
    first: dict[str, Span] = {}
    for parameter in parameters:
        if parameter.name in first:
            yield Problem(
                "E0202",
                f"there are two parameters `{parameter.name}`",
                parameter.span,
                labels=(Label(first[parameter.name], "first here"),),
            )
        first.setdefault(parameter.name, parameter.span)


def _listed(names: Sequence[str], given: Sequence[Given]) -> str | None:
    """A hint for `reshape(x, N, 4)`: the last parameter is one list."""
    last = [a for a in given[max(len(names) - 1, 0) :] if a.name is None]
    if not names or not all(is_number(a.value) for a in last):
        return None
    items = ", ".join(a.span.text for a in last)
    return f"several values for `{names[-1]}` are a list: `[{items}]`"


def _were(number: int) -> str:
    return "1 was" if number == 1 else f"{number} were"


def _renamed(name: str, names: list[str]) -> str | None:
    """A hint for a name that another framework uses."""
    here = argument_here(name, names)
    return None if here is None else f"it is called `{here}` here"


def _count(number: int) -> str:
    if number == 0:
        return "no arguments"
    return "one argument" if number == 1 else f"{number} arguments"


def _signature(callee: str, wanted: Sequence[Wanted]) -> str:
    parts = [
        p.name if p.default is REQUIRED else f"{p.name} = {_shown(p.default)}"
        for p in wanted
    ]
    return f"the signature is `{callee}({', '.join(parts)})`"


def _shown(default: Any) -> str:
    span = getattr(default, "span", None)
    if isinstance(span, Span):
        return span.text
    if isinstance(default, bool):
        return "true" if default else "false"
    return "…" if default is None else str(default)
