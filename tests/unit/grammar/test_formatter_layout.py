"""The one layout: a text on the left, what the formatter makes of it on the right."""
# A layout has 100 columns.
# ruff: noqa: E501

import pytest

from dlmc.grammar.faults import SyntaxFaults
from dlmc.grammar.formatter import formatted
from dlmc.grammar.nesting import DEEPEST
from tests.unit.grammar.nodes import source


def block(*lines):
    """A block with these lines."""
    return "\n".join(
        ["block B {", *(f"  {line}" if line else "" for line in lines), "}\n"]
    )


def in_block(text):
    """The lines of a block's body, laid out."""
    lines = formatted(source(f"block B {{ {text} }}")).split("\n")
    return "\n".join(line.removeprefix("  ") for line in lines[1:-2])


EXPRESSIONS = {
    "1+2*3": "1 + 2 * 3",
    "(1+2)*3": "(1 + 2) * 3",
    "(1*2)+3": "1 * 2 + 3",
    "a-(b-c)": "a - (b - c)",
    "(a-b)-c": "a - b - c",
    "a/(b*c)": "a / (b * c)",
    "((a))": "a",
    "-x**2": "-x ** 2",
    "(-x)**2": "(-x) ** 2",
    "2**-k": "2 ** -k",
    "(a**b)**c": "(a ** b) ** c",
    "a**(b**c)": "a ** b ** c",
    "not(a)": "not a",
    "not (a and b)": "not (a and b)",
    "a and b or c": "(a and b) or c",
    "a or (b or c)": "a or (b or c)",
    "a*b%c": "(a * b) % c",
    "a%b%c": "a % b % c",
    "x@w*2": "(x @ w) * 2",
    "a*b/c": "a * b / c",
    "(a<b)==c": "(a < b) == c",
    "0..n": "0..n",
    "(0)..(n+1)": "0..(n + 1)",
    "0..2**k": "0..(2 ** k)",
    "-1..-n": "-1..-n",
    "(20%)..x": "(20%)..x",
    "(20%)(x)": "(20%)(x)",
    "20 %x": "20 % x",
    "20%*x": "20% * x",
    "[0]+(2..x.rank)": "[0] + (2..x.rank)",
    "f( a,b=1, )": "f(a, b = 1)",
    "x[ : ,1:-1,...,new , ]": "x[:, 1:-1, ..., new]",
    "x[:i+1]": "x[:i + 1]",
    "x[i+1:n]": "x[i + 1 : n]",
    "x[::2]": "x[::2]",
    "x[a::]": "x[a:]",
    "x . shape [0]": "x.shape[0]",
    "(x->f).y": "(x -> f).y",
    "(x->f)->g": "x -> f -> g",
    "x->(y->f)": "x -> (y -> f)",
    "(x->f)as a->g": "x -> f as a -> g",
    'x->f as"a"': 'x -> f as "a"',
    "x+(y->f)": "x + (y -> f)",
    "x->f()": "x -> f()",
    "fn(x,y=1)=x+y": "fn(x, y = 1) = x + y",
    "(fn(x)=x)(1)": "(fn(x) = x)(1)",
    "if a then b else if c then d else e": "if a then b else if c then d else e",
    "if a then if b then c else d else e": "if a then (if b then c else d) else e",
    "if a then b else (c->f)": "if a then b else c -> f",
    "(if a then b else c)+1": "(if a then b else c) + 1",
    '"a\\n{x}"': '"a\\n{x}"',
    "1_000+1.50e-3": "1_000 + 1.50e-3",
}


@pytest.mark.parametrize(("text", "wanted"), EXPRESSIONS.items(), ids=EXPRESSIONS)
def test_expression(text, wanted):
    assert formatted(source(f"const a={text}")) == f"const a = {wanted}\n"
    assert formatted(source(f"const a = {wanted}")) == f"const a = {wanted}\n"


LONG = "a_name_of_so_many_letters_that_few_of_it_fill_a_line"
SOME = LONG[:36]

BROKEN = {
    "a pipeline starts a line at each stage with arguments": (
        f"y = x -> Conv({SOME}, 3) as conv -> BatchNorm as norm -> relu -> Dense({SOME})",
        f"""\
y = x -> Conv({SOME}, 3) as conv -> BatchNorm as norm -> relu
      -> Dense({SOME})""",
    ),
    "stages without arguments go on the next line where they do not fit": (
        f"y = x -> Conv({LONG}, 3) as {SOME[:24]} -> relu -> BatchNorm",
        f"""\
y = x -> Conv({LONG}, 3) as {SOME[:24]}
      -> relu -> BatchNorm""",
    ),
    "a long value stands before its stages": (
        f"y = concatenated({LONG}, 1, 2) -> Dense(10) -> Dense(20)",
        f"""\
y = concatenated({LONG}, 1, 2)
      -> Dense(10)
      -> Dense(20)""",
    ),
    "a value goes below a long name where it fits there": (
        f"output logits: f32[N, classes] = x -> Dense({LONG}) -> Dense(3)",
        f"""\
output logits: f32[N, classes] =
  x -> Dense({LONG}) -> Dense(3)""",
    ),
    "and where it breaks before its operators": (
        f"output logits: f32[N, classes] = x -> Dense({LONG}) -> Dense({LONG})",
        f"""\
output logits: f32[N, classes] =
  x -> Dense({LONG})
    -> Dense({LONG})""",
    ),
    "a call that fits nowhere breaks in its brackets": (
        f"output logits: f32[N, classes] = mix({LONG}, {LONG}, x)",
        f"""\
output logits: f32[N, classes] = mix(
  {LONG},
  {LONG}, x,
)""",
    ),
    "items stand on one line": (
        f"y = a_mix_of({LONG} + 1, {SOME[:32]})",
        f"""\
y = a_mix_of(
  {LONG} + 1, {SOME[:32]},
)""",
    ),
    "else each on its own": (
        f"y = mix({LONG} + 1, x, {LONG})",
        f"""\
y = mix(
  {LONG} + 1,
  x,
  {LONG},
)""",
    ),
    "a call alone in a call breaks in its own brackets": (
        f"y = outer(inner({LONG}, {LONG} + 1))",
        f"""\
y = outer(inner(
  {LONG},
  {LONG} + 1,
))""",
    ),
    "numbers fill the lines": (
        f"y = [{', '.join(map(str, range(100, 130)))}]",
        f"""\
y = [
  {", ".join(map(str, range(100, 119)))},
  {", ".join(map(str, range(119, 130)))},
]""",
    ),
    "a matrix has a line for each row": (
        f"y = [{', '.join(['[1.5, 2.5, 3.5, 4.5, 5.5, 6.5]'] * 4)}]",
        """\
y = [
  [1.5, 2.5, 3.5, 4.5, 5.5, 6.5],
  [1.5, 2.5, 3.5, 4.5, 5.5, 6.5],
  [1.5, 2.5, 3.5, 4.5, 5.5, 6.5],
  [1.5, 2.5, 3.5, 4.5, 5.5, 6.5],
]""",
    ),
    "a column fills the lines": (
        f"y = [{', '.join(['[1.5]'] * 20)}]",
        f"""\
y = [
  {", ".join(["[1.5]"] * 13)},
  {", ".join(["[1.5]"] * 7)},
]""",
    ),
    "a sum breaks before its operators": (
        f"y = {LONG} * 2 + f({LONG}) - 1",
        f"""\
y = {LONG} * 2
    + f({LONG})
    - 1""",
    ),
    "a choice breaks before else": (
        f"y = if {LONG} then 1 else f({LONG})",
        f"""\
y = if {LONG} then 1
    else f({LONG})""",
    ),
    "and before then": (
        f"y = if {LONG} then f({LONG}) else if b then 2 else 3",
        f"""\
y = if {LONG}
    then f({LONG})
    else if b then 2
    else 3""",
    ),
    "a scan breaks before over": (
        f"scan h = zeros([N, units]), c = zeros([N, units]) over xt in {LONG} axis 1 {{ h = c }}",
        f"""\
scan h = zeros([N, units]), c = zeros([N, units])
over xt in {LONG} axis 1 {{
  h = c
}}""",
    ),
    "a string is never broken": (
        f'x = "{LONG} {LONG}"',
        f'x = "{LONG} {LONG}"',
    ),
}


@pytest.mark.parametrize(("text", "wanted"), BROKEN.values(), ids=BROKEN)
def test_long_statement(text, wanted):
    assert in_block(text) == wanted
    assert in_block(wanted) == wanted


def test_long_parameters():
    names = [f"parameter_{n}" for n in range(8)]
    assert formatted(source(f"block B({', '.join(names)}) {{ output x }}")) == (
        f"block B(\n  {', '.join(names[:7])},\n  {names[7]},\n) {{\n  output x\n}}\n"
    )


STATEMENTS = {
    "input x:f32": "input x: f32",
    "input x:f32[]": "input x: f32",
    "input x:f32[N,...,D*2,]": "input x: f32[N, ..., D * 2]",
    "output x": "output x",
    "output (x)": "output x",
    "output y=x": "output y = x",
    "output y:f32[N]=x": "output y: f32[N] = x",
    "param w:f32[3]=zeros()": "param w: f32[3] = zeros()",
    "state m=zeros()": "state m = zeros()",
    "a,b=f(x)": "a, b = f(x)",
    "for i,a in enumerate(x){}": "for i, a in enumerate(x) {}",
    "for i in(x){y=i}": "for i in x {\n  y = i\n}",
    "if a{}": "if a {}",
    "if a{}else{}": "if a {}",
    "if a{x=1}else{x=2}": "if a {\n  x = 1\n} else {\n  x = 2\n}",
    "if a{}else{x=2}": "if a {\n} else {\n  x = 2\n}",
    "if a{x=1}else{if b{x=2}}": "if a {\n  x = 1\n} else if b {\n  x = 2\n}",
    "scan over x in y axis(1){emit s=x}": "scan over x in y axis 1 {\n  emit s = x\n}",
    "scan h=0,over x in y axis 1,{}": "scan h = 0 over x in y axis 1 {}",
}


@pytest.mark.parametrize(("text", "wanted"), STATEMENTS.items(), ids=STATEMENTS)
def test_statement(text, wanted):
    assert in_block(text) == wanted


DECLARATIONS = {
    "const a=1": "const a = 1\n",
    "fn f(x,y=2)=x": "fn f(x, y = 2) = x\n",
    "fn f()=1": "fn f() = 1\n",
    "block B(){}": "block B {}\n",
    "model M(a=1){output a}": "model M(a = 1) {\n  output a\n}\n",
    "optimizer o(lr){}": "optimizer o(lr) {}\n",
    "data d{}": "data d {}\n",
    "train a=M(2)on d{}": "train a = M(2) on d {}\n",
    "train M on d{epochs=1}": "train M on d {\n  epochs = 1\n}\n",
    'use"a.dlm":A,b,': 'use "a.dlm": A, b\n',
    'use "a.dlm": ' + ", ".join([LONG] * 2): (f'use "a.dlm": {LONG},\n  {LONG}\n'),
    "const a = 1 const b = 2": "const a = 1\nconst b = 2\n",
    "const a = 1\n\n\nconst b = 2": "const a = 1\n\nconst b = 2\n",
    "const a = 1\nfn f() = 1": "const a = 1\n\nfn f() = 1\n",
    '"""A file."""const a=1': '"""A file."""\n\nconst a = 1\n',
    '"""F."""\n\n"""A."""\n\nconst a=1': '"""F."""\n\n"""A."""\nconst a = 1\n',
    '"""  F\n\n  more  \n  """\n': '"""  F\n\n  more\n  """\n',
    "": "",
    "\n\n# nothing\n\n\n# else": "# nothing\n\n# else\n",
}


@pytest.mark.parametrize(
    ("text", "wanted"), DECLARATIONS.items(), ids=range(len(DECLARATIONS))
)
def test_declaration(text, wanted):
    assert formatted(source(text)) == wanted
    assert formatted(source(wanted)) == wanted


def test_one_empty_line_is_kept_between_statements():
    text = "block B {\n\n\n  a = 1\n  b = 2\n\n\n\n  c = 3\n\n}"
    assert formatted(source(text)) == block("a = 1", "b = 2", "", "c = 3")


TABLES = {
    "settings": (
        "train M on d { loss = a optimizer = b epochs = 3 }",
        "train M on d {\n  loss      = a\n  optimizer = b\n  epochs    = 3\n}\n",
    ),
    "an empty line parts tables": (
        "train M on d { loss = a\n\noptimizer = b\nlr = c }",
        "train M on d {\n  loss = a\n\n  optimizer = b\n  lr        = c\n}\n",
    ),
    "fields and settings are columns of their own": (
        "data d { source = a image: f32[3, 8] = b y: i64 = c id: i64 split = d }",
        "data d {\n  source = a\n  image: f32[3, 8] = b\n  y:     i64       = c\n"
        "  id:    i64\n  split  = d\n}\n",
    ),
    "inputs and outputs": (
        "model M { input x: f32[N] input image: f32[N] output y = x }",
        "model M {\n  input  x:     f32[N]\n  input  image: f32[N]\n  output y = x\n}\n",
    ),
    "an output without a name is no row": (
        "model M { input x: f32[N] output x }",
        "model M {\n  input x: f32[N]\n  output x\n}\n",
    ),
    "inputs and outputs apart": (
        "model M { input x: f32[N] a = 1 output y = x output long = x }",
        "model M {\n  input x: f32[N]\n  a = 1\n  output y    = x\n  output long = x\n}\n",
    ),
    "parameters and states": (
        "block B { param weight: f32[N, D] = a param b: f32[N] = c state m: f32 = d }",
        "block B {\n  param weight: f32[N, D] = a\n  param b:      f32[N]    = c\n"
        "  state m:      f32       = d\n}\n",
    ),
    "bindings are no table": (
        "block B { a = 1 long = 2 }",
        "block B {\n  a = 1\n  long = 2\n}\n",
    ),
    "a name that is much longer is no measure": (
        f"train M on d {{ {LONG} = a epochs = b }}",
        f"train M on d {{\n  {LONG} = a\n  epochs = b\n}}\n",
    ),
    "comments beside lines that follow each other": (
        "block B { a = 1 # one\n long = 2 # two\n\n c = 3 # three\n d = 4\n }",
        "block B {\n  a = 1     # one\n  long = 2  # two\n\n  c = 3  # three\n  d = 4\n}\n",
    ),
}


@pytest.mark.parametrize(("text", "wanted"), TABLES.values(), ids=TABLES)
def test_table(text, wanted):
    assert formatted(source(text)) == wanted
    assert formatted(source(wanted)) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "const a=1\r\n\r\n\r\n# c\r\nconst b=2",
            "const a = 1\r\n\r\n# c\r\nconst b = 2\r\n",
        ),
        ('"""a\r\nb"""\r\nconst a=1', '"""a\r\nb"""\r\n\r\nconst a = 1\r\n'),
        ("\ufeffconst a=1", "const a = 1\n"),
        ("const a=1\r\nconst b=2\n", "const a = 1\r\nconst b = 2\r\n"),
    ],
)
def test_line_ends(text, wanted):
    """As the first line has them; without a byte order mark; one at the end."""
    assert formatted(source(text)) == wanted


def test_broken_programs_are_refused():
    with pytest.raises(SyntaxFaults) as raised:
        formatted(source("const a = 1\r\nmodel M { input x f32 }"))
    (fault,) = raised.value.faults
    assert (fault.span.line, fault.span.column) == (2, 17)


HALF = DEEPEST // 2 - 5

DEEP = {
    "calls": "const a = " + "f(" * (DEEPEST - 1) + "1" + ")" * (DEEPEST - 1),
    "parentheses": "const a = " + "(1 + " * HALF + "1" + ")" * HALF,
    "lists": "const a = " + "[1, " * (DEEPEST - 1) + "1" + "]" * (DEEPEST - 1),
    "choices": "const a = " + "if a then b else " * (DEEPEST - 5) + "1",
    "functions": "const a = " + "fn(x) = " * HALF + "1",
    "pipelines": "const a = x" + " -> f(1)" * (DEEPEST - 5),
    "names": "const a = x" + " as a" * (DEEPEST - 5),
    "loops": "block A { " + "for i in x { " * HALF + "} " * HALF + "}",
    "branches": "block A { " + "if a { } else { " * HALF + "b = 1 " + "} " * HALF + "}",
    "commented calls": "const a = " + "f( # c\n" * HALF + "1" + ")" * HALF,
}


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP)
def test_deep_nesting(text):
    result = formatted(source(text))
    assert formatted(source(result)) == result
