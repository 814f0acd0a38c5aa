"""The grammar, the tables made from it, and the builder that answers to its rules."""

import inspect
from pathlib import Path

import pytest
from lark import Lark

from dlmc.grammar.builder import Builder
from dlmc.grammar.faults import SyntaxFaults
from dlmc.grammar.kinds import ANY_NAME
from dlmc.grammar.lexer import lex
from dlmc.grammar.messages.expected import spelling
from dlmc.grammar.parser import parse_expression
from dlmc.grammar.span import Source
from dlmc.grammar.tables import (
    END,
    GRAMMAR,
    STARTS,
    TABLES,
    compiled,
    from_json,
    tables,
    to_json,
)

PROGRAMS = sorted(Path(__file__).with_name("programs").glob("*.dlm"))


def test_the_kept_tables_are_those_of_the_grammar():
    kept = from_json(TABLES.read_text("utf-8"))
    assert kept == compiled(GRAMMAR.read_bytes()), (
        "run `python -m dlmc.grammar` after a change of the grammar"
    )
    assert tables() == kept
    assert to_json(kept) == TABLES.read_text("utf-8")


def test_tables_of_another_grammar_are_not_used(tmp_path, monkeypatch):
    changed = GRAMMAR.read_bytes() + b"// changed\n"
    monkeypatch.setattr("dlmc.grammar.tables.GRAMMAR", tmp_path / "dlm.lark")
    (tmp_path / "dlm.lark").write_bytes(changed)
    assert tables.__wrapped__() == compiled(changed)


def test_the_grammar_has_no_conflicts_and_no_colliding_tokens():
    # Lark finds collisions by this package, which nothing else needs.
    pytest.importorskip("interegular")
    Lark(GRAMMAR.read_text("utf-8"), parser="lalr", start=list(STARTS), strict=True)


def test_the_builder_has_a_method_for_each_rule_and_no_other():
    rules = {rule.method for rule in tables().rules if rule.method}
    methods = {name for name, _ in inspect.getmembers(Builder, inspect.isfunction)}
    assert methods == rules


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_the_grammar_can_be_read_by_lark_alone(path):
    """Lark's own lexer and parser take what ours take."""
    lark = Lark(
        GRAMMAR.read_text("utf-8"), parser="lalr", lexer="basic", start=list(STARTS)
    )
    text = path.read_text("utf-8")
    tokens, faults = lex(Source(path.name, text))
    assert not faults
    assert [(t.kind, t.text, t.start) for t in tokens[:-1]] == [
        (t.type, t.value, t.start_pos) for t in lark.lex(text)
    ]
    assert tokens[-1].kind == END
    lark.parse(text, start="file")


@pytest.mark.parametrize("word", tables().keywords)
def test_the_words_that_may_be_names_are_those_of_the_grammar(word):
    text = f"a.{word}"
    try:
        parse_expression(Source("test.dlm", text), 0, len(text))
        is_name = True
    except SyntaxFaults:
        is_name = False
    assert is_name == (tables().keywords[word] in ANY_NAME)


def test_every_kind_has_a_spelling():
    assert spelling("ARROW") == "->"
    assert spelling("POWER") == "**"
    assert spelling("THEN") == "then"
    assert spelling("LSQB") == "["
