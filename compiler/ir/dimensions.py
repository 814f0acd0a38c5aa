"""Exact symbolic sizes.

A dimension is an `int`, or a `Dim`: a polynomial with integer coefficients in symbols
(`N`, `T`) and in floor divisions of such polynomials. It has one normal form, so equal
polynomials compare equal; one that is a constant becomes an `int`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import gcd
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True, order=True)
class Symbol:
    """A size that is known only when the program runs."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Quotient:
    """`dividend // divisor` where the division may leave a rest."""

    dividend: Dim
    divisor: Size

    def __str__(self) -> str:
        right = self.divisor if isinstance(self.divisor, int) else f"({self.divisor})"
        left = f"({self.dividend})" if self.dividend.is_compound else self.dividend
        return f"{left} // {right}"


Atom: TypeAlias = Symbol | Quotient
Monomial: TypeAlias = tuple[tuple[Atom, int], ...]  # atoms with powers, by text


def _multiply(a: Monomial, b: Monomial) -> Monomial:
    powers = dict(a)
    for atom, power in b:
        powers[atom] = powers.get(atom, 0) + power
    return tuple(sorted(powers.items(), key=lambda item: str(item[0])))


def _divide(a: Monomial, b: Monomial) -> Monomial | None:
    powers = dict(a)
    for atom, power in b:
        rest = powers.get(atom, 0) - power
        if rest < 0:
            return None
        powers[atom] = rest
    return tuple((atom, power) for atom, power in powers.items() if power)


@dataclass(frozen=True, slots=True)
class Dim:
    """A polynomial that is not a constant: terms of (monomial, coefficient)."""

    terms: tuple[tuple[Monomial, int], ...]

    @staticmethod
    def symbol(name: str) -> Dim:
        """The size called `name`."""
        return Dim((((((Symbol(name), 1),)), 1),))

    @staticmethod
    def _of(terms: Mapping[Monomial, int]) -> Size:
        kept = {m: c for m, c in terms.items() if c}
        if not kept:
            return 0
        if set(kept) == {()}:
            return kept[()]
        # Highest degree first, then by name: `4*N*T + N + 1`.
        order = sorted(kept, key=lambda m: (-sum(p for _, p in m), str(m)))
        return Dim(tuple((m, kept[m]) for m in order))

    @property
    def is_compound(self) -> bool:
        """Whether it prints as more than a name."""
        return self.name is None

    @property
    def name(self) -> str | None:
        """The symbol's name where the dimension is just a symbol."""
        match self.terms:
            case (((((Symbol(name), 1),)), 1),):
                return name
        return None

    def symbols(self) -> Iterator[str]:
        """Names of all symbols, with repetitions."""
        for monomial, _ in self.terms:
            for atom, _ in monomial:
                if isinstance(atom, Symbol):
                    yield atom.name
                else:
                    yield from atom.dividend.symbols()
                    if isinstance(atom.divisor, Dim):
                        yield from atom.divisor.symbols()

    def substitute(
        self,
        value_of: Callable[[str], Size],
        number_of: Callable[[int], Size] = lambda number: number,
    ) -> Size:
        """The dimension with every symbol replaced.

        `number_of` replaces the integers in it, which may be traced.
        """

        def atom_value(atom: Atom) -> Size:
            if isinstance(atom, Symbol):
                return value_of(atom.name)
            dividend = atom.dividend.substitute(value_of, number_of)
            if isinstance(atom.divisor, Dim):
                return dividend // atom.divisor.substitute(value_of, number_of)
            return dividend // number_of(atom.divisor)

        total: Size = 0
        for monomial, coefficient in self.terms:
            term: Size = number_of(coefficient)
            for atom, power in monomial:
                for _ in range(power):
                    term = term * atom_value(atom)
            total = total + term
        return total

    def __add__(self, other: Size) -> Size:
        if not isinstance(other, int | Dim):
            return NotImplemented
        terms = dict(self.terms)
        for monomial, coefficient in _terms(other):
            terms[monomial] = terms.get(monomial, 0) + coefficient
        return Dim._of(terms)

    __radd__ = __add__

    def __neg__(self) -> Size:
        return self * -1

    def __sub__(self, other: Size) -> Size:
        if not isinstance(other, int | Dim):
            return NotImplemented
        return self + other * -1

    def __rsub__(self, other: Size) -> Size:
        return self * -1 + other

    def __mul__(self, other: Size) -> Size:
        if not isinstance(other, int | Dim):
            return NotImplemented
        terms: dict[Monomial, int] = {}
        for a, ca in self.terms:
            for b, cb in _terms(other):
                product = _multiply(a, b)
                terms[product] = terms.get(product, 0) + ca * cb
        return Dim._of(terms)

    __rmul__ = __mul__

    def __pow__(self, power: int) -> Size:
        return product([self] * power)

    def __floordiv__(self, divisor: Size) -> Size:
        if not isinstance(divisor, int | Dim):
            return NotImplemented
        if divisor == 0:
            raise ZeroDivisionError("a dimension divided by zero")
        exact = exact_quotient(self, divisor)
        if exact is not None:
            return exact
        if isinstance(divisor, int) and divisor > 0:
            return self._floor(divisor)
        return Dim.of_atom(Quotient(self, divisor))

    def __rfloordiv__(self, dividend: int) -> Size:
        if dividend == 0:
            return 0
        constant = Dim((((), dividend),))
        return Dim.of_atom(Quotient(constant, self))

    def _floor(self, divisor: int) -> Size:
        """The normal form of `self // divisor`, so that equal roundings look equal."""
        whole = Dim._of({m: c // divisor for m, c in self.terms})
        if whole != 0:  # (H - 1) // 2 is (H + 1) // 2 - 1
            return whole + Dim._of({m: c % divisor for m, c in self.terms}) // divisor
        factor = gcd(divisor, *(c for m, c in self.terms if m))
        if factor > 1:  # (2*H + 1) // 4 is H // 2
            return Dim._of({m: c // factor for m, c in self.terms}) // (
                divisor // factor
            )
        match self.terms:
            case ((((Quotient(inner, int(by)), 1),), 1), *constant) if (
                by > 0 and len(constant) <= 1 and not any(m for m, _ in constant)
            ):  # (H // 2 + 1) // 2 is (H + 2) // 4
                return (inner + sum(c for _, c in constant) * by) // (by * divisor)
        return Dim.of_atom(Quotient(self, divisor))

    def __mod__(self, divisor: Size) -> Size:
        return self - (self // divisor) * divisor

    def __rmod__(self, dividend: int) -> Size:
        return dividend - (dividend // self) * self

    @staticmethod
    def of_atom(atom: Atom) -> Dim:
        """The dimension that is just `atom`."""
        return Dim((((((atom, 1),)), 1),))

    def __str__(self) -> str:
        text = ""
        for monomial, coefficient in self.terms:
            factors = [str(abs(coefficient))] if abs(coefficient) != 1 else []
            for atom, power in monomial:
                name = f"({atom})" if isinstance(atom, Quotient) else str(atom)
                factors.append(name if power == 1 else f"{name}**{power}")
            term = "*".join(factors) or "1"
            sign = "-" if coefficient < 0 else "+"
            if text:
                text += f" {sign} {term}"
            else:
                text = f"-{term}" if sign == "-" else term
        return text

    def __repr__(self) -> str:
        return f"Dim({self})"


Size: TypeAlias = int | Dim
"""A dimension: known or symbolic."""


def _terms(size: Size) -> tuple[tuple[Monomial, int], ...]:
    return size.terms if isinstance(size, Dim) else (((), size),)


def exact_quotient(dividend: Size, divisor: Size) -> Size | None:
    """`dividend / divisor` where no rest is left for any value of the symbols."""
    if isinstance(dividend, int) and isinstance(divisor, int):
        return dividend // divisor if divisor and dividend % divisor == 0 else None
    if divisor == 0:
        return None
    # Polynomial division: the leading terms shrink in an order that products respect,
    # so the rest is empty exactly where the divisor is a factor.
    monomials = [m for size in (dividend, divisor) for m, _ in _terms(size)]
    atoms = sorted({atom for m in monomials for atom, _ in m}, key=str)

    def order(monomial: Monomial) -> tuple[int, ...]:
        powers = dict(monomial)
        return (sum(powers.values()), *(powers.get(atom, 0) for atom in atoms))

    rest = {m: c for m, c in _terms(dividend) if c}
    lead, coefficient = max(_terms(divisor), key=lambda term: order(term[0]))
    quotient: dict[Monomial, int] = {}
    while rest:
        monomial = max(rest, key=order)
        by = _divide(monomial, lead)
        if by is None or rest[monomial] % coefficient:
            return None
        quotient[by] = factor = rest[monomial] // coefficient
        for m, c in _terms(divisor):
            term = _multiply(by, m)
            rest[term] = rest.get(term, 0) - factor * c
            if not rest[term]:
                del rest[term]
    return Dim._of(quotient)


def substitute(size: Any, value_of: Callable[[str], Size]) -> Size:
    """`size` with every symbol replaced."""
    return size.substitute(value_of) if isinstance(size, Dim) else size


def product(sizes: Iterable[Size]) -> Size:
    """The product of sizes, 1 for none."""
    result: Size = 1
    for size in sizes:
        result = result * size
    return result
