"""What the language can say means the same on every target: whole small programs."""

import re
from pathlib import Path

import pytest

import dlmc
from dlmc.interpreter import run
from tests.parity.targets import TARGETS, batch_of, distance, outputs_of, weights_of

TOLERANCE = 1e-5
"""Relative to the largest number of an output."""

PROGRAMS = {
    "layers, functions and blocks as arguments": """
block Residual(inner) { input x: float[N, D]
  output x + inner(x) }
block Wide(layer, act = fn(z) = 0.5 * z) { input x: float[N, D]
  output x -> layer -> act -> Dense(D) as narrow }
fn twice(f, x) = f(f(x))
model M(scale = 2) { input x: f32[N, 6]
  y = x -> Residual(Dense(6)) -> Residual(Residual(Dense(6, bias = false)))
  y = y -> Wide(Dense(9), act = gelu) -> Wide(Dense(4), act = fn(z) = scale * tanh(z))
  y = y -> Wide(Dense(5)) -> Residual(Wide(Dense(3), relu))
  output twice(fn(z) = sin(z) + scale, y) }
""",
    "blocks that make what they are given": """
block Unit(kind, norm = LayerNorm, width = 8) { input x: float[N, D]
  output x -> kind(width) -> norm as norm -> relu }
block Stack(make, depth) { input x: float[N, D]
  for i in 0..depth { x = x -> make(4 + i) as "step{i}" }
  output x }
model M { input x: f32[N, 5]
  output x -> Unit(Dense) -> Unit(Dense, norm = RMSNorm, width = 6)
           -> Stack(Dense, 3) }
""",
    "lists of layers": """
block Branches(layers) { input x: float[N, C, H, W]
  output concat(map(layers, fn(layer) = layer(x)), axis = 1) }
block Chain(layers, act) { input x: float[N, ...]
  for i, layer in enumerate(layers) {
    x = layer(x)
    if i < len(layers) - 1 { x = act(x) }
  }
  output x }
model M { input x: f32[N, 3, 6, 6]
  heads = [Dense(2), Dense(3)]
  y = x -> Branches([Conv(2, 1), Conv(3, 3, padding = 1), Conv(1, 5, padding = 2)])
        -> Chain([Conv(4, 3), BatchNorm(), Conv(2, 1)], act = relu) -> flatten
  output small = heads[0](y)
  output large = y -> heads[1] -> Chain([Dense(4), Dense(2)], tanh) }
""",
    "closures over numbers": """
block Scaled(f, times = 3) { input x: float[N, D]
  y = x
  for i in 0..times { y = f(y, i) }
  output y }
model M(rate = 0.5, offset = 0.25) { input x: f32[N, 4]
  shift = offset * 2
  step = fn(z, i) = rate * z + shift * (i + 1)
  output x -> Scaled(step) -> Scaled(fn(z, i) = z - i * rate, times = 2) -> Dense(3)
           -> Scaled(step, 1) }
""",
    "tied embedding": """
model M(vocabulary = 11, context = 6) {
  input tokens: i64[N, T <= context]
  embed = Embedding(vocabulary, 8)
  param position: f32[context, 8] = normal(std = 0.5)
  x = embed(tokens) + position[:T]
  x = x + (x -> LayerNorm -> Dense(8))
  x = x -> LayerNorm as last
  output logits: f32[N, T, vocabulary] = x @ transpose(embed.weight) }
""",
    "tied dense and convolution": """
block Auto(width) { input x: float[N, D]
  down = Dense(width)
  y = x -> down -> relu
  output y @ down.weight + mean(down.bias) }
model M { input x: f32[N, 2, 5, 5]
  filter = Conv(3, 3, padding = 1)
  y = x -> filter
  again = conv_transpose(y, filter.weight, padding = 1)
  each = DepthwiseConv(3, multiplier = 2)
  flat = (again - conv(x, filter.weight, padding = 1)[:, :2]) -> flatten
  output code = flat -> Auto(7)
  output norm = sqrt(sum(filter.weight ** 2, axis = [1, 2, 3]))
  output apart = (x -> each) * sum(each.weight, axis = [2, 3])[:, new] }
""",
    "dimensions that stand for several": """
block Last { input x: float[..., D]
  output softmax(x -> Dense(3), axis = -1) }
block Spread { input x: float[N, C, ...]
  output x - mean(x, axis = 2..x.rank, keep = true) }
model M { input a: f32[N, 4]
  input b: f32[N, T, 2, 4]
  input c: f32[N, 2, L]
  last = Last()
  output last(a)[:, new, new] + last(b)
  output c -> Spread as spread }
""".replace("output last(a)", "output y = last(a)").replace("output c", "output z = c"),
    "slices": """
model M { input x: f32[N, 7, 5]
  input s: f32[N, T, 3]
  output a = x[:, -3:, ::-1] * 2
  output b = x[:, 1:-1:2, new, -1]
  output c = x[..., 3]
  output d = x[:, ::-2, :2]
  output e = x[:, -1] + x[:, 0, ::1]
  output f = (s[:, ::-1] + s[:, :1])[:, new]
  output g = s[:, -1] - s[:, 0]
  output h = x[:, 5:1:-1][..., -2:] }
""",
    "broadcasting with symbols": """
model M { input a: f32[N, T, D]
  input b: f32[D]
  input c: f32[T, 1]
  scores = a @ transpose(a, [0, 2, 1]) / sqrt(cast(D, f32))
  causal = iota(T)[:, new] >= iota(T)
  weights = softmax(select(causal, scores, -1e9), axis = -1)
  output y = weights @ a + b * c
  output z = sum(a * b, axis = -1) + c[:, 0] / T
  output w = mean(a, axis = [0, 1]) * (N + T - D) }
""",
    "several inputs and outputs": """
block Both { input x: float[N, D]
  input y: float[N, E]
  output mixed = concat(x, y, axis = -1) -> Dense(D) as mix
  output rest: float[N, D] = x * 2 }
model M { input left: f32[N, 3]
  input right: f32[N, 4]
  input flag: bool[N]
  both = Both()
  mixed, rest = both(left, right)
  again, _ = both(rest, right)
  output chosen = select(flag[:, new], mixed, again)
  output count = sum(cast(flag, i64))
  output index = argmax(rest, axis = -1) }
""",
    "shared layers": """
block Step(width) { input x: float[N, D]
  hidden = Dense(width)
  back = Dense(D)
  output x + (x -> hidden -> tanh -> back) }
model M { input x: f32[N, 5]
  step = Step(8)
  norm = BatchNorm()
  y = step(step(step(x)))
  output norm(y) + norm(x) -> Dense(2) }
""",
    "choices and loops": """
block Down { input x: float[N, C, H, W]
  output if H > 4 and W % 2 == 0 then x -> avg_pool(2)
         else x -> Conv(C + 1, 1) as widen }
model M(stages = [2, 1, 3], mode = "deep") { input x: f32[N, 2, 8, 8]
  for s, count in enumerate(stages) {
    for i in 0..count {
      x = x -> Conv(2 + s, 3, padding = 1) as "stage{s + 1}.{i}" -> relu
    }
    x = x -> Down as "down{s}"
  }
  for width in [6, 3] { x = x -> flatten -> Dense(width) }
  if mode == "deep" { x = x -> Dense(4) as head } else { x = x * 2 }
  for i in 2..5 { x = x * i - 1 / i }
  output x }
""",
    "nested blocks": """
block Inner(width) { input x: float[N, D]
  output x -> Dense(width) as one -> relu -> Dense(D) as two }
block Middle(width, depth) { input x: float[N, D]
  for i in 0..depth { x = x + (x -> Inner(width + i) as "inner{i}") }
  output x -> LayerNorm }
block Outer(width) { input x: float[N, D]
  middle = Middle(width, 2)
  output middle(x) + middle(2 * x) -> Middle(width, 1) as second }
model M { input x: f32[N, 6]
  output x -> Outer(3) -> Outer(4) as deep -> Dense(2) }
""",
    "states and own parameters": """
block Center(decay = 0.9) { input x: float[N, ..., D]
  param gain: float[D] = ones()
  state average: float[D] = zeros()
  if training {
    average = decay * average + (1 - decay) * mean(x, axis = 0..x.rank - 1)
  }
  output gain * (x - average) }
model M { input x: f32[N, T, 4]
  output x -> Center -> Dense(3) -> Center(0.5) as double -> Center as train }
""",
}
FILES = {
    "blocks/parts.dlm": """
use "act.dlm": squash
const WIDTH = 5
fn shifted(x, by = 1) = x + by
block Part(width = WIDTH) { input x: float[N, D]
  output x -> Dense(width) -> squash }
""",
    "blocks/act.dlm": """
fn squash(x) = x / (1 + abs(x))
""",
}
USE = """
use "blocks/parts.dlm": Part, shifted, WIDTH
model M { input x: f32[N, 3]
  output shifted(x -> Part -> Part(WIDTH + 1), by = 2) }
"""
SYMBOLS = {"T": 4, "D": 3, "L": 5}
"""What the symbols other than the batch are in the inputs."""


def check(path: Path, target: str) -> None:
    """That a target computes what the interpreter does, at batch sizes 1 and 3."""
    model = dlmc.read(path).main
    values = weights_of(model)
    live = dlmc.load(path, target=target, weights=values)
    for size in (1, 3):
        inputs = batch_of(model, size, **SYMBOLS)
        expected = run(model, inputs, values).outputs.values()
        found = outputs_of(target, live, model, inputs)
        for a, b in zip(expected, found, strict=True):
            assert distance(a, b) <= TOLERANCE


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", PROGRAMS)
def test_programs(name: str, target: str, tmp_path: Path) -> None:
    path = tmp_path / "program.dlm"
    path.write_text(PROGRAMS[name], "utf-8")
    check(path, target)


@pytest.mark.parametrize("target", TARGETS)
def test_weights_have_the_same_names(target: str, tmp_path: Path) -> None:
    """A target takes all weights of a program, and no other."""
    path = tmp_path / "program.dlm"
    path.write_text(PROGRAMS["nested blocks"], "utf-8")
    values = weights_of(dlmc.read(path).main)
    names = {"deep.second.inner0.two.bias", "outer.middle.inner1.one.weight"}
    assert names < set(values)
    for name in names:
        others = {n: value for n, value in values.items() if n != name}
        with pytest.raises(ValueError, match=re.escape(name)):
            dlmc.load(path, target=target, weights=others)
        with pytest.raises(ValueError, match=r"deep\.third"):
            dlmc.load(
                path, target=target, weights=values | {"deep.third": values[name]}
            )


@pytest.mark.parametrize("target", TARGETS)
def test_names_from_other_files(target: str, tmp_path: Path) -> None:
    (tmp_path / "blocks").mkdir()
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, "utf-8")
    path = tmp_path / "program.dlm"
    path.write_text(USE, "utf-8")
    check(path, target)
