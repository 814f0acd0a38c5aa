"""Where the nodes of a tree stand in the text."""

from pathlib import Path

import pytest

from dlmc.grammar import tree
from dlmc.grammar.parser import parse, parse_expression
from dlmc.grammar.span import Source
from tests.unit.grammar.nodes import declaration, expression, source, statement, walk

PROGRAMS = sorted(Path(__file__).with_name("programs").glob("*.dlm"))


@pytest.mark.parametrize(
    "text",
    [
        *("x", "3", "20%", '"a"', "true", "[1, 2]", "[]", "a..b", "-a", "not a"),
        *("a + b * c", "if a then b else c", "fn(x, y = 1) = x", "f(1, b = 2)"),
        *("a.b.c", "x[..., 1:2, new]", "x -> f(1)", "x -> f as b", 'f as "b"'),
        *("(a + b) * c", "a * (b + c)", "(a + b)", "((a))", "(a -> b).c(1)[2]"),
    ],
)
def test_an_expression_covers_its_text(text):
    assert expression(f"{text}").span.text == text
    padded = f"  {text} # comment"
    assert parse_expression(source(padded), 0, len(padded)).span.text == text


@pytest.mark.parametrize(
    "text",
    [
        *("input x: f32", "input x: f32[N]", "output x", "output x = y", "x = a + b"),
        *("output x: f32[N] = y", "param x: f32 = y", "state x = y", "x, y = z"),
        *("for x in y { }", "if x { }", "if x { } else { }", "emit x = y"),
        *("if x { } else if y { } else { }", "scan h = 0 over x in y axis 1 { }"),
    ],
)
def test_a_statement_covers_its_text(text):
    assert statement(f"\n  {text}\n").span.text == text


@pytest.mark.parametrize(
    "text",
    [
        *("const a = 1", "fn f(x) = x", "block A { }", "model A(x) {\n}"),
        *("optimizer a { }", "data a { }", "train A on a { }", 'use "a": A, b'),
    ],
)
def test_a_declaration_covers_its_text_without_its_documentation(text):
    assert declaration(f"# c\n{text}\n# c").span.text == text
    (_, documented) = parse(source(f'const z = 1 """D.""" {text} ')).declarations
    assert documented.span.text == text


def test_parts():
    train = declaration("train b = A(1, x = y) on d { epochs = 10 }")
    assert train.name.span.text == "b"
    assert train.model.span.text == "A(1, x = y)"
    assert train.data.span.text == "d"
    argument = train.model.arguments[1]
    assert (argument.span.text, argument.name_span.text) == ("x = y", "x")
    (setting,) = train.settings
    assert (setting.span.text, setting.name.span.text) == ("epochs = 10", "epochs")
    data = declaration("data d { x: f32[1] = y z: i64 }")
    assert [field.span.text for field in data.fields] == ["x: f32[1] = y", "z: i64"]
    scan = statement("scan h = 0 over a in x axis 1 { }")
    assert scan.carries[0].span.text == "h = 0"
    assert scan.over[0].span.text == "a in x axis 1"
    block = declaration("block A(width, stride = 1) { }")
    assert [p.span.text for p in block.parameters] == ["width", "stride = 1"]


def test_index_items():
    index = expression("x[..., 1:2, ::3, :, new, a]")
    assert [item.span.text for item in index.items] == (
        ["...", "1:2", "::3", ":", "new", "a"]
    )


def test_a_file_covers_all_of_its_text():
    text = "\n# c\nconst a = 1\n\n"
    assert parse(source(text)).span.text == text


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_children_stand_inside_their_parents(path):
    file = parse(Source(path.name, path.read_text("utf-8")))
    for node in walk(file):
        for inner in walk(tuple(walk(node))[1:]):
            assert node.span.start <= inner.span.start
            assert inner.span.end <= node.span.end
        if isinstance(node, tree.Name | tree.Identifier):
            assert node.span.text == node.name


def test_positions_in_lines():
    file = parse(source("const a = 1\n\nblock B {\n  output x\n}\n"))
    output = file.declarations[1].body[0]
    assert (output.span.line, output.span.column) == (4, 3)
    assert str(output.span) == "test.dlm:4:3"
    assert output.span.source.line(4) == "  output x"
