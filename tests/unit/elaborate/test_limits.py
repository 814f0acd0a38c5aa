"""Limits, recursion, bounds of sizes: compiling ends, and says why it stops."""

import sys

import pytest

from .programs import errors, model


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("for i in 0..10000000 { y = y + 1 }",
         "the range has 10,000,000 turns; the limit is 100,000"),
        ("for i in 0..100000 { for j in 0..100000 { k = i * j } }",
         "the program takes more than 200,000 steps to compile"),
        ("k = 2 ** 10 ** 9", "the power is too large to compute"),
        ("k = [0] for i in 0..99 { k = k + k }",
         "131,072 items are more than the limit, 100,000"),
        ('k = "ab" for i in 0..99 { k = k + k }',
         "131,072 items are more than the limit, 100,000"),
        ("k = [0] * 10 ** 9", "1,000,000,000 items are more than the limit, 100,000"),
        ("self = fn(f) = f(f) k = self(self)",
         "blocks and functions are nested more than 100 deep here"),
    ],
)  # fmt: skip
def test_each_limit_says_so(text: str, message: str) -> None:
    """The rest of the program is not looked at then, or not for as long."""
    found = errors(f"model M {{ input x: f32[N, 2] y = x {text} output z = y }}")
    assert found == [message]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("block A { input x: f32[N] output x -> A }", "`A` uses itself"),
        ("fn a(n) = a(n - 1)", "`a` uses itself"),
        ("const a = b\nconst b = c\nconst c = a",
         "`a` uses itself: `a` uses `b` uses `c` uses `a`"),
        ("block A { input x: f32[N] output x -> B }\n"
         "block B { input x: f32[N] output x -> A }",
         "`A` uses itself: `A` uses `B` uses `A`"),
        ("fn a(x) = if true then x else a(x)", "`a` uses itself"),
    ],
)  # fmt: skip
def test_recursion_is_found_without_running_into_it(text: str, message: str) -> None:
    """Whether anything uses it or not."""
    assert errors(text) == [message]
    used = f"{text}\nmodel M {{ input x: f32[N] output y = x }}"
    assert errors(used) == [message]


def test_a_name_bound_inside_is_no_recursion() -> None:
    """A parameter or a binding hides the declaration that is called the same."""
    text = """
    const width = 3
    fn relu(x) = maximum(x, 0)
    fn same(same) = same + width
    block B(width = 4) { input x: f32[N] B = 2 * x output B + width }
    model M { input x: f32[N] output y = same(x) -> relu -> B }
    """
    assert errors(text) == []


def test_the_number_of_messages_has_a_limit() -> None:
    """A hundred mistakes are enough to read."""
    lines = "\n".join(f"h{i} = x -> Dens(8)" for i in range(500))
    found = errors(f"model M {{ input x: f32[N, 8]\n{lines}\noutput y = x }}")
    assert found[:100] == ["there is no `Dens`"] * 100
    assert found[100:] == [
        "there are 100 errors up to here: what follows is not looked at"
    ]


def calls_to_compile(layers: int) -> int:
    """How many calls of functions a model of so many lines takes."""
    lines = "".join(f"x = x -> Dense(8) as d{i} -> relu\n" for i in range(layers))
    text = f"model M {{ input x: f32[N, 8]\n{lines} output y = x }}"
    count = 0

    def count_call(frame: object, event: str, arg: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(count_call)
    try:
        model(text)
    finally:
        sys.setprofile(None)
    return count


def test_work_grows_with_the_program_and_not_faster() -> None:
    """Each further layer costs what the one before it did."""
    calls_to_compile(1)  # reads the library
    one, two, three = map(calls_to_compile, (100, 300, 500))
    assert three - two == pytest.approx(two - one, rel=0.02)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("input x: f32[N, T] param w: f32[9] = 1 output x + w[:T]",
         "`:T` goes up to T, which may be more than the 9 there are"),
        ("input x: f32[N, T <= 10] param w: f32[9] = 1 output x + w[:T]",
         "`:T` goes up to T, which may be more than the 9 there are"),
        ("input x: f32[N, T <= 5] param w: f32[9] = 1 output concat(x, x, axis = 1)"
         " + w[:2 * T]",
         "`:2 * T` goes up to 2*T, which may be more than the 9 there are"),
        ("input x: f32[N, T <= 5] input y: f32[N, S <= T] output x",
         "a bound is a known size, not T"),
    ],
)  # fmt: skip
def test_a_part_may_not_be_larger_than_the_whole(text: str, message: str) -> None:
    """NumPy would cut it off, and the result would not have the size that it says."""
    assert errors(f"model M {{ {text} }}") == [message]


@pytest.mark.parametrize(
    "text",
    [
        "input x: f32[N, T <= 9] param w: f32[9] = 1 output x + w[:T]",
        "input x: f32[N, T <= 8] param w: f32[9] = 1 output x + w[1:T + 1]",
        "input x: f32[N, T <= 18] param w: f32[9] = 1 output w[:T // 2]",
        "input x: f32[N, T <= 9] output x -> Positions",
        "input x: f32[N, T <= 9] output x -> Bounded",
    ],
)
def test_a_bound_makes_it_sure(text: str) -> None:
    """Also in a block that the model uses, whether or not it says so itself."""
    blocks = """
    block Positions { input x: f32[N, T] param w: f32[9] = 1 output x + w[:T] }
    block Bounded { input x: f32[N, T <= 9] param w: f32[9] = 1 output x + w[:T] }
    """
    assert errors(f"{blocks} model M {{ {text} }}") == []


@pytest.mark.parametrize(
    ("size", "message"),
    [
        ("T", "`Bounded` takes T up to 9, and T may be more"),
        ("T <= 12", "T is up to 12, more than 9"),
        ("12", "T is 12, more than 9"),
    ],
)
def test_a_block_keeps_its_bound(size: str, message: str) -> None:
    """Where it is used."""
    text = f"""
    block Bounded {{ input x: f32[N, T <= 9] output x }}
    model M {{ input x: f32[N, {size}] output x -> Bounded }}
    """
    assert errors(text) == [message]


@pytest.mark.parametrize(
    ("condition", "known"),
    [
        ("N == 4", False),
        ("N == N", True),
        ("N != N + 1", True),
        ("[N, 2] == [N, 3]", True),
    ],
)
def test_sizes_are_compared_where_they_are_known(condition: str, known: bool) -> None:
    """A choice cannot wait until the program runs."""
    text = f"model M {{ input x: f32[N] output y = if {condition} then x else 2 * x }}"
    assert [("known only" in message) for message in errors(text)] == [True] * (
        not known
    )
