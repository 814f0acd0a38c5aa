"""Compile-time numbers as Python: literals, arguments, sizes and sums of them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dlmc.backends.python import tree as py
from dlmc.backends.python.quotation import expression_of
from dlmc.ir.binding import argument_pairs
from dlmc.ir.dimensions import Dim, Quotient, Size, Symbol
from dlmc.ir.module import Module
from dlmc.ir.traced import (
    Operation,
    Origin,
    Variable,
    apply,
    evaluate,
    origin_of,
    plain,
    variables,
)

Writer = Callable[[str], py.Expression]


@dataclass(frozen=True)
class Numbers:
    """Writes the numbers of one module at one place of its code.

    `write` gives the expression of an argument or dimension of the module by name;
    those in `settled` are written as the values that they have.
    """

    write: Writer
    settled: Mapping[str, Any]

    def __call__(self, value: Any) -> py.Expression:
        """The expression of a number, or of a list or tuple of numbers."""
        if isinstance(value, list | tuple):
            items = tuple(map(self, value))
            return py.List(items) if isinstance(value, list) else py.Tuple(items)
        if isinstance(value, Dim):
            return self.polynomial(value)
        origin = origin_of(value)
        if origin is None:
            return expression_of(value)
        return expression_of(self.origin(origin))

    def origin(self, origin: "Origin | int | float") -> Any:
        """An origin as a node, or as a number where all in it is settled."""
        match origin:
            case Variable(name):
                if name in self.settled:
                    return plain(self.settled[name])
                return self.write(name)
            case Operation(operator, left, right):
                a, b = self.origin(left), self.origin(right)
                if isinstance(a, int | float) and isinstance(b, int | float):
                    return apply(operator, a, b)
                return py.Binary(expression_of(a), operator, expression_of(b))
            case number:
                return number

    def polynomial(self, size: Dim) -> py.Expression:
        """A symbolic size: `4 * n * t + n`."""
        # A term with a minus sign cannot come first.
        terms = sorted(size.terms, key=lambda term: term[1] < 0)
        total: py.Expression | None = None
        for monomial, coefficient in terms:
            factors: list[py.Expression] = []
            for atom, power in monomial:
                base = self.atom(atom)
                exponent = py.Literal(power)
                factors.append(base if power == 1 else py.Binary(base, "**", exponent))
            shown = coefficient if total is None else abs(coefficient)
            if shown == -1 and factors:
                factors[0] = py.Unary("-", factors[0])
            elif shown != 1 or not factors:
                factors.insert(0, py.Literal(shown))
            term = factors[0]
            for factor in factors[1:]:
                term = py.Binary(term, "*", factor)
            if total is None:
                total = term
            else:
                total = py.Binary(total, "-" if coefficient < 0 else "+", term)
        assert total is not None
        return total

    def atom(self, atom: Symbol | Quotient) -> py.Expression:
        """A symbol, or a division that may leave a rest."""
        if isinstance(atom, Symbol):
            if atom.name in self.settled:
                return self(self.settled[atom.name])
            return self.write(atom.name)
        return py.Binary(self(atom.dividend), "//", self(atom.divisor))


def variables_of(value: Any) -> Iterator[str]:
    """The arguments and dimensions that a number depends on, with repetitions."""
    if isinstance(value, list | tuple):
        for item in value:
            yield from variables_of(item)
    elif isinstance(value, Dim):
        yield from value.symbols()
    else:
        yield from variables(origin_of(value))


def places(module: Module) -> dict[str, tuple[int, int]]:
    """Where each dimension of a module stands by itself: an input and an axis."""
    found: dict[str, tuple[int, int]] = {}
    for position, value in enumerate(module.inputs):
        for axis, size in enumerate(value.type.shape):
            name = variable_name(size)
            if name is not None:
                found.setdefault(name, (position, axis))
    return found


def variable_name(size: Any) -> str | None:
    """The name of the argument or dimension that a number just is."""
    if isinstance(size, Dim):
        return size.name
    origin = origin_of(size)
    return origin.name if isinstance(origin, Variable) else None


def symbols(declared: Any, actual: Any) -> Iterator[tuple[str, Size]]:
    """The symbols in an argument as a module has it, and what its user gives for them.

    A list of sizes that are not known has a symbol for each: `size.0`, `size.1`.
    """
    for pair in argument_pairs(declared, actual, ""):
        name = variable_name(pair.declared)
        if name is not None:
            yield name, pair.actual


def values_of(module: Module) -> dict[str, Any]:
    """The value of every argument and dimension of a module."""
    found: dict[str, Any] = {
        name: plain(value)
        for name, value in {**module.dimensions, **module.arguments}.items()
    }
    for argument in module.arguments.values():
        found |= symbols(argument, argument)
    for name, (position, axis) in places(module).items():
        found.setdefault(name, plain(module.inputs[position].type.shape[axis]))
    return found


def known_values(module: Module) -> dict[str, Any]:
    """Those of `values_of` that are known before the code runs."""
    return {n: v for n, v in values_of(module).items() if not isinstance(v, Dim)}


def symbolic(size: Size, settled: Mapping[str, Any]) -> Size:
    """A number in lowest terms, for readers: its origin as a polynomial.

    What is `settled` stands in it as the number that it is.
    """
    origin = origin_of(size)
    if origin is None:
        return size
    symbols = {name: settled.get(name, Dim.symbol(name)) for name in variables(origin)}
    try:
        found = evaluate(origin, symbols)
    except TypeError:  # a symbol as an exponent
        return plain(size)  # type: ignore[no-any-return]
    return found  # type: ignore[no-any-return]
