"""Operations written as arithmetic."""

import pytest

from dlmc.grammar.span import Source, Span
from dlmc.ir.builder import Builder, Term
from dlmc.ir.dimensions import Dim
from dlmc.ir.module import Apply, Value
from dlmc.ir.types import DType
from dlmc.primitives import Fault
from dlmc.primitives.base import tensor

SPAN = Span(Source("test.dlm", "x"), 0, 1)
N = Dim.symbol("N")


@pytest.fixture
def b() -> Builder:
    return Builder(SPAN, {"x", "y", "1"})


def names(b: Builder) -> list[str]:
    return [operation.primitive for operation in b.operations]


def given(b: Builder, name: str, type_: str) -> Term:
    return b.term(Value(name, tensor(type_)))


def test_operators(b: Builder) -> None:
    x, y = given(b, "x", "f32[N, 3]"), given(b, "y", "f32[3]")
    made = -(x + y) * 2 / (1 - x)
    assert names(b) == ["add", "neg", "constant", "mul", "constant", "sub", "div"]
    assert made.type == tensor("f32[N, 3]")
    condition = ~((x < y) | (x >= 1)) & (x > y) & (x <= y)
    assert condition.dtype is DType.BOOL
    numbers = [o.attributes for o in b.operations if o.primitive == "constant"]
    assert {"value": 2.0, "dtype": DType.F32} in numbers


def test_each_operation_once(b: Builder) -> None:
    x, y = given(b, "x", "f32[N]"), given(b, "y", "f32[N]")
    first, second = b.exp(x * y), b.exp(x * y)
    assert first.value == second.value
    assert names(b) == ["mul", "exp"]
    assert b.sum(x, axis=[0]).value != b.sum(x, axis=[0], keep=True).value
    # Random numbers are other ones each time; 1 and true are two things.
    random = {b.random_uniform(shape=[2], dtype=DType.F32).value for _ in range(2)}
    assert len(random) == 2
    assert b.constant(0.0, DType.F32).value != b.constant(-0.0, DType.F32).value


def test_what_the_body_has_is_used(b: Builder) -> None:
    x = given(b, "x", "f32[N]")
    there = Apply("exp", (x.value,), {}, Value("e", x.type), SPAN)
    b.know(there)
    assert b.exp(x).value == there.result
    assert not b.operations


def test_what_changes_nothing_is_left_out(b: Builder) -> None:
    x = given(b, "x", "f32[N, 3]")
    same = [
        x * 1, 1 * x, x + 0, x - 0, x / 1, b.neg(-x),
        b.reshape(x, shape=[N, 3]), b.broadcast(x, shape=[N, 3]), b.sum(x, axis=[]),
        b.transpose(x, axes=[0, 1]), b.cast(x, dtype=DType.F32),
        b.pad(x, low=[0, 0], high=[0, 0]), b.slice(x, start=None, stop=None),
        b.fit(x, x.shape), x * b.full(1, tensor("f32[3]")),
    ]  # fmt: skip
    assert {term.value for term in same} == {x.value}
    assert b.reshape(x, shape=[-1]).value != x.value
    assert b.slice(x, start=None, stop=None, step=[1, -1]).value != x.value
    # These have another meaning or another type.
    assert (0 - x).value != x.value
    assert (1 / x).value != x.value
    assert (given(b, "y", "f32[3]") * b.full(1, x.type)).type == x.type


def test_names_are_free(b: Builder) -> None:
    x = given(b, "x", "f32[N]")
    made = {b.exp(x).value.name, b.sin(x).value.name}
    assert not made & {"x", "y", "1"}
    assert len(made) == 2
    assert all(operation.span is SPAN for operation in b.operations)


def test_numbers_that_are_known(b: Builder) -> None:
    assert b.number(b.full(3, tensor("f64[N, 2]"))) == 3
    assert b.number(b.cast(b.constant(3, DType.I64), dtype=DType.F32)) == 3
    assert b.number(b.constant([1.0, 2.0], DType.F32)) is None  # type: ignore[arg-type]
    assert b.number(given(b, "x", "f32")) is None
    whole = b.cast(b.constant(3.7, DType.F32), dtype=DType.I64)
    assert b.number(b.cast(whole, dtype=DType.F32)) is None
    assert b.number(b.size(4, DType.F32)) == 4
    assert b.number(b.size(N, DType.F32)) is None


@pytest.mark.parametrize(
    ("gradient", "operand"),
    [
        ("f32[N, 3]", "f32"),
        ("f32[N, 3]", "f32[3]"),
        ("f32[N, 3]", "f32[N, 1]"),
        ("f32[N, 4, 3]", "f32[4, 1]"),
        ("f32", "f32[N, 3]"),
        ("f32[1, 3]", "f32[N, 3]"),
        ("f32[N, 3]", "f32[1, 1, 1]"),
    ],
)
def test_fit(b: Builder, gradient: str, operand: str) -> None:
    wanted = tensor(operand)
    assert b.fit(given(b, "x", gradient), wanted.shape).type == wanted


def test_mistakes(b: Builder) -> None:
    with pytest.raises(AttributeError, match="no primitive frobnicate"):
        b.frobnicate  # noqa: B018 - asking is what fails
    with pytest.raises(Fault, match="one dtype"):
        given(b, "x", "f32") + given(b, "y", "i64")
