"""Numbers that remember where they came from."""

import copy
import operator
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dlmc.ir.traced import (
    Operation,
    TracedFloat,
    TracedInt,
    Variable,
    evaluate,
    origin_of,
    plain,
    traced,
    variables,
)

OPERATORS = [
    operator.add,
    operator.sub,
    operator.mul,
    operator.floordiv,
    operator.mod,
]
numbers = st.integers(-6, 6)


@given(numbers, numbers, numbers, numbers, st.sampled_from(OPERATORS), st.booleans())
def test_an_origin_computes_the_number_again(
    a: int, b: int, c: int, d: int, operate: Callable[[Any, Any], Any], both: bool
) -> None:
    """For the values it has, and for those it has in another use."""
    x, y = TracedInt(a, Variable("x")), TracedInt(b, Variable("y"))
    for left, right in [(x, y), (x, b), (a, y)] if both else [(x, x)]:
        values, others = {"x": a, "y": b}, {"x": c, "y": d}
        try:
            result = operate(left, right)
        except ZeroDivisionError:
            continue
        assert result == operate(int(left), int(right))
        origin = origin_of(result)
        if origin is None:
            assert operate is operator.mul
            assert 0 in (a, b)
            continue
        assert evaluate(origin, values) == result

        try:
            wanted = operate(*(_elsewhere(side, others) for side in (left, right)))
        except ZeroDivisionError:
            continue
        assert evaluate(origin, others) == wanted


def _elsewhere(number: int, values: dict[str, int]) -> int:
    origin = origin_of(number)
    return number if origin is None else evaluate(origin, values)  # type: ignore[no-any-return]


@given(numbers, st.integers(0, 4))
def test_powers(a: int, power: int) -> None:
    x = TracedInt(a, Variable("x"))
    assert x**power == a**power
    assert evaluate(origin_of(x**power) or 1, {"x": 3}) == 3**power
    assume(a >= 0)
    assert 2**x == 2**a


def test_a_literal_that_changes_nothing_is_left_out() -> None:
    x = TracedInt(5, Variable("x"))
    for unchanged in (x + 0, 0 + x, x - 0, x * 1, 1 * x, x // 1, x**1):
        assert origin_of(unchanged) == Variable("x")
        assert unchanged == 5


def test_a_traced_number_that_changes_nothing_is_kept() -> None:
    x, zero = TracedInt(5, Variable("x")), TracedInt(0, Variable("y"))
    one = TracedInt(1, Variable("z"))
    assert evaluate(origin_of(x + zero), {"x": 5, "y": 2}) == 7
    assert evaluate(origin_of(zero + x), {"x": 5, "y": 2}) == 7
    assert evaluate(origin_of(x * one), {"x": 5, "z": 3}) == 15
    assert evaluate(origin_of(64 + zero), {"y": 2}) == 66
    assert evaluate(origin_of(x * zero), {"x": 5, "y": 2}) == 10


def test_negation() -> None:
    assert evaluate(origin_of(-TracedInt(5, Variable("x"))), {"x": 7}) == -7


def test_names_in_an_origin() -> None:
    x, y = TracedInt(5, Variable("x")), TracedInt(2, Variable("y"))
    assert list(variables(origin_of((x + y) * x))) == ["x", "y", "x"]
    assert list(variables(None)) == []


def test_it_is_a_number_like_any_other() -> None:
    x = TracedInt(5, Variable("x"))
    assert x == 5
    assert hash(x) == hash(5)
    assert isinstance(x, int)
    assert [0, 1, 2, 3, 4, 5][x] == 5
    assert type(plain(x)) is int
    rate = TracedFloat(0.5, Variable("rate"))
    assert rate == 0.5
    assert type(plain([rate, (x,)])[0]) is float
    assert type(plain([rate, (x,)])[1][0]) is int


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy])
def test_copies_keep_the_origin(again: Callable[[Any], Any]) -> None:
    x = again(TracedInt(5, Operation("+", Variable("x"), 1)))
    assert origin_of(x) == Operation("+", Variable("x"), 1)
    y = pickle.loads(pickle.dumps(TracedFloat(0.5, Variable("rate"))))
    assert origin_of(y) == Variable("rate")


def test_only_numbers_can_carry_an_origin() -> None:
    assert traced(True, Variable("x")) is True
    assert traced("same", Variable("x")) == "same"
    assert origin_of(traced(3, Variable("x"))) == Variable("x")
