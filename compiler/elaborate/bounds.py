"""What is known of sizes that are symbols: how large they can be."""

from collections.abc import Mapping

from dlmc.ir.dimensions import Atom, Dim, Size, Symbol


def largest(size: Size, bounds: Mapping[str, Size]) -> int | None:
    """The largest value of a size whose symbols have bounds; None where none is known.

    No symbol is negative, so a term that is taken off counts as 0.
    """
    if isinstance(size, int):
        return size
    total = 0
    for monomial, coefficient in size.terms:
        if coefficient < 0:
            continue
        term = coefficient
        for atom, power in monomial:
            most = _largest_atom(atom, bounds)
            if most is None:
                return None
            term *= most**power
        total += term
    return total


def _largest_atom(atom: Atom, bounds: Mapping[str, Size]) -> int | None:
    if isinstance(atom, Symbol):
        bound = bounds.get(atom.name)
        return None if bound is None else largest(bound, bounds)
    most = largest(atom.dividend, bounds)
    if most is None or isinstance(atom.divisor, Dim):
        return None
    return most // atom.divisor
