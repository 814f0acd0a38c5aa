"""`dlmc ops`."""

import os
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from dlmc.catalogue import Catalogue, Entry

FORMATS = ("text", "json", "markdown")


@click.command()
@click.argument("name", required=False)
@click.option(
    "--format", "form", type=click.Choice(FORMATS), default="text",
    help="How it is printed (default: text).",
)  # fmt: skip
@click.option("--summary", is_flag=True, help="Count what there is for each target.")
def ops(name: str | None, form: str, summary: bool) -> None:
    """Show the layers, functions, losses, optimizers that a program can use.

    Without NAME, all of them. The name of one shows what it means, its source, and what
    each target has for it. Any other word is looked for in names, here and in other
    frameworks, and in what is said about them.

    \b
    Example:
      dlmc ops Dense
      dlmc ops pooling
    """
    from dlmc.catalogue import catalogue
    from dlmc.elaborate.elsewhere import WRITTEN
    from dlmc.grammar.foreign import WORDS

    contents = catalogue()
    if summary:
        if name is not None:
            raise click.UsageError("a summary is of all names: leave NAME out")
        click.echo(_summary(contents, form), nl=False)
        return
    if name is None:
        click.echo(_all(contents, form), color=_colour(), nl=False)
        return
    called = contents.called(name)
    entry = contents.entries.get(name)
    if entry is None and len(called) == 1:
        (entry,) = called
        click.echo(f"`{name}` is called `{entry.name}` here.", err=True)
    if entry is not None:
        click.echo(_one(entry, contents, form), color=_colour(), nl=False)
        return
    found = () if name in WORDS or name in WRITTEN else contents.search(name)
    if not found:
        _nothing(name, contents)
    if form == "text":
        click.echo(_lines(found), color=_colour(), nl=False)
    else:
        click.echo(_several(found, form), nl=False)


def _colour() -> bool | None:
    """False where the user wants none; otherwise it depends on the terminal."""
    return False if os.environ.get("NO_COLOR") else None


def _nothing(name: str, contents: "Catalogue") -> None:
    """End with status 2, and with what is known of the name or the nearest one."""
    from dlmc.elaborate.elsewhere import MISSING, NAMES, WRITTEN
    from dlmc.elaborate.problems import did_you_mean
    from dlmc.grammar.foreign import WORDS

    if name in WORDS:
        raise click.UsageError(WORDS[name][1])
    if name in WRITTEN:
        raise click.UsageError(f"`{name}` is written otherwise here: {WRITTEN[name]}")
    if name in MISSING:
        raise click.UsageError(f"there is no `{name}` yet")
    near = did_you_mean(name, [*contents.entries, *NAMES])
    hint = f": {near}" if near else ""
    raise click.UsageError(f"nothing is called `{name}`, or speaks of it{hint}")


# --- Lists ---------------------------------------------------------------------------


def _all(contents: "Catalogue", form: str) -> str:
    if form == "markdown":
        from dlmc.catalogue.markdown import page

        return page(contents)
    if form == "json":
        return _json(
            [
                {
                    "title": group.title,
                    "documentation": group.documentation,
                    "entries": [_brief(entry) for entry in group.entries],
                }
                for group in contents.groups
            ]
        )
    parts = []
    for group in contents.groups:
        parts.append(click.style(group.title, bold=True) + "\n")
        parts.append(_lines(group.entries, "  ") + "\n")
    parts.append("`dlmc ops NAME` shows one of them.\n")
    return "".join(parts)


def _summary(contents: "Catalogue", form: str) -> str:
    from dataclasses import asdict

    from dlmc.catalogue.summary import summary, summary_text

    found = summary(contents)
    if form == "json":
        return _json(asdict(found))
    text = summary_text(found)
    return f"```text\n{text}```\n" if form == "markdown" else text


def _several(entries: Sequence["Entry"], form: str) -> str:
    if form == "json":
        return _json([_brief(entry) for entry in entries])
    from dlmc.catalogue.markdown import section

    return "\n".join(section(entry) for entry in entries)


def _lines(entries: Iterable["Entry"], indent: str = "") -> str:
    """A name and what it means a line, cut where a terminal's line would break."""
    from shutil import get_terminal_size

    width = get_terminal_size().columns if sys.stdout.isatty() else None
    rows = [(entry, _as_written(entry)) for entry in entries]
    column = max(len(written) for _, written in rows)
    lines = []
    for entry, written in rows:
        says = entry.summary
        room = None if width is None else width - len(indent) - column - 2
        if room is not None and 10 < room < len(says):
            says = f"{says[: room - 1]}…"
        name = click.style(f"{written:{column}}", fg="cyan")
        lines.append(f"{indent}{name}  {says}\n")
    return "".join(lines)


def _as_written(entry: "Entry") -> str:
    """Its name, and the operator of what has one."""
    if entry.signature.partition("(")[0] == entry.name:
        return entry.name
    return f"{entry.name}: {entry.signature}"


def _brief(entry: "Entry") -> dict[str, Any]:
    return {
        "name": entry.name,
        "kind": entry.kind,
        "signature": entry.signature,
        "summary": entry.summary,
    }


# --- One entry -----------------------------------------------------------------------


def _one(entry: "Entry", contents: "Catalogue", form: str) -> str:
    if form == "json":
        return _json(_whole(entry))
    if form == "markdown":
        from dlmc.catalogue.markdown import section

        return section(entry)
    related = [one for one in contents.related(entry.name) if one is not entry]
    return _text(entry) + (f"\nSee also\n{_lines(related, '  ')}" if related else "")


def _text(entry: "Entry") -> str:
    """A page for the terminal."""
    from dlmc.catalogue.targets import support
    from dlmc.cli.highlight import highlight

    parts = [
        f"{click.style(entry.signature, bold=True)}  ({entry.kind})\n\n",
        f"{entry.documentation.strip()}\n",
    ]
    owned = [("input", f"{name}: {type_}") for name, type_ in entry.inputs]
    for one in entry.owned:
        declared = f"{one.name}: {one.type}" if one.type else one.name
        owned.append((one.kind, f"{declared} = {one.start}"))
    if owned:
        parts.append("\n" + _rows(owned))
    if entry.example is not None:
        rows = [("example", entry.example.expression)]
        for i, (name, type_) in enumerate(entry.example.inputs):
            rows.append(("" if i else "with", f"{name}: {type_}"))
        if entry.example.result is not None:
            rows.append(("result", str(entry.example.result)))
        parts.append("\n" + _rows(rows))
        parts.append("\n" + _rows([(one.target, one.text) for one in support(entry)]))
        facts = _facts(entry)
        if facts:
            parts.append("\n" + _rows(facts))
    if entry.source is not None:
        parts.append(f"\n{highlight(entry.source)}\n")
    return "".join(parts)


def _facts(entry: "Entry") -> list[tuple[str, str]]:
    """Whether it has a gradient, and how exact the targets are."""
    from dlmc.backend import backend_names
    from dlmc.catalogue.gradients import why_no_gradient
    from dlmc.catalogue.measured import difference

    facts = []
    if entry.example is not None and entry.example.result is not None:
        why = why_no_gradient(entry)
        facts.append(("gradient", "yes" if why is None else f"no: {why}"))
    found = [(target, difference(entry.name, target)) for target in backend_names()]
    sizes = ", ".join(f"{size} on {target}" for target, size in found if size)
    if sizes:
        facts.append(("measured", f"differs from NumPy in 64 bits by {sizes}"))
    return facts


def _rows(rows: Sequence[tuple[str, str]]) -> str:
    """Labels and texts in two columns; further lines of a text stand below it."""
    column = max(len(label) for label, _ in rows)
    lines = []
    for label, text in rows:
        said = text.replace("\n", "\n" + " " * (column + 2))
        lines.append(f"{click.style(f'{label:{column}}', fg='cyan')}  {said}\n")
    return "".join(lines)


def _whole(entry: "Entry") -> dict[str, Any]:
    from dlmc.catalogue.gradients import why_no_gradient
    from dlmc.catalogue.measured import measured
    from dlmc.catalogue.targets import support

    found: dict[str, Any] = {
        **_brief(entry),
        "documentation": entry.documentation,
        "inputs": [{"name": name, "type": type_} for name, type_ in entry.inputs],
        "owned": [
            {"kind": o.kind, "name": o.name, "type": o.type or None, "start": o.start}
            for o in entry.owned
        ],
        "source": entry.source,
    }
    if entry.example is not None:
        result = entry.example.result
        found["example"] = {
            "expression": entry.example.expression,
            "inputs": dict(entry.example.inputs),
            "result": None if result is None else str(result),
        }
        found["gradient"] = None if result is None else why_no_gradient(entry) is None
        found["measured"] = dict(measured().get(entry.name, {}))
        found["targets"] = {
            one.target: {"code": one.code, "missing": one.missing}
            for one in support(entry)
        }
    return found


def _json(value: Any) -> str:
    import json

    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
