"""A typical use of a definition: what its page shows, and what targets are asked.

What needs no particular type and no number has no line here: its use is read off its
declaration, that of a primitive is the first of its samples.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from dlmc.grammar.span import Source
from dlmc.ir.module import Module
from dlmc.ir.program import Program

_TRAINING = """
model Line {{
  input x: f32[N, 1]
  output y = x -> Dense(1)
}}

data points {{
  source = inline(x = [[1.0], [2.0]], target = [[2.0], [4.0]])
  x:      f32[1]
  target: f32[1]
}}

train Line on points {{
  loss      = mse(y, target)
  optimizer = {expression}
  epochs    = 1
  batch     = 2
}}
"""


@dataclass(frozen=True)
class Use:
    """An expression on inputs, or the optimizer of a training."""

    expression: str
    inputs: tuple[tuple[str, str], ...] = ()
    """Names and types."""
    is_optimizer: bool = False

    @property
    def text(self) -> str:
        """A whole program around it."""
        if self.is_optimizer:
            return _TRAINING.format(expression=self.expression)
        inputs = "".join(f"  input {name}: {type_}\n" for name, type_ in self.inputs)
        return f"model Example {{\n{inputs}  output result = {self.expression}\n}}\n"

    @cached_property
    def program(self) -> Program:
        """That program, elaborated."""
        from dlmc.diagnostics import DlmError
        from dlmc.elaborate.program import elaborate

        found = elaborate(Source("example.dlm", self.text), Path())
        if found.program is None:
            raise DlmError(list(found.diagnostics))
        return found.program

    @property
    def model(self) -> Module:
        """The model of the program."""
        return self.program.models[0]

    @property
    def result(self) -> str | None:
        """The type of the expression, None for an optimizer's."""
        return None if self.is_optimizer else str(self.model.outputs[0].type)


def _use(expression: str, **inputs: str) -> Use:
    return Use(expression, tuple(inputs.items()))


def _optimizer(expression: str) -> Use:
    return Use(expression, is_optimizer=True)


_IMAGES = "f32[N, 3, 32, 32]"
_CLASSES = {"logits": "f32[N, 10]", "label": "i64[N]"}
_CHANNELS = "f32[N, 16, 32, 32]"
_FEATURES = "f32[N, 16]"

USES: Mapping[str, Use] = {
    # Layers
    "Dense": _use("x -> Dense(10)", x="f32[N, 784]"),
    "Dropout": _use("x -> Dropout(0.5)", x=_FEATURES),
    "Embedding": _use("tokens -> Embedding(5000, 64)", tokens="i64[N, T]"),
    "Conv": _use("image -> Conv(16, 3, padding = 1)", image=_IMAGES),
    "ConvTranspose": _use("x -> ConvTranspose(8, 2, stride = 2)", x="f32[N, 16, 8, 8]"),
    "DepthwiseConv": _use("image -> DepthwiseConv(3, padding = 1)", image=_IMAGES),
    "SeparableConv": _use("image -> SeparableConv(16, 3)", image=_IMAGES),
    "BatchNorm": _use("x -> BatchNorm", x=_CHANNELS),
    "LayerNorm": _use("x -> LayerNorm", x="f32[N, T, 64]"),
    "RMSNorm": _use("x -> RMSNorm", x="f32[N, T, 64]"),
    "GroupNorm": _use("x -> GroupNorm(4)", x=_CHANNELS),
    "InstanceNorm": _use("x -> InstanceNorm(affine = true)", x=_CHANNELS),
    "PReLU": _use("x -> PReLU", x=_CHANNELS),
    # Functions
    "softmax": _use("logits -> softmax", logits="f32[N, 10]"),
    "log_softmax": _use("logits -> log_softmax", logits="f32[N, 10]"),
    "leaky_relu": _use("x -> leaky_relu(0.1)", x=_FEATURES),
    "clip": _use("x -> clip(-1, 1)", x=_FEATURES),
    "split": _use("split(x, 2)[0]", x=_FEATURES),
    "stack": _use("stack([a, b])", a=_FEATURES, b=_FEATURES),
    # Images
    "flatten": _use("image -> flatten", image=_IMAGES),
    "max_pool": _use("image -> max_pool(2)", image=_IMAGES),
    "avg_pool": _use("image -> avg_pool(2)", image=_IMAGES),
    "global_avg_pool": _use("x -> global_avg_pool", x=_CHANNELS),
    "global_max_pool": _use("x -> global_max_pool", x=_CHANNELS),
    "adaptive_avg_pool": _use("x -> adaptive_avg_pool(4)", x=_CHANNELS),
    "resize": _use('image -> resize(2, method = "bilinear")', image=_IMAGES),
    "reflect_pad": _use("image -> reflect_pad(1)", image=_IMAGES),
    "replicate_pad": _use("image -> replicate_pad(1)", image=_IMAGES),
    "pixel_shuffle": _use("x -> pixel_shuffle(2)", x=_CHANNELS),
    "pixel_unshuffle": _use("x -> pixel_unshuffle(2)", x=_CHANNELS),
    # Losses and metrics
    "cross_entropy": _use("cross_entropy(logits, label)", **_CLASSES),
    "accuracy": _use("accuracy(logits, label)", **_CLASSES),
    "top_k": _use("top_k(logits, label, 5)", **_CLASSES),
    "nll": _use("nll(logs, label)", logs="f32[N, 10]", label="i64[N]"),
    "dice": _use("dice(p, target)", p="f32[N, 1, 32, 32]", target="f32[N, 1, 32, 32]"),
    # Optimizers and schedules
    "sgd": _optimizer("sgd(lr = 0.01, momentum = 0.9)"),
    "adamw": _optimizer("adamw(lr = 1e-3, weight_decay = 0.1)"),
    "constant": _optimizer("adam(lr = constant(1e-3, warmup = 100))"),
    "cosine": _optimizer("adam(lr = cosine(1e-3, warmup = 100))"),
    # Primitives whose first sample is not how one would write them
    "slice": _use("x[:, 1:4]", x="f32[N, 5]"),
}
