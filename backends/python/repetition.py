"""Statements that a loop of the program repeats, as a loop again."""

from collections.abc import Sequence

from dlmc.backends.python import tree as py
from dlmc.backends.python.quotation import Quote

quote = Quote()

LEAST = 3
"""How often statements must stand one after another to be worth a loop."""


def rolled(statements: Sequence[py.Statement]) -> tuple[py.Statement, ...]:
    """The same with `for _ in range(n)` where equal statements follow each other."""
    made: list[py.Statement] = []
    position = 0
    while position < len(statements):
        best = (0, 1)
        for period in range(1, (len(statements) - position) // LEAST + 1):
            count = _repetitions(statements[position:], period)
            if count >= LEAST and count * period > best[0] * best[1]:
                best = (count, period)
        count, period = best
        body = tuple(statements[position : position + period])
        if count:
            made.append(
                py.For(py.Name("_"), quote("range({count})", count=count), body)
            )
        else:
            made += body
        position += max(count, 1) * period
    return tuple(made)


def _repetitions(statements: Sequence[py.Statement], period: int) -> int:
    """How often the first statements stand one after another."""
    first = list(statements[:period])
    count = 1
    while list(statements[count * period : (count + 1) * period]) == first:
        count += 1
    return count
