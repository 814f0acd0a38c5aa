"""Which argument goes to which parameter."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dlmc.diagnostics import Label
from dlmc.elaborate.problems import Problem, did_you_mean, listing
from dlmc.elaborate.values import REQUIRED
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
    known_elsewhere: Mapping[str, str] | None = None,
) -> dict[str, Given]:
    """The given values by parameter; parameters left to their defaults are absent."""
    names = [parameter.name for parameter in wanted]
    bound: dict[str, Given] = {}
    there = () if declared is None else (Label(declared, "declared here"),)
    position = 0
    for argument in given:
        if argument.name is None:
            if position >= len(names):
                raise Problem(
                    "E0204",
                    f"`{callee}` takes {_count(len(names))}, {len(given)} were given",
                    argument.span,
                    labels=there,
                    hint=_signature(callee, wanted),
                )
            name = names[position]
            position += 1
        else:
            name = argument.name
            if name not in names:
                raise Problem(
                    "E0203",
                    f"`{callee}` has no argument `{name}`",
                    argument.name_span or argument.span,
                    labels=there,
                    hint=_renamed(name, names, known_elsewhere)
                    or did_you_mean(name, names)
                    or _signature(callee, wanted),
                )
        if name in bound:
            raise Problem(
                "E0204",
                f"`{name}` is given twice to `{callee}`",
                argument.name_span or argument.span,
                labels=(Label(bound[name].span, "first here"),),
            )
        bound[name] = argument
    missing = [p.name for p in wanted if p.default is REQUIRED and p.name not in bound]
    if missing:
        raise Problem(
            "E0204",
            f"`{callee}` needs {listing(missing)}",
            span,
            labels=there,
            hint=_signature(callee, wanted),
        )
    return bound


def _renamed(
    name: str, names: list[str], known_elsewhere: Mapping[str, str] | None
) -> str | None:
    """A hint for a name that another framework uses."""
    here = (known_elsewhere or {}).get(name)
    return f"it is called `{here}` here" if here in names else None


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
