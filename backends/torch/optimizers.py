"""Optimizers in PyTorch: its own where they agree, else a class from the rule."""

from collections.abc import Collection, Mapping
from typing import Any

from dlmc.backends.python import tree as py
from dlmc.backends.python.quotation import Quote, expression_of
from dlmc.backends.python.script import code, function
from dlmc.backends.python.update_rules import update_rule
from dlmc.backends.torch.primitives import emit
from dlmc.ir.program import Optimizer

quote = Quote()

INIT = """
def __init__(self, params: Iterable[nn.Parameter], lr: float) -> None:
    super().__init__(params, {settings})
"""

STEP = '''
@torch.no_grad()
def step(self) -> None:
    """Update every weight that has a gradient."""
    for group in self.param_groups:
        {rate}
        for weight in (one for one in group["params"] if one.grad is not None):
            {first}
            {names}
            {update}
'''

FIRST = """
state = self.state[weight]
if not state:
    {states}
{count}
"""

TEMPLATES = (INIT, STEP, FIRST)


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


def optimizer_class(
    optimizer: Optimizer, name: str, taken: Collection[str]
) -> py.Class:
    """A class that updates weights by a rule; raises `Unsupported`."""
    module = optimizer.module
    own = {"group", "one", "self", "state", "torch", *taken}
    rule = update_rule(
        module,
        emit,
        lambda target, value: py.Evaluate(
            quote("{target}.copy_({value})", target=py.Name(target), value=value)
        ),
        "{x}.clone()",
        numbers=("lr", "step"),
        taken=own,
    )
    names = {"step": "step"} if "step" in rule.used else {}
    names |= rule.states
    starts = [
        line
        for key in names
        for line in code(
            "state[{key}] = {start}",
            key=key,
            start=quote("0" if key == "step" else "torch.zeros_like(weight)"),
        )
    ]
    count = list(code('state["step"] += 1') if "step" in names else ())
    lines: list[py.Statement] = []
    if "grad" in rule.used:
        lines += code("grad = weight.grad")
    for key, variable in names.items():
        lines += code("{to} = state[{key}]", to=py.Name(variable), key=key)
    step = function(
        STEP,
        rate=list(code('lr = group["lr"]') if "lr" in rule.used else ()),
        first=list(code(FIRST, states=starts, count=count) if names else ()),
        names=lines,
        update=list(rule.statements),
    )
    init = function(INIT, settings=py.Dict(((py.Literal("lr"), py.Name("lr")),)))
    says = module.documentation or f"The rule `{optimizer.definition}`."
    return py.Class(name, (quote("torch.optim.Optimizer"),), (init, step), says)
