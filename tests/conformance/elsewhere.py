"""How PyTorch and SciPy are called directly, and formulas that they have in parts.

Each is called with the model's inputs in their order, as tensors of 64 bits where they
are floats, and with its weights by name where it takes `w`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import scipy.special
import scipy.stats
import torch
from torch.nn import functional

F = functional


@dataclass(frozen=True)
class Reference:
    """An expression of the language, and what is computed for it elsewhere."""

    expression: str
    elsewhere: Callable[..., Any]
    inputs: Mapping[str, str] = field(default_factory=lambda: {"x": "f64[5, 4, 6]"})

    @property
    def text(self) -> str:
        """The program."""
        inputs = "\n".join(
            f"input {name}: {type_}" for name, type_ in self.inputs.items()
        )
        return f"model Test {{ {inputs}\noutput y = {self.expression} }}"

    def result(self, inputs: Mapping[str, Any], weights: Mapping[str, Any]) -> Any:
        """What it gives, as an array."""
        given = [torch.from_numpy(array) for array in inputs.values()]
        code = getattr(self.elsewhere, "__code__", None)
        if code is not None and "w" in code.co_varnames:
            w = {name: torch.from_numpy(array) for name, array in weights.items()}
            found = self.elsewhere(*given, w=w)
        else:
            found = self.elsewhere(*given)
        return found.detach().numpy() if isinstance(found, torch.Tensor) else found


def of(expression: str, elsewhere: Callable[..., Any], **inputs: str) -> Reference:
    """A reference for one tensor `x`, or for the inputs that are named."""
    if inputs:
        return Reference(expression, elsewhere, inputs)
    return Reference(expression, elsewhere)


def numpy(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of arrays, called with tensors."""
    return lambda *tensors: function(*(tensor.numpy() for tensor in tensors))


def weight_norm(x: torch.Tensor, w: dict[str, torch.Tensor]) -> torch.Tensor:
    """A dense layer, its weight by torch's own reparametrization."""
    length = w["dense.weight_norm.start"] + w["dense.weight_norm.gain"]
    return F.linear(x, torch._weight_norm(w["dense.weight"], length[:, None], 0))


def focal(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """As in the paper."""
    yes = y > 0
    p = torch.where(yes, x.sigmoid(), 1 - x.sigmoid())
    alpha = torch.where(yes, 0.25, 0.75).double()
    return (-alpha * (1 - p) ** 2 * p.log()).mean()


def table(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """A confusion matrix of logits and labels: a row for each label."""
    classes = x.shape[1]
    found = torch.zeros(classes, classes, dtype=torch.int64)
    for label, predicted in zip(y.tolist(), x.argmax(1).tolist(), strict=True):
        found[label, predicted] += 1
    return found


def shares(x: torch.Tensor, y: torch.Tensor) -> list[torch.Tensor]:
    """Precision, recall, F1 and intersection over union of each class that occurs."""
    counts = table(x, y).double()
    right, labels, predicted = counts.diag(), counts.sum(1), counts.sum(0)
    there = labels + predicted > 0
    parts = (
        right / predicted.clamp(min=1),
        right / labels.clamp(min=1),
        2 * right / (labels + predicted).clamp(min=1),
        right / (labels + predicted - right).clamp(min=1),
    )
    return [part[there] for part in parts]


def auc(x: Any, y: Any) -> Any:
    """By the statistic of Mann and Whitney."""
    yes, no = x[y > 0], x[y <= 0]
    return scipy.stats.mannwhitneyu(yes, no).statistic / (len(yes) * len(no))
