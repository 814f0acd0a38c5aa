"""Specialisation: names, types, modes, and where numbers come from."""

import numpy as np
import pytest
import torch

from dlmc.initializers import initial_weights
from dlmc.interpreter import run
from dlmc.ir.module import Apply, Call, Module, weights
from dlmc.ir.traced import Variable, origin_of
from dlmc.ir.verify import verify
from tests.unit.elaborate.programs import compute, errors, model, program


def names(module: Module) -> list[str]:
    return [weight.name for weight in weights(module)]


def test_names_of_weights() -> None:
    """By `as`, by the binding, by the kind, counted, and by the turn of a loop."""
    module = model(
        """
        block Pair {
          input x: float[N, D]
          output x -> Dense(D, bias = false) -> Dense(D, bias = false) as "out.proj"
        }
        model M {
          input x: f32[N, 4]
          head = Dense(4, bias = false)
          x = x -> Dense(4, bias = false) -> Dense(4, bias = false)
          for i in 0..2 {
            x = x -> Dense(4, bias = false) -> Pair
                  -> Dense(4, bias = false) as "l{i + 1}.q"
          }
          for i in 0..1 { x = x -> Dense(4, bias = false) }
          output y = head(x) + (x -> head)
        }
        """
    )
    assert names(module) == [
        "dense.weight",
        "dense_2.weight",
        "dense_3.0.weight",
        "pair.0.dense.weight",
        "pair.0.out.proj.weight",
        "l1.q.weight",
        "dense_3.1.weight",
        "pair.1.dense.weight",
        "pair.1.out.proj.weight",
        "l2.q.weight",
        "dense_4.0.weight",
        "head.weight",
    ]


def test_a_layer_by_name_is_one_layer() -> None:
    """Used twice it has one set of weights."""
    module = model(
        """
        model M {
          input a: f32[N, 3]
          input b: f32[N, 3]
          tower = Dense(2)
          output y = tower(a) - tower(b)
        }
        """
    )
    assert names(module) == ["tower.weight", "tower.bias"]
    same = np.ones((2, 3), np.float32)
    result = run(module, {"a": same, "b": same}, initial_weights(module, 1))
    assert not result.outputs["y"].any()


def test_equal_specialisations_are_one_module() -> None:
    """And other arguments or sizes make another."""
    module = model(
        """
        block B(width) {
          input x: float[N, D]
          output x -> Dense(width)
        }
        model M {
          input x: f32[N, 4]
          output y = x -> B(4) -> B(4) -> B(5) -> B(5)
        }
        """
    )
    calls = [op.module for op in module.inference.operations if isinstance(op, Call)]
    assert calls[0] is calls[1]
    assert len({id(called) for called in calls}) == 3


def test_numbers_remember_their_origin() -> None:
    """A size is known in terms of its own module's arguments and dimensions."""
    module = model(
        """
        block B(width) {
          input x: float[N, C, H, W]
          output x -> Conv(2 * width, 3, padding = 1) -> relu -> flatten -> Dense(width)
        }
        model M(base = 8) {
          input x: f32[N, 3, 4, 4]
          output y = x -> B(base + 1)
        }
        """
    )
    (call,) = module.inference.operations
    assert isinstance(call, Call)
    block = call.module
    assert block.arguments["width"] == 9
    assert origin_of(block.arguments["width"]) == Variable("width")
    assert origin_of(call.arguments["width"]) is not None
    conv, _, flat, dense = block.inference.operations
    assert isinstance(conv, Call)
    assert isinstance(dense, Call)
    assert str(origin_of(conv.arguments["filters"])).count("width") == 1
    features = flat.results[0].type.shape[1]
    assert features == 18 * 16
    text = str(origin_of(features))
    assert all(f"'{name}'" in text for name in ("width", "H", "W"))
    assert not block.fixed


def test_what_decides_the_body_is_fixed() -> None:
    """An argument in a condition, a loop or a list cannot be a number of the class."""
    module = model(
        """
        block B(depth, wide, width) {
          input x: float[N, D]
          for i in 0..depth { x = x -> Dense(width) }
          if wide > 3 { x = x -> relu }
          output x
        }
        model M { input x: f32[N, 4] output y = x -> B(2, 4, 5) }
        """
    )
    (call,) = module.inference.operations
    assert isinstance(call, Call)
    assert call.module.fixed == {"depth", "wide"}


def test_what_is_only_checked_is_not_fixed() -> None:
    """One body for all uses that pass the check."""
    text = """
    block First(count) { input x: float[N, D]
      output x[:, :require(count, count <= D, "there are fewer")] }
    model M { input x: f32[N, 6] output a = x -> First(2) output b = x -> First(3) }
    """
    made = [
        call.module
        for call in model(text).inference.operations
        if isinstance(call, Call)
    ]
    assert [module.fixed for module in made] == [frozenset(), frozenset()]
    assert errors(text.replace("First(3)", "First(7)")) == ["there are fewer"]


def test_both_modes() -> None:
    """A module that does not ask for the mode has one body; dropout has two."""
    module = model(
        """
        model M {
          input x: f32[N, 4]
          output y = x -> Dense(4) -> Dropout(0.5)
        }
        """
    )
    dense, dropout = (module.instance(name).module for name in ("dense", "dropout"))
    assert dense.inference is dense.training
    assert dropout.inference is not dropout.training
    assert module.depends_on_mode


def test_dropout_scales_what_it_keeps() -> None:
    """At training the mean stays; at inference nothing happens."""
    text = "model M { input x: f32[N] output y = x -> Dropout(0.25) }"
    x = np.ones(100_000)
    np.testing.assert_array_equal(compute(text, x=x)["y"], x)
    y = compute(text, x=x, training=True)["y"]
    assert set(np.unique(y)) == {0.0, np.float32(1 / 0.75)}
    assert y.mean() == pytest.approx(1, abs=0.02)


def test_batch_norm_against_torch() -> None:
    """Outputs and running statistics of three training steps, then inference."""
    module = model(
        "model M { input x: f32[N, 3, T] output y = x -> BatchNorm(eps = 1e-4) }"
    )
    theirs = torch.nn.BatchNorm1d(3, eps=1e-4, momentum=0.1)
    state = initial_weights(module, 0)
    rng = np.random.default_rng(0)
    for _ in range(3):
        x = rng.normal(2, 3, (4, 3, 5)).astype(np.float32)
        result = run(module, {"x": x}, state, training=True)
        expected = theirs(torch.from_numpy(x)).detach().numpy()
        np.testing.assert_allclose(result.outputs["y"], expected, atol=1e-5)
        state |= result.updates
    for name in ("running_mean", "running_var"):
        expected = getattr(theirs, name).numpy()
        np.testing.assert_allclose(state[f"batch_norm.{name}"], expected, rtol=1e-5)
    theirs.eval()
    result = run(module, {"x": x}, state)
    expected = theirs(torch.from_numpy(x)).detach().numpy()
    np.testing.assert_allclose(result.outputs["y"], expected, atol=1e-5)


@pytest.mark.parametrize(
    ("size", "stride", "padding", "dilation"),
    [(3, 1, 0, 1), (3, 2, 1, 1), (5, 3, 2, 2), (1, 2, 0, 1), (4, 2, 3, 1)],
)
def test_convolution_shapes_against_torch(
    size: int, stride: int, padding: int, dilation: int
) -> None:
    """The exact symbolic size of the output, at several sizes of the input."""
    module = model(
        f"""
        model M {{
          input x: f32[N, 2, T]
          output y = x -> Conv(4, {size}, stride = {stride}, padding = {padding},
                               dilation = {dilation}, groups = 2)
        }}
        """
    )
    length = module.outputs[0].type.shape[2]
    for t in (11, 12, 13, 14, 20):
        theirs = torch.nn.functional.conv1d(
            torch.zeros(1, 2, t), torch.zeros(4, 1, size),
            stride=stride, padding=padding, dilation=dilation, groups=2,
        )  # fmt: skip
        assert not isinstance(length, int)
        assert length.substitute(lambda _, t=t: t) == theirs.shape[2]


def test_generic_dtypes_are_one_throughout() -> None:
    """`float` takes the first input's dtype; another one does not fit."""
    text = """
    block Sum {{
      input a: float[N]
      input b: float[N]
      output a + b
    }}
    model M {{
      input a: f64[N]
      input b: {dtype}[N]
      output y = Sum()(a, b)
    }}
    """
    assert str(model(text.format(dtype="f64")).outputs[0].type) == "f64[N]"
    (message,) = errors(text.format(dtype="f32"))
    assert message == "`Sum` expects b: float[N], got f32[N]"


def test_symbols_of_a_block_are_its_own() -> None:
    """The same names may mean other sizes in a block than where it is used."""
    module = model(
        """
        block Swap {
          input x: float[A, B]
          output transpose(x)
        }
        model M {
          input x: f32[B, A]
          output y = x -> Swap
          output z = (x -> Swap) -> Swap
        }
        """
    )
    assert [str(o.type) for o in module.outputs] == ["f32[A, B]", "f32[B, A]"]


def test_several_outputs() -> None:
    """A block of several outputs gives several values, in order."""
    outputs = compute(
        """
        block Split {
          input x: float[N, D]
          output first = x[:, 0]
          output rest  = x[:, 1:]
        }
        model M {
          input x: f32[N, 3]
          a, b = x -> Split
          output y = a + sum(b, axis = 1)
        }
        """,
        x=[[1, 2, 3], [4, 5, 6]],
    )
    assert outputs["y"].tolist() == [6, 15]


def test_every_module_of_the_examples_verifies() -> None:
    """The IR of a program keeps all the rules of the IR."""
    found = program(
        """
        block ConvBlock(filters) {
          input x: float[N, C, H, W]
          output x -> Conv(filters, 3, padding = "same") -> BatchNorm -> gelu
        }
        model M {
          input x: f32[N, 3, 8, 8]
          x = x -> ConvBlock(4) -> max_pool(2) -> ConvBlock(8) -> avg_pool(2)
          output y = x -> flatten -> LayerNorm -> Dense(5) -> softmax
        }
        """
    )
    verify(found.models[0])


def test_symbolic_arguments() -> None:
    """A size as a compile-time argument is a symbol of the callee."""
    module = model(
        """
        fn wide(x, n) = broadcast(mean(x), [n])
        fn to(x, shape) = broadcast(x, shape)
        block B(n, shape) {
          input x: float[N, T]
          output mean(broadcast(mean(x), [n])) + mean(broadcast(mean(x), shape))
        }
        model M {
          input a: f32[T, T]
          input b: f32[N, T]
          u = reshape(b, [N * T])
          output y = wide(u, T)
          output z = wide(a, N)
          output w: f32[N] = wide(transpose(b), N)
          output v: f32[5, N, T] = to(b, [5, N, T])
          output q = b -> B(N * T, [2, N * T])
        }
        """
    )
    verify(module)
    b = np.arange(6, dtype=np.float32).reshape(2, 3)
    inputs = {"a": np.ones((3, 3), np.float32), "b": b}
    outputs = run(module, inputs, {}).outputs
    assert outputs["y"].tolist() == [2.5] * 3
    assert outputs["z"].tolist() == [1.0] * 2
    assert outputs["w"].tolist() == [2.5] * 2
    np.testing.assert_array_equal(outputs["v"], np.broadcast_to(b, (5, 2, 3)))
    assert outputs["q"] == 5.0


def test_a_cast_number_keeps_its_origin() -> None:
    """Otherwise a class would hold on to the value of its first use."""
    module = model(
        """
        model M(heads = 2) {
          input x: f32[N, 8]
          output y = x / sqrt(cast(x.shape[1] / heads, f32))
        }
        """
    )
    constant = module.inference.operations[0]
    assert isinstance(constant, Apply)
    assert constant.attributes["value"] == 4.0
    assert "'heads'" in str(origin_of(constant.attributes["value"]))
