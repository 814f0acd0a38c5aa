"""Figures for people: three digits with a prefix, and sums of terms in open sizes."""

from dlmc.ir.dimensions import Atom, Monomial, Quotient, Size, Symbol

DECIMAL = ("", "k", "M", "G", "T", "P", "E")
BINARY = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_SHOWN = 3
"""How many terms of a sum are shown."""
_NEGLIGIBLE = 2000
"""A term so many times smaller than another is lost when that is rounded."""


def flops(size: Size) -> str:
    """FLOPs: `8.24 G · N`."""
    return _sum(size, 1000, DECIMAL)


def memory(size: Size) -> str:
    """Bytes: `89.2 MiB · N`."""
    return _sum(size, 1024, BINARY)


def _sum(size: Size, base: int, prefixes: tuple[str, ...]) -> str:
    if isinstance(size, int):
        return _scaled(size, base, prefixes)
    terms = [
        (monomial, coefficient)
        for monomial, coefficient in size.terms
        if not any(
            _NEGLIGIBLE * abs(coefficient) < abs(other) and _divides(monomial, large)
            for large, other in size.terms
        )
    ]
    text = ""
    for monomial, coefficient in terms[:_SHOWN]:
        number = _scaled(abs(coefficient), base, prefixes)
        factors = [_power(atom, power) for atom, power in monomial]
        if number == "1" and factors:  # a bare coefficient says nothing
            number = ""
        term = " · ".join([number, *factors] if number else factors)
        if text:
            text += f" {'−' if coefficient < 0 else '+'} {term}"
        else:
            text = f"−{term}" if coefficient < 0 else term
    return text + " + …" if len(terms) > _SHOWN else text


def _divides(small: Monomial, large: Monomial) -> bool:
    """Whether `large` is `small` times what is never below 1: open sizes."""
    powers = dict(large)
    for atom, power in small:
        powers[atom] = powers.get(atom, 0) - power
    return all(
        power == 0 or (power > 0 and isinstance(atom, Symbol))
        for atom, power in powers.items()
    )


def _power(atom: Atom, power: int) -> str:
    name = f"({atom})" if isinstance(atom, Quotient) else str(atom)
    return name if power == 1 else name + str(power).translate(_RAISED)


def _scaled(number: int, base: int, prefixes: tuple[str, ...]) -> str:
    """A number with three digits and a prefix: `4.09 G`, `97.7 MiB`, `12`."""
    value, sign = abs(number), "−" if number < 0 else ""
    step = 0
    # 999.6 k is 1.00 M: what decides is the rounded number.
    while step + 1 < len(prefixes) and 2 * value >= (2 * base - 1) * base**step:
        step += 1
    if step == 0:
        return f"{sign}{value} {prefixes[0]}".rstrip()
    scaled = value / base**step
    digits = 2 if scaled < 9.995 else 1 if scaled < 99.95 else 0
    return f"{sign}{scaled:.{digits}f} {prefixes[step]}"
