"""The library's losses that PyTorch has too.

What is promised of them, `dlmc.backends.torch.natives` says.
"""

from collections.abc import Mapping
from typing import Any

from dlmc.backends.python.uses import Native, NativeCall, NativeRule, options
from dlmc.ir.module import Module
from dlmc.ir.types import DType


def _reduction(module: Module) -> dict[str, Any]:
    """The argument `reduction`, whose default is the mean in PyTorch too."""
    reduction = module.arguments["reduction"]
    return {} if reduction == "mean" else {"reduction": reduction}


def cross_entropy(module: Module) -> Native | None:
    """`F.cross_entropy`, which has the classes on axis 1 where there are more axes."""
    if not module.inputs[1].type.dtype.is_integer:
        return _of_classes(module, "F.cross_entropy", "{logits}", "{target}")
    return _of_labels(module, "F.cross_entropy", "{logits}")


def nll(module: Module) -> Native | None:
    """`F.nll_loss`."""
    return _of_labels(module, "F.nll_loss", "{log_probabilities}")


def _of_labels(module: Module, function: str, logs: str) -> Native | None:
    """A loss of integer classes.

    PyTorch divides by the weights that count, and gives NaN where they add up to 0.
    """
    ignored = module.arguments["ignore"]
    if isinstance(ignored, list):
        if len(ignored) > 1:
            return None
        ignored = next(iter(ignored), None)
    is_mean = module.arguments["reduction"] == "mean"
    weights = module.arguments["weight"]
    if is_mean and weights and (ignored is not None or min(weights) <= 0):
        return None
    is_long = module.inputs[1].type.dtype is DType.I64
    labels = "{target}" if is_long else "{target}.long()"
    if ignored is None:
        return _of_classes(module, function, logs, labels)
    given = {"ignore_index": ignored}
    if not is_mean:
        return _of_classes(module, function, logs, labels, given)
    # PyTorch's mean over no labels is NaN.
    total = _of_classes(module, function, logs, labels, given, "sum")
    if total is None:
        return None
    count = "({target} != {ignored}).sum().clamp(min=1)"
    return NativeCall(
        f"{total.template} / {count}", {**total.holes, "ignored": ignored}
    )


def _of_classes(
    module: Module,
    function: str,
    logs: str,
    target: str,
    given: Mapping[str, Any] | None = None,
    reduction: str | None = None,
) -> NativeCall | None:
    """A loss whose classes are on any axis but that of samples.

    `reduction` stands for the module's own, `given` before it.
    """
    rank = module.inputs[0].type.rank
    axis = module.arguments["axis"] % rank
    if axis == 0:
        return None  # torch takes a vector for one sample, as the body does, but 0-d
    if axis > 1:
        moved = f".movedim({axis if axis < rank - 1 else -1}, 1)"
        target += moved if module.inputs[1].type.dtype.is_float else ""
    else:
        moved = ""
    weights = ""
    if module.arguments["weight"]:
        weights = f", weight={logs}.new_tensor({{weight}})"
    own = {} if reduction is None else {"reduction": reduction}
    return NativeCall(
        f"{function}({logs}{moved}, {target}{weights}, **{{smoothing}}, **{{options}})",
        {
            "smoothing": options(
                label_smoothing=(module.arguments.get("smoothing", 0), 0)
            ),
            "options": {**(given or {}), **(own or _reduction(module))},
        },
    )


def binary_cross_entropy(module: Module) -> Native | None:
    """`F.binary_cross_entropy_with_logits`, which does not smooth."""
    if module.arguments["smoothing"] != 0 or _differ(module):
        return None
    weight = module.arguments["positive_weight"]
    given = "" if weight == 1 else ", pos_weight={logits}.new_tensor({positive_weight})"
    function = "F.binary_cross_entropy_with_logits"
    return NativeCall(
        f"{function}({{logits}}, {{target}}{given}, **{{options}})",
        {"options": _reduction(module)},
    )


def kl_divergence(module: Module) -> Native | None:
    """`F.kl_div` of a matrix, whose sum it divides by the size of the batch."""
    reduction = module.arguments["reduction"]
    if reduction == "none" or (reduction == "mean" and module.inputs[0].type.rank != 2):
        return None
    logs = "{logits}.log_softmax(dim=-1)"
    said = "batchmean" if reduction == "mean" else "sum"
    return NativeCall(f'F.kl_div({logs}, {{target}}, reduction="{said}")')


def huber(module: Module) -> Native | None:
    """`F.huber_loss`."""
    if "delta" not in module.arguments:
        return None
    return NativeCall(
        "F.huber_loss({prediction}, {target}, **{delta}, **{options})",
        {
            "delta": options(delta=(module.arguments["delta"], 1)),
            "options": _reduction(module),
        },
    )


def poisson(module: Module) -> Native:
    """`F.poisson_nll_loss`, which takes the logarithm of the rate."""
    full = {"full": True} if module.arguments["full"] else {}
    return NativeCall(
        "F.poisson_nll_loss({log_rate}, {target}, **{options})",
        {"options": {**full, **_reduction(module)}},
    )


def ctc(module: Module) -> Native:
    """`F.ctc_loss`, whose mean is that of losses per label."""
    given = module.arguments
    reduction, per_label = given["reduction"], given["per_label"]
    is_own = per_label is (reduction == "mean")
    is_taken = module.inputs[1].type.dtype in (DType.I32, DType.I64)
    target = "{target}" if is_taken else "{target}.long()"
    template = (
        "F.ctc_loss({logits}.log_softmax(dim=-1).transpose(0, 1), "
        f"{target}, {{input_lengths}}, {{target_lengths}}, **{{blank}}, **{{options}})"
    )
    if not is_own and per_label:
        template = f"({template} / {{target_lengths}}.clamp(min=1))"
    if not is_own and reduction != "none":
        template += f".{reduction}()"
    infinite = {"zero_infinity": True} if given["zero_infinity"] else {}
    asked = _reduction(module) if is_own else {"reduction": "none"}
    return NativeCall(
        template,
        {"blank": options(blank=(given["blank"], 0)), "options": asked | infinite},
    )


def _differ(module: Module) -> bool:
    """Whether the two inputs are of two shapes."""
    a, b = (value.type for value in module.inputs)
    return a.shape != b.shape


def same_types(function: str) -> NativeRule:
    """A function that is right where both inputs have one shape."""

    def rule(module: Module) -> Native | None:
        if _differ(module):
            return None
        return NativeCall(
            f"{function}({{prediction}}, {{target}}, **{{options}})",
            {"options": _reduction(module)},
        )

    return rule


LOSSES: Mapping[str, NativeRule] = {
    "mse": same_types("F.mse_loss"),
    "mae": same_types("F.l1_loss"),
    "huber": huber,
    "poisson": poisson,
    "cross_entropy": cross_entropy,
    "binary_cross_entropy": binary_cross_entropy,
    "nll": nll,
    "kl_divergence": kl_divergence,
    "ctc": ctc,
}
