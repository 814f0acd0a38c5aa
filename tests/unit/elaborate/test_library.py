"""What the library's functions mean, against closed forms in NumPy."""

from typing import Any

import numpy as np
import pytest

from dlmc.interpreter import run
from tests.unit.elaborate.programs import compute, errors, model

Array = np.ndarray[Any, Any]

X = np.linspace(-4.0, 4.0, 33)
SOFTPLUS = np.logaddexp(0.0, X)
CURVES = {
    "relu6(2 * x)": np.clip(2 * X, 0, 6),
    "leaky_relu(x, 0.2)": np.where(X > 0, X, 0.2 * X),
    "elu(x)": np.where(X > 0, X, np.exp(X) - 1),
    "elu(x, alpha = 0.5)": np.where(X > 0, X, 0.5 * (np.exp(X) - 1)),
    "selu(x)": 1.0507009873554805
    * np.where(X > 0, X, 1.6732632423543772 * (np.exp(X) - 1)),
    "celu(x, alpha = 3.0)": np.maximum(X, 0) + np.minimum(3 * (np.exp(X / 3) - 1), 0),
    "gelu_tanh(x)": 0.5 * X * (1 + np.tanh(np.sqrt(2 / np.pi) * (X + 0.044715 * X**3))),
    "softplus(x)": SOFTPLUS,
    "log_sigmoid(x)": -np.logaddexp(0.0, -X),
    "mish(x)": X * np.tanh(SOFTPLUS),
    "softsign(x)": X / (1 + np.abs(X)),
    "hard_sigmoid(x)": np.clip(X + 3, 0, 6) / 6,
    "hard_swish(x)": X * np.clip(X + 3, 0, 6) / 6,
    "hard_tanh(x)": np.clip(X, -1, 1),
    "clip(x, -2, 1)": np.clip(X, -2, 1),
}


@pytest.mark.parametrize(("expression", "wanted"), CURVES.items(), ids=CURVES.keys())
def test_curves(expression: str, wanted: Array) -> None:
    text = f"model M {{ input x: f64[N] output y = {expression} }}"
    np.testing.assert_allclose(compute(text, x=X)["y"], wanted, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        ("softplus(x)", [0.0, 0.0, 88.0, 1e4]),
        ("log_sigmoid(x)", [-1e4, -88.0, 0.0, 0.0]),
        ("mish(x)", [0.0, 0.0, 88.0, 1e4]),
        ("elu(x)", [-1.0, -1.0, 88.0, 1e4]),
        ("gelu_tanh(x)", [0.0, 0.0, 88.0, 1e4]),
        ("logsumexp(stack([x, x], axis = 1)) - x", [np.log(2)] * 4),
    ],
)
def test_large_numbers_stay_finite(expression: str, wanted: list[float]) -> None:
    text = f"model M {{ input x: f32[N] output y = {expression} }}"
    found = compute(text, x=[-1e4, -88.0, 88.0, 1e4])["y"]
    np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-3)


A, B = np.random.default_rng(0).normal(size=(2, 3, 4, 6))


def distances(x: Array, y: Array) -> Array:
    """Along the last axis."""
    return np.sqrt(((x - y) ** 2).sum(axis=-1))


PAIRS = {
    "glu(a)": A[..., :3] / (1 + np.exp(-A[..., 3:])),
    "glu(a, axis = 1)": A[:, :2] / (1 + np.exp(-A[:, 2:])),
    "swiglu(a)": A[..., :3] * A[..., 3:] / (1 + np.exp(-A[..., 3:])),
    "split(a, 3)[1]": A[..., 2:4],
    "split(a, [1, 5])[1]": A[..., 1:],
    "split(a, 2, axis = -2)[0]": A[:, :2],
    "stack([a, b])": np.stack([A, B]),
    "stack([a, b], axis = -1)": np.stack([A, B], axis=-1),
    "stack(split(a, 2, axis = 1), axis = 2)": np.stack(np.split(A, 2, axis=1), axis=2),
    "logsumexp(a)": np.log(np.exp(A).sum(axis=-1)),
    "logsumexp(a, axis = [0, 2], keep = true)": np.log(
        np.exp(A).sum(axis=(0, 2), keepdims=True)
    ),
    "var(a)": A.var(),
    "var(a, axis = 1, correction = 1)": A.var(axis=1, ddof=1),
    "std(a, axis = [0, 1], keep = true)": A.std(axis=(0, 1), keepdims=True),
    "norm(a, axis = 1)": np.linalg.norm(A, axis=1),
    "l2_normalize(a)": A / np.linalg.norm(A, axis=-1, keepdims=True),
    "cosine_similarity(a, b)": (A * B).sum(axis=-1)
    / np.linalg.norm(A, axis=-1)
    / np.linalg.norm(B, axis=-1),
    "huber(a, b, delta = 0.7)": np.where(
        np.abs(A - B) <= 0.7, 0.5 * (A - B) ** 2, 0.7 * (np.abs(A - B) - 0.35)
    ).mean(),
    "hinge(a, b)": np.maximum(1 - A * B, 0).mean(),
    "triplet(a, b, a * b, margin = 0.5)": np.maximum(
        distances(A, B) - distances(A, A * B) + 0.5, 0
    ).mean(),
    "contrastive(norm(a), b[..., 0] > 0, margin = 2.0)": 0.5
    * np.where(
        B[..., 0] > 0,
        distances(A, 0 * A) ** 2,
        np.maximum(2 - distances(A, 0 * A), 0) ** 2,
    ).mean(),
    "dice(abs(a), abs(b), smooth = 1.0)": 1
    - (
        (2 * np.abs(A * B).sum(axis=2) + 1)
        / (np.abs(A).sum(axis=2) + np.abs(B).sum(axis=2) + 1)
    ).mean(),
    "binary_accuracy(a, b)": ((A > 0) == (B > 0.5)).mean(),
}


@pytest.mark.parametrize(("expression", "wanted"), PAIRS.items(), ids=PAIRS.keys())
def test_functions(expression: str, wanted: Array) -> None:
    inputs = "input a: f64[3, 4, 6] input b: f64[3, 4, 6]"
    found = compute(f"model M {{ {inputs} output y = {expression} }}", a=A, b=B)["y"]
    assert found.shape == np.shape(wanted)
    np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-9)


def test_classes() -> None:
    logits = np.array([[1.0, 3.0, 2.0, 0.0], [0.0, 1.0, 1.0, 5.0]])
    logs = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    target = np.array([[0.5, 0.5, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0]])
    text = """
    model M {
      input x: f64[N, 4]
      input label: i64[N]
      input target: f64[N, 4]
      output likelihood = nll(log_softmax(x), label)
      output divergence = kl_divergence(x, target)
      output best = top_k(x, label, 1)
      output two = top_k(x, label, 2)
      output tied = top_k(x, label, 3)
      output blocked = nll(select(x > 0, x, -inf), label)
    }
    """
    found = compute(text, x=logits, label=[2, 1], target=target)
    assert found["likelihood"] == pytest.approx(-(logs[0, 2] + logs[1, 1]) / 2)
    entropy = -np.log(2)
    cross = -(logs[0, 0] + logs[0, 1]) / 2 - logs[1, 3]
    assert found["divergence"] == pytest.approx((cross + entropy) / 2)
    # The second largest; the second and third largest are equal, and each counts.
    assert (found["best"], found["two"], found["tied"]) == (0.0, 1.0, 1.0)
    assert found["blocked"] == pytest.approx(-(2.0 + 1.0) / 2)


IMAGES = np.random.default_rng(1).normal(size=(2, 6, 3, 5)) * 2 + 1


def normalized(x: Array, axes: tuple[int, ...], eps: float) -> Array:
    mean = x.mean(axis=axes, keepdims=True)
    return (x - mean) / np.sqrt(x.var(axis=axes, keepdims=True) + eps)


LEARNED = {"weight": np.arange(1.0, 7.0), "bias": np.arange(6.0)}
NORMALIZATIONS = {
    "GroupNorm(2)": normalized(IMAGES.reshape(2, 2, -1), (2,), 1e-5).reshape(2, 6, 3, 5)
    * LEARNED["weight"][:, None, None]
    + LEARNED["bias"][:, None, None],
    "InstanceNorm(true, eps = 0.1)": normalized(IMAGES, (2, 3), 0.1)
    * LEARNED["weight"][:, None, None]
    + LEARNED["bias"][:, None, None],
    "InstanceNorm(false)": normalized(IMAGES, (2, 3), 1e-5),
    "LayerNorm(affine = false)": normalized(IMAGES, (3,), 1e-5),
    "RMSNorm": IMAGES
    / np.sqrt((IMAGES**2).mean(axis=-1, keepdims=True) + 1e-6)
    * LEARNED["weight"][:5],
    "PReLU": np.where(IMAGES > 0, IMAGES, IMAGES * LEARNED["weight"][:, None, None]),
}


@pytest.mark.parametrize(
    ("layer", "wanted"), NORMALIZATIONS.items(), ids=NORMALIZATIONS.keys()
)
def test_normalizations(layer: str, wanted: Array) -> None:
    module = model(
        f"model M {{ input x: f64[N, 6, H, 5] output y = x -> {layer} as norm }}"
    )
    weights = {
        f"norm.{p.name}": LEARNED[p.name][: int(p.type.shape[0])]
        for p in module.instance("norm").module.parameters
    }
    found = run(module, {"x": IMAGES}, weights).outputs["y"]
    np.testing.assert_allclose(found, wanted, rtol=1e-9)


def test_rms_norm_squares_narrow_numbers_in_wide_ones() -> None:
    """300 ** 2 is beyond f16."""
    text = "model M { input x: f16[N, 4] output y = x -> RMSNorm }"
    found = compute(text, x=[[300.0, -300.0, 300.0, -300.0]])["y"]
    assert found.dtype == np.float16
    assert found.tolist() == [[1.0, -1.0, 1.0, -1.0]]


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("split(x, 4)", "the axis does not divide into equal parts"),
        ("split(x, [1, 2])", "the sizes of the parts must add up to that of the axis"),
        ("split(x, [4, 4])", "the sizes of the parts must add up to that of the axis"),
        ("x -> GroupNorm(4)", "the channels must divide into the groups"),
        ("huber(x, x[:, 0])", "the two must have one dtype and shape"),
        ("x -> InstanceNorm", "`InstanceNorm` needs `affine`"),
        ("x -> leaky_relu", "`leaky_relu` needs `slope`"),
    ],
)
def test_misuse(expression: str, message: str) -> None:
    found = errors(f"model M {{ input x: f32[N, 6, 6] y = {expression} output x }}")
    assert len(found) == 1
    assert message in found[0]


def test_instance_norm_needs_axes_to_normalize_over() -> None:
    text = "model M { input x: f32[N, 6] output y = x -> InstanceNorm(true) }"
    (message,) = errors(text)
    assert "f32[N, 6]" in message
