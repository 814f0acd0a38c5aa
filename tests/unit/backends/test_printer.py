"""The printer writes what ruff leaves as it is."""

import ast
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from dlmc.backends.python import printer
from dlmc.backends.python import tree as py
from dlmc.backends.python.quotation import Quote
from tests.unit.backends.random_trees import RandomTrees

RUFF = Path(sys.executable).with_name("ruff")
quote = Quote(
    {
        "nn": py.Import("torch", "nn"),
        "F": py.Import("torch.nn.functional", alias="F"),
        "Tensor": py.Import("torch", "Tensor"),
        "np": py.Import("numpy", alias="np"),
        "data": py.Import("data"),
        "Path": py.Import("pathlib", "Path"),
        "math": py.Import("math"),
    }
)


def formatted(text: str) -> str:
    done = subprocess.run(
        [RUFF, "format", "--isolated", "-"],
        input=text,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def check(text: str, folder: Path) -> None:
    (folder / "data.py").touch()
    (folder / "code.py").write_text(text, "utf-8")
    subprocess.run(
        [RUFF, "check", "--isolated", "--extend-select=I,E501", "code.py"],
        check=True,
        cwd=folder,
    )


def nested(statement: py.Statement, levels: int) -> py.Statement:
    for _ in range(levels):
        statement = py.If(py.Name("x"), (statement,))
    return statement


@pytest.mark.parametrize("seed", range(5))
def test_random_statements(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """ruff changes nothing, and makes the same of everything on one line."""
    trees = RandomTrees(seed)
    functions = [
        py.Function(f"f{i}", (), (nested(trees.statement(), i % 3),))
        for i in range(150)
    ]
    printed = printer.statements(functions)
    assert formatted(printed) == printed
    monkeypatch.setattr(printer, "WIDTH", 1_000_000)
    flat = printer.statements(functions)
    assert ast.dump(ast.parse(flat)) == ast.dump(ast.parse(printed))
    for theirs, ours in zip(chunks(formatted(flat)), chunks(printed), strict=True):
        # ruff breaks no string in two.
        if not re.search(r'"\n\s+f?"', ours):
            assert theirs == ours


def chunks(text: str) -> list[str]:
    return re.split(r"^(?=def f\d)", text, flags=re.MULTILINE)


EXPRESSIONS = {
    "(a + b) * c": quote("({s} + b) * c", s=py.Name("a")),
    "-(x**2)": py.Unary("-", quote("x ** 2")),
    "(-x) ** 2": py.Binary(quote("-x"), "**", py.Literal(2)),
    "(-1) ** x": py.Binary(py.Literal(-1), "**", py.Name("x")),
    "2**-1": py.Binary(py.Literal(2), "**", py.Literal(-1)),
    "(1).real": py.Attribute(py.Literal(1), "real"),
    "not (a and b)": py.Unary("not", quote("a and b")),
    "(a if b else c) + d": quote("{x} + d", x=quote("a if b else c")),
    "f(*x, key=y, **z)": quote("f(*x, key=y, **z)"),
    "x[1:, ..., None]": quote("x[1:, ..., None]"),
    "x[a + 1 :]": quote("x[a + 1:]"),
    "(a, b)[0]": py.Subscript(quote("(a, b)"), py.Literal(0)),
    "a < b": quote("a < b"),
    "(a < b) < c": py.Compare(quote("a < b"), "<", py.Name("c")),
    "lambda x: x + 1": quote("lambda x: x + 1"),
    "(lambda: x)()": py.Call(quote("lambda: x")),
    "1e-5": py.Literal(0.00001),
    "1e-3": py.Literal(0.001),
    "0.02": py.Literal(0.02),
    "1e30": py.Literal(1e30),
    "-math.inf": quote("{x}", x=-float("inf")),
    '"it\'s"': py.Literal("it's"),
    "'\"'": py.Literal('"'),
    r'''"\"\n\\'"''': py.Literal("\"\n\\'"),
    "f\"{x['a']:.2f} {{}}\"": py.FString((py.Formatted(quote("x['a']"), ".2f"), " {}")),
}


@pytest.mark.parametrize(("text", "tree"), EXPRESSIONS.items())
def test_expression(text: str, tree: py.Expression) -> None:
    assert printer.expression(tree) == text
    line = f"value = {text}\n"
    assert formatted(line) == line


def module(body: str, documentation: str | None = None, **holes: Any) -> str:
    tree = py.Module(quote.statements(body, **holes), documentation)
    return printer.module(tree, local=("data",))


def test_imports(tmp_path: Path) -> None:
    text = module(
        """
x: Tensor = nn.Linear(F.relu(np.zeros(math.pi)), data.load(Path("a")))
""",
        "Doc.",
    )
    assert text == (
        '"""Doc."""\n\n'
        "import math\nfrom pathlib import Path\n\n"
        "import numpy as np\nimport torch.nn.functional as F\n"
        "from torch import Tensor, nn\n\n"
        "import data\n\n"
        'x: Tensor = nn.Linear(F.relu(np.zeros(math.pi)), data.load(Path("a")))\n'
    )
    assert formatted(text) == text
    check(text, tmp_path)


def test_long_imports(tmp_path: Path) -> None:
    names = [py.Name(n, py.Import("package", n)) for n in (*"abcXYZ", *LONG, "ALL")]
    text = printer.module(py.Module((py.Evaluate(py.Call(names[0], tuple(names))),)))
    assert formatted(text) == text
    check(text, tmp_path)


LONG = [f"name_that_is_rather_{word}" for word in ("long", "longer", "longest")]


def test_definitions() -> None:
    method = quote.statements('''
def forward(self, x: Tensor, rate: float = 0.5, *, deep: bool) -> tuple[Tensor, Tensor]:
    """One line."""
    for index, (a, b) in enumerate(x):
        with F.no_grad(), open(a) as file:
            self.x: int = 3
            self.x += 2
    while True:
        raise ValueError("no")
    def inner():
        pass
    return x, x
''')
    body = (
        *quote.statements("A = 1"),
        py.Comment("What the class is for, in more words than one line will hold" * 2),
        py.Class(
            "A",
            (quote("nn.Module"),),
            (*quote.statements("field: int"), py.Blank(), *method, *method),
            "A class.\n\nMore of it, and a very " + "long " * 20 + "line.",
        ),
        py.Function("f", (), (py.Comment("nothing"),), documentation='Ends in a "'),
        py.Function("g", (), (), quote("None"), "Just this.", (quote("decorated"),)),
        *quote.statements("if A:\n    f()\nelif B:\n    g()\nelse:\n    pass"),
        py.Class("B", (), (), 'Only a docstring with \\ and """ in it.'),
        py.Class("C", (), method),
        py.Assign(py.Name("last"), py.Literal(1), comment="at last"),
    )
    text = printer.module(py.Module(body, "Several\n\nlines."))
    assert formatted(text) == text
    assert max(map(len, text.splitlines())) <= 88
    compile(text, "text", "exec")
    found = ast.parse(text).body
    classes = [node for node in found if isinstance(node, ast.ClassDef)]
    assert ast.get_docstring(classes[1]) == 'Only a docstring with \\ and """ in it.'


def test_a_long_line_goes_on_in_the_next_one() -> None:
    """A paragraph is filled on from there; a list and a signature stay as they are."""
    long = "word " * 17 + "last"
    text = f"{long}\nnext line.\n\n{long}\n- item\n\n{long}\n-> f32[N]"
    lines = printer.docstring(text, 4)
    assert max(map(len, lines)) <= 88
    assert "    word last next line." in lines
    assert lines[lines.index("    - item") - 1] == "    word last"
    assert lines[lines.index("    -> f32[N]") - 1] == "    word last"


def test_one_line_that_does_not_fit_with_its_quotes() -> None:
    for width in range(70, 100):
        text = ("word " * 20)[: width - 1] + "."
        lines = printer.docstring(text, 4)
        assert max(map(len, lines)) <= 88
        assert (len(lines) == 1) == (4 + 3 + len(text) + 3 <= 88)


def test_a_comment_that_does_not_fit_stands_above() -> None:
    value = py.Literal("x" * 70)
    for name, expected in (
        ("a", [f'a = "{"x" * 70}"  # behind']),
        ("name", ["# behind", f'name = "{"x" * 70}"']),
    ):
        text = printer.statements([py.Assign(py.Name(name), value, comment="behind")])
        assert text.splitlines() == expected


def test_strings_never_become_code() -> None:
    evil = '"); import os; os.system("x") #\n{x} \\'
    for tree in (
        quote("f({x})", x=evil),
        py.FString((evil, py.Formatted(py.Name("x")))),
        quote("{{{x}: 1}}", x=evil),
    ):
        text = printer.expression(tree)
        constants = [
            n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Constant)
        ]
        assert evil in [constant.value for constant in constants]
