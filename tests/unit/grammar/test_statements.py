"""Each statement of a block, and types."""

import pytest

from tests.unit.grammar import nodes as n
from tests.unit.grammar.nodes import declaration, names, statement

x, y, h = n.Name("x"), n.Name("y"), n.Name("h")
one = n.Number(1)
f32 = n.Type("f32", ())
(name_x,) = names("x")
(name_y,) = names("y")


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("f32", f32),
        ("f32[]", f32),
        ("f32[N, 3]", n.Type("f32", (n.Name("N"), n.Number(3)))),
        ("float[..., D,]", n.Type("float", (n.Ellipsis(), n.Name("D")))),
        (
            "i64[N, T <= context]",
            n.Type(
                "i64",
                (n.Name("N"), n.Binary("<=", n.Name("T"), n.Name("context"))),
            ),
        ),
        ("u8[4 * D]", n.Type("u8", (n.Binary("*", n.Number(4), n.Name("D")),))),
    ],
)
def test_types(text, tree):
    assert statement(f"input x: {text}") == n.Input(name_x, tree)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("output x", n.Output(None, None, x)),
        ("output x + 1", n.Output(None, None, n.Binary("+", x, one))),
        ("output y = x", n.Output(name_y, None, x)),
        ("output y: f32 = x", n.Output(name_y, f32, x)),
        ("param x: f32 = 1", n.Param(name_x, f32, one)),
        ("state x: f32 = 1", n.State(name_x, f32, one)),
        ("state x = 1", n.State(name_x, None, one)),
        ("x = 1", n.Binding((name_x,), one)),
        ("x, y = h", n.Binding((name_x, name_y), h)),
        ("emit x = h", n.Emit(name_x, h)),
    ],
)
def test_simple_statements(text, tree):
    assert statement(text) == tree


def test_for():
    assert statement("for x in 0..h { y = x }") == n.For(
        (name_x,), n.Range(n.Number(0), h), (n.Binding((name_y,), x),)
    )
    assert statement("for x, y in h { }") == n.For((name_x, name_y), h, ())


def test_if():
    body = (n.Binding((name_x,), one),)
    assert statement("if h { x = 1 }") == n.If(h, body, ())
    assert statement("if h { } else { x = 1 }") == n.If(h, (), body)
    assert statement("if h { } else if y { x = 1 } else { x = 1 }") == n.If(
        h, (), (n.If(y, body, body),)
    )


def test_if_with_a_choice_as_its_condition():
    assert statement("if if x then y else h { }") == n.If(n.Choice(x, y, h), (), ())


def test_scan():
    (name_h, name_s) = names("h", "s")
    over = n.Over(name_x, y, one)
    assert statement("scan h = 1 over x in y axis 1 { emit s = h }") == n.Scan(
        (n.Carry(name_h, one),), (over,), (n.Emit(name_s, h),)
    )
    assert statement("scan h = 1, s = y, over x in y axis 1, y in h axis -1 { }") == (
        n.Scan(
            (n.Carry(name_h, one), n.Carry(name_s, y)),
            (over, n.Over(name_y, h, n.Unary("-", one))),
            (),
        )
    )


def test_scan_without_a_carry():
    assert statement("scan over x in y axis 1 { }") == n.Scan(
        (), (n.Over(name_x, y, one),), ()
    )


def test_statements_need_no_separator():
    text = "input x: f32 y = x -> relu() h = y if h { y = x } output y = h"
    kinds = [type(s).__name__ for s in declaration(f"block A {{ {text} }}").body]
    assert kinds == ["Input", "Binding", "Binding", "If", "Output"]


def test_a_statement_ends_where_the_next_one_starts():
    (first, second) = declaration("block A { x = y\n h = y [1] }").body
    assert first == n.Binding((name_x,), y)
    assert second == n.Binding(names("h"), n.Index(y, (one,)))
