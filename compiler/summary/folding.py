"""Rows that repeat, made one."""

import re
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

from dlmc.summary.rows import Row


@dataclass(frozen=True, slots=True)
class Fold:
    """Rows that differ in the numbers of their names; the first stands for all."""

    rows: tuple[Row, ...]

    @property
    def row(self) -> Row:
        """The one that is shown."""
        return self.rows[0]

    @property
    def name(self) -> str:
        """`layer3.1 … layer3.5`; of functions the name that they share."""
        first, last = self.rows[0].name, self.rows[-1].name
        return first if first == last else f"{first} … {last}"


def folded(rows: Sequence[Row]) -> Iterator[Fold]:
    """Fold runs of equal rows, and of equal groups of rows, as a loop makes them."""
    looks = [_look(row) for row in rows]
    turns = list(_loop_turns(rows))
    start = 0
    while start < len(rows):
        width, times = _repetition(looks, turns, start)
        for place in range(start, start + width):
            yield Fold(tuple(rows[place : place + width * times : width]))
        start += width * times


def _repetition(
    looks: Sequence[Hashable], turns: Sequence[str | None], start: int
) -> tuple[int, int]:
    """The group that repeats from `start` on: its length and how often it is there.

    Of several the one that covers most, and of those the shortest. A group does not
    span two turns of a loop.
    """
    best = (1, 1)
    for width in range(1, (len(looks) - start) // 2 + 1):
        if looks[start + width] != looks[start]:
            continue
        if len(set(turns[start : start + width]) - {None}) > 1:
            continue
        group = looks[start : start + width]
        times = 1
        while looks[start + times * width : start + (times + 1) * width] == group:
            times += 1
        if times > 1 and width * times > best[0] * best[1]:
            best = (width, times)
    return best


def uncounted(name: str) -> str:
    """A layer's name without its numbers: `layer3.1` and `layer4.2` are alike."""
    return re.sub(r"[._]?\d+", "", name)


def _loop_turns(rows: Sequence[Row]) -> Iterator[str | None]:
    """For each row the turn of a loop that it belongs to, as names count them.

    A function, which has no name of its own, belongs to what stands before it.
    """
    turn: str | None = None
    for row in rows:
        if row.is_instance:
            end = re.search(r"\d+$", row.name)
            turn = None if end is None else end[0]
        yield turn


def _look(row: Row) -> Hashable:
    """All that is shown of a row but how its name is counted."""
    return (
        uncounted(row.name),
        row.kind if row.module is None else row.module.definition,
        row.is_instance,
        row.outputs,
        row.parameters,
        row.states,
        row.figures,
        tuple((below.name, _look(below)) for below in row.children),
    )
