"""Whole models in Keras against NumPy, with Keras's own layers and without."""

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from dlmc.backend import Unsupported
from dlmc.backends.tensorflow.members import MEMBERS
from dlmc.initializers import initial_weights
from dlmc.interpreter import run
from dlmc.ir.module import weights
from tests.unit.backends.keras_models import made, source, weights_source
from tests.unit.backends.test_torch_models import (
    ALL,
    IMAGE,
    close,
    inputs_of,
    layer,
    random_weights,
)
from tests.unit.elaborate.programs import model as model_of

MORE = {
    "depthwise": layer("Conv(8, 3, groups = 4, padding = 1, stride = 2)", IMAGE),
    "depthwise 1d": layer("Conv(4, 3, groups = 4)", "f32[N, 4, 9]"),
    "conv f64": layer("Conv(3, 3, padding = 1)", "f64[N, 4, 9, 11]"),
    "stride and dilation": layer("Conv(3, 2, stride = 2, dilation = 2)", IMAGE),
    "batch norm f64": layer("BatchNorm", "f64[N, 4, 9, 11]"),
    "layer norm f64": layer("LayerNorm", "f64[N, 6]"),
    "channels": layer(
        "softmax(axis = 1) -> max_pool(2) -> log_softmax(axis = 1)", IMAGE
    ),
    "two norms": layer("BatchNorm -> relu -> flatten -> BatchNorm -> Dense(2)", IMAGE),
    "a mask": """
    block Masked { input mask: f32[N, D]  param scale: f32[D] = ones()
      output mask * scale }
    model Test { input mask: f32[N, 6]  output y = mask -> Masked }
    """,
    "own sizes": """
    block Mix(rank) {
      input x: f32[N, D]
      input y: f32[N, E]
      param down: f32[D, rank] = glorot_uniform()
      param up: f32[2 * E, rank] = he_uniform()
      param kernel: f32[rank, E, 3] = glorot_normal()
      output x @ down @ transpose(up) + sum(kernel)
    }
    model Test { input x: f32[N, 6]  input y: f32[N, 4]  output Mix(3)(x, y) }
    """,
    "a model in a model": """
    model Inner(width = 4) {
      input image: f32[N, 3, 8, 8]
      output y = image -> Conv(width, 3, bias = false) -> BatchNorm -> relu
    }
    model Test {
      input image: f32[N, 3, 8, 8]
      x = pad(image -> Inner(3) as first, low = [0, 0, 1, 1], high = [0, 0, 1, 1])
      x = x -> Inner as second
      output x -> flatten -> Dense(2)
    }
    """,
    "images in and out": """
    block Both {
      input x: f32[N, C, H, W]
      output flat = x -> flatten
      output image = x -> Conv(2, 1)
    }
    model Test {
      input image: f32[N, 3, 4, 4]
      flat, image = image -> Both
      flat2, image2 = image -> Both
      output flat
      output flat2
      output image2
      output turned = transpose(image2, [0, 1, 3, 2])
      output corner = image2[:, :, 0, -1]
    }
    """,
    "the last of a sequence": """
    block Causal { input x: f32[N, C, T]
      output x -> Conv(4, 3, padding = [[2, 0]]) -> relu -> BatchNorm }
    model Test {
      input x: f32[N, 3, T]
      h = x -> Causal -> Causal
      output average = mean(h, axis = 2) -> Dense(2)
      output last = h[:, :, T - 1]
      output other = h[:, 1, ::-1]
    }
    """,
    "reserved": """
    block BatchNorm2D(kwargs) { input training: f32[N, D]  output training * kwargs }
    model Test {
      input ops: f32[N, 6]
      keras = ops -> BatchNorm2D(2.0) as layers -> Dense(3) as call
      output tf = keras -> Dense(2) as "build.0" -> Dense(2) as _layers
    }
    """,
}
EVERY = {**ALL, **MORE}


@pytest.mark.parametrize("natives", [True, False], ids=["natives", "bodies"])
@pytest.mark.parametrize("text", EVERY.values(), ids=EVERY.keys())
def test_forward(text: str, natives: bool) -> None:
    module = model_of(text)
    start = random_weights(module)
    inputs = inputs_of(module)
    model = made(module, start, natives=natives)
    close(model.outputs(inputs), run(module, inputs, start).outputs, 1e-5)
    wanted = run(module, inputs, start, training=True)
    close(model.outputs(inputs, training=True), wanted.outputs, 1e-5)
    close(model.weights(), {**start, **wanted.updates}, 1e-5)


def gradients(text: str, natives: bool) -> dict[str, Any]:
    """Of a weighted sum of all outputs in training, in the layouts of files."""
    import tensorflow as tf

    module = model_of(text)
    model = made(module, random_weights(module), natives=natives)
    given = [tf.constant(array) for array in inputs_of(module).values()]
    floats = {f"input {i}": x for i, x in enumerate(given) if x.dtype.is_floating}
    variables = {
        name: (layer, variable)
        for name, layer, variable in model.files.named(model.model)
        if variable.trainable
    }
    rng = np.random.default_rng(0)
    with tf.GradientTape() as tape:
        tape.watch(list(floats.values()))
        total = sum(
            tf.reduce_sum(one * tf.constant(rng.uniform(size=one.shape), one.dtype))
            for one in model.called(given, training=True)
            if one.dtype.is_floating
        )
    values = {name: variable.value for name, (_, variable) in variables.items()}
    found = tape.gradient(total, {**floats, **values})
    result = {}
    for name, gradient in found.items():
        if gradient is None:
            continue
        array = tf.convert_to_tensor(gradient).numpy()
        if name in variables:
            layer, variable = variables[name]
            like = SimpleNamespace(name=variable.name, numpy=lambda a=array: a)
            array = model.files.to_file(layer, like)
        result[name] = array
    return result


@pytest.mark.parametrize("text", EVERY.values(), ids=EVERY.keys())
def test_gradients(text: str) -> None:
    """A layer of Keras's own changes nothing: not the gradients either."""
    close(gradients(text, True), gradients(text, False), 1e-4)


STARTS = {
    name: EVERY[name]
    for name in ("conv of all kinds", "depthwise", "embedding", "own sizes")
} | {
    start: layer(f"Dense(20, init = {start}) -> BatchNorm")
    for start in (
        "glorot_uniform()",
        "glorot_normal()",
        "he_uniform()",
        "he_uniform(a = 0.5)",
        "he_normal()",
        "lecun_uniform()",
        "lecun_normal()",
        "orthogonal(gain = 2.0)",
        "uniform(low = 0.5, high = 1.0)",
        "normal(mean = 1.0, std = 0.5)",
        "truncated_normal(std = 0.5)",
        "0.5",
    )
}


@pytest.mark.parametrize("text", STARTS.values(), ids=STARTS.keys())
def test_initial_weights(text: str) -> None:
    """Keras's own initialisers draw from the same distributions."""
    import keras

    module = model_of(text)
    keras.utils.set_random_seed(0)
    model = made(module)
    code = sys.modules[type(model.model).__module__]
    drawn = []
    for _ in range(20):
        model.model = getattr(code, type(model.model).__name__)()
        drawn.append(model.weights())
    wanted = [initial_weights(module, seed) for seed in range(20)]
    for weight in weights(module):
        ours = np.stack([d[weight.name] for d in drawn])
        theirs = np.stack([w[weight.name] for w in wanted])
        assert ours.dtype == theirs.dtype
        if theirs.std() == 0:
            np.testing.assert_array_equal(ours, theirs)
            continue
        noise = 6 / np.sqrt(theirs.size)
        assert abs(ours.std() / theirs.std() - 1) < noise, weight.name
        assert abs(ours.mean() - theirs.mean()) < noise * theirs.std(), weight.name
        if weight.initializer.name.endswith("uniform"):
            assert np.abs(ours).max() < np.abs(theirs).max() * 1.2, weight.name


def test_style(tmp_path: Path) -> None:
    """Ruff takes the code as it is."""
    for i, text in enumerate(EVERY.values()):
        for natives in (True, False):
            module = model_of(text)
            for kind, write in (("model", source), ("weights", weights_source)):
                code = write(module, natives)
                (tmp_path / f"{kind}_{i}_{natives}.py").write_text(code, "utf-8")
    for command in (["format", "--diff"], ["check", "--extend-select=I,UP,B"]):
        done = subprocess.run(
            ["ruff", *command, "--isolated", "--quiet", "."],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            env={"PATH": str(Path(sys.executable).parent)},
        )
        assert done.returncode == 0, done.stdout


DIGITS = """
block ConvBlock(filters) {
  input x: f32[N, C, H, W]
  output x -> Conv(filters, 3, padding = 1, bias = false) -> BatchNorm -> relu
}
block Noise(amount) {
  input x: f32[N, D]
  output if training then x + amount * random_uniform(shape = x.shape) else x
}
model Digits(classes = 4) {
  input image: f32[N, 1, 8, 8]
  x = image -> ConvBlock(4) as "blocks.0" -> ConvBlock(8) as "blocks.1" -> max_pool(2)
  output logits: f32[N, classes] =
    x -> flatten -> Dropout(0.25) -> Noise(0.1) -> Dense(classes)
}
"""


def test_keras_trains_saves_and_exports(tmp_path: Path) -> None:
    import keras
    import tensorflow as tf

    keras.utils.set_random_seed(0)
    model = made(model_of(DIGITS)).model
    model.compile(
        optimizer=keras.optimizers.Adam(1e-2),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    rng = np.random.default_rng(0)
    image = rng.uniform(size=(64, 1, 8, 8)).astype(np.float32)
    label = (image.mean(axis=(1, 2, 3)) > 0.5).astype(np.int64)
    history = model.fit(image, label, batch_size=16, epochs=8, verbose=0).history
    assert history["loss"][-1] < history["loss"][0]

    wanted = model(image).numpy()
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded(image).numpy(), wanted)
    assert loaded.get_config()["classes"] == 4

    model.export(tmp_path / "saved", verbose=False)
    saved = tf.saved_model.load(tmp_path / "saved")
    np.testing.assert_allclose(saved.serve(image), wanted, rtol=1e-5, atol=1e-6)


def test_random_numbers_differ_and_can_be_repeated() -> None:
    import keras
    import tensorflow as tf

    drawn = []
    for _ in range(2):
        keras.utils.set_random_seed(3)
        model = made(model_of(DIGITS)).model
        call = tf.function(lambda x, model=model: model(x, training=True))
        x = tf.ones((2, 1, 8, 8))
        drawn.append([call(x).numpy() for _ in range(2)])
    assert not np.allclose(drawn[0][0], drawn[0][1])
    np.testing.assert_array_equal(drawn[0], drawn[1])


def test_a_layer_serves_in_another_model() -> None:
    import keras

    made_ = made(model_of(DIGITS))
    inputs = keras.Input((1, 8, 8))
    outer = keras.Model(inputs, keras.layers.Softmax()(made_.model(inputs)))
    assert outer(np.zeros((3, 1, 8, 8), np.float32)).shape == (3, 4)
    assert made_.weights().keys() == {w.name for w in weights(made_.module)}


def test_weights_that_do_not_fit_are_all_listed() -> None:
    model = made(model_of(DIGITS))
    found = model.weights()
    del found["dense.bias"]
    found["other"] = np.zeros(1, np.float32)
    found["blocks.1.conv.weight"] = np.zeros((8, 4, 1, 1), np.float32)
    with pytest.raises(ValueError, match="not of this model") as error:
        model.set(found)
    lines = str(error.value).splitlines()
    assert [line.strip() for line in lines[1:]] == [
        "dense.bias is missing",
        "other is unknown",
        "blocks.1.conv.weight is [8, 4, 1, 1], not [8, 4, 3, 3]",
    ]


def test_a_file_that_is_none(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(b"no such thing")
    model = made(model_of(DIGITS))
    with pytest.raises(ValueError, match=r"model\.safetensors"):
        model.files.load(model.model, path)


def test_names_of_keras_are_known() -> None:
    import keras

    model = made(model_of(DIGITS)).model
    model.compile(loss="mse")
    names = {name for one in (model, keras.Layer()) for name in dir(one)}
    own = {"blocks", "dropout", "noise", "dense"}
    assert {name for name in names - own if not name.startswith("__")} <= MEMBERS


def test_a_block_without_an_input_is_no_layer() -> None:
    text = """
    block Table { param rows: f32[3] = zeros()  output rows }
    model Test { input x: f32[N, 3]  output x + Table()() }
    """
    with pytest.raises(Unsupported, match="without an input"):
        source(model_of(text))


@pytest.mark.parametrize(
    ("layers", "written"),
    [
        ("Conv(4, 3, padding = 1)", ['Conv2D(4, 3, padding="same", name']),
        ("Conv(4, 3)", ['Conv2D(4, 3, padding="valid", name']),
        ("Conv(4, 4, padding = [[1, 2], [1, 2]])", ['padding="same"']),
        (
            "Conv(4, 4, padding = [[2, 1], [1, 2]])",
            ["ops.pad(x, ((0, 0), (2, 1), (1, 2), (0, 0)))", 'padding="valid"'],
        ),
        (
            "Conv(4, 3, stride = 2, padding = 1)",
            [
                "ops.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))",
                'strides=2, padding="valid"',
            ],
        ),
        ('Conv(4, 3, stride = 2, padding = "same")', ['strides=2, padding="same"']),
        ("Conv(4, 3, dilation = 2, padding = 2)", ['"same", dilation_rate=2']),
        ("Conv(4, [3, 1], groups = 2)", ["(3, 1)", "groups=2"]),
        ("Conv(8, 3, groups = 4)", ["DepthwiseConv2D(", "depth_multiplier=2"]),
        ("Conv(4, 3, bias = false)", ["use_bias=False"]),
        ("max_pool(2)", ['ops.max_pool(x, 2, strides=2, padding="valid")']),
        ("max_pool(3, stride = 2, padding = 1)", ['constant_values=-float("inf")']),
        ("avg_pool(3, stride = 1, padding = 1)", ['strides=1, padding="same"']),
        ("gelu", ["ops.gelu(x, approximate=False)"]),
        ("BatchNorm", ["class BatchNorm(", "FusedBatchNormV3"]),
        ("flatten -> BatchNorm", ["class BatchNorm(", "ops.moments"]),
        ("maximum(0.0)", ["def maximum(", "maximum(x, 0)"]),
    ],
)
def test_what_is_written(layers: str, written: list[str]) -> None:
    code = " ".join(source(model_of(layer(layers, IMAGE))).split())
    for text in written:
        assert " ".join(text.split()) in code.replace("( ", "(").replace(" )", ")")


def test_one_class_for_other_strides() -> None:
    """What is decided in a block holds for all of its arguments."""
    text = """
    block Down(stride) {
      input x: f32[N, C, H, W]
      output x -> Conv(4, 3, stride = stride, padding = 1)
    }
    model Test { input x: f32[N, 4, 8, 8]  output x -> Down(1) -> Down(2) }
    """
    code = source(model_of(text))
    assert code.count("class ") == 2
    assert "strides=stride" in code


def test_ties_share_the_gradient() -> None:
    import tensorflow as tf

    text = "model Test { input a: f32[N]  input b: f32[N]  output maximum(a, b) }"
    model = made(model_of(text)).model
    a, b = tf.constant([1.0, 2.0, 3.0]), tf.constant([1.0, 3.0, 2.0])
    with tf.GradientTape() as tape:
        tape.watch([a, b])
        y = model(a, b)
    found = [g.numpy().tolist() for g in tape.gradient(y, [a, b])]
    assert found == [[0.5, 0.0, 1.0], [0.5, 1.0, 0.0]]


def test_batch_norm_of_one_sample() -> None:
    """The last batch of an epoch may be that small."""
    for text in (layer("BatchNorm"), layer("BatchNorm", "f32[N, 4, 1, 1]")):
        module = model_of(text)
        start = random_weights(module)
        inputs = {"x": inputs_of(module)["x"][:1]}
        model = made(module, start)
        wanted = run(module, inputs, start, training=True)
        close(model.outputs(inputs, training=True), wanted.outputs, 1e-5)
        close(model.weights(), {**start, **wanted.updates}, 1e-5)
