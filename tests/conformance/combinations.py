"""Programs beyond single samples: definitions behind others, sizes at their ends."""

from collections.abc import Iterable, Mapping

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


def program(expressions: Iterable[str], inputs: str) -> str:
    """A model with an output for each expression, called after its place."""
    outputs = "\n".join(
        f"output e{i} = {expression}" for i, expression in enumerate(expressions)
    )
    return f"model Test {{ {inputs}\n{outputs} }}"


COMBINATIONS: Mapping[str, str] = {
    "curves of images": program(
        (f"x -> Conv(4, 1) -> {curve}" for curve in ("relu6", "mish", "PReLU")),
        "input x: f32[N, 3, H, W]",
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
    "reductions": program(
        (
            "logsumexp(x, axis = [1, 2], keep = true)",
            "var(x, axis = [0, 2], keep = true, correction = 1)",
            "var(x, axis = [])",
            "std(x, axis = -1, keep = true)",
            "norm(x, axis = [1, 2], keep = true)",
            "l2_normalize(x, axis = 1, eps = 2.0)",
            "cosine_similarity(x, x ** 2, axis = 1, eps = 1.0)",
        ),
        "input x: f64[N, 4, 6]",
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
