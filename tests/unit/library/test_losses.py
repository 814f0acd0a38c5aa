"""Losses against PyTorch's functions and closed forms: values and derivatives.

What the language means is computed by the interpreter in f64; the code for PyTorch,
with its own functions and without, is held to the same figures.
"""

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from dlmc.interpreter import run
from dlmc.ir.module import Module
from tests.unit.backends.torch_modules import made, source
from tests.unit.elaborate.programs import errors, model

WEIGHT = [1.0, 2.0, 0.5, 3.0]
Tensors = dict[str, Any]


def tensors(seed: int = 0) -> Tensors:
    """What losses are given, in f64."""
    rng = torch.Generator().manual_seed(seed)

    def normal(*shape: int) -> Any:
        return torch.randn(shape, generator=rng, dtype=torch.float64)

    def below(n: int, *shape: int) -> Any:
        return torch.randint(n, shape, generator=rng)

    return {
        "x": normal(6, 4),
        "y": normal(6, 4),
        "z": normal(6, 4),
        "label": below(4, 6),
        "image": normal(3, 4, 2, 5),
        "mask": below(4, 3, 2, 5),
        "text": normal(3, 5, 4),
        "token": below(4, 3, 5),
        "bits": below(2, 6, 4).double(),
    }


TYPES = {
    "x": "f64[N, 4]",
    "y": "f64[N, 4]",
    "z": "f64[N, 4]",
    "label": "i64[N]",
    "image": "f64[N, 4, H, W]",
    "mask": "i64[N, H, W]",
    "text": "f64[N, T, 4]",
    "token": "i64[N, T]",
    "bits": "f64[N, 4]",
}


def module_of(expression: str, types: dict[str, str] = TYPES) -> Module:
    """A model whose output is a loss of what it speaks of."""
    used = [name for name in types if f"{name}" in words(expression)]
    inputs = "\n".join(f"input {name}: {types[name]}" for name in used)
    return model(f"model Loss {{ {inputs}\noutput result = {expression} }}")


def words(text: str) -> set[str]:
    return set("".join(c if c.isalnum() or c == "_" else " " for c in text).split())


def interpreted(module: Module, given: Tensors) -> Any:
    """What the language means."""
    arrays = {v.name: given[v.name].detach().numpy() for v in module.inputs}
    return run(module, arrays, {}).outputs["result"]


def coded(module: Module, natives: bool) -> Callable[[Tensors], Any]:
    """The code for PyTorch, as a function of tensors by name."""
    loss = made(module, natives=natives)
    return lambda given: loss(*(given[value.name] for value in module.inputs))


def pulled(
    function: Callable[[Tensors], Any], given: Tensors
) -> tuple[Any, dict[str, Any]]:
    """A value, and what it is derived by each tensor of floats."""
    floats = {n: t.requires_grad_() for n, t in given.items() if t.is_floating_point()}
    value = function(given)
    rng = torch.Generator().manual_seed(1)
    pull = torch.rand(value.shape, generator=rng, dtype=value.dtype)
    found = torch.autograd.grad(
        (value * pull).sum(), list(floats.values()), allow_unused=True
    )
    slopes = {
        name: one.numpy()
        for name, one in zip(floats, found, strict=True)
        if one is not None
    }
    return value.detach().numpy(), slopes


AGAINST_TORCH: dict[str, Callable[[Tensors], Any]] = {
    "mse(x, y)": lambda t: F.mse_loss(t["x"], t["y"]),
    'mse(x, y, reduction = "sum")': lambda t: F.mse_loss(
        t["x"], t["y"], reduction="sum"
    ),
    'mae(x, y, reduction = "none")': lambda t: F.l1_loss(
        t["x"], t["y"], reduction="none"
    ),
    "huber(x, y, delta = 0.3)": lambda t: F.huber_loss(t["x"], t["y"], delta=0.3),
    "cross_entropy(x, label)": lambda t: F.cross_entropy(t["x"], t["label"]),
    f"cross_entropy(x, label, weight = {WEIGHT})": lambda t: F.cross_entropy(
        t["x"], t["label"], weight=torch.tensor(WEIGHT).double()
    ),
    "cross_entropy(x, label, ignore = 2)": lambda t: F.cross_entropy(
        t["x"], t["label"], ignore_index=2
    ),
    "cross_entropy(x, label, smoothing = 0.1)": lambda t: F.cross_entropy(
        t["x"], t["label"], label_smoothing=0.1
    ),
    f"cross_entropy(x, label, weight = {WEIGHT}, ignore = 1, smoothing = 0.2)": (
        lambda t: F.cross_entropy(
            t["x"],
            t["label"],
            weight=torch.tensor(WEIGHT).double(),
            ignore_index=1,
            label_smoothing=0.2,
        )
    ),
    f'cross_entropy(x, label, weight = {WEIGHT}, ignore = 1, reduction = "none")': (
        lambda t: F.cross_entropy(
            t["x"],
            t["label"],
            weight=torch.tensor(WEIGHT).double(),
            ignore_index=1,
            reduction="none",
        )
    ),
    f'cross_entropy(x, label, weight = {WEIGHT}, smoothing = 0.3, reduction = "sum")': (
        lambda t: F.cross_entropy(
            t["x"],
            t["label"],
            weight=torch.tensor(WEIGHT).double(),
            label_smoothing=0.3,
            reduction="sum",
        )
    ),
    f"cross_entropy(x, softmax(y), weight = {WEIGHT}, smoothing = 0.1)": (
        lambda t: F.cross_entropy(
            t["x"],
            t["y"].softmax(1),
            weight=torch.tensor(WEIGHT).double(),
            label_smoothing=0.1,
        )
    ),
    "cross_entropy(image, mask, axis = 1, ignore = 3)": lambda t: F.cross_entropy(
        t["image"], t["mask"], ignore_index=3
    ),
    "cross_entropy(image, softmax(2 * image, axis = 1), axis = 1)": (
        lambda t: F.cross_entropy(t["image"], (2 * t["image"]).softmax(1))
    ),
    "cross_entropy(text, token, ignore = 0)": lambda t: F.cross_entropy(
        t["text"].flatten(0, 1), t["token"].flatten(), ignore_index=0
    ),
    f"nll(log_softmax(x), label, weight = {WEIGHT}, ignore = 0)": lambda t: F.nll_loss(
        t["x"].log_softmax(1),
        t["label"],
        weight=torch.tensor(WEIGHT).double(),
        ignore_index=0,
    ),
    "nll(log_softmax(image, axis = 1), mask, axis = 1)": lambda t: F.nll_loss(
        t["image"].log_softmax(1), t["mask"]
    ),
    "binary_cross_entropy(x, bits)": lambda t: F.binary_cross_entropy_with_logits(
        t["x"], t["bits"]
    ),
    f"binary_cross_entropy(x, bits, positive_weight = {WEIGHT})": (
        lambda t: F.binary_cross_entropy_with_logits(
            t["x"], t["bits"], pos_weight=torch.tensor(WEIGHT).double()
        )
    ),
    "binary_cross_entropy(x, bits, 2.5, smoothing = 0.1)": (
        lambda t: F.binary_cross_entropy_with_logits(
            t["x"],
            t["bits"] * 0.9 + 0.05,
            pos_weight=torch.tensor([2.5]).double(),
        )
    ),
    "kl_divergence(x, softmax(y))": lambda t: F.kl_div(
        t["x"].log_softmax(1), t["y"].softmax(1), reduction="batchmean"
    ),
    "poisson(x, exp(y))": lambda t: F.poisson_nll_loss(t["x"], t["y"].exp()),
    'poisson(x, exp(y), full = true, reduction = "sum")': (
        lambda t: F.poisson_nll_loss(t["x"], t["y"].exp(), full=True, reduction="sum")
    ),
    "triplet(x, y, z)": lambda t: torch.relu(
        (t["x"] - t["y"]).norm(dim=1) - (t["x"] - t["z"]).norm(dim=1) + 1
    ).mean(),
    "cosine_distance(x, y)": lambda t: F.cosine_embedding_loss(
        t["x"], t["y"], torch.ones(6)
    ),
    'cosine_distance(image, 2 * image + 1, axis = 1, reduction = "none")': (
        lambda t: 1 - F.cosine_similarity(t["image"], 2 * t["image"] + 1, dim=1)
    ),
    "log_cosh(x, y)": lambda t: (t["x"] - t["y"]).cosh().log().mean(),
    "hinge(x, 2 * bits - 1)": lambda t: F.relu(1 - t["x"] * (2 * t["bits"] - 1)).mean(),
    "focal(x, bits, gamma = 1.5, alpha = 0.3)": lambda t: focal(t, 1.5, 0.3).mean(),
    'focal(x, bits, gamma = 0, reduction = "none")': lambda t: focal(t, 0, 0.25),
}


def focal(t: Tensors, gamma: float, alpha: float) -> Any:
    """As in the paper: -alpha (1 - p)**gamma log(p), p the probability of the truth."""
    is_yes = t["bits"] == 1
    p = torch.where(is_yes, t["x"].sigmoid(), 1 - t["x"].sigmoid())
    weight = alpha * t["bits"] + (1 - alpha) * (1 - t["bits"])
    return -weight * (1 - p) ** gamma * p.log()


@pytest.mark.parametrize("expression", AGAINST_TORCH)
def test_against_torch(expression: str) -> None:
    module = module_of(expression)
    expected, slopes = pulled(AGAINST_TORCH[expression], tensors())
    np.testing.assert_allclose(interpreted(module, tensors()), expected, rtol=1e-12)
    for natives in (True, False):
        found, found_slopes = pulled(coded(module, natives), tensors())
        np.testing.assert_allclose(found, expected, rtol=1e-12)
        for name in slopes.keys() - {"bits"}:
            np.testing.assert_allclose(
                found_slopes[name], slopes[name], rtol=1e-10, atol=1e-12, err_msg=name
            )


@pytest.mark.parametrize("natives", [True, False], ids=["natives", "bodies"])
@pytest.mark.parametrize("weight", ["", ", weight = [1, 2, 0.5, 3]"])
def test_where_nothing_counts_the_mean_is_zero(weight: str, natives: bool) -> None:
    given = tensors()
    given["label"] = torch.full((6,), -100)
    module = module_of(f"cross_entropy(x, label, ignore = -100{weight})")
    assert interpreted(module, given) == 0
    value, slopes = pulled(coded(module, natives), given)
    assert value == 0
    assert not slopes["x"].any()


@pytest.mark.parametrize("natives", [True, False], ids=["natives", "bodies"])
def test_weights_of_zero(natives: bool) -> None:
    """As where all is ignored: no class of the batch counts."""
    given = tensors()
    given["label"] = torch.zeros(6, dtype=torch.int64)
    module = module_of("cross_entropy(x, label, weight = [0, 1, 1, 1])")
    assert interpreted(module, given) == 0
    assert coded(module, natives)(given) == 0


def test_several_ignored_labels() -> None:
    given = tensors()
    given["label"] = torch.tensor([-1, 0, 3, 9, 2, 1])
    kept = torch.tensor([1, 2, 4, 5])
    module = module_of("cross_entropy(x, label, ignore = [-1, 9])")
    expected = F.cross_entropy(given["x"][kept], given["label"][kept])
    assert interpreted(module, given) == pytest.approx(float(expected), rel=1e-12)


EXTREMES = {
    "cross_entropy(x, label)": 20000.0,
    "cross_entropy(x, label, smoothing = 0.5)": 15000.0,
    "cross_entropy(x, label, weight = [1, 3], ignore = -1)": 20000.0,
    "cross_entropy(x, bits)": 20000.0,
    "binary_cross_entropy(x, bits)": 10000.0,
    "binary_cross_entropy(x, bits, positive_weight = 3)": 20000.0,
    "focal(x, bits, gamma = 0.5, alpha = 0.5)": 5000.0,
    "kl_divergence(x, bits)": 20000.0,
    "log_cosh(x, -x)": 20000.0 - math.log(2),
    "hinge(x, 1 - 2 * bits)": 0.0,
    "poisson(-abs(x), bits)": 5000.0,
}
"""Losses at logits of 1e4 where the truth is the other way round."""


@pytest.mark.parametrize("natives", [True, False], ids=["natives", "bodies"])
@pytest.mark.parametrize("expression", EXTREMES)
def test_large_logits(expression: str, natives: bool) -> None:
    """Finite and right in f32, with finite derivatives."""
    types = {"x": "f32[N, 2]", "label": "i64[N]", "bits": "f32[N, 2]"}
    module = module_of(expression, types)
    given = {
        "x": torch.tensor([[1e4, -1e4], [-1e4, 1e4]]),
        "label": torch.tensor([1, 0]),
        "bits": torch.tensor([[0.0, 1.0], [1.0, 0.0]]),
    }
    assert interpreted(module, given) == pytest.approx(EXTREMES[expression], rel=1e-5)
    found, slopes = pulled(coded(module, natives), given)
    assert found == pytest.approx(EXTREMES[expression], rel=1e-5)
    assert np.isfinite(slopes["x"]).all()


@pytest.mark.parametrize("dtype", ["f16", "bf16"])
def test_short_floats(dtype: str) -> None:
    """In torch, as near as the dtype lets the mean of six numbers be."""
    kind = {"f16": torch.float16, "bf16": torch.bfloat16}[dtype]
    types = {"x": f"{dtype}[N, 4]", "label": "i64[N]", "bits": f"{dtype}[N, 4]"}
    for expression in (
        "cross_entropy(x, label)",
        "cross_entropy(x, label, weight = [1, 2, 0.5, 3], ignore = 3)",
        "binary_cross_entropy(x, bits, positive_weight = 2)",
        "focal(x, bits)",
        "log_cosh(x, bits)",
    ):
        given = tensors()
        short = {
            n: t.to(kind) if t.is_floating_point() else t for n, t in given.items()
        }
        exact = interpreted(module_of(expression), given)
        module = module_of(expression, types)
        for natives in (True, False):
            loss = coded(module, natives)(short)
            assert loss.dtype is kind
            assert float(loss) == pytest.approx(float(exact), rel=0.03)


# --- Connectionist temporal classification ---


def alignments(logs: Any, labels: list[int], blank: int) -> float:
    """The negative log-likelihood by going through every way to say something."""
    total = 0.0
    for path in itertools.product(range(logs.shape[1]), repeat=len(logs)):
        said = [symbol for symbol, _ in itertools.groupby(path) if symbol != blank]
        if said == labels:
            total += math.exp(sum(logs[t, symbol] for t, symbol in enumerate(path)))
    return -math.log(total) if total else math.inf


CTC = "ctc(logits, target, steps, labels, {})"
CTC_TYPES = {
    "logits": "f64[N, 5, 3]",
    "target": "i64[N, S]",
    "steps": "i64[N]",
    "labels": "i64[N]",
}


def speech(blank: int = 0) -> Tensors:
    """Samples of all kinds: labels twice, none, as many as steps, too many; no step."""
    rng = torch.Generator().manual_seed(3)
    a, b = [symbol for symbol in range(3) if symbol != blank]
    rows = [[a, b, b], [b, b, a], [a, -7, 99], [b, a, b], [99, 99, 99]]
    rows += [[99, -1, 0], [a, b, b], [a, a, a]]
    return {
        "logits": torch.randn((8, 5, 3), generator=rng, dtype=torch.float64),
        "target": torch.tensor(rows),
        "steps": torch.tensor([5, 4, 1, 3, 2, 0, 0, 4]),
        "labels": torch.tensor([3, 3, 1, 3, 0, 0, 1, 3]),
    }


def ctc_module(options: str) -> Module:
    return module_of(CTC.format(options), CTC_TYPES)


@pytest.mark.parametrize("blank", [0, 1, 2])
def test_ctc_by_all_alignments(blank: int) -> None:
    given = speech(blank)
    logs = given["logits"].log_softmax(-1).numpy()
    lengths = zip(given["steps"].tolist(), given["labels"].tolist(), strict=True)
    expected = [
        alignments(logs[i, :steps], given["target"][i, :labels].tolist(), blank)
        for i, (steps, labels) in enumerate(lengths)
    ]
    assert expected[-3:] == [0, math.inf, math.inf]
    assert np.isfinite(expected[:-2]).all()
    options = f'blank = {blank}, reduction = "none"'
    np.testing.assert_allclose(
        interpreted(ctc_module(options), given), expected, rtol=1e-12, atol=1e-15
    )
    finite = interpreted(ctc_module(f"{options}, zero_infinity = true"), given)
    np.testing.assert_allclose(finite, [*expected[:-2], 0, 0], rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("natives", [True, False], ids=["natives", "bodies"])
@pytest.mark.parametrize("per_label", [False, True])
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_ctc_against_torch(reduction: str, per_label: bool, natives: bool) -> None:
    def reference(given: Tensors) -> Any:
        losses = F.ctc_loss(
            given["logits"].log_softmax(-1).transpose(0, 1),
            given["target"],
            given["steps"],
            given["labels"],
            reduction="none",
            zero_infinity=True,
        )
        if per_label:
            losses = losses / given["labels"].clamp(min=1)
        return losses if reduction == "none" else getattr(losses, reduction)()

    module = ctc_module(
        f"zero_infinity = true, per_label = {str(per_label).lower()},"
        f' reduction = "{reduction}"'
    )
    expected, slopes = pulled(reference, speech())
    np.testing.assert_allclose(interpreted(module, speech()), expected, rtol=1e-12)
    found, found_slopes = pulled(coded(module, natives), speech())
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    np.testing.assert_allclose(found_slopes["logits"], slopes["logits"], atol=1e-10)


def test_ctc_of_large_logits() -> None:
    given = speech()
    given["logits"] *= 1e4
    for natives in (True, False):
        value, slopes = pulled(
            coded(ctc_module("zero_infinity = true"), natives), given
        )
        assert np.isfinite(value)
        assert np.isfinite(slopes["logits"]).all()


# --- What is said of mistakes ---


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("cross_entropy(x, label, weight = [1, 2])", "a list with one for each class"),
        ("cross_entropy(x, label, weight = 2)", "counts the items of a list"),
        ("cross_entropy(x, label, smoothing = 1.5)", "a share is between 0 and 1"),
        ("cross_entropy(x, label, axis = 2)", "there is no such axis"),
        ("cross_entropy(x, softmax(y), ignore = 3)", "integer labels can be ignored"),
        ("cross_entropy(label, x)", "logits are floats; labels come second"),
        ("cross_entropy(x, token)", "labels have one axis less than the logits"),
        ('mse(x, y, reduction = "average")', 'is "mean", "sum" or "none"'),
        ("nll(x, label, ignore = -1, weight = [1])", "a list with one for each class"),
        ("ctc(x, token, label, label)", "[samples, steps, classes]"),
        ("ctc(text, token, label, label)", "the number of steps must be known"),
        ("cosine_distance(x, text)", "one dtype and shape"),
    ],
)
def test_mistakes(expression: str, message: str) -> None:
    inputs = "\n".join(f"input {n}: {t}" for n, t in TYPES.items())
    found = errors(f"model Loss {{ {inputs}\noutput result = {expression} }}")
    assert len(found) == 1
    assert message in found[0]


@pytest.mark.parametrize(
    ("expression", "written"),
    [
        ("cross_entropy(x, label)", "F.cross_entropy(x, label)"),
        (
            'cross_entropy(x, label, smoothing = 0.1, reduction = "sum")',
            'F.cross_entropy(x, label, label_smoothing=0.1, reduction="sum")',
        ),
        (
            "cross_entropy(image, mask, axis = 1, weight = [1, 2, 0.5, 3])",
            "F.cross_entropy(image, mask, weight=image.new_tensor([1, 2, 0.5, 3]))",
        ),
        (
            "cross_entropy(x, label, ignore = -1)",
            'F.cross_entropy(x, label, ignore_index=-1, reduction="sum")',
        ),
        (
            "cross_entropy(2 * x, label, weight = [1, 2, 3, 4])",
            "F.cross_entropy(result, label, weight=result.new_tensor([1, 2, 3, 4]))",
        ),
        ("ctc(text, token, label, label)", ""),
    ],
)
def test_what_is_written(expression: str, written: str) -> None:
    """PyTorch's own where it means the same; nothing is computed twice."""
    types = TYPES | {"text": "f64[N, 6, 4]"}
    code = source(module_of(expression, types))
    if not written:
        assert "F.ctc_loss(\n" in code
        assert code.endswith('reduction="none",\n        ).mean()\n')
    else:
        assert written in code
    assert code.count("\ndef ") == 0


def test_first_columns() -> None:
    """An index before a function of one operand, which once was no code at all."""
    for expression in ("exp(x[:, 0])", "one_hot(label[:, new][:, 0], depth = 4)"):
        module = module_of(expression)
        given = tensors()
        np.testing.assert_allclose(
            coded(module, True)(given), interpreted(module, given), rtol=1e-12
        )
