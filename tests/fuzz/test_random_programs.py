"""Programs with one random expression in them: a message or a program, no traceback."""

import random
from collections.abc import Iterable
from pathlib import Path

import pytest

from dlmc.diagnostics import Severity
from dlmc.diagnostics.render import render
from dlmc.elaborate.builtins import BUILTINS
from dlmc.elaborate.program import elaborate
from dlmc.elaborate.standard import library_files
from dlmc.grammar import tree
from dlmc.grammar.span import Source
from dlmc.initializers import INITIALIZERS
from dlmc.ir.verify import verify
from dlmc.primitives import REGISTRY

ATOMS = [
    "x", "k", "z", "w", "N", "T", "D", "3", "-1", "0", "2.5", "1e30", "true", "false",
    '"same"', '"a"', "[1, 2]", "[]", "[0, 1]", "f32", "i64", "pi", "inf", "x.shape",
    "x.rank", "k.dtype", "training", "[x, z]", "0..3", "99999999999", "Dense", "relu",
    "Nope",
]  # fmt: skip
OPERATORS = [
    "+", "-", "*", "/", "//", "%", "**", "@", "==", "!=", "<", "<=", ">", ">=", "and",
    "or", "..",
]  # fmt: skip
PROGRAM = """
model M(D = 4) {{
  input x: f32[N, 5, 4]
  input k: i64[N, 4]
  input z: f32[N, 4]
  param w: f32[4, 4] = {0}
  a = {1}
  for i in {2} {{ z = {3} }}
  output y = {4}
}}
model K {{ input v: f32[N, 2] output y = v }}
data d {{
  source = inline(v = [[1, 2], [3, 4]], u = [1, 2])
  v: f32[2] = {5}
  u: i64
  split = {6}
}}
train K on d {{ loss = {7} optimizer = adam(lr = {8}) epochs = {9} batch = 2 }}
"""
WELL = (
    "zeros()", "x", "0..2", "z + 1", "x", 'column("v")',
    "random(train = 50%, test = 50%)", "mean(y)", "0.1", "1",
)  # fmt: skip


class Expressions:
    """Random expressions over everything that the language names."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.library = [
            declaration
            for file in library_files()
            for declaration in file.declarations
            if isinstance(declaration, tree.FunctionDeclaration | tree.Block)
        ]

    def expression(self, depth: int) -> str:
        """An expression that nests at most so deep."""
        if depth <= 0 or self.random.random() < 0.25:
            return self.random.choice(ATOMS)
        kinds = [
            self.primitive, self.declared, self.builtin, self.initializer, self.binary,
            self.binary, self.index, self.choice,
        ]  # fmt: skip
        return self.random.choice(kinds)(depth - 1)

    def arguments(self, names: Iterable[str], depth: int) -> str:
        """Some of the arguments, by position or by name."""
        parts: list[str] = []
        named = False
        for name in names:
            if self.random.random() < 0.25:
                continue
            named = named or self.random.random() < 0.3
            value = self.expression(depth)
            parts.append(f"{name} = {value}" if named else value)
        return ", ".join(parts)

    def primitive(self, depth: int) -> str:
        """A call of a primitive."""
        name, primitive = self.random.choice(list(REGISTRY.items()))
        names = [*primitive.operand_names, *primitive.attribute_defaults]
        return f"{name}({self.arguments(names, depth)})"

    def declared(self, depth: int) -> str:
        """A call of a library definition, a layer in a pipeline."""
        declaration = self.random.choice(self.library)
        names = [parameter.name for parameter in declaration.parameters]
        call = f"{declaration.name.name}({self.arguments(names, depth)})"
        if isinstance(declaration, tree.FunctionDeclaration):
            return call
        return f"({self.expression(depth)} -> {call})"

    def builtin(self, depth: int) -> str:
        """A call of a compile-time function."""
        name, builtin = self.random.choice(list(BUILTINS.items()))
        names = [parameter for parameter, _ in builtin.parameters]
        return f"{name}({self.arguments(names, depth)})"

    def initializer(self, depth: int) -> str:
        """A call of an initialiser."""
        name, definition = self.random.choice(list(INITIALIZERS.items()))
        return f"{name}({self.arguments(definition.parameters, depth)})"

    def binary(self, depth: int) -> str:
        """Two expressions and an operator."""
        operator = self.random.choice(OPERATORS)
        return f"({self.expression(depth)} {operator} {self.expression(depth)})"

    def index(self, depth: int) -> str:
        """An item or a part."""
        inside = self.expression(1)
        forms = [inside, f"{inside}:", f":, {inside}", "...", "new", "::2", "::-1"]
        return f"{self.expression(depth)}[{self.random.choice(forms)}]"

    def choice(self, depth: int) -> str:
        """A conditional expression."""
        condition, a, b = (self.expression(depth) for _ in range(3))
        return f"(if {condition} then {a} else {b})"


@pytest.mark.parametrize("seed", range(8))
def test_random_expressions(seed: int) -> None:
    """Every result is a message at a place or a program that verifies."""
    expressions = Expressions(seed)
    compiled = 0
    for turn in range(150):
        parts = list(WELL)
        parts[turn % len(parts)] = expressions.expression(3)
        text = PROGRAM.format(*parts)
        found = elaborate(Source("random.dlm", text), Path())
        assert all(render(diagnostic) for diagnostic in found.diagnostics)
        failed = any(d.severity is Severity.ERROR for d in found.diagnostics)
        assert failed is (found.program is None), text
        if found.program is not None:
            compiled += 1
            for model in found.program.models:
                verify(model)
    assert compiled
