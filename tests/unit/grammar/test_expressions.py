"""Each form of an expression, and how strongly the operators bind."""

import pytest

from tests.unit.grammar import nodes as n
from tests.unit.grammar.nodes import expression

a, b, c, d, x, y, f = (n.Name(name) for name in ("a", "b", "c", "d", "x", "y", "f"))
one, two, three = n.Number(1), n.Number(2), n.Number(3)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3),
        ("1_000_000", 1_000_000),
        ("007", 7),
        ("1.5", 1.5),
        ("1e-3", 1e-3),
        ("2E+4", 2e4),
        ("1_0.5_0e1", 105.0),
        ("20%", 0.2),
        ("12.5%", 0.125),
        ("7%", 7.0 / 100),
    ],
)
def test_numbers(text, value):
    node = expression(text)
    assert node == n.Number(value)
    assert type(node.value) is type(value)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("20 % 3", n.Binary("%", n.Number(20), three)),
        ("20%3", n.Binary("%", n.Number(20), three)),
        ("20%a", n.Binary("%", n.Number(20), a)),
        ("20%(a)", n.Binary("%", n.Number(20), a)),
        ("20% - 3", n.Binary("-", n.Number(0.2), three)),
        ("a % 2", n.Binary("%", a, two)),
        ("0..a", n.Range(n.Number(0), a)),
        ("0..3", n.Range(n.Number(0), three)),
        ("1.5..a", n.Range(n.Number(1.5), a)),
    ],
)
def test_where_a_number_ends(text, tree):
    assert expression(text) == tree


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('"abc"', "abc"),
        ('""', ""),
        (r'"a\n\t\"\\"', 'a\n\t"\\'),
        (r'"\u00e9\u{e9}\u{1F600}"', "éé😀"),
        ('"layer{s + 1}.{i}"', "layer{s + 1}.{i}"),
        ('"# no comment"', "# no comment"),
        ('"é 日本"', "é 日本"),
    ],
)
def test_strings(text, value):
    assert expression(text) == n.String(value)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("true", n.Boolean(True)),
        ("false", n.Boolean(False)),
        ("x", x),
        ("axis", n.Name("axis")),
        ("training", n.Name("training")),
        ("step", n.Name("step")),
        ("inf", n.Name("inf")),
        ("[]", n.List(())),
        ("[1]", n.List((one,))),
        ("[1, a, ]", n.List((one, a))),
        ("(a)", a),
        ("-a", n.Unary("-", a)),
        ("+a", n.Unary("+", a)),
        ("not a", n.Unary("not", a)),
        ("- - a", n.Unary("-", n.Unary("-", a))),
        ("if a then b else c", n.Choice(a, b, c)),
        ("fn(x) = x", n.Function((n.Parameter("x", None),), x)),
        ("fn() = 1", n.Function((), one)),
        (
            "fn(x, y = 1,) = x",
            n.Function((n.Parameter("x", None), n.Parameter("y", one)), x),
        ),
        ("a.b", n.Attribute(a, "b")),
        ("a.b.c", n.Attribute(n.Attribute(a, "b"), "c")),
        ("f()", n.Call(f, ())),
        ("f(1)(2)", n.Call(n.Call(f, (n.Argument(one),)), (n.Argument(two),))),
        (
            "f(1, x, y = 2,)",
            n.Call(f, (n.Argument(one), n.Argument(x), n.Argument(two, "y"))),
        ),
        ("f(x == 1)", n.Call(f, (n.Argument(n.Binary("==", x, one)),))),
        ("a.f(1).b", n.Attribute(n.Call(n.Attribute(a, "f"), (n.Argument(one),)), "b")),
    ],
)
def test_forms(text, tree):
    assert expression(text) == tree


@pytest.mark.parametrize(
    "operator",
    [
        "+",
        "-",
        "*",
        "/",
        "//",
        "%",
        "**",
        "@",
        "==",
        "!=",
        "<",
        "<=",
        ">",
        ">=",
        "and",
        "or",
    ],
)
def test_binary_operators(operator):
    assert expression(f"a {operator} b") == n.Binary(operator, a, b)


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("x[0]", (n.Number(0),)),
        ("x[:, 0]", (n.Slice(None, None, None), n.Number(0))),
        ("x[1:2]", (n.Slice(one, two, None),)),
        ("x[1:2:3]", (n.Slice(one, two, three),)),
        ("x[::2]", (n.Slice(None, None, two),)),
        ("x[1::]", (n.Slice(one, None, None),)),
        ("x[1:]", (n.Slice(one, None, None),)),
        ("x[:a + 1]", (n.Slice(None, n.Binary("+", a, one), None),)),
        ("x[..., ::2]", (n.Ellipsis(), n.Slice(None, None, two))),
        ("x[new, :]", (n.NewAxis(), n.Slice(None, None, None))),
        ("x[-1,]", (n.Unary("-", one),)),
        ("x[[1, 2]]", (n.List((one, two)),)),
    ],
)
def test_indices(text, items):
    assert expression(text) == n.Index(x, items)


@pytest.mark.parametrize(
    ("text", "same_as"),
    [
        # left and right
        ("a - b - c", "(a - b) - c"),
        ("a / b // c % d @ x", "(((a / b) // c) % d) @ x"),
        ("a ** b ** c", "a ** (b ** c)"),
        ("a or b or c", "(a or b) or c"),
        ("a and b and c", "(a and b) and c"),
        # weaker and stronger
        ("a or b and c", "a or (b and c)"),
        ("not a and b", "(not a) and b"),
        ("not a == b", "not (a == b)"),
        ("not not a", "not (not a)"),
        ("a == b and c < d", "(a == b) and (c < d)"),
        ("a < b .. c", "a < (b .. c)"),
        ("0..a + b", "0..(a + b)"),
        ("a + b * c", "a + (b * c)"),
        ("a * b + c", "(a * b) + c"),
        ("-a * b", "(-a) * b"),
        ("-a ** b", "-(a ** b)"),
        ("a ** -b", "a ** (-b)"),
        ("a ** -b ** c", "a ** (-(b ** c))"),
        ("a @ b.c", "a @ (b.c)"),
        ("-a.b[1](2)", "-(((a.b)[1])(2))"),
        ("a ** b[1]", "a ** (b[1])"),
        # pipelines
        ("a + b -> f", "(a + b) -> f"),
        ("not a or b -> f", "((not a) or b) -> f"),
        ("a -> f -> x", "(a -> f) -> x"),
        ("a -> f as b -> x", "((a -> f) as b) -> x"),
        ("a -> f(1) as b as c", "((a -> f(1)) as b) as c"),
        ("if a then b -> f else c -> f", "if a then (b -> f) else (c -> f)"),
        ("fn(x) = x -> f as c", "fn(x) = ((x -> f) as c)"),
        # the longest reach
        ("if a then b else c + d", "if a then b else (c + d)"),
        (
            "if a then b else if c then d else x",
            "if a then b else (if c then d else x)",
        ),
        (
            "if a then if b then c else d else x",
            "if a then (if b then c else d) else x",
        ),
        ("fn(x) = if a then b else c", "fn(x) = (if a then b else c)"),
        ("fn(x) = fn(y) = x + y", "fn(x) = (fn(y) = (x + y))"),
        ("if a or b then c else d", "if (a or b) then c else d"),
    ],
)
def test_binding_strength(text, same_as):
    assert expression(text) == expression(same_as)


@pytest.mark.parametrize(
    ("text", "different"),
    [
        ("(a ** b) ** c", "a ** b ** c"),
        ("(-a) ** b", "-a ** b"),
        ("a - (b - c)", "a - b - c"),
        ("a + (x -> f)", "a + x -> f"),
        ("(not a) == b", "not a == b"),
    ],
)
def test_parentheses_change_the_tree(text, different):
    assert expression(text) != expression(different)


def test_pipelines():
    assert expression("x -> f") == n.Pipe(x, f)
    assert expression("x -> f(1)") == n.Pipe(x, n.Call(f, (n.Argument(one),)))
    assert expression("x -> a.b") == n.Pipe(x, n.Attribute(a, "b"))
    assert expression("x -> (fn(y) = y)") == n.Pipe(
        x, n.Function((n.Parameter("y", None),), y)
    )


def test_a_name_covers_all_stages_before_it():
    assert expression("x -> f as c -> a") == n.Pipe(
        n.Named(n.Pipe(x, f), n.String("c")), a
    )
    assert expression('f(1) as "proj.{a}"') == n.Named(
        n.Call(f, (n.Argument(one),)), n.String("proj.{a}")
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
def test_reserved_words_where_only_a_name_can_stand(word):
    assert expression(f"a.{word}") == n.Attribute(a, word)
    assert expression(f"f({word} = 1)") == n.Call(f, (n.Argument(one, word),))
    assert expression(f"f as {word}") == n.Named(f, n.String(word))


def test_line_breaks_mean_nothing():
    assert expression("x\n  -> f(\n1\n,\n)\n\n as\nc") == expression("x -> f(1) as c")
