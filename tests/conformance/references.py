"""What others compute for the definitions, and for which they have nothing."""

from collections.abc import Mapping

import scipy.special
import torch
from torch.nn import functional

from tests.conformance.elsewhere import (
    Reference,
    auc,
    focal,
    numpy,
    of,
    shares,
    table,
    weight_norm,
)

F = functional

VECTOR = {"x": "f64[5, 6]"}
SEQUENCE = {"x": "f64[5, 6, 11]"}
IMAGE = {"x": "f64[5, 6, 7, 9]"}
VOLUME = {"x": "f64[2, 4, 6, 5, 7]"}
PAIR = {"x": "f64[5, 4]", "y": "f64[5, 4]"}
LABELS = {"x": "f64[5, 4]", "label": "i64[5]"}

REFERENCES: Mapping[str, tuple[Reference, ...]] = {
    # Activations
    "relu": (of("relu(x)", F.relu),),
    "sigmoid": (
        of("sigmoid(x)", numpy(scipy.special.expit)),
        of("sigmoid(300 * x)", numpy(lambda x: scipy.special.expit(300 * x))),
    ),
    "silu": (of("silu(x)", F.silu),),
    "gelu": (
        of("gelu(x)", F.gelu),
        of("gelu(3 * x)", numpy(lambda x: 3 * x * scipy.special.ndtr(3 * x))),
    ),
    "gelu_tanh": (of("gelu_tanh(x)", lambda x: F.gelu(x, approximate="tanh")),),
    "softmax": (
        of("softmax(x)", numpy(lambda x: scipy.special.softmax(x, axis=-1))),
        of("softmax(500 * x, axis = 1)", lambda x: (500 * x).softmax(1)),
    ),
    "log_softmax": (
        of("log_softmax(x)", numpy(lambda x: scipy.special.log_softmax(x, axis=-1))),
        of("log_softmax(500 * x, axis = 1)", lambda x: F.log_softmax(500 * x, 1)),
    ),
    "relu6": (of("relu6(4 * x)", lambda x: F.relu6(4 * x)),),
    "leaky_relu": (of("leaky_relu(x, 0.1)", lambda x: F.leaky_relu(x, 0.1)),),
    "PReLU": (
        of("x -> PReLU", lambda x, w: F.prelu(x, w["prelu.weight"])),
        of("x -> PReLU", lambda x, w: F.prelu(x, w["prelu.weight"]), **IMAGE),
    ),
    "elu": (of("elu(x, alpha = 0.7)", lambda x: F.elu(x, 0.7)),),
    "selu": (of("selu(x)", F.selu),),
    "celu": (of("celu(x, alpha = 0.7)", lambda x: F.celu(x, 0.7)),),
    "softplus": (
        of("softplus(300 * x)", numpy(lambda x: scipy.special.softplus(300 * x))),
    ),
    "log_sigmoid": (
        of("log_sigmoid(300 * x)", numpy(lambda x: scipy.special.log_expit(300 * x))),
    ),
    "mish": (of("mish(x)", F.mish),),
    "softsign": (of("softsign(x)", F.softsign),),
    "hard_sigmoid": (of("hard_sigmoid(2 * x)", lambda x: F.hardsigmoid(2 * x)),),
    "hard_swish": (of("hard_swish(2 * x)", lambda x: F.hardswish(2 * x)),),
    "hard_tanh": (of("hard_tanh(x)", F.hardtanh),),
    "glu": (of("glu(x, axis = 1)", lambda x: F.glu(x, 1)),),
    "swiglu": (
        of("swiglu(x)", lambda x: x.chunk(2, -1)[0] * F.silu(x.chunk(2, -1)[1])),
    ),
    "geglu": (of("geglu(x)", lambda x: x.chunk(2, -1)[0] * F.gelu(x.chunk(2, -1)[1])),),
    # Arithmetic
    "clip": (of("clip(x, -1, 0.5)", lambda x: x.clamp(-1, 0.5)),),
    "logsumexp": (
        of("logsumexp(x)", numpy(lambda x: scipy.special.logsumexp(x, axis=-1))),
        of(
            "logsumexp(400 * x, axis = [0, 2], keep = true)",
            lambda x: (400 * x).logsumexp((0, 2), keepdim=True),
        ),
    ),
    "var": (
        of("var(x, axis = 1)", lambda x: x.var(1, correction=0)),
        of("var(x, axis = [0, 2], correction = 1)", lambda x: x.var((0, 2))),
    ),
    "std": (of("std(x, axis = [1], correction = 1)", lambda x: x.std(1)),),
    "norm": (
        of("norm(x)", lambda x: torch.linalg.vector_norm(x, dim=-1)),
        of(
            "norm(x, axis = [1, 2], keep = true)",
            lambda x: torch.linalg.vector_norm(x, dim=(1, 2), keepdim=True),
        ),
    ),
    "l2_normalize": (of("l2_normalize(x, axis = 1)", lambda x: F.normalize(x, dim=1)),),
    "cosine_similarity": (of("cosine_similarity(x, y)", F.cosine_similarity, **PAIR),),
    # Layers
    "Dense": (
        of(
            "x -> Dense(3)",
            lambda x, w: F.linear(x, w["dense.weight"], w["dense.bias"]),
        ),
        of("x -> Dense(3, bias = false)", lambda x, w: F.linear(x, w["dense.weight"])),
    ),
    "Embedding": (
        of(
            "label -> Embedding(4, 3)",
            lambda x, w: F.embedding(x, w["embedding.weight"]),
            label="i64[5, 2]",
        ),
    ),
    "Conv": (
        of(
            "x -> Conv(4, 3)",
            lambda x, w: F.conv1d(x, w["conv.weight"], w["conv.bias"]),
            **SEQUENCE,
        ),
        of(
            "x -> Conv(4, 3, stride = 2, padding = 2, dilation = 2, groups = 2)",
            lambda x, w: F.conv2d(x, w["conv.weight"], w["conv.bias"], 2, 2, 2, 2),
            **IMAGE,
        ),
        of(
            "x -> Conv(3, [2, 3, 1], padding = [[1, 1], [0, 0], [2, 2]], bias = false)",
            lambda x, w: F.conv3d(x, w["conv.weight"], padding=(1, 0, 2)),
            **VOLUME,
        ),
    ),
    "ConvTranspose": (
        of(
            "x -> ConvTranspose(4, 3, stride = 2, padding = 1, output_padding = 1)",
            lambda x, w: F.conv_transpose2d(
                x, w["conv_transpose.weight"], w["conv_transpose.bias"], 2, 1, 1
            ),
            **IMAGE,
        ),
        of(
            "x -> ConvTranspose(2, 2, dilation = 2)",
            lambda x, w: F.conv_transpose1d(
                x, w["conv_transpose.weight"], w["conv_transpose.bias"], dilation=2
            ),
            **SEQUENCE,
        ),
    ),
    "DepthwiseConv": (
        of(
            "x -> DepthwiseConv(3, multiplier = 2)",
            lambda x, w: F.conv2d(
                x, w["depthwise_conv.weight"], w["depthwise_conv.bias"], groups=6
            ),
            **IMAGE,
        ),
    ),
    "SeparableConv": (
        of(
            "x -> SeparableConv(4, 3)",
            lambda x, w: F.conv2d(
                F.conv2d(x, w["separable_conv.depthwise.weight"], groups=6),
                w["separable_conv.pointwise.weight"],
                w["separable_conv.pointwise.bias"],
            ),
            **IMAGE,
        ),
    ),
    # Normalisations
    "BatchNorm": (
        of(
            "x -> BatchNorm",
            lambda x, w: F.batch_norm(
                x,
                w["batch_norm.running_mean"],
                w["batch_norm.running_var"],
                w["batch_norm.weight"],
                w["batch_norm.bias"],
            ),
            **IMAGE,
        ),
    ),
    "LayerNorm": (
        of(
            "x -> LayerNorm(eps = 1e-3)",
            lambda x, w: F.layer_norm(
                x, (6,), w["layer_norm.weight"], w["layer_norm.bias"], 1e-3
            ),
        ),
    ),
    "GroupNorm": (
        of(
            "x -> GroupNorm(3)",
            lambda x, w: F.group_norm(
                x, 3, w["group_norm.weight"], w["group_norm.bias"]
            ),
            **IMAGE,
        ),
    ),
    "InstanceNorm": (
        of(
            "x -> InstanceNorm(true)",
            lambda x, w: F.instance_norm(
                x, weight=w["instance_norm.weight"], bias=w["instance_norm.bias"]
            ),
            **SEQUENCE,
        ),
        of("x -> InstanceNorm(false)", F.instance_norm, **VOLUME),
    ),
    "RMSNorm": (
        of(
            "x -> RMSNorm", lambda x, w: F.rms_norm(x, (6,), w["rms_norm.weight"], 1e-6)
        ),
    ),
    # Losses
    "mse": (of("mse(x, y)", F.mse_loss, **PAIR),),
    "mae": (of("mae(x, y)", F.l1_loss, **PAIR),),
    "huber": (
        of("huber(x, y, 0.7)", lambda x, y: F.huber_loss(x, y, delta=0.7), **PAIR),
    ),
    "log_cosh": (
        of("log_cosh(x, y)", lambda x, y: (x - y).cosh().log().mean(), **PAIR),
    ),
    "hinge": (
        of(
            "hinge(x, sign(y))",
            lambda x, y: (1 - x * y.sign()).clamp(min=0).mean(),
            **PAIR,
        ),
    ),
    "poisson": (
        of("poisson(x, exp(y))", lambda x, y: F.poisson_nll_loss(x, y.exp()), **PAIR),
    ),
    "cross_entropy": (
        of("cross_entropy(x, label)", F.cross_entropy, **LABELS),
        of(
            "cross_entropy(x, softmax(y))",
            lambda x, y: F.cross_entropy(x, y.softmax(-1)),
            **PAIR,
        ),
    ),
    "nll": (
        of(
            "nll(log_softmax(x), label)",
            lambda x, y: F.nll_loss(F.log_softmax(x, -1), y),
            **LABELS,
        ),
    ),
    "binary_cross_entropy": (
        of(
            "binary_cross_entropy(x, sigmoid(y))",
            lambda x, y: F.binary_cross_entropy_with_logits(x, y.sigmoid()),
            **PAIR,
        ),
    ),
    "kl_divergence": (
        of(
            "kl_divergence(x, softmax(y))",
            lambda x, y: F.kl_div(
                F.log_softmax(x, -1), y.softmax(-1), reduction="batchmean"
            ),
            **PAIR,
        ),
    ),
    "cosine_distance": (
        of(
            "cosine_distance(x, y)",
            lambda x, y: F.cosine_embedding_loss(x, y, torch.ones(5)),
            **PAIR,
        ),
    ),
    "triplet": (
        of(
            "triplet(x, y, x * y, margin = 0.5)",
            lambda x, y: F.triplet_margin_loss(x, y, x * y, margin=0.5, eps=0),
            **PAIR,
        ),
    ),
    # Shapes and parts
    "flatten": (of("flatten(x)", lambda x: x.flatten(1)),),
    "split": (of("split(x, [1, 3, 2])[1]", lambda x: x.split([1, 3, 2], -1)[1]),),
    "stack": (of("stack([x, 2 * x], axis = 1)", lambda x: torch.stack([x, 2 * x], 1)),),
    # Images
    "max_pool": (
        of("max_pool(x, 3, 2, 1)", lambda x: F.max_pool2d(x, 3, 2, 1), **IMAGE),
        of("max_pool(x, 2)", lambda x: F.max_pool3d(x, 2), **VOLUME),
    ),
    "avg_pool": (
        of(
            "avg_pool(x, 3, 2, 1)",
            lambda x: F.avg_pool2d(x, 3, 2, 1, count_include_pad=False),
            **IMAGE,
        ),
        of("avg_pool(x, 2)", lambda x: F.avg_pool1d(x, 2), **SEQUENCE),
        of(
            "avg_pool(x, 3, 2, 1, count_padding = true)",
            lambda x: F.avg_pool3d(x, 3, 2, 1),
            **VOLUME,
        ),
    ),
    "global_avg_pool": (of("global_avg_pool(x)", lambda x: x.mean((2, 3)), **IMAGE),),
    "global_max_pool": (of("global_max_pool(x)", lambda x: x.amax((2, 3)), **IMAGE),),
    "adaptive_avg_pool": (
        of(
            "adaptive_avg_pool(x, [4, 5])",
            lambda x: F.adaptive_avg_pool2d(x, (4, 5)),
            **IMAGE,
        ),
    ),
    "resize": (
        of(
            'resize(x, size = [10, 4], method = "nearest")',
            lambda x: F.interpolate(x, (10, 4), mode="nearest-exact"),
            **IMAGE,
        ),
        of(
            'resize(x, size = [10, 4], method = "bilinear")',
            lambda x: F.interpolate(x, (10, 4), mode="bilinear"),
            **IMAGE,
        ),
        of(
            'resize(x, size = [10, 4], method = "bicubic", a = -0.75)',
            lambda x: F.interpolate(x, (10, 4), mode="bicubic"),
            **IMAGE,
        ),
    ),
    "reflect_pad": (
        of(
            "reflect_pad(x, [[1, 2], [0, 3]])",
            lambda x: F.pad(x, (0, 3, 1, 2), mode="reflect"),
            **IMAGE,
        ),
    ),
    "replicate_pad": (
        of(
            "replicate_pad(x, 2)",
            lambda x: F.pad(x, (2,) * 4, mode="replicate"),
            **IMAGE,
        ),
    ),
    "pixel_shuffle": (
        of(
            "pixel_shuffle(x, 2)",
            lambda x: F.pixel_shuffle(x, 2),
            x="f64[2, 8, 3, 5]",
        ),
    ),
    "pixel_unshuffle": (
        of(
            "pixel_unshuffle(x, 2)",
            lambda x: F.pixel_unshuffle(x, 2),
            x="f64[2, 3, 4, 6]",
        ),
    ),
    # Elementary functions
    "tan": (of("tan(x)", torch.tan),),
    "asin": (of("asin(tanh(x))", lambda x: x.tanh().asin()),),
    "acos": (of("acos(tanh(x))", lambda x: x.tanh().acos()),),
    "atan2": (of("atan2(x, y)", torch.atan2, **PAIR),),
    "sinh": (of("sinh(3 * x)", lambda x: (3 * x).sinh()),),
    "cosh": (of("cosh(3 * x)", lambda x: (3 * x).cosh()),),
    "asinh": (of("asinh(x / 1000)", lambda x: (x / 1000).asinh()),),
    "acosh": (of("acosh(1 + x ** 2)", lambda x: (1 + x**2).acosh()),),
    "atanh": (of("atanh(x / 4)", lambda x: (x / 4).atanh()),),
    "log2": (of("log2(exp(x))", lambda x: x.exp().log2()),),
    "log10": (of("log10(exp(x))", lambda x: x.exp().log10()),),
    "exp2": (of("exp2(x)", torch.exp2),),
    "trunc": (of("trunc(3 * x)", lambda x: (3 * x).trunc()),),
    "isnan": (of("isnan(log(x))", lambda x: x.log().isnan()),),
    "isinf": (of("isinf(1 / relu(x))", lambda x: (1 / x.relu()).isinf()),),
    "isfinite": (of("isfinite(log(relu(x)))", lambda x: x.relu().log().isfinite()),),
    "cumprod": (of("cumprod(x, axis = 1)", lambda x: x.cumprod(1)),),
    "linspace": (
        of(
            "x * linspace(-1, 2, 6, dtype = f64)",
            lambda x: x * torch.linspace(-1, 2, 6, dtype=torch.float64),
        ),
    ),
    # Matrices, orders, shapes
    "eye": (of("x @ eye(6, 4, dtype = f64)", lambda x: x @ torch.eye(6, 4).double()),),
    "diag": (of("diag(mean(x, axis = [0, 1]))", lambda x: x.mean((0, 1)).diag()),),
    "tril": (of("tril(x, -1)", lambda x: x.tril(-1)),),
    "triu": (of("triu(x, diagonal = 2)", lambda x: x.triu(2)),),
    "cross": (of("cross(a, b)", torch.linalg.cross, a="f64[5, 3]", b="f64[5, 3]"),),
    "sort": (
        of("sort(x, axis = 1)", lambda x: x.sort(1).values),
        of("sort(x, descending = true)", lambda x: x.sort(-1, descending=True).values),
    ),
    "topk": (
        of("topk(x, 3)[0]", lambda x: x.topk(3).values),
        of(
            "topk(x, 2, largest = false)[1]", lambda x: x.topk(2, largest=False).indices
        ),
    ),
    "scatter": (
        of(
            "scatter(x, label, y)",
            lambda x, label, y: x.scatter(1, label, y),
            x="f64[5, 4]",
            label="i64[5, 1]",
            y="f64[5, 1]",
        ),
    ),
    "unfold": (
        of(
            "unfold(x, [3, 2], stride = [2, 1], padding = [1, 0])",
            lambda x: F.unfold(x, (3, 2), stride=(2, 1), padding=(1, 0)),
            **IMAGE,
        ),
    ),
    "tile": (of("tile(x, [2, 1, 3])", lambda x: x.tile(2, 1, 3)),),
    "repeat_interleave": (
        of("repeat_interleave(x, 3, axis = 1)", lambda x: x.repeat_interleave(3, 1)),
    ),
    "flip": (of("flip(x, axis = [0, 2])", lambda x: x.flip(0, 2)),),
    "roll": (of("roll(x, -2, axis = 1)", lambda x: x.roll(-2, 1)),),
    "lp_pool": (of("lp_pool(x, 3, 2)", lambda x: F.lp_pool2d(x.abs(), 3, 2), **IMAGE),),
    "adaptive_max_pool": (
        of(
            "adaptive_max_pool(x, [4, 5])",
            lambda x: F.adaptive_max_pool2d(x, (4, 5)),
            **IMAGE,
        ),
    ),
    "local_response_norm": (
        of(
            "local_response_norm(x, 3, 0.1, 0.5, 2)",
            lambda x: F.local_response_norm(x, 3, 0.1, 0.5, 2.0),
            **IMAGE,
        ),
    ),
    "WeightNorm": (
        of("x -> Dense(4, bias = false, reparametrize = WeightNorm)", weight_norm),
    ),
    # Losses and metrics
    "focal": (of("focal(x, cast(y > 0, f64))", focal, **PAIR),),
    "ctc": (
        of(
            "ctc(x, label + 1, lengths, counts)",
            lambda x, label, lengths, counts: F.ctc_loss(
                x.log_softmax(-1).transpose(0, 1),
                label + 1,
                lengths,
                counts,
                reduction="none",
            ).mean(),
            x="f64[2, 9, 5]",
            label="i64[2, 3]",
            lengths="i64[2]",
            counts="i64[2]",
        ),
    ),
    "accuracy": (
        of(
            "accuracy(x, label)",
            lambda x, y: (x.argmax(1) == y).double().mean(),
            **LABELS,
        ),
    ),
    "top_k": (
        of(
            "top_k(x, label, 2)",
            lambda x, y: (x.topk(2).indices == y[:, None]).any(1).double().mean(),
            **LABELS,
        ),
    ),
    "binary_accuracy": (
        of(
            "binary_accuracy(x, cast(y > 0, f64))",
            lambda x, y: ((x > 0) == (y > 0)).double().mean(),
            **PAIR,
        ),
    ),
    "confusion": (of("confusion(x, label)", lambda x, y: table(x, y), **LABELS),),
    "precision": (
        of("precision(x, label)", lambda x, y: shares(x, y)[0].mean(), **LABELS),
    ),
    "recall": (of("recall(x, label)", lambda x, y: shares(x, y)[1].mean(), **LABELS),),
    "f1": (of("f1(x, label)", lambda x, y: shares(x, y)[2].mean(), **LABELS),),
    "iou": (of("iou(x, label)", lambda x, y: shares(x, y)[3].mean(), **LABELS),),
    "auc": (of("auc(x, cast(y > 0, f64))", numpy(auc), x="f64[9]", y="f64[9]"),),
    "perplexity": (
        of("perplexity(x, label)", lambda x, y: F.cross_entropy(x, y).exp(), **LABELS),
    ),
    "rmse": (of("rmse(x, y)", lambda x, y: F.mse_loss(x, y).sqrt(), **PAIR),),
    "r2": (
        of(
            "r2(x, y)",
            lambda x, y: (
                1 - ((x - y) ** 2).sum(0) / ((y - y.mean(0)) ** 2).sum(0)
            ).mean(),
            **PAIR,
        ),
    ),
}

STATISTICS = "draws random numbers; its statistics have a test of their own"
WITHOUT: Mapping[str, str] = {
    "Dropout": STATISTICS,
    "ChannelDropout": STATISTICS,
    "DropPath": STATISTICS,
    "AlphaDropout": STATISTICS,
    "GaussianDropout": STATISTICS,
    "SpectralNorm": "torch's starts from vectors of its own; its test uses the SVD",
    "contrastive": "neither has it; tests of the losses hold it to its closed form",
    "dice": "neither has it; tests of the losses hold it to its closed form",
}
"""Definitions for which neither has anything, and what holds them instead."""
