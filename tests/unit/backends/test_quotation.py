"""Templates of Python with holes."""

import pytest

from dlmc.backends.python import printer
from dlmc.backends.python import tree as py
from dlmc.backends.python.quotation import Quote, holes_of

quote = Quote({"nn": py.Import("torch", "nn")})


def shown(tree: py.Expression) -> str:
    return printer.expression(tree)


def test_holes() -> None:
    made = quote(
        "nn.Linear({D}, {units}, bias={bias})", D=16, units=py.Name("u"), bias=0
    )
    assert shown(made) == "nn.Linear(16, u, bias=0)"
    assert list(py.imports([made])) == [py.Import("torch", "nn")]
    assert holes_of("{a} {{b}} {c_1}") == {"a", "c_1"}


def test_precedence() -> None:
    assert shown(quote("{a} * 2", a=quote("x + 1"))) == "(x + 1) * 2"
    assert shown(quote("{a}.T", a=quote("-x"))) == "(-x).T"


def test_sequences_and_mappings() -> None:
    made = quote("f({xs}, last, **{options})", xs=[1, py.Name("a")], options={"k": 2})
    assert shown(made) == "f(1, a, last, k=2)"
    assert shown(quote("[{xs}]", xs=[])) == "[]"
    assert shown(quote("f({x})", x=((1, 2),))) == "f((1, 2))"


def test_names_are_checked() -> None:
    assert shown(quote("x.{name}", name="a")) == "x.a"
    with pytest.raises(TypeError, match="no name"):
        quote("x.{name}", name="a; b")


def test_strings_are_literals() -> None:
    assert shown(quote("{x}", x="import os")) == '"import os"'
    with pytest.raises(TypeError, match="a hole in a string"):
        quote("'{x}'", x=1)


def test_statements() -> None:
    inner = quote.statements("y = x\nz = y")
    made = quote.statements("if {x}:\n    {body}\nelse:\n    pass", x=True, body=inner)
    assert printer.statements(made) == (
        "if True:\n    y = x\n    z = y\nelse:\n    pass\n"
    )


@pytest.mark.parametrize("template", ["a < b < c", "x := 1", "await x"])
def test_what_templates_do_not_hold(template: str) -> None:
    with pytest.raises((TypeError, SyntaxError)):
        quote(template)
