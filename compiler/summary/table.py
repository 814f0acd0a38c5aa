"""Summaries as text: a table for each model, its totals, its trainings."""

from collections.abc import Iterator
from typing import TextIO

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from dlmc.ir.printer import value_text
from dlmc.ir.traced import plain
from dlmc.summary.figures import flops, memory
from dlmc.summary.folding import folded
from dlmc.summary.model import ModelSummary, TrainingSummary
from dlmc.summary.rows import Row

_WIDE = 10_000
"""More columns than a table has: on a narrow terminal it runs over, as rows of other
tools do, where fitting it would break figures or leave them out."""

_PLAIN = str.maketrans({
    "├": "|", "└": "`", "│": "|", "─": "-", "·": "*", "×": "x", "…": "...", "–": "-",
    "−": "-", **{raised: f"^{i}" for i, raised in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")},
})  # fmt: skip


def print_table(
    summaries: tuple[ModelSummary, ...],
    file: TextIO,
    *,
    depth: int | None = None,
    colour: bool = False,
) -> None:
    """Write summaries; `depth` is how many levels below the model are shown."""
    console = Console(
        file=file,
        width=_WIDE,
        color_system="auto" if colour else None,
        force_terminal=None if colour else False,
        highlight=False,
    )
    with console.capture() as written:
        for i, summary in enumerate(summaries):
            if i:
                console.print()
            console.print(_model(summary, depth))
    # Columns are filled with blanks, which are of no use at the end of a line.
    lines = written.get().splitlines()
    file.write(_encodable("".join(f"{line.rstrip()}\n" for line in lines), file))


def _encodable(text: str, file: TextIO) -> str:
    """The text, in plain characters where the file's encoding has no others."""
    encoding = file.encoding or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(_PLAIN).encode(encoding, "replace").decode(encoding)
    return text


def _model(summary: ModelSummary, depth: int | None) -> Group:
    given = ", ".join(
        f"{name} = {value_text(plain(value))}"
        for name, value in summary.arguments.items()
    )
    title = Text(f"{summary.name}({given})" if given else summary.name, "bold")
    inputs = [Text(f"  {name}: {type_}") for name, type_ in summary.inputs]
    table = Table(box=SIMPLE_HEAD, show_edge=False, header_style="bold")
    table.add_column("Layer", no_wrap=True)
    table.add_column("Kind", style="cyan", no_wrap=True)
    table.add_column("Output", no_wrap=True)
    for heading in ("Parameters", "Forward FLOPs", "Step FLOPs", "Activations"):
        table.add_column(heading, justify="right", no_wrap=True)
    for cells in _rows(summary.row, "", depth):
        table.add_row(*cells)
    return Group(title, *inputs, "", table, "", *_totals(summary))


def _rows(row: Row, indent: str, depth: int | None) -> Iterator[tuple[Text, ...]]:
    if depth == 0:
        return
    folds = list(folded(row.children))
    for i, fold in enumerate(folds):
        is_last = i == len(folds) - 1
        below = fold.row
        name = Text.assemble(
            (f"{indent}{'└ ' if is_last else '├ '}", "dim"),
            fold.name,
            (f"  ×{len(fold.rows)}" if len(fold.rows) > 1 else "", "bold"),
        )
        figures = below.figures
        yield (
            name,
            Text(_kind(below)),
            Text(", ".join(map(str, below.outputs))),
            Text("shared" if below.is_reused else _count(below.parameters)),
            Text(_or_none(figures.forward, flops(figures.forward))),
            Text(_or_none(figures.step, flops(figures.step))),
            Text(_or_none(figures.kept, memory(figures.kept))),
        )
        deeper = None if depth is None else depth - 1
        yield from _rows(below, indent + ("  " if is_last else "│ "), deeper)


def _kind(row: Row) -> str:
    if row.module is None or not row.is_instance:
        return row.kind
    return row.module.definition


def _count(number: int) -> str:
    return f"{number:,}" if number else "–"


def _or_none(size: object, text: str) -> str:
    return "–" if size == 0 else text


def _totals(summary: ModelSummary) -> Iterator[Text]:
    row = summary.row
    states = f", {row.states:,} in states" if row.states else ""
    figures = summary.figures
    rows = [
        ("Parameters", f"{row.parameters:,} trained{states}"),
        ("Weights", memory(summary.weight_bytes)),
        ("Forward pass", f"{flops(figures.forward)} FLOPs"),
        ("Training step", f"{flops(figures.step)} FLOPs"),
        ("Activations", f"{memory(figures.kept)} kept for the backward pass"),
    ]
    yield from _pairs(rows)
    for training in summary.trainings:
        yield Text()
        yield from _training(training)
    if summary.symbols:
        name = summary.symbols[0]
        yield Text()
        yield Text(
            f"{' and '.join(summary.symbols)} "
            f"{'is' if len(summary.symbols) == 1 else 'are'} open: "
            f"`--set {name}=32` puts a number in.",
            "dim",
        )


def _training(training: TrainingSummary) -> Iterator[Text]:
    title = f"train {training.name} on {training.data}"
    yield Text.assemble((title, "bold"), f": one step on a batch of {training.batch:,}")
    state = memory(training.optimizer_state)
    yield from _pairs(
        [
            ("Step", f"{flops(training.step)} FLOPs with loss and update"),
            ("Weights", memory(training.weights)),
            ("Gradients", memory(training.gradients)),
            ("Optimizer", f"{state} remembered by {training.optimizer}"),
            ("Activations", memory(training.activations)),
            ("Memory", f"{memory(training.memory)} in all"),
        ]
    )


def _pairs(rows: list[tuple[str, str]]) -> Iterator[Text]:
    width = max(len(title) for title, _ in rows) + 2
    for title, text in rows:
        yield Text.assemble((f"  {title:{width}}", "dim"), text)
