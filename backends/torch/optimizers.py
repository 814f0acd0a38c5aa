"""Optimizers in PyTorch: its own where they agree, else a class from the rule."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from dlmc.backends.python import tree as py
from dlmc.backends.python.dialect import Operand, Scope
from dlmc.backends.python.quotation import Quote, expression_of
from dlmc.backends.python.script import code, function, words_in
from dlmc.backends.python.update_cases import Case, branches, cases
from dlmc.backends.python.update_rules import Framework, Remembered, update_rule
from dlmc.backends.torch.primitives import array, emit
from dlmc.backends.torch.quoting import dtype
from dlmc.ir.module import Apply
from dlmc.ir.program import Optimizer
from dlmc.ir.types import DType

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
            {update}
'''

METHOD = """
def {name}(self, weight: nn.Parameter, lr: float) -> None:
    {update}
"""

UPDATE = """
{first}
{names}
{update}
"""

FIRST = """
state = self.state[weight]
if not state:
    {states}
{count}
"""

TEMPLATES = (INIT, STEP, METHOD, UPDATE, FIRST)
FUSED = {"fused": True}


def native(optimizer: Optimizer) -> py.Expression | None:
    """PyTorch's own optimizer over a model's parameters, if it has the rule.

    Its Muon is none: it computes in bfloat16.
    """
    if not optimizer.is_library:
        return None
    given = optimizer.arguments
    settings: dict[str, Any]
    match optimizer.definition:
        case "sgd":
            settings = _set(momentum=given["momentum"], weight_decay=given["l2"])
            if given["nesterov"] and given["momentum"]:
                settings["nesterov"] = True
            name, settings = "SGD", settings | FUSED
        case "adam":
            settings = _adam(given) | _l2(given)
            name, settings = "Adam", settings | FUSED
        case "adamw":
            settings = _adam(given) | {"weight_decay": given["weight_decay"]}
            name, settings = "AdamW", settings | FUSED
        case "nadam":
            if given["l2"] and given["weight_decay"]:
                return None
            settings = _adam(given) | {"momentum_decay": given["momentum_decay"]}
            settings |= _l2(given) | _set(weight_decay=given["weight_decay"])
            if given["weight_decay"]:
                settings["decoupled_weight_decay"] = True
            name = "NAdam"
        case "adamax":
            name, settings = "Adamax", _adam(given) | _l2(given)
        case "rmsprop":
            settings = {"alpha": given["alpha"], "eps": given["eps"]} | _l2(given)
            settings |= _set(momentum=given["momentum"], centered=given["centered"])
            name = "RMSprop"
        case "adagrad":
            settings = {"eps": given["eps"]} | _set(
                lr_decay=given["lr_decay"], initial_accumulator_value=given["initial"]
            )
            name, settings = "Adagrad", settings | _l2(given)
        case "adadelta":
            settings = {"rho": given["rho"], "eps": given["eps"]} | _l2(given)
            name = "Adadelta"
        case "adafactor":
            if given["clip"] < 1:  # which PyTorch refuses
                return None
            settings = {
                "beta2_decay": given["beta2_decay"],
                "eps": (given["eps1"], given["eps2"]),
                "d": given["clip"],
                "weight_decay": given["weight_decay"],
            }
            name = "Adafactor"
        case _:
            return None
    shown = {key: expression_of(value) for key, value in settings.items()}
    return quote(
        f"torch.optim.{name}(model.parameters(), {{settings}})",
        settings={"lr": quote("args.lr"), **shown},
    )


def _adam(given: Mapping[str, Any]) -> dict[str, Any]:
    return {"betas": (given["beta1"], given["beta2"]), "eps": given["eps"]}


def _l2(given: Mapping[str, Any]) -> dict[str, Any]:
    return _set(weight_decay=given["l2"])


def _set(**settings: float) -> dict[str, float]:
    """The settings that are not 0, as PyTorch has them without a word."""
    return {name: value for name, value in settings.items() if value}


def optimizer_class(
    optimizer: Optimizer, name: str, taken: Collection[str]
) -> py.Class:
    """A class that updates weights by a rule; raises `Unsupported`."""
    own = {*words_in(*TEMPLATES), *taken}
    made = cases(optimizer.updates, lambda one: update_rule(one.module, FRAMEWORK, own))
    methods: list[py.Function] = []
    if len(made) == 1:
        update: Sequence[py.Statement] = _body(made[0])
        uses_rate = "lr" in made[0].rule.used
    else:
        update = branches(
            made,
            lambda case: code(
                "{method}(weight, lr)", method=quote(f"self.update_{case.name}")
            ),
        )
        uses_rate = True
        methods = [
            function(METHOD, name=f"update_{case.name}", update=_body(case))
            for case in made
        ]
    step = function(
        STEP,
        rate=list(code('lr = group["lr"]') if uses_rate else ()),
        update=list(update),
    )
    init = function(INIT, settings=py.Dict(((py.Literal("lr"), py.Name("lr")),)))
    module = optimizer.updates[0].module
    says = module.documentation or f"The rule `{optimizer.definition}`."
    bases = (quote("torch.optim.Optimizer"),)
    return py.Class(name, bases, (init, step, *methods), says)


def _body(case: Case) -> list[py.Statement]:
    """The statements of an update of `weight`."""
    rule = case.rule
    starts = [
        line
        for one in rule.states
        for line in code("state[{key}] = {x}", key=one.name, x=_start(one))
    ]
    counts = "step" in rule.used
    if counts:
        starts = [*code('state["step"] = 0'), *starts]
    lines: list[py.Statement] = []
    if starts:
        lines += code(
            FIRST, states=starts, count=list(code('state["step"] += 1') * counts)
        )
    if "grad" in rule.used:
        lines += code("grad = weight.grad")
    if counts:
        lines += code('step = state["step"]')
    for one in rule.states:
        lines += code("{to} = state[{key}]", to=py.Name(one.variable), key=one.name)
    return [*lines, *rule.statements]


def _start(state: Remembered) -> py.Expression:
    """What a state starts from."""
    start = expression_of(state.start)
    if state.is_number:
        return expression_of(float(state.start))
    if state.dtype is not DType.F32:
        return quote(
            "torch.full({shape}, {start}, dtype={dtype}, device=weight.device)",
            shape=state.shape or quote("weight.shape"),
            start=start,
            dtype=dtype(state.dtype),
        )
    holes = {"shape": state.shape, "start": start}
    match state.shape is None, state.start:
        case True, 0:
            return quote("torch.zeros_like(weight)")
        case True, 1:
            return quote("torch.ones_like(weight)")
        case True, _:
            return quote("torch.full_like(weight, {start})", **holes)
        case False, 0:
            return quote("weight.new_zeros({shape})", **holes)
        case False, 1:
            return quote("weight.new_ones({shape})", **holes)
    return quote("weight.new_full({shape}, {start})", **holes)


REDUCTIONS = {"sum": "sum", "mean": "mean", "max": "amax", "min": "amin"}


def _primitive(
    apply: Apply, operands: Sequence[Operand], scope: Scope
) -> py.Expression:
    """A primitive on tensors that have no gradients."""
    a = operands[0] if operands else None
    is_f32 = apply.primitive == "cast" and apply.attributes["dtype"] is DType.F32
    if is_f32 and a is not None and not a.type.shape:
        # A number takes the dtype of the weight that there is.
        return quote("{x}.to(weight.dtype)", x=a.expression)
    numbers = [operand.expression for operand in operands if operand.is_number]
    tensors = [operand.expression for operand in operands if not operand.is_number]
    if apply.primitive in ("maximum", "minimum") and len(numbers) == 1:
        end = "min" if apply.primitive == "maximum" else "max"
        return quote(f"{{x}}.clamp({end}={{y}})", x=tensors[0], y=numbers[0])
    if apply.primitive in REDUCTIONS and a is not None:
        axes = apply.attributes["axis"]
        if 0 < len(axes) < a.type.rank:
            # Counted from the end, as one code is for weights of several ranks.
            shown = [axis - a.type.rank for axis in axes]
            return quote(
                f"{{x}}.{REDUCTIONS[apply.primitive]}({{options}})",
                x=a.expression,
                options={
                    "dim": expression_of(shown[0] if len(shown) == 1 else tuple(shown)),
                    **({"keepdim": True} if apply.attributes["keep"] else {}),
                },
            )
    return emit(apply, operands, scope)


FRAMEWORK = Framework(
    _primitive,
    array,
    lambda name, value: py.Evaluate(
        quote("{target}.copy_({value})", target=py.Name(name), value=value)
    ),
    "{x}.clone()",
    numbers=("lr", "step"),
    keep=lambda name, value: code("state[{name}] = {value}", name=name, value=value)[0],
)
