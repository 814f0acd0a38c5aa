"""What symbols stand for in one use of a module."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlmc.ir.binding import BindingError, Pair, argument_pairs, bind
from dlmc.ir.dimensions import Dim, Size, substitute

N, T, M = map(Dim.symbol, "NTM")


def pairs(*sizes: tuple[Size, Size]) -> list[Pair]:
    return [Pair(a, b, f"axis {i} of x") for i, (a, b) in enumerate(sizes)]


def test_symbols_alone() -> None:
    assert bind(pairs((N, 3), (4, 4), (T, 5))) == {"N": 3, "T": 5}


def test_sizes_that_follow() -> None:
    assert bind(pairs((2 * T + N, 11), (N, 3), (N * T, 12))) == {"N": 3, "T": 4}
    assert bind(pairs((2 * T, 6 * M), (N + 1, M))) == {"T": 3 * M, "N": M - 1}


def test_what_nothing_determines_is_left_out() -> None:
    assert bind(pairs((N * T, 12))) == {}
    assert bind(pairs((T // 2, 3))) == {}


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ([(4, 3)], "axis 0 of x is 3, not 4"),
        ([(N, 3), (N, 4)], "axis 1 of x is 4, not 3: N is 3 by axis 0 of x"),
        ([(2 * N, 6), (N, 4)], "axis 0 of x is 6, not 8: N is 4 by axis 1 of x"),
        ([(2 * N, 7)], "which is 2*N for no N"),
        ([(N + 3, 2)], "which is N + 3 for no N"),
        ([(N, M), (N, T)], "axis 1 of x is T, not M"),
    ],
)
def test_sizes_that_disagree(sizes: list[tuple[Size, Size]], message: str) -> None:
    with pytest.raises(BindingError) as caught:
        bind(pairs(*sizes))
    assert message in str(caught.value)


@given(st.permutations([N, T, 2 * N + T, N * T, 7, T // 2]), st.data())
def test_any_order_gives_the_same(sizes: list[Size], data: st.DataObject) -> None:
    actual = {"N": data.draw(st.integers(0, 9)), "T": data.draw(st.integers(0, 9))}
    found = bind(pairs(*((s, substitute(s, actual.__getitem__)) for s in sizes)))
    assert found == actual


def test_sizes_in_arguments() -> None:
    found = list(argument_pairs((N, 4, [T, "same"]), (3, 4, [5, "same"]), "shape"))
    assert found == [Pair(N, 3, "shape"), Pair(T, 5, "shape")]
    assert list(argument_pairs(4, 5, "size")) == []
    assert list(argument_pairs(N, None, "size")) == []
