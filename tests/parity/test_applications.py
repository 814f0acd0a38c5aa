"""Published architectures against `keras.applications`, and torchvision's names.

The weights of a Keras model are drawn at random, its statistics too, and carried over
to the names and layouts of the example that describes the same network.
"""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import dlmc
from dlmc.interpreter import run
from dlmc.ir.module import weights
from tests.parity.targets import TARGETS, Arrays, distance, outputs_of

EXAMPLES = Path(__file__).parents[2] / "examples"
TOLERANCE = 1e-4
"""Relative to the largest logit."""

PROGRAM = """
use "{file}.dlm": {model}

model Net {{
  input image: f32[N, 3, {size}, {size}]
  output logits = image -> {model}({arguments}, size = {size}) as net
}}
"""

ONE_PIXEL = ("layer4", "stage6", "stage7", "head", "head_norm")
"""What sees one pixel of the smallest images: normalising its two values in training,
one of each image, makes much of a rounding error where they are nearly equal."""


@dataclass(frozen=True)
class Architecture:
    """A Keras model and the arguments with which an example is the same one."""

    file: str
    model: str
    arguments: str
    names: dict[str, str]
    """Patterns of the names of Keras's layers, and what they are called here."""


ARCHITECTURES = {
    "ResNet50": Architecture(
        "resnet",
        "ResNet",
        "stride_first = true, bias = true, eps = 1.001e-5, decay = 0.99",
        {
            r"conv1_conv": "conv1",
            r"conv1_bn": "bn1",
            r"conv(\d)_block(\d)_0_conv": "layer{0}.{1}.downsample.0",
            r"conv(\d)_block(\d)_0_bn": "layer{0}.{1}.downsample.1",
            r"conv(\d)_block(\d)_(\d)_(conv|bn)": "layer{0}.{1}.{3}{2}",
            r"predictions": "fc",
        },
    ),
    "MobileNetV2": Architecture(
        "mobilenet",
        "MobileNet",
        'padding = "same", eps = 1e-3, decay = 0.999',
        {
            r"Conv1": "stem",
            r"bn_Conv1": "stem_norm",
            r"expanded_conv_([a-z]+)": "stage1.0.{0}",
            r"expanded_conv_([a-z]+)_BN": "stage1.0.{0}_norm",
            r"block_(\d+)_([a-z]+)": "stage{0}.{1}",
            r"block_(\d+)_([a-z]+)_BN": "stage{0}.{1}_norm",
            r"Conv_1": "head",
            r"Conv_1_bn": "head_norm",
            r"predictions": "dense",
        },
    ),
}
BLOCKS = [(s, i) for s, n in enumerate([1, 2, 3, 4, 3, 3, 1], 1) for i in range(n)]
"""Stage and place in it of each block of a MobileNet, which Keras counts through."""


def name_of(architecture: str, layer: str) -> str:
    """What the layer of a Keras model is called in the example."""
    for pattern, name in ARCHITECTURES[architecture].names.items():
        if found := re.fullmatch(pattern, layer):
            groups: list[Any] = list(found.groups())
            if layer.startswith("block_"):
                groups[0] = "{}.{}".format(*BLOCKS[int(groups[0])])
            elif "_block" in layer:  # Keras counts the stem as the first stage
                groups[:2] = [int(groups[0]) - 1, int(groups[1]) - 1]
            return name.format(*groups)
    raise AssertionError(layer)


def randomize(model: Any) -> None:
    """Weights that keep the size of numbers, and statistics unlike a fresh model's."""
    rng = np.random.default_rng(0)
    for layer in model.layers:
        drawn = []
        for weight in layer.weights:
            shape, name = weight.shape, weight.path.rpartition("/")[2]
            if name == "kernel":
                fan = np.prod(shape[:2] if "depthwise" in layer.name else shape[:-1])
                drawn.append(rng.normal(0, np.sqrt(2 / fan), shape))
            elif name in ("gamma", "moving_variance"):
                drawn.append(rng.uniform(0.5, 1.5, shape))
            else:
                drawn.append(rng.normal(0, 0.2, shape))
        layer.set_weights(drawn)


def carried_over(architecture: str, model: Any) -> Iterator[tuple[str, Any]]:
    """The weights of a Keras model by the names of the example, in its layouts."""
    own = {"gamma": "weight", "beta": "bias", "kernel": "weight"} | {
        "moving_mean": "running_mean",
        "moving_variance": "running_var",
    }
    for layer in model.layers:
        for weight in layer.weights:
            value, name = np.asarray(weight), weight.path.rpartition("/")[2]
            if name == "kernel" and "depthwise" in layer.name:
                value = value.transpose(2, 3, 0, 1)
            elif name == "kernel" and value.ndim == 4:
                value = value.transpose(3, 2, 0, 1)
            elif name == "kernel":
                value = value.T
            prefix = name_of(architecture, layer.name)
            yield f"net.{prefix}.{own.get(name, name)}", np.ascontiguousarray(value)


@dataclass(frozen=True)
class Expected:
    """What a Keras model has and gives."""

    weights: Arrays
    images: Any
    logits: Any
    """Of the images, in inference."""
    trained: Arrays
    """The weights after the images were seen in training, without an update rule."""


@cache
def expected(architecture: str, size: int) -> Expected:
    """A Keras model for two images of a size."""
    import keras

    made = getattr(keras.applications, architecture)(
        weights=None, classifier_activation=None, input_shape=(size, size, 3)
    )
    randomize(made)
    images = np.random.default_rng(1).normal(size=(2, 3, size, size))
    images = images.astype(np.float32)
    found = dict(carried_over(architecture, made))
    logits = np.asarray(made(images.transpose(0, 2, 3, 1), training=False))
    made(images.transpose(0, 2, 3, 1), training=True)
    return Expected(found, images, logits, dict(carried_over(architecture, made)))


def program(architecture: str, size: int, folder: Path) -> Path:
    """A program that uses the example as Keras has it."""
    found = ARCHITECTURES[architecture]
    shutil.copy(EXAMPLES / f"{found.file}.dlm", folder)
    path = folder / "program.dlm"
    text = PROGRAM.format(
        file=found.file, model=found.model, arguments=found.arguments, size=size
    )
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_targets(architecture: str, target: str, tmp_path: Path) -> None:
    """At the published size."""
    keras = expected(architecture, 224)
    path = program(architecture, 224, tmp_path)
    model = dlmc.read(path).main
    assert {name: array.shape for name, array in keras.weights.items()} == {
        weight.name: weight.type.shape for weight in weights(model)
    }
    live = dlmc.load(path, target=target, weights=keras.weights)
    (logits,) = outputs_of(target, live, model, {"image": keras.images})
    assert distance(keras.logits, logits) <= TOLERANCE


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_interpreter(architecture: str, tmp_path: Path) -> None:
    """At the smallest size that Keras makes."""
    keras = expected(architecture, 32)
    model = dlmc.read(program(architecture, 32, tmp_path)).main
    inputs = {"image": keras.images}
    result = run(model, inputs, keras.weights)
    assert distance(keras.logits, result.outputs["logits"]) <= TOLERANCE

    updates = run(model, inputs, keras.weights, training=True).updates
    means = [name for name in updates if name.endswith("running_mean")]
    assert 2 * len(means) == len(updates)  # Keras's running variance is another
    for name in means:
        if name.split(".")[1] not in ONE_PIXEL:
            assert distance(keras.trained[name], updates[name]) <= TOLERANCE


def torchvision_weights() -> Iterator[tuple[str, tuple[int, ...]]]:
    """Names and shapes of torchvision's `resnet50`, in its order."""

    def norm(name: str, size: int) -> Iterator[tuple[str, tuple[int, ...]]]:
        for part in ("weight", "bias", "running_mean", "running_var"):
            yield f"{name}.{part}", (size,)

    yield "conv1.weight", (64, 3, 7, 7)
    yield from norm("bn1", 64)
    channels = 64
    for stage, count in enumerate([3, 4, 6, 3]):
        width = 64 * 2**stage
        for i in range(count):
            block = f"layer{stage + 1}.{i}"
            yield f"{block}.conv1.weight", (width, channels, 1, 1)
            yield from norm(f"{block}.bn1", width)
            yield f"{block}.conv2.weight", (width, width, 3, 3)
            yield from norm(f"{block}.bn2", width)
            yield f"{block}.conv3.weight", (4 * width, width, 1, 1)
            yield from norm(f"{block}.bn3", 4 * width)
            if i == 0:
                yield f"{block}.downsample.0.weight", (4 * width, channels, 1, 1)
                yield from norm(f"{block}.downsample.1", 4 * width)
            channels = 4 * width
    yield "fc.weight", (1000, 2048)
    yield "fc.bias", (1000,)


def test_torchvision_names() -> None:
    """Its weight files fit ResNet-50 as they are, but for `num_batches_tracked`."""
    (model,) = dlmc.read(EXAMPLES / "resnet.dlm").models
    found = [(weight.name, weight.type.shape) for weight in weights(model)]
    assert found == list(torchvision_weights())
    # 25,557,032 numbers are trained, as torchvision's documentation says.
    trained = (w.type.shape for w in weights(model) if w.trained)
    assert sum(int(np.prod(shape)) for shape in trained) == 25_557_032
