"""The layout pass: where tensors change their layout, and that nothing else changes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dlmc.backends.tensorflow.axes import channels_last, grouped, lifted, reduced
from dlmc.backends.tensorflow.layout import Keeping, LayoutPass
from dlmc.elaborate.program import elaborate
from dlmc.grammar.span import Source
from dlmc.initializers import initial_weights
from dlmc.interpreter.evaluation import Evaluator
from dlmc.ir.dimensions import Dim
from dlmc.ir.module import Apply, Call, Module
from dlmc.ir.module import weights as weights_of
from dlmc.ir.traced import TracedInt, Variable
from dlmc.primitives import Primitive

NATIVES = {
    "Conv": Keeping.CHANNELS_LAST,
    "BatchNorm": Keeping.CHANNELS_LAST,
    "max_pool": Keeping.CHANNELS_LAST,
    "relu": Keeping.ANY,
    "softmax": Keeping.AXIS,
    "flatten": Keeping.DECLARED,
    "Dense": Keeping.DECLARED,
}

BOTTLENECK = """
block Bottleneck(width, stride = 1) {
  input x: f32[N, C, H, W]
  y = x -> Conv(width, 1, bias = false) -> BatchNorm -> relu
        -> Conv(width, 3, stride = stride, padding = 1, bias = false) -> BatchNorm
  skip = if stride != 1 or C != width then x -> Conv(width, 1, stride = stride) else x
  output relu(y + skip)
}
model ResNet {
  input image: f32[N, 3, 8, 8]
  x = image -> Conv(4, 3, padding = 1) -> BatchNorm -> relu -> max_pool(2)
  for i in 0..3 { x = x -> Bottleneck(8, stride = if i == 1 then 2 else 1) }
  output x -> mean(axis = [2, 3]) -> Dense(10)
}
"""
EXCITE = """
block Excite(less) {
  input x: f32[N, C, H, W]
  s = mean(x, axis = [2, 3]) -> Dense(C / less) -> relu -> Dense(C) -> sigmoid
  output x * reshape(s, [N, C, 1, 1])
}
model Test { input x: f32[N, 3, H, W]  output x -> Conv(4, 3) -> Excite(2) }
"""
PATCHES = """
model Test {
  input image: f32[N, 3, 8, 8]
  x = image -> Conv(12, 4, stride = 4) as patches
  a = transpose(reshape(x, [N, 12, 4]), [0, 2, 1]) -> Dense(5) as a
  b = reshape(transpose(x, [0, 2, 3, 1]), [N, 4, 12]) -> Dense(5) as b
  output a + b
}
"""
MIXED = """
model Test {
  input image: f32[N, 3, 8, 8]
  input mask: f32[N, 1, 8, 8]
  param gain: f32[6, 1, 1] = normal(std = 1.0)
  param rows: f32[8, 1] = normal(std = 1.0)
  x = concat(image * mask -> Conv(6, 3, padding = "same"), image, axis = 1)
  x = x[:, :6] * gain + rows + broadcast(gain[:1, 0], [6, 1, 1])
  x = pad(x, low = [0, 0, 1, 0], high = [0, 0, 0, 2])[:, 1:, ::2]
  x = x -> avg_pool(2, stride = 1)
  output best = argmax(x, axis = 1)
  output classes = softmax(x, axis = 1)
  output average = mean(x, axis = 0) -> flatten
  output total = sum(abs(x), axis = [1, 3], keep = true)
  output chosen = select(x > 0, x, mean(x, axis = 1, keep = true))
  output picked = gather(x, argmax(x[0, 0], axis = 0), axis = 2)
}
"""
GATES = """
block Gate { input x: f32[N, C, H, W]  output x * sigmoid(x) }
block Stem(n) { input x: f32[N, C, H, W]  output x -> Gate -> Conv(n, 3, padding = 1) }
model Test { input x: f32[N, 4, H, W]  output x -> Stem(4) -> Stem(4) -> Gate }
"""
PLAIN = """
model Test {
  input x: f32[N, T, 6]
  y = transpose(reshape(x, [N, T, 2, 3]), [0, 2, 1, 3])
  output y * mean(y, axis = 1, keep = true) -> Dense(4)
}
"""
SEQUENCE = """
model Test {
  input x: f32[N, 4, T]
  output x -> Conv(6, 3, padding = 1) -> BatchNorm -> relu -> max_pool(2, stride = 1)
}
"""
MODES = """
block Noisy {
  input x: f32[N, C, H, W]
  output if training then x + random_uniform(shape = x.shape, dtype = f32) * 0 else x
}
model Test { input x: f32[N, 3, H, W]  output x -> Conv(4, 3) -> Noisy -> Conv(2, 1) }
"""
UPWARDS = """
model Test {
  input x: f32[N, 4, H, W]
  output x -> Conv(6, 3) -> relu -> ConvTranspose(4, 3, stride = 2) -> relu
           -> DepthwiseConv(3, 2)
}
"""
PROGRAMS = [UPWARDS, BOTTLENECK, EXCITE, PATCHES, MIXED, GATES, PLAIN, SEQUENCE, MODES]


def model(text: str) -> Module:
    found = elaborate(Source("test.dlm", text), Path())
    assert found.program is not None, found.diagnostics
    return found.program.models[-1]


def laid_out(module: Module) -> Module:
    """The model with natives as a backend has them."""
    return LayoutPass(
        lambda m: NATIVES.get(m.definition) if m.is_library else None
    ).root(module)


def modules(module: Module) -> Iterator[Module]:
    """The model and the user's blocks that it calls, each once."""
    found = [module]
    for one in found:
        yield one
        called = [op.module for op in one.inference.operations if isinstance(op, Call)]
        new = (m for m in called if not m.is_library and m not in found)
        found.extend(dict.fromkeys(new))


def applied(module: Module, primitive: str) -> list[Apply]:
    return [
        op
        for op in module.inference.operations
        if isinstance(op, Apply) and op.primitive == primitive
    ]


class ChannelsLast(Evaluator):
    """Reads the IR as the pass leaves it."""

    def primitive(
        self, primitive: Primitive, operands: tuple[Any, ...], attributes: Any
    ) -> Any:
        if primitive.name not in (
            "conv",
            "conv_transpose",
            "window_max",
            "window_mean",
        ):
            return super().primitive(primitive, operands, attributes)
        x, *weight = operands
        operands = (
            np.moveaxis(x, -1, 1),
            *(np.moveaxis(w, (-1, -2), (0, 1)) for w in weight),
        )
        return np.moveaxis(super().primitive(primitive, operands, attributes), 1, -1)


def evaluate(kind: type[Evaluator], module: Module, training: bool) -> Any:
    weights = initial_weights(module, 0)
    rng = np.random.default_rng(0)
    sizes = {"N": 3, "H": 7, "W": 6, "T": 5}
    inputs = [
        rng.standard_normal(
            [
                s.substitute(sizes.__getitem__) if isinstance(s, Dim) else s
                for s in v.type.shape
            ]
        ).astype(np.float32)
        for v in module.inputs
    ]
    evaluator = kind(weights, training=training, rng=np.random.default_rng(1))
    return evaluator.evaluate(module, inputs, {}), evaluator.updates


@pytest.mark.parametrize("text", PROGRAMS)
@pytest.mark.parametrize("training", [False, True])
def test_the_meaning_stays(text: str, training: bool) -> None:
    module = model(text)
    # Without natives every body is rewritten, the library's included.
    made = LayoutPass(lambda _: None).root(module)
    wanted, wanted_updates = evaluate(Evaluator, module, training)
    found, found_updates = evaluate(ChannelsLast, made, training)
    for a, b in zip(found, wanted, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-5)
    for name, value in wanted_updates.items():
        np.testing.assert_allclose(found_updates[name], value, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("text", PROGRAMS)
def test_signature_and_weights_stay(text: str) -> None:
    module = model(text)
    made = laid_out(module)
    assert made.inputs == module.inputs
    assert made.outputs == module.outputs
    assert list(weights_of(made)) == list(weights_of(module))


def test_one_transpose_where_the_image_comes_in() -> None:
    whole, *blocks = modules(laid_out(model(BOTTLENECK)))
    (entry,) = applied(whole, "transpose")
    assert entry.operands[0].name == "image"
    assert entry.attributes["axes"] == (0, 2, 3, 1)
    assert not any(applied(block, "transpose") for block in blocks)
    assert [str(block.inputs[0].type) for block in blocks] == [
        "f32[N, 4, 4, 4]",
        "f32[N, 4, 4, 8]",
        "f32[N, 2, 2, 8]",
    ]
    (mean,) = applied(whole, "mean")
    assert mean.attributes["axis"] == (1, 2)


def test_flattening_keeps_the_declared_order() -> None:
    made = laid_out(
        model("model M { input x: f32[N, 3, 4, 4]  output x -> Conv(2, 1) -> flatten }")
    )
    into, back = applied(made, "transpose")
    assert into.attributes["axes"] == (0, 2, 3, 1)
    assert back.attributes["axes"] == (0, 3, 1, 2)
    assert str(back.result.type) == "f32[N, 2, 4, 4]"


def test_axes_are_counted_anew() -> None:
    made = laid_out(
        model(
            "model M { input x: f32[N, 3, 4, 4]  y = x -> Conv(2, 1)"
            "  output a = argmax(y, axis = 1)  output b = softmax(y, axis = 1)"
            "  output c = softmax(y, axis = -1) }"
        )
    )
    (position,) = applied(made, "argmax")
    assert position.attributes["axis"] == 3
    softmaxes = [
        op
        for op in made.inference.operations
        if isinstance(op, Call) and op.module.definition == "softmax"
    ]
    assert [op.arguments["axis"] for op in softmaxes] == [-1, 2]


def test_a_gate_for_each_channel_is_reshaped_not_transposed() -> None:
    whole, block = modules(laid_out(model(EXCITE)))
    assert not applied(block, "transpose")
    (reshape,) = applied(block, "reshape")
    assert str(reshape.result.type) == "f32[N, 1, 1, 4]"
    assert len(applied(whole, "transpose")) == 2


def test_patches_need_no_transpose() -> None:
    (made,) = modules(laid_out(model(PATCHES)))
    assert len(applied(made, "transpose")) == 1


def test_a_bias_broadcasts_as_it_is() -> None:
    text = "model M { input x: f32[N, 3, 4]  output x -> Conv(2, 1) }"
    made = LayoutPass(lambda _: None).root(model(text))
    conv = next(op.module for op in made.inference.operations if isinstance(op, Call))
    (add,) = applied(conv, "add")
    assert add.operands[1].name == "bias"
    assert not applied(conv, "reshape")


def test_what_has_no_images_stays_the_same_object() -> None:
    module = model(PLAIN)
    assert laid_out(module) is module


def test_a_block_is_specialised_for_each_layout() -> None:
    text = (
        "block Twice { input x: f32[N, C, H, W]  output x + x }"
        "model M { input x: f32[N, 3, 4, 4]"
        "  output a = x -> Twice  output b = x -> Conv(3, 1) -> Twice }"
    )
    _, first, second = modules(laid_out(model(text)))
    assert str(first.inputs[0].type) == "f32[N, 3, 4, 4]"
    assert str(second.inputs[0].type) == "f32[N, 4, 4, 3]"


def test_blocks_are_given_what_they_would_turn_to() -> None:
    whole, stem, gate = modules(laid_out(model(GATES)))
    assert [t.attributes["axes"] for t in applied(whole, "transpose")] == [
        (0, 2, 3, 1),
        (0, 3, 1, 2),
    ]
    assert not applied(stem, "transpose")
    assert str(gate.inputs[0].type) == "f32[N, H, W, 4]"


LAST = channels_last(4)


@pytest.mark.parametrize(
    ("before", "after", "layout", "wanted"),
    [
        ((2, 3, 4, 5), (2, 3, 20), LAST, (0, 2, 1)),
        ((2, 3, 4, 5), (2, 60), LAST, None),
        ((2, 3, 4, 5), (2, 12, 5), LAST, None),
        ((2, 6, 4, 5), (2, 2, 3, 4, 5), LAST, (0, 3, 4, 1, 2)),
        ((2, 3, 1, 1), (2, 3), LAST, (0, 1)),
        ((2, 3, 4, 1), (2, 3, 4), LAST, (0, 2, 1)),
        ((2, 3, 4, 5), (1, 2, 3, 4, 5), LAST, (0, 1, 3, 4, 2)),
        ((1, 3, 4, 5), (3, 20), LAST, (1, 0)),
        ((2, 3, 4, 5), (2, 4, 3, 5), LAST, None),
        ((0, 3, 4, 5), (0, 7), LAST, None),
    ],
)
def test_reshapes_of_what_is_laid_out(
    before: tuple[int, ...],
    after: tuple[int, ...],
    layout: tuple[int, ...],
    wanted: tuple[int, ...] | None,
) -> None:
    result = grouped(before, after, layout)
    assert result == wanted
    if result is not None:
        x = np.arange(np.prod(before)).reshape(before)
        moved = x.transpose(layout).reshape([after[axis] for axis in result])
        np.testing.assert_array_equal(moved, x.reshape(after).transpose(result))


def test_a_size_that_is_one_by_chance_is_no_unit() -> None:
    channels = TracedInt(1, Variable("C"))
    assert grouped((2, channels, 4, 4), (2, 16), LAST) is None


def test_symbolic_sizes_are_grouped() -> None:
    n, h, w = (Dim.symbol(name) for name in "NHW")
    assert grouped((n, 3, h, w), (n, 3, h * w), LAST) == (0, 2, 1)


def test_layouts_of_other_ranks() -> None:
    assert channels_last(2) == (0, 1)
    assert lifted((0, 2, 1), 4) == (0, 1, 3, 2)
    assert reduced(LAST, [0]) == (1, 2, 0)
    assert reduced(LAST, [2, 3]) == (0, 1)
