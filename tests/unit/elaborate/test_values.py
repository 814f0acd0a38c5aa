"""Compile-time values: arithmetic, lists, choices, constants, functions."""

import numpy as np
import pytest

from tests.unit.elaborate.programs import compute, errors, model


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("7 // 2", 3),
        ("-7 // 2", -4),
        ("-7 % 3", 2),
        ("6 / 2", 3),
        ("7 / 2", 3.5),
        ("2 ** 3 ** 2", 512),
        ("-2 ** 2", -4),
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("50%", 0.5),
        ("1e-3 * 1000", 1.0),
        ("sqrt(16)", 4.0),
        ("max([3, 5, 4])", 5),
        ("product([2, 3, 4])", 24),
        ("len([1, 2] + [3])", 3),
        ("[1, 2, 3][-1]", 3),
        ("[1, 2, 3, 4][1:3][0]", 2),
        ("sum(2..5)", 9),
        ("if 3 > 2 and not 1 == 2 then 10 else 20", 10),
        ("if 3 < 2 or 1 != 1 then 10 else 20", 20),
        ("per_axis(3, 2)[1]", 3),
        ("map(0..3, fn(i) = i ** 2)[2]", 4),
        ("sum(map([1, 4], sqrt))", 3.0),
        ('require(5, 2 > 1, "never said")', 5),
        ("if is_integer(3) and not is_integer([3]) then 1 else 2", 1),
        ("if is_integer(0.5) then 1 else 2", 2),
        ("if is_known(3) and not is_known(N) then 1 else 2", 1),
        ("round(2.5)", 2),
        ("cos(pi)", -1.0),
        ("double(4)", 8),
        ("twice(fn(a) = a + 1, 5)", 7),
        ("width + 1", 33),
    ],
)
def test_compile_time_arithmetic(expression: str, expected: float) -> None:
    """The value of an expression, as Python's own arithmetic has it."""
    outputs = compute(
        f"""
        const width = 2 ** 5
        fn double(x) = 2 * x
        fn twice(f, x) = f(f(x))
        model M {{
          input x: f64[N]
          value = {expression}
          output y = x * 0 + value
        }}
        """,
        x=[0.0, 0.0],
    )
    assert outputs["y"] == pytest.approx([expected, expected])


def test_and_or_stop_where_they_are_decided() -> None:
    """The right side is not looked at when the left decides."""
    assert compute(
        """
        model M {
          input x: f32[N]
          output y = if false and [1][5] == 0 then x else x + 1
        }
        """,
        x=[1.0],
    )["y"] == pytest.approx([2.0])


def test_constants_may_stand_in_any_order() -> None:
    """A constant can use one declared later; a cycle is named."""
    text = "const a = b + 1\nconst b = 2\nmodel M { input x: f32[N] output y = x * a }"
    assert compute(text, x=[1.0])["y"] == pytest.approx([3.0])
    cycle = "const a = b\nconst b = a\nmodel M { input x: f32[N] output y = x * a }"
    assert errors(cycle) == ["`a` uses itself: `a` uses `b` uses `a`"]


def test_loops_rebind_names_around_them() -> None:
    """The body of a loop sees and updates what is outside."""
    outputs = compute(
        """
        model M {
          input x: f32[N]
          scale = 1
          for i, factor in enumerate([2, 3, 4]) {
            scale = scale * factor
            if i == 1 { x = x + 100 } else { x = x + 1 }
          }
          output y = x * scale
        }
        """,
        x=[1.0],
    )
    assert outputs["y"] == pytest.approx([(1 + 1 + 100 + 1) * 24])


SLICES = [
    "x[0]", "x[-1]", "x[:, 1]", "x[..., 2]", "x[1:3]", "x[:, ::2]", "x[:, 1:, -2:]",
    "x[new, :, 0]", "x[..., new]", "x[0, 1, 2]", "x[:, :, ::-1]", "x[1:100]",
    "x[-2:, new, 1]", "x[..., 0, :]", "x[3:1]", "x[:-1]",
]  # fmt: skip


@pytest.mark.parametrize("expression", SLICES)
def test_slices_are_numpys(expression: str) -> None:
    """Basic indexing gives what NumPy gives."""
    x = np.arange(4 * 3 * 5, dtype=np.float64).reshape(4, 3, 5)
    python = expression.replace("new", "None")
    expected = eval(python, {"x": x})
    text = f"model M {{ input x: f64[4, 3, 5] output y = {expression} }}"
    actual = compute(text, x=x)["y"]
    assert actual.shape == expected.shape
    np.testing.assert_array_equal(actual, expected)


def test_slices_of_symbolic_axes() -> None:
    """What depends on an unknown size keeps its exact size."""
    text = """
    model M {
      input x: f32[N, T]
      output y = x[:, 1:]
      output z = x[:, :-2]
    }
    """
    types = [str(output.type) for output in model(text).outputs]
    assert types == ["f32[N, T - 1]", "f32[N, T - 2]"]
    outputs = compute(text, x=np.arange(10.0).reshape(2, 5))
    assert outputs["y"].tolist() == [[1, 2, 3, 4], [6, 7, 8, 9]]
    assert outputs["z"].tolist() == [[0, 1, 2], [5, 6, 7]]


def test_broadcasting_is_numpys() -> None:
    """A size of 1 broadcasts, also against a symbol."""
    text = """
    model M {
      input x: f32[N, 1, 3]
      input z: f32[4, 1]
      output y = x * z
    }
    """
    x, z = np.arange(6.0).reshape(2, 1, 3), np.arange(4.0).reshape(4, 1)
    assert str(model(text).outputs[0].type) == "f32[N, 4, 3]"
    np.testing.assert_array_equal(compute(text, x=x, z=z)["y"], x * z)


def test_integers_floor() -> None:
    """-7 // 3 is -3 and -7 % 3 is 2 on tensors, too."""
    text = "model M { input x: i64[N] output q = x // 3 output r = x % 3 }"
    outputs = compute(text, x=[-7, 7])
    assert outputs["q"].tolist() == [-3, 2]
    assert outputs["r"].tolist() == [2, 1]


def test_no_implicit_cast() -> None:
    """A float number does not turn an integer tensor into floats."""
    text = "model M { input x: i64[N] output y = x * 0.5 }"
    assert errors(text) == ["the number 0.5 meets a tensor of i64"]


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ('require(5, 2 < 1, "two is more than one")', "two is more than one"),
        ("require(5, x > 0, 1)", "a condition is true or false, not bool[N]"),
        ("map(3, fn(i) = i)", "`map` needs a list, not the number 3"),
        ("map([3], 4)", "`map` needs a function, not the number 4"),
        ("map([3], fn(i) = i + nothing)", "there is no `nothing`"),
    ],
)
def test_misuse_of_functions_of_lists(expression: str, message: str) -> None:
    text = f"model M {{ input x: f32[N] y = {expression} output x }}"
    assert errors(text) == [message]


def test_a_layer_for_each_item() -> None:
    """Each turn of `map` makes one of its own."""
    module = model(
        "model M { input x: f32[N, 4]"
        " output y = concat(map([2, 3], fn(n) = x -> Dense(n)), axis = 1) }"
    )
    assert [(i.name, i.module.arguments["units"]) for i in module.instances] == [
        ("dense", 2),
        ("dense_2", 3),
    ]
