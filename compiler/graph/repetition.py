"""What loops leave behind: operations that do the same again to their own result."""

import re
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from dlmc.ir.module import Apply, Call, Operation, Value
from dlmc.ir.printer import value_text
from dlmc.ir.traced import plain
from dlmc.summary.folding import uncounted

Reference = tuple[str, int | str, int]
"""Where an operand comes from: `op`, an operation's place, a result's; or a name."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """Turns of a loop, each with the same operations in the same order."""

    turns: tuple[tuple[Operation, ...], ...]
    used: frozenset[str]
    """Names of the values that are read after the last turn."""

    @property
    def width(self) -> int:
        """How many operations a turn has."""
        return len(self.turns[0])

    def leaving(self) -> Iterator[tuple[Value, Value]]:
        """Values read afterwards: as the first turn makes them, and as the last."""
        for first, last in zip(self.turns[0], self.turns[-1], strict=True):
            for one, other in zip(first.results, last.results, strict=True):
                if other.name in self.used:
                    yield one, other


def repeats(
    operations: Sequence[Operation],
    outputs: Sequence[Value],
    constants: Mapping[str, str],
) -> Iterator[Operation | Repeat]:
    """The operations in order, those that a loop repeats put together.

    `constants` are the texts of values that no operation here makes, by name.

    Turns are alike where their operations are, where each reads the same values of its
    own turn, of the turn before and of what stands before the loop, and where only the
    last one's results are read behind it.
    """
    search = _Search(operations, outputs, constants)
    start = 0
    while start < len(operations):
        width, times = search.at(start)
        if times == 1:
            yield operations[start]
            start += 1
            continue
        end = start + width * times
        turns = tuple(
            tuple(operations[place : place + width])
            for place in range(start, end, width)
        )
        yield Repeat(turns, frozenset(search.read_from(end)))
        start = end


class _Search:
    """Finds repetitions in one list of operations."""

    def __init__(
        self,
        operations: Sequence[Operation],
        outputs: Sequence[Value],
        constants: Mapping[str, str],
    ) -> None:
        self.operations = operations
        self.outputs = outputs
        self.looks = [_look(operation) for operation in operations]
        self.loop_turns = list(_loop_turns(operations))
        made: dict[str, tuple[int, int]] = {}
        self.references: list[list[Reference]] = []
        for place, operation in enumerate(operations):
            self.references.append([
                ("op", *made[operand.name])
                if operand.name in made
                else ("value", constants.get(operand.name, f"%{operand.name}"), 0)
                for operand in operation.operands
            ])  # fmt: skip
            for i, result in enumerate(operation.results):
                made[result.name] = (place, i)

    def read_from(self, place: int) -> Iterator[str]:
        """Names of the values that are read from an operation on."""
        for operation in self.operations[place:]:
            yield from (operand.name for operand in operation.operands)
        yield from (output.name for output in self.outputs)

    def at(self, start: int) -> tuple[int, int]:
        """The width and number of the turns that begin here; (1, 1) for none."""
        best = (1, 1)
        for width in range(1, (len(self.operations) - start) // 2 + 1):
            if self.looks[start + width] != self.looks[start]:
                continue
            if len(set(self.loop_turns[start : start + width]) - {None}) > 1:
                continue
            times = 1
            while self._continues(start, width, times):
                times += 1
            while times > 1 and self._leaks(start, width, times):
                times -= 1
            if times > 1 and width * times > best[0] * best[1]:
                best = (width, times)
        return best

    def _continues(self, start: int, width: int, turn: int) -> bool:
        """Whether a turn, counted from 0, does what the ones before it do."""
        here = start + turn * width
        if self.looks[here : here + width] != self.looks[start : start + width]:
            return False
        first_turn = self.operations[start : start + width]
        this_turn = self.operations[here : here + width]
        if any(map(_is_another_use, first_turn, this_turn)):
            return False
        carried = 0
        for offset in range(width):
            for i, other in enumerate(self.references[here + offset]):
                first = self.references[start + offset][i]
                if first == other and not _is_made_in(first, start, here):
                    continue  # of what stands before all turns
                own, theirs = _relative(first, start), _relative(other, here)
                if own == theirs and _is_made_in(own, 0, width):
                    continue  # of its own turn
                second = self.references[start + width + offset][i]
                if (
                    _is_made_in(own, 0, width)
                    or not _is_made_in(theirs, -width, 0)
                    or theirs != _relative(second, start + width)
                ):
                    return False
                carried += 1
        return carried > 0

    def _leaks(self, start: int, width: int, times: int) -> bool:
        """Whether a turn but the last makes what is read behind all of them."""
        last = start + (times - 1) * width
        inner = {
            result.name
            for operation in self.operations[start:last]
            for result in operation.results
        }
        return not inner.isdisjoint(self.read_from(start + times * width))


def _is_another_use(first: Operation, other: Operation) -> bool:
    """Whether a layer is used again where it stands a second time in the program.

    A loop around one layer has it at one place.
    """
    return (
        isinstance(first, Call)
        and isinstance(other, Call)
        and first.instance is not None
        and first.instance == other.instance
        and first.span != other.span
    )


def _is_made_in(reference: Reference, start: int, end: int) -> bool:
    kind, place, _ = reference
    return kind == "op" and isinstance(place, int) and start <= place < end


def _relative(reference: Reference, start: int) -> Reference:
    kind, place, result = reference
    return (kind, place - start, result) if isinstance(place, int) else reference


def _look(operation: Operation) -> Hashable:
    """All that is shown of an operation but how a name is counted."""
    values = (*operation.operands, *operation.results)
    types = tuple(str(value.type) for value in values)
    if isinstance(operation, Apply):
        attributes = tuple(
            (name, value_text(plain(value)))
            for name, value in operation.attributes.items()
        )
        return operation.primitive, attributes, types
    name = None if operation.instance is None else uncounted(operation.instance)
    return id(operation.module), name, types


def _loop_turns(operations: Sequence[Operation]) -> Iterator[str | None]:
    """For each operation the turn of a loop, as the names of layers count them.

    What has no name belongs to the layer before it.
    """
    turn: str | None = None
    for operation in operations:
        if isinstance(operation, Call) and operation.instance is not None:
            end = re.search(r"\d+$", operation.instance)
            turn = None if end is None else end[0]
        yield turn
