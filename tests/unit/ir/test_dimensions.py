"""Symbolic sizes: arithmetic as with numbers, one form for equal ones."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlmc.ir.dimensions import (
    Dim,
    Quotient,
    Size,
    exact_quotient,
    product,
    substitute,
)
from dlmc.ir.traced import TracedInt, Variable, origin_of, plain

N, T, H = map(Dim.symbol, "NTH")
SYMBOLS = {"N": 3, "T": 5, "H": 12}

leaves: st.SearchStrategy[Size] = st.sampled_from([N, T, H]) | st.integers(-4, 4)


def extended(inner: st.SearchStrategy[Size]) -> st.SearchStrategy[Size]:
    pairs = st.tuples(inner, inner)
    return st.one_of(
        pairs.map(lambda p: p[0] + p[1]),
        pairs.map(lambda p: p[0] - p[1]),
        pairs.map(lambda p: p[0] * p[1]),
        st.tuples(inner, st.integers(1, 6)).map(lambda p: p[0] // p[1]),
        st.tuples(inner, st.integers(1, 6)).map(lambda p: p[0] % p[1]),
    )


sizes = st.recursive(leaves, extended, max_leaves=6)
positive = st.integers(1, 12)


def value(size: Size, **symbols: int) -> Size:
    return substitute(size, (symbols or SYMBOLS).__getitem__)


def test_constants_are_integers() -> None:
    assert type(N - N) is int
    assert N - N == 0
    assert type((N + 2) - N) is int
    assert (2 * N + 4) - 2 * N == 4
    assert N * 0 == 0
    assert N // N == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (N + T, T + N),
        (N * T, T * N),
        (2 * (N + 1), 2 * N + 2),
        ((N + 1) * (N - 1), N**2 - 1),
        ((H - 1) // 2 + 1, (H + 1) // 2),
        ((2 * H + 1) // 2, H),
        ((2 * H + 1) // 4, H // 2),
        (H // 2 // 2, H // 4),
        (((H + 1) // 2 + 1) // 2, (H + 3) // 4),
        ((N * T) // T, N),
        ((3 * H + N) // 3, H + N // 3),
        (-N + N // 2 + 3 * N, 2 * N + N // 2),
    ],
)
def test_equal_sizes_look_equal(one: Size, other: Size) -> None:
    assert one == other
    assert hash(one) == hash(other)
    assert str(one) == str(other)


@pytest.mark.parametrize(
    ("one", "other"), [(N, T), (N, N + 1), (H // 2, H // 3), (H // 2 * 2, H), (N, 3)]
)
def test_others_do_not(one: Size, other: Size) -> None:
    assert one != other


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (N, "N"),
        (4 * N * T + N + 1, "4*N*T + N + 1"),
        (1 - N, "-N + 1"),
        (N**2 - 2 * T, "N**2 - 2*T"),
        ((H + 1) // 2, "((H + 1) // 2)"),
        (2 * (N // T), "2*(N // (T))"),
    ],
)
def test_text(size: Size, text: str) -> None:
    assert str(size) == text


@given(sizes, sizes)
def test_arithmetic_is_that_of_numbers(a: Size, b: Size) -> None:
    x, y = value(a), value(b)
    assert value(a + b) == x + y
    assert value(a - b) == x - y
    assert value(a * b) == x * y


@given(sizes, positive, positive, positive, positive)
def test_floor_division_is_that_of_numbers(
    a: Size, divisor: int, n: int, t: int, h: int
) -> None:
    symbols = {"N": n, "T": t, "H": h}
    assert value(a // divisor, **symbols) == value(a, **symbols) // divisor
    assert value(a % divisor, **symbols) == value(a, **symbols) % divisor


@given(sizes, sizes)
def test_addition_and_multiplication_commute(a: Size, b: Size) -> None:
    assert a + b == b + a
    assert a * b == b * a
    assert (a + b) - b == a


@given(sizes, sizes)
def test_a_product_divides_exactly(a: Size, b: Size) -> None:
    if b != 0:
        assert exact_quotient(a * b, b) == a


@given(sizes, sizes)
def test_an_exact_quotient_is_exact(a: Size, b: Size) -> None:
    quotient = exact_quotient(a, b)
    if quotient is not None:
        assert quotient * b == a


@given(sizes, sizes)
def test_substitution_in_steps(a: Size, b: Size) -> None:
    """Replacing N by b and then all symbols is replacing N by b's value."""
    replaced = substitute(a, lambda name: b if name == "N" else Dim.symbol(name))
    result = value(b)
    assert isinstance(result, int)
    if result >= 0:
        assert value(replaced) == value(a, **(SYMBOLS | {"N": result}))


@pytest.mark.parametrize(
    ("dividend", "divisor", "quotient"),
    [
        (6, 3, 2),
        (7, 3, None),
        (7, 0, None),
        (0, N, 0),
        (N, 0, None),
        (6 * N, 3, 2 * N),
        (6 * N + 1, 3, None),
        (N * T + T, N + 1, T),
        (N**2 - T**2, N + T, N - T),
        (N**2 + T**2, N + T, None),
        (N, T, None),
        (1, N, None),
        ((H // 2) * N, H // 2, N),
    ],
)
def test_exact_quotients(dividend: Size, divisor: Size, quotient: Any) -> None:
    assert exact_quotient(dividend, divisor) == quotient


def test_division_of_numbers_by_symbols() -> None:
    assert value(7 // T) == 1
    assert value(12 % T) == 2
    assert value((N * H) // T) == 7
    with pytest.raises(ZeroDivisionError):
        N // 0


def test_symbols_and_names() -> None:
    assert sorted(set((N * T // 2 + H // (N + 1)).symbols())) == ["H", "N", "T"]  # type: ignore[union-attr]
    assert N.name == "N"
    assert (2 * N).name is None  # type: ignore[union-attr]
    assert not N.is_compound


def test_products() -> None:
    assert product([]) == 1
    assert product([N, 2, T]) == 2 * N * T
    assert N**3 == N * N * N
    assert N**0 == 1


def test_nothing_else_is_a_size() -> None:
    for operate in (
        lambda: N + 1.5,
        lambda: N * "a",
        lambda: N - None,
        lambda: N // 1.5,
    ):
        with pytest.raises(TypeError):
            operate()


def test_traced_integers_in_a_size_are_replaced_too() -> None:
    """`n // stride` of a block is `m // 2` where it is used with a stride of 2."""
    n, m, stride = Dim.symbol("n"), Dim.symbol("m"), TracedInt(2, Variable("stride"))
    inside = 3 * (n // stride)
    assert isinstance(inside, Dim)
    found = inside.substitute({"n": m}.__getitem__, plain)
    assert found == 3 * (m // 2)
    assert isinstance(found, Dim)
    (((((atom, _),)), _),) = found.terms
    assert isinstance(atom, Quotient)
    assert origin_of(atom.divisor) is None
