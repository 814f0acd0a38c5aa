"""Layers, functions and blocks as arguments of blocks."""

import numpy as np
import pytest

from dlmc.initializers import initial_weights
from dlmc.interpreter import run
from dlmc.ir.module import Module, weights
from dlmc.ir.verify import verify

from .programs import errors, model

RESIDUAL = "block Residual(inner) { input x: f32[N, D] output x + inner(x) }\n"


def names(module: Module) -> list[str]:
    """The names of all weights."""
    return [weight.name for weight in weights(module)]


def evaluated(module: Module, x: np.ndarray) -> tuple[dict, np.ndarray]:  # type: ignore[type-arg]
    """The initial weights of a model with one input, and its one output for them."""
    values = initial_weights(module, 0)
    verify(module)
    (output,) = run(module, {"x": x}, values).outputs.values()
    return values, output


def test_a_layer_given_to_a_block_belongs_to_it() -> None:
    """It is called after the parameter, inside of the block."""
    made = model(
        RESIDUAL + "model M { input x: f32[N, 3] output x -> Residual(Dense(3)) }"
    )
    assert names(made) == ["residual.inner.weight", "residual.inner.bias"]
    x = np.ones((2, 3), np.float32)
    values, y = evaluated(made, x)
    assert y == pytest.approx(x + x @ values["residual.inner.weight"].T)


def test_as_in_an_argument_names_the_layer() -> None:
    """`as` is stronger than the parameter's name."""
    made = model(
        RESIDUAL + "model M { input x: f32[N, 3] output x -> Residual(Dense(3) as fc) }"
    )
    assert names(made) == ["residual.fc.weight", "residual.fc.bias"]


def test_a_block_may_be_given_a_block_of_its_own_kind() -> None:
    """That is no recursion: the inner one is given less."""
    made = model(
        RESIDUAL + "model M { input x: f32[N, 2]"
        " output x -> Residual(Residual(Residual(Dense(2, bias = false)))) }"
    )
    (weight,) = names(made)
    assert weight == "residual.inner.inner.inner.weight"
    x = np.array([[1.0, -2.0]], np.float32)
    values, y = evaluated(made, x)
    assert y == pytest.approx(3 * x + x @ values[weight].T)


def test_equal_layers_share_a_specialisation() -> None:
    """Two uses with equal layers are one module with two instances."""
    made = model(
        RESIDUAL + "model M { input x: f32[N, 3]"
        " output x -> Residual(Dense(3)) -> Residual(Dense(3)) }"
    )
    one, other = made.instances
    assert one.module is other.module


def test_lists_of_layers_and_functions() -> None:
    """Each layer of a list is called by its place in it."""
    made = model(
        """
        block Sum(branches, acts) {
          input x: f32[N, D]
          y = 0 * x
          for i, branch in enumerate(branches) { y = y + (x -> branch -> acts[i]) }
          output y
        }
        model M {
          input x: f32[N, 2]
          output x -> Sum([Dense(2, bias = false), Dense(2, bias = false)],
                          acts = [abs, fn(z) = 3 * z])
        }
        """
    )
    assert names(made) == ["sum.branches.0.weight", "sum.branches.1.weight"]
    x = np.array([[1.0, -2.0]], np.float32)
    values, y = evaluated(made, x)
    first, second = (x @ w.T for w in values.values())
    assert y == pytest.approx(np.abs(first) + 3 * second)


def test_a_layer_is_named_where_it_is_made() -> None:
    """Not where it is applied: one made outside a loop has no number."""
    made = model(
        """
        model M {
          input x: f32[N, 2]
          once = Dense(2)
          several = [Dense(2), Dense(2)]
          for i in 0..2 { x = once(x) }
          for layer in several { x = x -> layer }
          for i in 0..2 { inside = Dense(2)  x = inside(x) }
          output y = x
        }
        """
    )
    assert [i.name for i in made.instances] == [
        "once", "several.0", "several.1", "inside.0", "inside.1",
    ]  # fmt: skip


def test_functions_see_numbers_around_them() -> None:
    """A function given to a block is written out with the numbers it was made with."""
    made = model(
        """
        block Apply(f) { input x: f32[N] output f(x) }
        model M(scale = 4) { input x: f32[N] output x -> Apply(fn(z) = scale * z) }
        """
    )
    _, y = evaluated(made, np.array([2.0], np.float32))
    assert y == pytest.approx([8.0])
    assert "scale" in made.fixed  # other code for another value


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            "e = Dense(2) output y = (x -> Residual(e)) + e(x)",
            "the layer `e` is used in two places that would both own it",
        ),
        (
            "e = Dense(2) output y = x -> Residual(e) -> Residual(e)",
            "the layer `e` is used in two places that would both own it",
        ),
        (
            "e = Dense(2) output y = x -> Residual(fn(z) = e(z))",
            "`Dense` is a layer of another block",
        ),
        (
            "w = 2 * x output y = x -> Residual(fn(z) = z * w)",
            "`w` is a tensor or a size of another block",
        ),
    ],
)
def test_what_belongs_elsewhere_is_refused(body: str, message: str) -> None:
    """One layer has one owner, and a tensor one block."""
    text = RESIDUAL + f"model M {{ input x: f32[N, 2] {body} }}"
    assert errors(text) == [message]


def test_a_function_owns_no_layer() -> None:
    """What owns something is a block."""
    found = errors(
        "fn f(x) = x -> Dense(2)\nmodel M { input x: f32[N, 2] output f(x) }"
    )
    assert found == ["`f` is a function and owns no layer, such as `Dense`"]


def test_defaults_may_be_layers() -> None:
    """A default is made anew for each use."""
    made = model(
        "block B(inner = Dense(2)) { input x: f32[N, D] output inner(x) }\n"
        "model M { input x: f32[N, 2] output x -> B -> B }"
    )
    assert names(made) == [
        "b.inner.weight", "b.inner.bias", "b_2.inner.weight", "b_2.inner.bias",
    ]  # fmt: skip
