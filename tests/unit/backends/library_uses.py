"""Uses of the library's functions and normalisations, for every target."""

from collections.abc import Iterable


def program(expressions: Iterable[str], inputs: str) -> str:
    """A model with an output for each expression, called after its place."""
    outputs = "\n".join(
        f"output e{i} = {expression}" for i, expression in enumerate(expressions)
    )
    return f"model Test {{ {inputs}\n{outputs} }}"


CURVES = (
    "relu(x)",
    "relu6(3 * x)",
    "leaky_relu(x, 0.1)",
    "elu(x)",
    "elu(x, alpha = 2.0)",
    "selu(x)",
    "celu(x)",
    "celu(x, alpha = 2.0)",
    "gelu(x)",
    "gelu_tanh(x)",
    "silu(x)",
    "mish(x)",
    "sigmoid(x)",
    "log_sigmoid(x)",
    "softplus(x)",
    "softsign(x)",
    "hard_sigmoid(2 * x)",
    "hard_swish(2 * x)",
    "hard_tanh(x)",
    "clip(x, -2, 0.5)",
)
"""Functions of each number apart."""

HALVES = (
    "glu(x)",
    "glu(x, axis = 1)",
    "swiglu(x)",
    "geglu(x, axis = 1)",
    "split(x, 2)[1]",
    "split(x, 2, axis = 1)[0]",
    "split(x, [1, 3, 2])[1]",
    "split(x, [1, 3], axis = -2)[1]",
    "stack(split(x, 3), axis = 1)",
    "stack([x, 2 * x], axis = -1)",
)
REDUCTIONS = (
    "logsumexp(x)",
    "logsumexp(x, axis = [1, 2], keep = true)",
    "var(x)",
    "var(x, axis = 1)",
    "var(x, axis = [0, 2], keep = true, correction = 1)",
    "var(x, axis = [])",
    "std(x)",
    "std(x, axis = -1, keep = true)",
    "std(x, axis = [1], correction = 1)",
    "norm(x)",
    "norm(x, axis = [1, 2], keep = true)",
    "l2_normalize(x)",
    "l2_normalize(x, axis = 1, eps = 2.0)",
    "cosine_similarity(x, 2 * x + 1)",
    "cosine_similarity(x, x ** 2, axis = 1, eps = 1.0)",
)
PAIRS = (
    "mse(x, y)",
    "mae(x, y)",
    "huber(x, y)",
    "huber(x, y, delta = 0.3)",
    "hinge(x, y)",
    "binary_cross_entropy(x, sigmoid(y))",
    "kl_divergence(x, softmax(y))",
    "nll(log_softmax(x), class)",
    "cross_entropy(x, class)",
    "contrastive(norm(x), mask)",
    "contrastive(norm(x), cast(mask, f32), margin = 6.0)",
    "triplet(x, y, x * y, margin = 0.5)",
    "dice(sigmoid(image), sigmoid(mask_image))",
    "dice(sigmoid(x), sigmoid(y), smooth = 1.0)",
    "binary_accuracy(x, sigmoid(y))",
    "accuracy(x, class)",
    "top_k(x, class, 2)",
)
PAIR_INPUTS = """
input x: f32[N, 4]
input y: f32[N, 4]
input class: i64[N]
input mask: bool[N]
input image: f32[N, 3, H, W]
input mask_image: f32[N, 3, H, W]
"""
CHANNELS = (
    "x -> GroupNorm(3)",
    "x -> GroupNorm(1, eps = 1e-3, affine = false)",
    "x -> GroupNorm(6)",
    "x -> InstanceNorm(affine = true)",
    "x -> InstanceNorm(affine = false, eps = 1e-2)",
    "x -> PReLU",
)
LAST_AXIS = (
    "x -> LayerNorm",
    "x -> LayerNorm(eps = 1e-3, bias = false)",
    "x -> LayerNorm(affine = false)",
    "x -> RMSNorm",
    "x -> RMSNorm(eps = 0.1)",
)

PROGRAMS = {
    "curves": program(CURVES, "input x: f32[N, 6]"),
    "curves f64": program(CURVES[:8] + CURVES[10:], "input x: f64[N, 6]"),
    "curves of images": program(
        (f"x -> Conv(4, 1) -> {curve}" for curve in ("relu6", "mish", "PReLU")),
        "input x: f32[N, 3, H, W]",
    ),
    "halves": program(HALVES, "input x: f32[N, 4, 6]"),
    "halves of channels": program(
        ("x -> Conv(4, 1) -> glu(axis = 1)", "x -> Conv(4, 1) -> swiglu(axis = 1)"),
        "input x: f32[N, 3, H, W]",
    ),
    "reductions": program(REDUCTIONS, "input x: f32[N, 4, 6]"),
    "reductions f64": program(REDUCTIONS, "input x: f64[N, 4, 6]"),
    "pairs": program(PAIRS, PAIR_INPUTS),
    "sequences": program(
        ("nll(log_softmax(x), y)", "top_k(x, y, 3)", "kl_divergence(x, softmax(-x))"),
        "input x: f32[N, T, 5]\ninput y: i64[N, T]",
    ),
    "channels": program(CHANNELS, "input x: f32[N, 6, H, W]"),
    "channels f64": program(CHANNELS, "input x: f64[N, 6, 3, 4]"),
    "channels of sequences": program(CHANNELS, "input x: f32[N, 6, T]"),
    "channels of volumes": program(CHANNELS, "input x: f32[N, 6, 3, 4, 2]"),
    "channels of vectors": program(
        ("x -> GroupNorm(2)", *CHANNELS[1:2], "x -> PReLU"), "input x: f32[N, 6]"
    ),
    "groups of one value": program(("x -> GroupNorm(6)",), "input x: f32[N, 6]"),
    "unknown channels": program(
        ("x -> GroupNorm(1, affine = false)", "x -> InstanceNorm(false)"),
        "input x: f32[N, T, H, W]",
    ),
    "last axis": program(LAST_AXIS, "input x: f32[N, T, 6]"),
    "last axis f64": program(LAST_AXIS, "input x: f64[N, 6]"),
    "last axis of images": program(
        ("x -> Conv(4, 3) -> GroupNorm(2) -> RMSNorm -> Conv(3, 1)",),
        "input x: f32[N, 3, 7, 9]",
    ),
    "unknown last axis": program(
        ("x -> LayerNorm(affine = false)",), "input x: f32[N, 3, T]"
    ),
    "slopes": program(
        ("x -> PReLU(0.1)", "x -> PReLU(init = uniform(low = 0.1, high = 0.3))"),
        "input x: f32[N, 6]",
    ),
    "tensors for numbers": """
    model Test {
      input x: f32[N, 6]
      param slope: f32[6] = ones()
      output a = leaky_relu(x, slope)
      output b = elu(x, slope)
      output c = clip(x, -slope, slope)
      output d = huber(x, x * x, delta = mean(slope))
    }
    """,
}

KINKS = (-3.0, -2.0, -1.0, 0.0, 0.5, 1.0, 2.0, 3.0)
"""Where a curve has a corner, and some others."""
