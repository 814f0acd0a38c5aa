"""What a module's symbols stand for in one use of it.

A symbol speaks of the module it stands in alone. A caller knows the actual sizes: of
the operands, and in the arguments it gives.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from dlmc.ir.dimensions import Dim, Size, exact_quotient, substitute


@dataclass(frozen=True, slots=True)
class Pair:
    """A size as a module says it, and as its user does; `place` is for messages."""

    declared: Size
    actual: Size
    place: str


class BindingError(Exception):
    """Sizes that do not fit what a module says of them."""


def bind(pairs: Iterable[Pair]) -> dict[str, Size]:
    """The value of each symbol, from sizes that must agree.

    A symbol is known where it stands alone, or where one other number determines it
    (`2*T + 1` is 7). One that no pair determines is not in the result.

    Raises:
        BindingError: where two sizes disagree.
    """
    known: dict[str, Size] = {}
    places: dict[str, str] = {}
    # Bare symbols first: what the others mean may depend on them.
    waiting = sorted(pairs, key=lambda pair: _is_compound(pair.declared))
    progress = True
    while progress:
        progress = False
        for pair in waiting[:]:
            unknown = _unknown(pair.declared, known)
            if not unknown:
                _check(pair, known, places)
            elif (found := _solved(pair, unknown, known)) is not None:
                (name,) = unknown
                known[name], places[name] = found, pair.place
            else:
                continue
            waiting.remove(pair)
            progress = True
    return known


def argument_pairs(declared: Any, actual: Any, place: str) -> Iterator[Pair]:
    """The symbolic sizes in a compile-time argument, beside what a caller gave."""
    if isinstance(declared, Dim) and isinstance(actual, int | Dim):
        yield Pair(declared, actual, place)
    elif isinstance(declared, list | tuple) and isinstance(actual, list | tuple):
        for one, other in zip(declared, actual, strict=False):
            yield from argument_pairs(one, other, place)


def _is_compound(size: Size) -> bool:
    return isinstance(size, Dim) and size.is_compound


def _unknown(size: Size, known: dict[str, Size]) -> set[str]:
    return set(size.symbols()) - known.keys() if isinstance(size, Dim) else set()


def _check(pair: Pair, known: dict[str, Size], places: dict[str, str]) -> None:
    expected = substitute(pair.declared, known.__getitem__)
    if expected == pair.actual:
        return
    message = f"{pair.place} is {pair.actual}, not {expected}"
    if isinstance(pair.declared, Dim):
        reasons = ", ".join(
            f"{name} is {known[name]} by {places[name]}"
            for name in sorted(set(pair.declared.symbols()))
        )
        message += f": {reasons}"
    raise BindingError(message)


def _solved(pair: Pair, unknown: set[str], known: dict[str, Size]) -> Size | None:
    """The value of the one unknown symbol, where the size is linear in it."""
    if len(unknown) > 1 or not isinstance(pair.declared, Dim):
        return None
    (name,) = unknown
    symbol = Dim.symbol(name)
    size = substitute(pair.declared, lambda n: known.get(n, Dim.symbol(n)))
    if not isinstance(size, Dim):
        return None
    rest = substitute(size, lambda n: 0 if n == name else Dim.symbol(n))
    factor = exact_quotient(size - rest, symbol)
    if factor is None or name in _unknown(factor, {}):
        return None
    value = exact_quotient(pair.actual - rest, factor)
    if value is None or (isinstance(value, int) and value < 0):
        raise BindingError(
            f"{pair.place} is {pair.actual}, which is {size} for no {name}"
        )
    return value
