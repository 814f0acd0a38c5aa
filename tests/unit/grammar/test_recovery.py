"""Several broken declarations are reported in one run, each once."""

import pytest

from dlmc.grammar.faults import SyntaxFaults
from dlmc.grammar.parser import parse
from tests.unit.grammar.nodes import source


def faults(text):
    with pytest.raises(SyntaxFaults) as raised:
        parse(source(text))
    return [(fault.code, fault.span.line) for fault in raised.value.faults]


def test_each_broken_declaration_is_named():
    assert faults(
        "const a = = 1\n"
        "const b = 2\n"
        "block C { output x + }\n"
        "block D { output x }\n"
        "train C on d { epochs: 3 }\n"
    ) == [("E0117", 1), ("E0117", 3), ("E0115", 5)]


def test_on_one_line():
    assert faults("const a = = 1 const b = 2 fn f(x) = ) const c = * 1") == (
        [("E0117", 1), ("E0103", 1), ("E0117", 1)]
    )


@pytest.mark.parametrize("indent", ["", "    "])
def test_after_a_brace_that_is_not_closed(indent):
    text = (
        "block A {\n  output x\n\n"
        "block B {\n  for i in 0..3 {\n    x = i\n  output x\n}\n\n"
        "data d {\n  source = csv(\n\n"
        '"""About M."""\n'
        "model M { output x }\n"
        "const e = = 1\n"
    )
    lines = "".join(f"{indent}{line}\n" for line in text.splitlines())
    assert faults(lines) == [("E0102", 1), ("E0102", 5), ("E0102", 11), ("E0117", 15)]


def test_after_a_brace_too_many():
    assert faults("block A { } }\nconst a = 1\nconst b = = 1") == [
        ("E0103", 1),
        ("E0117", 3),
    ]


def test_settings_are_no_declarations():
    text = (
        "train A on d {\noptimizer = sgd(0.1\ndata = 3\nmodel = 4\n}\nconst a = = 1\n"
    )
    assert faults(text) == [("E0102", 2), ("E0117", 6)]


def test_tokens_and_declarations_together():
    text = "const a = 'x'; const b = 'y' +\nconst c = 0x1\nconst d = = $"
    assert faults(text) == [
        ("E0112", 1),
        ("E0111", 1),
        ("E0112", 1),
        ("E0117", 1),
        ("E0108", 2),
        ("E0117", 3),
        ("E0107", 3),
    ]


def test_a_declaration_with_a_broken_token_is_not_named_twice():
    assert faults("const a = 0x1 0x2\nconst b = 1") == [("E0108", 1), ("E0108", 1)]


def test_the_rules_beside_the_grammar_are_followed_by_the_next_declaration():
    text = "const a = f(x = 1, 2)\nconst b = f(x = 1, 2)\nconst c = = 1"
    assert faults(text) == [("E0122", 1), ("E0122", 2), ("E0117", 3)]


def test_the_exception_names_the_places():
    with pytest.raises(SyntaxFaults, match=r"^test\.dlm:1:9: a value is missing"):
        parse(source("const a = = 1"))
