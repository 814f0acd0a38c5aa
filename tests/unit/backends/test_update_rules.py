"""Update rules as code: loops, and the kinds of weights that a class tells apart."""

import ast
from pathlib import Path

import pytest

from dlmc.api import read
from dlmc.backends.python import tree as py
from dlmc.backends.python.printer import statements
from dlmc.backends.python.quotation import Quote
from dlmc.backends.python.repetition import rolled
from dlmc.backends.python.script import printed
from dlmc.backends.tensorflow import optimizers as keras_optimizers
from dlmc.backends.torch import optimizers as torch_optimizers
from dlmc.ir.program import Optimizer

quote = Quote()

PROGRAM = """
model M { input x: f32[N, 3]
  output y = x -> Dense(5) as tall -> Dense(2) as wide }
data rows { source = inline(x = [[1.0, 2.0, 3.0]], t = [[1.0, 2.0]])
  x: f32[3]
  t: f32[2] }
optimizer chosen(lr) {
  if weight.rank == 2 and weight.shape[0] > weight.shape[1] {
    state seen: i64 = 3
    seen = seen + 1
    weight = weight - lr * cast(seen, f32) * grad
  } else if weight.rank == 2 {
    weight = weight - lr * transpose(transpose(grad))
  } else {
    state total: f32[2] = 0.5
    total = total + sum(grad)
    weight = weight - lr * sum(total) * grad
  }
}
train M on rows { loss = mse(y, t)
  optimizer = OPTIMIZER
  epochs = 1
  batch = 1 }
"""


def optimizer_of(rule: str, folder: Path) -> Optimizer:
    path = folder / "program.dlm"
    path.write_text(PROGRAM.replace("OPTIMIZER", rule), "utf-8")
    return read(path).trainings[0].optimizer


def lines(text: str) -> tuple[py.Statement, ...]:
    return quote.statements(text)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a = f(a)\na = f(a)", "a = f(a)\na = f(a)"),
        ("a = f(a)\na = f(a)\na = f(a)", "for _ in range(3):\n    a = f(a)"),
        (
            "b = 1\na = f(a)\nb = a\na = f(a)\nb = a\na = f(a)\nb = a\nc = b",
            "b = 1\nfor _ in range(3):\n    a = f(a)\n    b = a\nc = b",
        ),
        ("a = 1\nb = 1\na = 1\nb = 2", "a = 1\nb = 1\na = 1\nb = 2"),
    ],
)
def test_repetitions_become_loops(before: str, after: str) -> None:
    assert statements(rolled(lines(before))).strip() == after


def test_a_loop_of_a_rule_is_one_of_the_class(tmp_path: Path) -> None:
    muon = optimizer_of("muon(lr = 0.1, vector_rate = 0.1)", tmp_path)
    for made in (
        torch_optimizers.optimizer_class(muon, "Muon", ()),
        keras_optimizers.optimizer_class(muon, "Muon", ()),
    ):
        code = printed(made)
        # One for matrices with more rows, one for others.
        assert code.count("for _ in range(5):") == 2
        assert code.count("gram = x @") == 2


@pytest.mark.parametrize("backend", [torch_optimizers, keras_optimizers])
def test_kinds_of_weights(backend: object, tmp_path: Path) -> None:
    """Each has a method; conditions ask for no more than tells it from the rest."""
    chosen = optimizer_of("chosen(lr = 0.1)", tmp_path)
    made = backend.optimizer_class(chosen, "Chosen", ())  # type: ignore[attr-defined]
    code = printed(made)
    conditions = [
        ast.unparse(node.test)
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.If) and "ndim" in ast.unparse(node.test)
    ]
    assert set(conditions) == {
        "weight.ndim == 2 and weight.shape[0] > weight.shape[1]",
        "weight.ndim == 2",
    }
    methods = [
        node.name
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("update_")
    ]
    assert sorted(set(methods) - {"update_step"}) == [
        "update_matrix",
        "update_matrix_2",
        "update_vector",
    ]
