"""What each construct means where frameworks differ: the rows of docs/semantics.md.

Each test has figures of its own, in a case where a framework's default gives others.
"""

import math

import numpy as np
import pytest

from dlmc.initializers import initial_weights
from tests.conformance.everywhere import observed, one_output, slopes_of
from tests.unit.elaborate.programs import errors, model

RNG = np.random.default_rng(0)


def numbers(*shape: int) -> np.ndarray:
    """Numbers of f32 from -1 to 1."""
    return RNG.uniform(-1, 1, shape).astype(np.float32)


# --- Layouts of images and weights ---------------------------------------------------


def test_images_have_their_channels_first() -> None:
    """Row 1: axis 1 of an image is the channels, on each target."""
    x = numbers(2, 3, 4, 5)
    weight = numbers(2, 3, 1, 1)
    wanted = np.einsum("nchw,oc->nohw", x, weight[:, :, 0, 0])
    one_output(
        wanted, "x -> Conv(2, 1, bias = false)", {"x": x}, "input x: f32[N, 3, 4, 5]",
        weights={"conv.weight": weight},
    )  # fmt: skip


def test_kernels_of_convolutions() -> None:
    """Row 2: in files they are [outputs, inputs, height, width]."""
    x = np.zeros((1, 2, 3, 4), np.float32)
    x[0, 1, 1, 2] = 1.0  # what is there is seen by the kernel's last row, column 1
    weight = numbers(3, 2, 2, 2)
    wanted = np.zeros((1, 3, 2, 3), np.float32)
    for i in range(2):
        for j in range(3):
            a, b = 1 - i, 2 - j
            if 0 <= a < 2 and 0 <= b < 2:
                wanted[0, :, i, j] = weight[:, 1, a, b]
    one_output(
        wanted, "x -> Conv(3, 2, bias = false)", {"x": x}, "input x: f32[N, 2, 3, 4]",
        weights={"conv.weight": weight},
    )  # fmt: skip


def test_channels_of_depthwise_convolutions() -> None:
    """Row 3: kernel j of channel c gives the channel c * multiplier + j."""
    x = numbers(2, 3, 2, 2)
    weight = numbers(6, 1, 1, 1)
    wanted = np.repeat(x, 2, axis=1) * weight.reshape(1, 6, 1, 1)
    one_output(
        wanted, "x -> DepthwiseConv(1, multiplier = 2, bias = false)", {"x": x},
        "input x: f32[N, 3, 2, 2]", weights={"depthwise_conv.weight": weight},
    )  # fmt: skip


def test_kernels_and_sizes_of_transposed_convolutions() -> None:
    """Rows 4 and 10: files have [inputs, outputs, …], and (i - 1) s + k elements come
    of i, not i s."""
    x = numbers(1, 2, 3)
    weight = numbers(2, 3, 2)
    wanted = np.zeros((1, 3, 8), np.float32)
    for i in range(3):
        wanted[:, :, 3 * i : 3 * i + 2] += np.einsum("nc,cok->nok", x[:, :, i], weight)
    one_output(
        wanted, "x -> ConvTranspose(3, 2, stride = 3, bias = false)", {"x": x},
        "input x: f32[N, 2, 3]", weights={"conv_transpose.weight": weight},
    )  # fmt: skip


def test_weights_of_dense_layers() -> None:
    """Row 5: in files they are [outputs, inputs]."""
    x, weight = numbers(2, 3), numbers(4, 3)
    one_output(
        x @ weight.T, "x -> Dense(4, bias = false)", {"x": x}, "input x: f32[N, 3]",
        weights={"dense.weight": weight},
    )  # fmt: skip


def test_flattened_images() -> None:
    """Row 6: in the order of channels, rows and columns, behind a convolution too."""
    x = numbers(2, 3, 2, 2)
    identity = np.eye(3, dtype=np.float32).reshape(3, 3, 1, 1)
    one_output(
        x.reshape(2, 12), "x -> Conv(3, 1, bias = false) -> flatten", {"x": x},
        "input x: f32[N, 3, 2, 2]", weights={"conv.weight": identity},
    )  # fmt: skip


# --- Windows -------------------------------------------------------------------------


def test_same_padding_with_a_stride() -> None:
    """Row 7: ceil(n / s) windows; of an odd number of pads the last is at the end."""
    x = np.arange(1.0, 5.0, dtype=np.float32).reshape(1, 1, 4)
    wanted = [[[1 + 2 + 3, 3 + 4]]]  # one pad, at the end
    one_output(
        wanted, 'x -> Conv(1, 3, stride = 2, padding = "same", bias = false)', {"x": x},
        "input x: f32[N, 1, 4]", weights={"conv.weight": np.ones((1, 1, 3))},
    )  # fmt: skip


def test_stride_of_pooling() -> None:
    """Row 8: that of the window, where none is given."""
    x = np.float32([[[1, 5, 2, 3, 9, 4]]])
    one_output([[[5, 9]]], "max_pool(x, 3)", {"x": x}, "input x: f32[N, 1, 6]")


def test_mean_over_padding() -> None:
    """Row 9: padding does not count, but where that is asked for."""
    x = np.float32([[[2, 4]]])
    types = "input x: f32[N, 1, 2]"
    one_output([[[3, 3]]], "avg_pool(x, 3, 1, 1)", {"x": x}, types)
    one_output(
        [[[2, 2]]], "avg_pool(x, 3, 1, 1, count_padding = true)", {"x": x}, types
    )


def test_padding_never_is_the_largest() -> None:
    """Row 49: it is smaller than any number."""
    x = np.float32([[[-3, -2]]])
    one_output([[[-2, -2]]], "max_pool(x, 3, 1, 1)", {"x": x}, "input x: f32[N, 1, 2]")


# --- Resizing ------------------------------------------------------------------------


def test_nearest_neighbours() -> None:
    """Row 11: of four elements, three take the first, the third and the fourth."""
    x = np.float32([[[0, 1, 2, 3]]])
    one_output(
        [[[0, 2, 3]]], 'resize(x, size = 3, method = "nearest")', {"x": x},
        "input x: f32[N, 1, 4]",
    )  # fmt: skip


def test_linear_resizing() -> None:
    """Row 12: elements lie in the middle of what they cover; nothing is smoothed."""
    x = np.float32([[[0, 1, 2, 3, 4, 5]]])
    types = "input x: f32[N, 1, 6]"
    one_output([[[1, 4]]], 'resize(x, size = 2, method = "bilinear")', {"x": x}, types)
    x = np.float32([[[1, 0, 0, 0, 0, 0]]])  # which smoothing would see
    one_output([[[0, 0]]], 'resize(x, size = 2, method = "bilinear")', {"x": x}, types)


def test_cubic_resizing() -> None:
    """Row 13: the parameter of the kernel is said; at a half it is -a/8 outside."""
    x = np.float32([[[0, 1, 0, 0, 0, 0, 0, 0]]])
    for a in (-0.75, -0.5):
        wanted = [[[0.5 - a / 8, a / 8, 0, 0]]]  # halfway between two, and beyond
        expression = f'resize(x, size = 4, method = "bicubic", a = {a})'
        one_output(wanted, expression, {"x": x}, "input x: f32[N, 1, 8]")


# --- Normalisation -------------------------------------------------------------------


def test_statistics_of_batch_normalisation() -> None:
    """Rows 14 and 16: `decay` multiplies the old ones; the running variance is the
    unbiased one."""
    x = np.float32([[0], [2], [4]])
    text = "model Test { input x: f32[N, 1]\noutput y = x -> BatchNorm(decay = 0.75) }"
    for target, found in observed(text, {"x": x}, training=True):
        mean = found.updates["batch_norm.running_mean"]
        variance = found.updates["batch_norm.running_var"]
        np.testing.assert_allclose(mean, [0.25 * 2], 1e-6, err_msg=target)
        np.testing.assert_allclose(variance, [0.75 + 0.25 * 4], 1e-6, err_msg=target)


@pytest.mark.parametrize(
    ("layer", "name", "eps"),
    [
        ("BatchNorm", "batch_norm", 1e-5),
        ("LayerNorm", "layer_norm", 1e-5),
        ("GroupNorm(1)", "group_norm", 1e-5),
        ("InstanceNorm(true)", "instance_norm", 1e-5),
        ("RMSNorm", "rms_norm", 1e-6),
    ],
)
def test_epsilon_of_normalisations(layer: str, name: str, eps: float) -> None:
    """Rows 15 and 19 to 22: 1e-5, and 1e-6 of `RMSNorm`, inside of the root."""
    x = np.float32([[[1e-3, -1e-3]], [[1e-3, -1e-3]]])
    text = f"model Test {{ input x: f32[N, 1, 2]\noutput y = x -> {layer} }}"
    wanted = x / math.sqrt(1e-6 + eps)
    for target, found in observed(text, {"x": x}, training=True):
        np.testing.assert_allclose(found.outputs["y"], wanted, 1e-4, err_msg=target)


def test_batch_normalisation_of_one_value() -> None:
    """Row 17: its variance is 0, and the running one stays finite."""
    text = "model Test { input x: f32[N, 2]\noutput y = x -> BatchNorm }"
    x = np.float32([[3, 4]])
    for target, found in observed(text, {"x": x}, training=True):
        np.testing.assert_allclose(found.outputs["y"], [[0, 0]], err_msg=target)
        variance = found.updates["batch_norm.running_var"]
        np.testing.assert_allclose(variance, [0.9, 0.9], 1e-6, err_msg=target)


def test_frozen_statistics() -> None:
    """Row 18: a training uses the running statistics and leaves them as they are."""
    text = """model Test { input x: f32[N, 2]
    output y = x -> BatchNorm(freeze_stats = true) }"""
    x = np.float32([[3, 4], [5, 1]])
    for target, found in observed(text, {"x": x}, training=True):
        wanted = x / math.sqrt(1 + 1e-5)
        np.testing.assert_allclose(found.outputs["y"], wanted, 1e-5, err_msg=target)
        for name, state in found.updates.items():
            if "running" in name:
                np.testing.assert_allclose(state, [float("var" in name)] * 2)


def test_affine_parts_are_asked_for() -> None:
    """Rows 20 and 21: whether `InstanceNorm` learns, and how many groups, is said."""
    for layer in ("InstanceNorm", "GroupNorm"):
        (said,) = errors(f"model T {{ input x: f32[N, 2, 3]\noutput x -> {layer} }}")
        assert f"`{layer}` needs" in said


def test_half_floats_are_squared_in_single() -> None:
    """Row 22: the square of 300 is beyond f16, and the mean of squares is not lost."""
    x = np.float16([[300, -300]])
    one_output(np.float16([[1, -1]]), "x -> RMSNorm", {"x": x}, "input x: f16[N, 2]")


# --- Initial weights -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("layer", "type_", "limit"),
    [
        ("Dense(50)", "f32[N, 100]", math.sqrt(6 / 150)),
        ("Conv(64, 3)", "f32[N, 32, 8, 8]", math.sqrt(6 / (9 * 96))),
        ("DepthwiseConv(3)", "f32[N, 64, 8, 8]", math.sqrt(6 / 18)),
        ("ConvTranspose(64, 3)", "f32[N, 32, 8, 8]", math.sqrt(6 / (9 * 96))),
    ],
)
def test_weights_start_uniformly(layer: str, type_: str, limit: float) -> None:
    """Rows 23 to 26: Glorot's bounds by the true fans; a bias starts at 0."""
    module = model(f"model T {{ input x: {type_}\noutput x -> {layer} as layer }}")
    for start in (initial_weights(module, 0), *started(module)):
        assert 0.98 * limit < np.abs(start["layer.weight"]).max() <= limit
        assert np.abs(start["layer.bias"]).max() == 0


def test_embeddings_start_normally() -> None:
    """Row 27: with a deviation of 0.02."""
    text = "model T { input x: i64[N]\noutput x -> Embedding(500, 40) as layer }"
    module = model(text)
    for start in (initial_weights(module, 0), *started(module)):
        weight = start["layer.weight"]
        assert abs(weight.std() / 0.02 - 1) < 0.02
        assert np.abs(weight).max() > 0.06


def started(module: object) -> list[dict[str, np.ndarray]]:
    """The weights that each framework starts with by itself."""
    from tests.unit.backends import keras_models, torch_modules

    ours = torch_modules.made(module).state_dict()  # type: ignore[arg-type]
    keras = keras_models.made(module).weights()  # type: ignore[arg-type]
    return [{name: tensor.numpy() for name, tensor in ours.items()}, keras]


# --- Indices -------------------------------------------------------------------------


def test_an_index_out_of_range_is_an_error() -> None:
    """Row 28: it is never another row, and never zeros."""
    text = "model T { input x: i64[N]\noutput y = x -> Embedding(3, 2) }"
    for x in ([3], [-4]):
        found = observed(text, {"x": np.int64(x)})
        with pytest.raises(Exception, match=r"(?i)index|indices|range|bounds"):
            next(found)
    from tests.conformance.targets import TARGETS

    module = model(text)
    for target in TARGETS.values():
        with pytest.raises(Exception, match=r"(?i)index|indices|range|bounds"):
            target(
                module, initial_weights(module, 0), {"x": np.int64([3])},
                natives=True, training=False,
            )  # fmt: skip


# --- Functions -----------------------------------------------------------------------

X = np.float32([-4, -2, -0.5, 0, 1, 2.5])


def test_gelu_is_exact() -> None:
    """Row 29: by the error function; the approximation has a name of its own."""
    exact = [0.5 * x * (1 + math.erf(x / math.sqrt(2))) for x in X.tolist()]
    tanh = [
        0.5 * x * (1 + math.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))
        for x in X.tolist()
    ]
    one_output(exact, "gelu(x)", {"x": X}, "input x: f32[N]")
    one_output(tanh, "gelu_tanh(x)", {"x": X}, "input x: f32[N]")
    assert np.abs(np.subtract(exact, tanh)).max() > 1e-4


def test_slope_of_leaky_relu() -> None:
    """Row 30: it is said."""
    (said,) = errors("model T { input x: f32[N]\noutput leaky_relu(x) }")
    assert "needs `slope`" in said
    wanted = np.where(X > 0, X, 0.3 * X)
    one_output(wanted, "leaky_relu(x, 0.3)", {"x": X}, "input x: f32[N]")


def test_hard_sigmoid() -> None:
    """Row 31: relu6(x + 3) / 6, not 0.2 x + 0.5."""
    wanted = np.clip(X.astype(float) + 3, 0, 6) / 6
    one_output(wanted, "hard_sigmoid(x)", {"x": X}, "input x: f32[N]")


def test_slopes_of_prelu() -> None:
    """Row 32: one for each channel, 0.25 at the start."""
    module = model("model T { input x: f32[N, 3, 4]\noutput x -> PReLU as layer }")
    for start in (initial_weights(module, 0), *started(module)):
        assert start["layer.weight"].tolist() == [0.25] * 3
    x = -np.ones((1, 3, 2), np.float32)
    one_output(
        [[[-1, -1], [-2, -2], [-3, -3]]], "x -> PReLU", {"x": x},
        "input x: f32[N, 3, 2]", weights={"prelu.weight": [1, 2, 3]},
    )  # fmt: skip


def test_softplus_is_exact() -> None:
    """Row 33: no threshold from which it is x itself."""
    x = np.array([-700.0, -1.0, 0.0, 21.0, 30.0, 700.0])
    wanted = np.logaddexp(0, x)
    assert wanted[3] > 21 + 7e-10
    one_output(wanted, "softplus(x)", {"x": x}, "input x: f64[N]")


def test_dropout_is_scaled_in_training() -> None:
    """Row 34: what stays is 1 / (1 - rate) as large; in inference nothing happens."""
    (said,) = errors("model T { input x: f32[N]\noutput x -> Dropout }")
    assert "needs `rate`" in said
    x = np.ones((100, 100), np.float32)
    text = "model T { input x: f32[N, 100]\noutput y = x -> Dropout(0.2) }"
    for target, found in observed(text, {"x": x}):
        np.testing.assert_array_equal(found.outputs["y"], x, err_msg=target)
    for target, found in observed(text, {"x": x}, training=True):
        y = found.outputs["y"]
        zeros = y == 0
        assert abs(zeros.mean() - 0.2) < 0.02, target
        np.testing.assert_allclose(y[~zeros], 1.25, 1e-6, err_msg=target)


def test_axis_of_softmax() -> None:
    """Row 51: the last one."""
    x = numbers(2, 3, 4)
    e = np.exp(x)
    wanted = e / e.sum(-1, keepdims=True)
    one_output(wanted, "softmax(x)", {"x": x}, "input x: f32[N, 3, 4]")


# --- Losses --------------------------------------------------------------------------

LOGITS = np.float32([[2, -1, 0.5], [0, 1, 3]])
LABELS = np.int64([0, 1])
P = np.exp(LOGITS.astype(float)) / np.exp(LOGITS.astype(float)).sum(1, keepdims=True)
EACH = -np.log(P[[0, 1], [0, 1]])
TYPES = "input x: f32[N, 3]\ninput y: i64[N]"
GIVEN = {"x": LOGITS, "y": LABELS}


def test_cross_entropy_takes_logits() -> None:
    """Row 35: with labels or probabilities, by the dtype of the target."""
    one_output(EACH.mean(), "cross_entropy(x, y)", GIVEN, TYPES)
    target = np.float32([[0.2, 0.3, 0.5], [1, 0, 0]])
    one_output(
        -(target * np.log(P)).sum(1).mean(), "cross_entropy(x, y)",
        {"x": LOGITS, "y": target}, "input x: f32[N, 3]\ninput y: f32[N, 3]",
    )  # fmt: skip


def test_logarithms_of_losses_have_no_floor() -> None:
    """Row 36: what is wrong by a logit of 200 costs 200, neither 100 nor 16."""
    given = {"x": np.float32([200, -200]), "y": np.float32([0, 1])}
    types = "input x: f32[N]\ninput y: f32[N]"
    one_output(200.0, "binary_cross_entropy(x, y)", given, types)
    given = {"x": np.float32([[200, 0]]), "y": np.int64([1])}
    one_output(
        200.0, "cross_entropy(x, y)", given, "input x: f32[N, 2]\ninput y: i64[N]"
    )


def test_a_loss_of_ignored_labels_alone() -> None:
    """Row 37: it is 0."""
    given = {"x": LOGITS, "y": np.int64([-100, -100])}
    one_output(0.0, "cross_entropy(x, y, ignore = -100)", given, TYPES)


def test_weighted_means() -> None:
    """Row 38: the sum of weighted losses over the sum of weights."""
    weights = np.array([1.0, 5.0])
    wanted = (EACH * weights).sum() / weights.sum()
    one_output(wanted, "cross_entropy(x, y, weight = [1, 5, 2])", GIVEN, TYPES)


def test_kl_divergence_is_a_mean_of_samples() -> None:
    """Row 39: the sum over the classes, and the mean over the batch."""
    target = np.float32([[0.2, 0.3, 0.5], [0.1, 0.8, 0.1]])
    wanted = (target * (np.log(target) - np.log(P))).sum(1).mean()
    one_output(
        wanted, "kl_divergence(x, y)", {"x": LOGITS, "y": target},
        "input x: f32[N, 3]\ninput y: f32[N, 3]",
    )  # fmt: skip


PAIR = "input x: f32[N, 2]\ninput y: f32[N, 2]"


def test_huber() -> None:
    """Row 40: it is not divided by delta."""
    given = {"x": np.float32([[3, 0.5]]), "y": np.zeros((1, 2), np.float32)}
    wanted = (2 * (3 - 1) + 0.5 * 0.25) / 2
    one_output(wanted, "huber(x, y, delta = 2)", given, PAIR)


def test_cosine_distance() -> None:
    """Row 41: 1 less the cosine."""
    given = {"x": np.float32([[1, 0]]), "y": np.float32([[3, 4]])}
    one_output(1 - 0.6, "cosine_distance(x, y)", given, PAIR)


def test_label_smoothing() -> None:
    """Row 42: the share is spread evenly, over two in a binary cross-entropy."""
    smooth = 0.9 * np.eye(3)[LABELS] + 0.1 / 3
    wanted = -(smooth * np.log(P)).sum(1).mean()
    one_output(wanted, "cross_entropy(x, y, smoothing = 0.1)", GIVEN, TYPES)
    p = 1 / (1 + math.exp(-2.0))
    wanted = -(0.95 * math.log(p) + 0.05 * math.log(1 - p))
    one_output(
        wanted, "binary_cross_entropy(x, y, smoothing = 0.1)",
        {"x": np.float32([2]), "y": np.float32([1])},
        "input x: f32[N]\ninput y: f32[N]",
    )  # fmt: skip


# --- Gradients -----------------------------------------------------------------------


def test_gradients_of_ties() -> None:
    """Row 43: two equal numbers share that of their maximum."""
    slopes_of([0.5, 1, 0], "maximum(x, [2.0, 1.0, 3.0])", [2, 2, 2], "input x: f32[3]")
    slopes_of([0.5, 0, 1], "minimum(x, [2.0, 1.0, 3.0])", [2, 2, 2], "input x: f32[3]")
    slopes_of([[0.5, 0.5, 0]], "max(x, axis = 1)", [[4, 4, 1]], "input x: f32[N, 3]")


def test_gradients_at_corners() -> None:
    """Row 44: that of |x| at 0 is 0; that at the edge of `clip` is 1."""
    slopes_of([-1, 0, 1], "abs(x)", [-2, 0, 2], "input x: f32[N]")
    slopes_of([0, 1, 1, 1, 0], "clip(x, -1, 1)", [-2, -1, 0, 1, 2], "input x: f32[N]")


def test_gradients_of_norms_at_zero() -> None:
    """Row 45: they are 0, not NaN."""
    slopes_of([[0, 0]], "norm(x)", [[0, 0]], "input x: f32[N, 2]")
    slopes_of([[0, 0]], "std(x, axis = 1)", [[3, 3]], "input x: f32[N, 2]")


# --- Arithmetic ----------------------------------------------------------------------


def test_variance_divides_by_the_number() -> None:
    """Row 46: by n - 1 where `correction = 1` asks for it."""
    x = np.float32([[0, 2, 4]])
    types = "input x: f32[N, 3]"
    one_output([8 / 3], "var(x, axis = 1)", {"x": x}, types)
    one_output([4.0], "var(x, axis = 1, correction = 1)", {"x": x}, types)
    one_output([math.sqrt(8 / 3)], "std(x, axis = 1)", {"x": x}, types)


def test_division_rounds_down() -> None:
    """Rows 47 and 50: -7 // 3 is -3, and a rest has the sign of the divisor."""
    x = np.int64([-7, 7, -7, 7])
    y = np.int64([3, 3, -3, -3])
    types = "input x: i64[N]\ninput y: i64[N]"
    one_output([-3, 2, 2, -3], "x // y", {"x": x, "y": y}, types)
    one_output([2, 1, -1, -2], "x % y", {"x": x, "y": y}, types)
    given = {"x": x.astype(np.float32), "y": y.astype(np.float32)}
    types = types.replace("i64", "f32")
    one_output([-3, 2, 2, -3], "x // y", given, types)
    one_output([2, 1, -1, -2], "x % y", given, types)


def test_halves_are_rounded_to_even_numbers() -> None:
    """Row 50."""
    x = np.float32([0.5, 1.5, 2.5, -0.5, -1.5])
    one_output([0, 2, 2, 0, -2], "round(x)", {"x": x}, "input x: f32[N]")


def test_no_dtype_changes_by_itself() -> None:
    """Row 48: integers and floats meet by a cast alone."""
    (said,) = errors("model T { input x: i64[N]\ninput y: f32[N]\noutput x + y }")
    assert "i64" in said
    assert "f32" in said
