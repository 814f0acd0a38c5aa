"""Programs that are nested too deeply are refused before anything is built."""

import pytest

from dlmc.grammar.faults import SyntaxFaults
from dlmc.grammar.nesting import DEEPEST
from dlmc.grammar.parser import parse
from tests.unit.grammar.nodes import source

MANY = 10_000
SOME = 2_000

TOO_DEEP = {
    "parentheses": "const a = " + "(" * MANY + "1" + ")" * MANY,
    "parentheses left open": "const a = " + "(" * MANY,
    "brackets": "const a = " + "[" * MANY + "]" * MANY,
    "arguments": "const a = " + "f(x = " * MANY + "1" + ")" * MANY,
    "statements": "block A { " + "if a { " * MANY + "} " * MANY + "}",
    "else if": "block A { " + "if a { } else " * MANY + "{ } }",
    "choices": "const a = " + "if a then b else " * MANY + "1",
    "functions": "const a = " + "fn(x) = " * MANY + "1",
    "signs": "const a = " + "- " * MANY + "1",
    "powers": "const a = " + "2 ** " * MANY + "1",
    "sums": "const a = " + "1 + " * MANY + "1",
    "pipelines": "block A { y = x" + " -> relu" * MANY + " }",
    "names": "block A { y = x" + " as a" * MANY + " }",
    "attributes": "const a = x" + ".data" * MANY,
    "calls": "const a = f" + "(1)" * MANY,
    "indices": "const a = x" + "[0]" * MANY,
}

LONG = {
    "lists": "const a = [" + "1 + 2, " * SOME + "]",
    "arguments": "const a = f(" + "x(1, 2), " * SOME + ")",
    "declarations": "fn f(x) = x + (1)\n" * SOME,
    "bindings": "block A { " + "a = b.c + (1) " * SOME + "}",
    "statements": "block A { " + "if a { } for i in 0..3 { } " * SOME + "}",
    "outputs": "block A { " + "output f(1) -> relu as b " * SOME + "}",
    "settings": "train A on b { " + "a = b.c(1) model = -1 " * SOME + "}",
}


@pytest.mark.parametrize("text", TOO_DEEP.values(), ids=TOO_DEEP)
def test_too_deep(text):
    with pytest.raises(SyntaxFaults) as raised:
        parse(source(text))
    assert [fault.code for fault in raised.value.faults] == ["E0109"]


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_length_is_no_depth(text):
    parse(source(text))


def test_the_limit():
    for depth, is_refused in ((DEEPEST, False), (DEEPEST + 1, True)):
        text = "const a = " + "(" * depth + "1" + ")" * depth
        if is_refused:
            with pytest.raises(SyntaxFaults):
                parse(source(text))
        else:
            parse(source(text))


def test_every_declaration_that_is_too_deep_is_named():
    deep = "(" * 201 + "1" + ")" * 201
    text = f"const a = {deep}\nconst b = 1\nconst c = {deep}\nconst d = = 1\n"
    with pytest.raises(SyntaxFaults) as raised:
        parse(source(text))
    assert [(f.code, f.span.line) for f in raised.value.faults] == [
        ("E0109", 1),
        ("E0109", 3),
        ("E0117", 4),
    ]
