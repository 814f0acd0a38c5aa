"""Optimizers in PyTorch: its own where they agree, else a class from the rule."""

from collections.abc import Mapping
from typing import Any

from dlmc.backends.python import tree as py
from dlmc.backends.python.quotation import Quote, expression_of
from dlmc.ir.program import Optimizer

quote = Quote()


def native(optimizer: Optimizer) -> py.Expression | None:
    """PyTorch's own optimizer over a model's parameters, if it has the rule."""
    if not optimizer.is_library:
        return None
    given = optimizer.arguments
    settings: dict[str, Any]
    match optimizer.definition:
        case "sgd":
            settings = _set(momentum=given["momentum"], weight_decay=given["l2"])
            if given["nesterov"] and given["momentum"]:
                settings["nesterov"] = True
            name = "SGD"
        case "adam":
            settings = {**_adam(given), **_set(weight_decay=given["l2"])}
            name = "Adam"
        case "adamw":
            settings = {**_adam(given), "weight_decay": given["weight_decay"]}
            name = "AdamW"
        case _:
            return None
    shown = {key: expression_of(value) for key, value in settings.items()}
    return quote(
        f"torch.optim.{name}(model.parameters(), {{settings}})",
        settings={"lr": quote("args.lr"), **shown, "fused": True},
    )


def _adam(given: Mapping[str, Any]) -> dict[str, Any]:
    return {"betas": (given["beta1"], given["beta2"]), "eps": given["eps"]}


def _set(**settings: float) -> dict[str, float]:
    """The settings that are not 0, as PyTorch has them without a word."""
    return {name: value for name, value in settings.items() if value}
