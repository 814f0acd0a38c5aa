"""Each declaration, and documentation."""

import pytest

from dlmc.grammar.parser import parse
from tests.unit.grammar import nodes as n
from tests.unit.grammar.nodes import declaration, names, source

x = n.Name("x")
one = n.Number(1)
(A, a, b) = names("A", "a", "b")
width = n.Parameter("width", None)
stride = n.Parameter("stride", one)
body = (n.Output(None, None, x),)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("const a = 1", n.Const(a, one)),
        ("fn a() = 1", n.FunctionDeclaration(a, (), one)),
        (
            "fn a(width, stride = 1,) = x",
            n.FunctionDeclaration(a, (width, stride), x),
        ),
        ("block A { output x }", n.Block(A, (), body, False)),
        ("block A() { }", n.Block(A, (), (), False)),
        (
            "block A(width, stride = 1) { output x }",
            n.Block(A, (width, stride), body, False),
        ),
        ("model A { output x }", n.Block(A, (), body, True)),
        (
            "optimizer a(stride = 1) { state a = x }",
            n.Optimizer(a, (stride,), (n.State(a, None, x),)),
        ),
        ('use "b/c.dlm": A', n.Use(n.String("b/c.dlm"), (A,))),
        ('use "c.dlm": A, b,', n.Use(n.String("c.dlm"), (A, b))),
        ("data a { }", n.Data(a, (), ())),
        ("train A on a { }", n.Train(None, n.Name("A"), n.Name("a"), ())),
        (
            "train b = A(1, x = 1) on a { a = 1 }",
            n.Train(
                b,
                n.Call(n.Name("A"), (n.Argument(one), n.Argument(one, "x"))),
                n.Name("a"),
                (n.Setting(a, one),),
            ),
        ),
    ],
)
def test_forms(text, tree):
    assert declaration(text) == tree


def test_data():
    f32 = n.Type("f32", (n.Number(1),))
    (train, source, state) = names("train", "source", "state")
    text = "data a { source = x a: f32[1] train = 1 b: f32[1] = x state: f32[1] }"
    assert declaration(text) == n.Data(
        a,
        (n.Field(a, f32, None), n.Field(b, f32, x), n.Field(state, f32, None)),
        (n.Setting(source, x), n.Setting(train, one)),
    )


@pytest.mark.parametrize(
    "word",
    [
        "const",
        "block",
        "model",
        "optimizer",
        "data",
        "train",
        "use",
        "input",
        "output",
        "param",
        "state",
        "for",
        "in",
        "scan",
        "over",
        "emit",
        "new",
        "on",
    ],
)
def test_reserved_words_name_settings_and_fields(word):
    assert declaration(f"train A on a {{ {word} = 1 }}").settings == (
        n.Setting(*names(word), one),
    )
    (field,) = declaration(f"data a {{ {word}: f32 }}").fields
    assert field.name == names(word)[0]


def test_an_empty_file():
    for text in ("", "\n\n", "# nothing\n", "\ufeff"):
        assert parse(source(text)) == n.File(())


def test_the_first_documentation_is_the_files():
    file = parse(source('"""File."""\nconst a = 1\n"""B."""\nconst b = 1'))
    assert file.documentation == "File."
    assert [d.documentation for d in file.declarations] == [None, "B."]


def test_the_second_documentation_is_the_first_declarations():
    file = parse(source('"""File."""\n"""A."""\nconst a = 1\nconst b = 1'))
    assert file.documentation == "File."
    assert [d.documentation for d in file.declarations] == ["A.", None]


def test_a_file_may_be_documentation_alone():
    assert parse(source('"""File."""')) == n.File((), "File.")


@pytest.mark.parametrize(
    "text",
    [
        "const a = 1",
        "fn a(x) = 1",
        "block A { }",
        "model A { }",
        "optimizer a { }",
        'use "a.dlm": A',
        "data a { }",
        "train A on a { }",
    ],
)
def test_every_declaration_takes_documentation(text):
    (_, documented) = parse(source(f'const z = 1 """Text.""" {text}')).declarations
    assert documented.documentation == "Text."


@pytest.mark.parametrize(
    ("text", "documentation"),
    [
        ('""""""', ""),
        ('""" One line. """', "One line."),
        (
            '"""First.\n\n    Indented.\n      More.\n    """',
            "First.\n\nIndented.\n  More.",
        ),
        ('"""\n  a\n  b\n"""', "a\nb"),
        ('"""a\r\n  b\r\n"""', "a\nb"),
        ('"""a "quoted" \\n {x}"""', 'a "quoted" \\n {x}'),
    ],
)
def test_documentation_is_dedented(text, documentation):
    assert parse(source(text)).documentation == documentation
