"""Losses in TensorFlow, beside those of Keras and TensorFlow that mean the same."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.unit.backends import keras_models
from tests.unit.elaborate.programs import model

INPUTS = """
input x: f32[N, 4]
input y: f32[N, 4]
input label: i64[N]
input bits: f32[N, 4]
input logits: f32[N, 7, 4]
input target: i64[N, 3]
input steps: i64[N]
input labels: i64[N]
"""
RNG = np.random.default_rng(0)
ARRAYS = {
    "x": RNG.normal(size=(5, 4)).astype(np.float32),
    "y": RNG.normal(size=(5, 4)).astype(np.float32),
    "label": np.array([0, 3, 1, 1, 2]),
    "bits": RNG.integers(0, 2, (5, 4)).astype(np.float32),
    "logits": RNG.normal(size=(5, 7, 4)).astype(np.float32),
    "target": np.array([[2, 2, 2], [1, 3, 0], [1, 1, 3], [3, 0, 0], [0, 0, 0]]),
    "steps": np.array([7, 5, 4, 3, 2]),
    "labels": np.array([3, 2, 3, 1, 0]),
}
Given = dict[str, Any]


def hot(given: Given) -> Any:
    return np.eye(4, dtype=np.float32)[given["label"]]


REFERENCES: dict[str, Callable[[Any, Given], Any]] = {
    "cross_entropy(x, label, smoothing = 0.2)": lambda keras, t: (
        keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.2)(
            hot(t), t["x"]
        )
    ),
    'cross_entropy(x, label, reduction = "none")': lambda keras, t: (
        keras.losses.sparse_categorical_crossentropy(
            t["label"], t["x"], from_logits=True
        )
    ),
    "binary_cross_entropy(x, bits, smoothing = 0.2)": lambda keras, t: (
        keras.losses.BinaryCrossentropy(from_logits=True, label_smoothing=0.2)(
            t["bits"], t["x"]
        )
    ),
    'binary_cross_entropy(x, bits, 2.5, reduction = "none")': lambda keras, t: (
        tensorflow().nn.weighted_cross_entropy_with_logits(t["bits"], t["x"], 2.5)
    ),
    "focal(x, bits, gamma = 1.5, alpha = 0.3)": lambda keras, t: (
        keras.losses.BinaryFocalCrossentropy(
            apply_class_balancing=True, alpha=0.3, gamma=1.5, from_logits=True
        )(t["bits"], t["x"])
    ),
    "log_cosh(x, y)": lambda keras, t: keras.losses.LogCosh()(t["y"], t["x"]),
    "cosine_distance(x, y)": lambda keras, t: (
        1 + keras.losses.CosineSimilarity()(t["y"], t["x"])
    ),
    "huber(x, y, delta = 0.4)": lambda keras, t: keras.losses.Huber(0.4)(
        t["y"], t["x"]
    ),
    "poisson(x, bits, full = true)": lambda keras, t: tensorflow().reduce_mean(
        tensorflow().nn.log_poisson_loss(t["bits"], t["x"], compute_full_loss=True)
    ),
    "hinge(x, 2 * bits - 1)": lambda keras, t: keras.losses.Hinge()(
        2 * t["bits"] - 1, t["x"]
    ),
    'ctc(logits, target, steps, labels, reduction = "none")': lambda keras, t: (
        tensorflow().nn.ctc_loss(
            t["target"].astype(np.int32),
            t["logits"],
            t["labels"].astype(np.int32),
            t["steps"].astype(np.int32),
            logits_time_major=False,
            blank_index=0,
        )
    ),
}


def tensorflow() -> Any:
    import tensorflow as tf

    return tf


@pytest.mark.parametrize("natives", [True, False], ids=["natives", "bodies"])
def test_against_keras(natives: bool) -> None:
    """Values, and the derivatives of all, by all."""
    outputs = "\n".join(f"output o{i} = {e}" for i, e in enumerate(REFERENCES))
    made = keras_models.made(model(f"model M {{ {INPUTS}\n{outputs} }}"), None, natives)
    import keras

    tf = tensorflow()
    floats = [name for name, array in ARRAYS.items() if array.dtype == np.float32]
    for i, (expression, reference) in enumerate(REFERENCES.items()):
        given = {name: tf.constant(array) for name, array in ARRAYS.items()}
        wanted = dict(ARRAYS) | {n: given[n] for n in floats if n != "bits"}
        with tf.GradientTape(persistent=True) as tape:
            tape.watch([given[name] for name in floats])
            expected = tf.convert_to_tensor(reference(keras, wanted))
            found = made.called(list(given.values()))[i]
        np.testing.assert_allclose(found, expected, 2e-6, 2e-6, err_msg=expression)
        for name in ("x", "logits"):
            slopes, wanted_slopes = (
                tape.gradient(y, given[name], unconnected_gradients="zero")
                for y in (found, expected)
            )
            np.testing.assert_allclose(
                slopes, wanted_slopes, 1e-5, 1e-6, err_msg=expression
            )


@pytest.mark.parametrize("natives", [True, False], ids=["natives", "bodies"])
def test_what_cannot_be_said(natives: bool) -> None:
    """Three equal labels in four steps, where TensorFlow's own has a large number."""
    text = f"model M {{ {INPUTS}\n output a = ctc(logits, target, steps, labels"
    module = model(
        f"{text}) output b = ctc(logits, target, steps, labels, 0, true, true) }}"
    )
    given = ARRAYS | {"steps": np.array([4, 5, 4, 3, 2])}
    infinite, finite = keras_models.made(module, None, natives).outputs(given).values()
    assert infinite == np.inf
    assert np.isfinite(finite)
