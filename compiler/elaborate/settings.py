"""Settings of `data` and `train`: which there are, and what they hold."""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

from dlmc.diagnostics import Label
from dlmc.elaborate.arguments_elsewhere import argument_here, explained
from dlmc.elaborate.problems import Problem, did_you_mean, listing
from dlmc.elaborate.session import Session
from dlmc.elaborate.values import describe
from dlmc.grammar import tree
from dlmc.grammar.span import Span


def settings_by_name(
    settings: Sequence[tree.Setting], known: Sequence[str], owner: str, session: Session
) -> dict[str, tree.Setting]:
    """The settings by name; each unknown or repeated one is reported."""
    found: dict[str, tree.Setting] = {}
    for setting in settings:
        name = setting.name.name
        if name not in known:
            elsewhere = argument_here(name, known)
            session.report(
                Problem(
                    "E0205",
                    f"`{owner}` has no setting `{name}`",
                    setting.name.span,
                    hint=f"it is called `{elsewhere}` here"
                    if elsewhere is not None
                    else explained(owner, name, alone=True)
                    or did_you_mean(name, list(known))
                    or f"its settings are {listing(list(known))}",
                )
            )
            if (near := nearest(name, known)) is not None:
                found.setdefault(near, setting)  # what is meant is not missing, too
        elif name in found:
            session.report(
                Problem(
                    "E0202",
                    f"`{name}` is set twice",
                    setting.name.span,
                    labels=(Label(found[name].name.span, "first here"),),
                )
            )
        else:
            found[name] = setting
    return found


def nearest(name: str, known: Sequence[str]) -> str | None:
    """The setting that a misspelt or foreign name means."""
    elsewhere = argument_here(name, known)
    if elsewhere is not None:
        return elsewhere
    near = get_close_matches(name, known, n=1, cutoff=0.6)
    return near[0] if near else None


def required(
    found: dict[str, tree.Setting], name: str, owner: Span, hint: str
) -> tree.Setting:
    """A setting that must be there."""
    if name not in found:
        raise Problem("E0601", f"`{name}` is missing", owner, hint=hint)
    return found[name]


def whole_number(value: Any, name: str, span: Span, *, least: int) -> int:
    """An integer setting."""
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise Problem(
            "E0603",
            f"`{name}` is a whole number of at least {least}, not {describe(value)}",
            span,
        )
    return int(value)
