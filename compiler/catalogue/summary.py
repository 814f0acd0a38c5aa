"""How much there is, and what each target has for it, in figures."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from dlmc.backend import backend_names
from dlmc.catalogue.contents import Catalogue
from dlmc.catalogue.entry import Entry
from dlmc.catalogue.gradients import why_no_gradient
from dlmc.catalogue.targets import Support, support
from dlmc.primitives import REGISTRY

PRIMITIVE = "primitive"
DIFFERENTIABLE = ("layer", "function", PRIMITIVE)


@dataclass(frozen=True, slots=True)
class Coverage:
    """What one target has for definitions, or for primitives."""

    target: str
    what: str
    """`definitions` or `primitives`."""
    native: int
    """Names for which the framework has its own function or layer."""
    written_out: int
    """Names whose meaning generated code writes out."""
    missing: Mapping[str, tuple[str, ...]]
    """Names that the target cannot express, by the reason."""


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures of a catalogue."""

    kinds: Mapping[str, int]
    """How many entries of each kind can be used in a program."""
    samples: int
    """How many uses of definitions and primitives are tried on each target."""
    coverage: tuple[Coverage, ...]
    without_gradient: Mapping[str, tuple[str, ...]]
    """Names that no gradient passes, by the reason."""


def summary(contents: Catalogue) -> Summary:
    """The figures of all that has an example."""
    entries = [entry for entry in contents.entries.values() if entry.example]
    kinds: dict[str, int] = {}
    for entry in entries:
        kinds[entry.kind] = kinds.get(entry.kind, 0) + 1
    return Summary(
        kinds,
        sum(map(_samples, entries)),
        tuple(_coverage(entries)),
        _by_reason(
            (entry.name, why_no_gradient(entry))
            for entry in entries
            if entry.kind in DIFFERENTIABLE
        ),
    )


def _samples(entry: Entry) -> int:
    if entry.kind == PRIMITIVE:
        return len(REGISTRY[entry.name].samples)
    return len(entry.samples)


def _coverage(entries: Iterable[Entry]) -> Iterator[Coverage]:
    found: dict[tuple[str, str], list[tuple[str, Support]]] = {
        (target, what): []
        for target in backend_names()
        for what in ("definitions", "primitives")
    }
    for entry in entries:
        what = "primitives" if entry.kind == PRIMITIVE else "definitions"
        for one in support(entry):
            found[one.target, what].append((entry.name, one))
    for (target, what), pairs in found.items():
        there = [one for _, one in pairs if one.missing is None]
        native = sum(one.code is not None for one in there)
        yield Coverage(
            target,
            what,
            native,
            len(there) - native,
            _by_reason((name, one.missing) for name, one in pairs),
        )


def _by_reason(found: Iterable[tuple[str, str | None]]) -> dict[str, tuple[str, ...]]:
    reasons: dict[str, tuple[str, ...]] = {}
    for name, reason in found:
        if reason is not None:
            reasons[reason] = (*reasons.get(reason, ()), name)
    return reasons


def summary_text(found: Summary) -> str:
    """For people, in at most 88 columns."""
    kinds = [f"{n} {_plural(kind, n)}" for kind, n in found.kinds.items()]
    lines = [*_wrapped("", f"{', '.join(kinds)}; {found.samples} samples"), ""]
    rows: list[tuple[str, ...]] = [("target", "", "native", "written out", "not there")]
    for one in found.coverage:
        missing = sum(map(len, one.missing.values()))
        figures = (one.native, one.written_out, missing)
        rows.append((one.target, one.what, *map(str, figures)))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [
            cell.ljust(width) if i < 2 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells))
    for one in found.coverage:
        for reason, names in one.missing.items():
            lines += ["", f"Not there on {one.target}: {reason}"]
            lines += _wrapped("  ", ", ".join(names))
    lines += ["", "Without a gradient:"]
    for reason, names in found.without_gradient.items():
        lines += _wrapped("  ", f"{reason}: {', '.join(names)}")
    return "\n".join(lines) + "\n"


def _plural(kind: str, number: int) -> str:
    return kind if number == 1 else f"{kind}s"


def _wrapped(indent: str, text: str) -> list[str]:
    from textwrap import wrap

    hanging = indent + ("  " if indent else "")
    return wrap(text, 88, initial_indent=indent, subsequent_indent=hanging)
