"""Gradients of whole trainings, against torch and in closed form."""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dlmc.api import read
from dlmc.backends.torch.trial import TorchTrial
from dlmc.initializers import initial_weights
from dlmc.interpreter import run
from dlmc.ir.builder import Builder
from dlmc.ir.module import Apply, Module, Output
from dlmc.ir.printer import print_modules
from dlmc.ir.program import Program
from dlmc.ir.reader import read_modules
from dlmc.ir.verify import verify
from dlmc.passes.differentiate import differentiate
from dlmc.passes.inline import inline
from dlmc.passes.objective import objective
from dlmc.passes.precision import widened
from dlmc.passes.quiet import quieted
from tests.unit.elaborate.programs import program

EXAMPLES = Path(__file__).parents[3] / "examples"
SHARED = """
block Half(units) {
  input x: float[N, D]
  state seen: f32[D] = zeros()
  next = 0.5 * seen + 0.5 * mean(x, axis = 0)
  if training { seen = next }
  output x - seen -> Dense(units)
}
model Model {
  input x: f32[N, 3]
  half = Half(3)
  embed = Dense(3)
  once = half(x)
  twice = half(relu(once))
  output y = embed(twice) @ transpose(embed.weight)
}
data rows { source = inline(
    x = [[1.0, 2.0, -1.0], [0.5, -3.0, 2.0], [2.0, 1.0, 0.5]],
    t = [[1.0, 0.0, 2.0], [0.0, 1.0, 1.0], [0.5, 0.5, 0.5]],
  )
  x: f32[3]
  t: f32[3] }
train Model on rows { loss = mse(y, t) + 0.01 * mean(x * y)
  optimizer = sgd(lr = 0.1)
  epochs = 1
  batch = 3 }
"""


def wrt_all(module: Module) -> list[str]:
    return [parameter.name for parameter in module.parameters]


def counts(module: Module) -> Counter[str]:
    operations = module.inference.operations
    return Counter(o.primitive for o in operations if isinstance(o, Apply))


def assert_as_torch(made: Program, size: int) -> None:
    """Loss, gradients and states of one batch, in f64, are those of torch."""
    wide = widened(quieted(made))
    training = wide.trainings[0]
    weights = {
        name: array.astype(np.float64)
        for name, array in initial_weights(training.model, seed=3).items()
    }
    torch = TorchTrial(wide)
    with torch.active():
        torch.set_weights(weights)
        samples = torch.samples()
        batch = np.arange(size)
        torch.begin(samples, size)
        loss, wanted = torch.loss_and_gradients(batch)
        states = torch.weights()
    module = differentiate(objective(training), wrt_all(objective(training)))
    verify(module)
    inputs = {v.name: np.asarray(samples[v.name])[batch] for v in module.inputs}
    found = run(module, inputs, weights, training=True)
    assert abs(float(found.outputs["loss"]) - loss) <= 1e-12 * abs(loss)
    # A bias before a normalisation has none but rounding.
    scale = 1e-3 * max(float(np.abs(g).max()) for g in wanted.values())
    assert wanted.keys() == set(wrt_all(module))
    for name, gradient in wanted.items():
        within = 1e-9 * max(float(np.abs(gradient).max()), scale)
        result = found.outputs[f"grad.{name}"]
        np.testing.assert_allclose(result, gradient, rtol=0, atol=within, err_msg=name)
    for name, state in found.updates.items():
        np.testing.assert_allclose(state, states[name], rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("linear", 4),
        ("wine", 7),
        ("digits", 5),
        ("autoencoder", 5),
        ("siamese", 6),
        ("wide_and_deep", 9),
        ("unet", 3),
        ("resnet", 8),
    ],
)
def test_examples_as_torch(name: str, size: int) -> None:
    assert_as_torch(read(EXAMPLES / f"{name}.dlm"), size)


def test_what_is_used_twice_and_what_is_borrowed() -> None:
    made = program(SHARED)
    assert_as_torch(made, 3)
    flat = objective(made.trainings[0])
    assert wrt_all(flat) == [
        "half.dense.weight",
        "half.dense.bias",
        "embed.weight",
        "embed.bias",
    ]


def function(body: str, *inputs: str, extra: str = "") -> Module:
    """A model of f64 inputs with the output `y`, without calls."""
    given = " ".join(f"input {name}: f64[N]\n" for name in inputs)
    made = program(f"{extra}\nmodel M {{ {given} output y = {body} }}")
    return inline(made.models[-1])


def slopes(body: str, **inputs: list[float]) -> Any:
    """The gradient of a sum for each input, one or several."""
    module = function(f"sum({body})", *inputs)
    derived = differentiate(module, list(inputs))
    verify(derived)
    arrays = {name: np.array(values) for name, values in inputs.items()}
    outputs = run(derived, arrays, {}).outputs
    found = [outputs[f"grad.{name}"].tolist() for name in inputs]
    return found if len(found) > 1 else found[0]


@pytest.mark.parametrize(
    ("body", "x", "wanted"),
    [
        ("maximum(x, 1)", [0.0, 1.0, 2.0], [0, 0.5, 1]),
        ("minimum(x, 1)", [0.0, 1.0, 2.0], [1, 0.5, 0]),
        ("max(x)", [3.0, 1.0, 3.0, 3.0], [1 / 3, 0, 1 / 3, 1 / 3]),
        ("min(x)", [1.0, 1.0, 3.0], [0.5, 0.5, 0]),
        ("abs(x)", [-2.0, 0.0, 2.0], [-1, 0, 1]),
        ("clip(x, -1, 1)", [-2.0, -1.0, 0.5, 1.0, 2.0], [0, 1, 1, 1, 0]),
        ("relu(x)", [-1.0, 0.0, 1.0], [0, 0, 1]),
        ("norm(x)", [0.0, 0.0], [0, 0]),
        ("norm(x)", [3.0, 4.0], [0.6, 0.8]),
        ("sqrt(x)", [0.0, 4.0], [np.inf, 0.25]),
        ("x ** 2", [-3.0, 0.0, 3.0], [-6, 0, 6]),
        ("x ** 3", [-3.0, 0.0, 3.0], [27, 0, 27]),
        ("x ** 0", [-3.0, 0.0, 3.0], [0, 0, 0]),
        ("x ** 1", [-3.0, 0.0, 3.0], [1, 1, 1]),
        ("x ** -1", [-2.0, 2.0], [-0.25, -0.25]),
        ("x ** 0.5", [0.25, 4.0], [1, 0.25]),
        ("2 ** x", [0.0, 3.0], [np.log(2), 8 * np.log(2)]),
        ("prod(x)", [2.0, 3.0, 4.0], [12, 8, 6]),
        ("prod(x)", [2.0, 0.0, 4.0], [0, 8, 0]),
        ("prod(x)", [0.0, 0.0, 4.0], [0, 0, 0]),
        ("floor(x) + x", [0.5, 1.0], [1, 1]),
        ("x * stop_gradient(x)", [2.0, 3.0], [2, 3]),
        ("x[::-2]", [1.0, 2.0, 3.0, 4.0], [0, 1, 0, 1]),
        ("gather(x, cast(x, i64))", [0.0, 2.0, 2.0], [1, 0, 2]),
        ("x % 3", [-2.0, 4.0], [1, 1]),
        (
            "max_pool(reshape(x, [1, 1, x.shape[0]]), 3, stride = 2, padding = 1)",
            [5.0, 5.0, 1.0, 5.0, 2.0, 2.0],
            [1, 1, 0, 1, 0, 0],
        ),
    ],
)
def test_closed_forms(body: str, x: list[float], wanted: list[float]) -> None:
    assert slopes(body, x=x) == pytest.approx(wanted, rel=1e-14)


def test_of_two_operands() -> None:
    a, b = [-2.0, 0.0, 0.0, 3.0], [2.0, 2.0, 0.0, 2.0]
    base, exponent = slopes("a ** b", a=a, b=b)
    assert base == [-4, 0, 0, 6]
    assert exponent[1:] == pytest.approx([0, 0, 9 * np.log(3)])
    assert slopes("maximum(a, b)", a=[1.0, 2.0], b=[1.0, 3.0]) == [[0.5, 0], [0.5, 1]]
    assert slopes("a % b", a=[7.0], b=[3.0]) == [[1], [-2]]


def test_a_loss_that_depends_on_nothing() -> None:
    module = function("sum(a * 2)", "a", "b")
    derived = differentiate(module, ["a", "b"])
    verify(derived)
    given = {"a": np.ones(3), "b": np.ones(3)}
    outputs = run(derived, given, {}).outputs
    assert outputs["grad.a"].tolist() == [2, 2, 2]
    assert outputs["grad.b"].tolist() == [0, 0, 0]
    assert list(outputs) == ["y", "grad.a", "grad.b"]


def test_gradients_of_gradients() -> None:
    """x**4 three times: 24 x."""
    module = function("sum(x ** 4)", "x")
    for _ in range(3):
        derived = differentiate(module, ["x"])
        given = {value.name: np.array([1.0, -2.0]) for value in module.inputs}
        last = derived.inference.outputs[-1]
        module = summed(derived, last)
    verify(derived)
    assert run(derived, given, {}).outputs["grad.x"].tolist() == [24, -48]


def summed(module: Module, value: Any) -> Module:
    """The module with the sum of a value as its one output."""
    operations = module.inference.operations
    taken = {v.name for v in module.inputs}
    taken |= {r.name for o in operations for r in o.results}
    builder = Builder(operations[-1].span, taken)
    total = builder.sum(builder.term(value)).value
    body = replace(
        module.inference,
        operations=(*operations, *builder.operations),
        outputs=(total,),
    )
    return replace(
        module, outputs=(Output("y", total.type),), inference=body, training=body
    )


def test_only_what_is_wanted_is_computed() -> None:
    made = read(EXAMPLES / "resnet.dlm")
    flat = objective(made.trainings[0])
    layers = len(
        [name for name in wrt_all(flat) if "conv" in name or "downsample.0" in name]
    )
    every = counts(differentiate(flat, wrt_all(flat)))
    assert every["conv"] == every["conv_weight_gradient"] == layers
    # The image has no gradient, and so the first convolution none for its input.
    assert every["conv_transpose"] == layers - 1
    last = counts(differentiate(flat, ["fc.weight"]))
    assert last["conv_weight_gradient"] == last["conv_transpose"] == 0
    assert last["matmul"] == counts(flat)["matmul"] + 1
    image = counts(differentiate(flat, ["image"]))
    assert image["conv_transpose"] == layers
    assert image["conv_weight_gradient"] == 0
    # Without a name of a gradient there is but the forward pass, without idle steps.
    none = counts(differentiate(flat, []))
    assert none.total() <= counts(flat).total()


def test_sizes_stay_open_and_places_are_those_of_the_source() -> None:
    made = read(EXAMPLES / "digits.dlm")
    training = made.trainings[0]
    flat = objective(training)
    module = differentiate(flat, [*wrt_all(flat), "image"])
    text = print_modules([module])
    assert print_modules(read_modules(text).values()) == text
    (image,) = [o for o in module.outputs if o.name == "grad.image"]
    assert str(image.type) == "f32[N, 1, 8, 8]"
    for operation in module.inference.operations:
        assert isinstance(operation, Apply)
        assert operation.span.source.name.endswith("digits.dlm")


def test_objective_is_the_model_and_its_loss() -> None:
    made = quieted(read(EXAMPLES / "digits.dlm"))
    training = made.trainings[0]
    flat = objective(training)
    verify(flat)
    rng = np.random.default_rng(0)
    image = rng.random((6, 1, 8, 8)).astype(np.float32)
    label = rng.integers(0, 10, 6)
    weights = initial_weights(training.model, seed=0)
    whole = run(training.model, {"image": image}, weights, training=True)
    (loss,) = run(
        training.loss, {"logits": whole.outputs["logits"], "label": label}, {}
    ).outputs.values()
    found = run(flat, {"image": image, "label": label}, weights, training=True)
    assert list(found.outputs) == ["loss", "logits"]
    assert found.outputs["loss"] == loss
    np.testing.assert_array_equal(found.outputs["logits"], whole.outputs["logits"])
    assert found.updates.keys() == whole.updates.keys()
    for name, state in whole.updates.items():
        np.testing.assert_array_equal(found.updates[name], state)
