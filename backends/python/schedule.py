"""A schedule as a function of plain numbers, the same on each target."""

import math
import struct
from collections.abc import Mapping
from typing import Any

from dlmc.backends.python import tree as py
from dlmc.backends.python.flat import Rule, Use, write
from dlmc.backends.python.quotation import Quote
from dlmc.ir.program import Schedule
from dlmc.ir.types import DType
from dlmc.passes.inline import inline
from dlmc.passes.prune import prune

quote = Quote()

FLOAT = py.Name("float")

TEMPLATES = {
    "add": "{a} + {b}",
    "sub": "{a} - {b}",
    "mul": "{a} * {b}",
    "div": "{a} / {b}",
    "floordiv": "{a} // {b}",
    "mod": "{a} % {b}",
    "pow": "{a} ** {b}",
    "maximum": "max({a}, {b})",
    "minimum": "min({a}, {b})",
    "equal": "{a} == {b}",
    "not_equal": "{a} != {b}",
    "less": "{a} < {b}",
    "less_equal": "{a} <= {b}",
    "greater": "{a} > {b}",
    "greater_equal": "{a} >= {b}",
    "and": "{a} and {b}",
    "or": "{a} or {b}",
    "not": "not {a}",
    "select": "{b} if {a} else {c}",
    "neg": "-{a}",
    "abs": "abs({a})",
    "sign": "(({a} > 0) - ({a} < 0))",
    "exp": "math.exp({a})",
    "expm1": "math.expm1({a})",
    "log": "math.log({a})",
    "log1p": "math.log1p({a})",
    "sqrt": "math.sqrt({a})",
    "rsqrt": "1 / math.sqrt({a})",
    "sin": "math.sin({a})",
    "cos": "math.cos({a})",
    "tanh": "math.tanh({a})",
    "erf": "math.erf({a})",
    "floor": "math.floor({a})",
    "ceil": "math.ceil({a})",
    "round": "round({a})",
    "stop_gradient": "{a}",
}


def scalar_rule(primitive: str) -> Rule | None:
    """How a primitive is said of plain numbers, None where it is not."""
    return _SPECIAL.get(primitive, _from_template if primitive in TEMPLATES else None)


def _from_template(use: Use) -> py.Expression:
    if (same := _unchanged(use)) is not None:
        return same
    holes = dict(zip("abc", use.operands, strict=False))
    return quote(TEMPLATES[use.apply.primitive], **holes)


def _unchanged(use: Use) -> py.Expression | None:
    """The other operand, where one is a number that changes nothing."""
    match use.apply.primitive, use.operands:
        case ("add", (py.Literal(0), x)) | ("mul", (py.Literal(1), x)):
            return x
        case ("add" | "sub", (x, py.Literal(0))) | ("mul" | "div", (x, py.Literal(1))):
            return x
    return None


def _constant(use: Use) -> py.Expression:
    value = use.attributes["value"]
    return number(_shortest(value) if use.result.dtype is DType.F32 else value)


def _shortest(value: float) -> float:
    """The number with the fewest digits that is the same in 32 bits."""
    for digits in range(1, 10):
        short = float(f"{value:.{digits}g}")
        if struct.pack("f", short) == struct.pack("f", value):
            return short
    return value


def _cast(use: Use) -> py.Expression:
    (x,) = use.operands
    to: DType = use.attributes["dtype"]
    if to.is_integer:
        return quote("int({x})", x=x)
    return x if to.is_float else quote("{x} != 0", x=x)


_SPECIAL: Mapping[str, Rule] = {"cast": _cast, "constant": _constant}


def number(value: Any) -> py.Expression:
    """A number as people write it: whole ones without a `.0`, pi by its name."""
    if isinstance(value, bool):
        return py.Literal(value)
    if value != value or abs(value) == float("inf"):
        name = "nan" if value != value else "inf"
        return quote(f"math.{name}" if value != -float("inf") else "-math.inf")
    if value == math.pi:
        return quote("math.pi")
    whole = value == int(value) and abs(value) < 1e6
    plain = int(value) if whole else value
    return quote("{x}", x=plain) if plain >= 0 else quote("-{x}", x=-plain)


def counts(schedule: Schedule) -> tuple[str, ...]:
    """What a schedule asks for besides the rate and the step.

    That is `steps`, those of the training, or `epoch`, those of an epoch, or both.
    """
    body = prune(inline(schedule.module)).inference
    read = {operand for operation in body.operations for operand in operation.operands}
    return tuple(v.name for v in schedule.module.inputs[2:] if v in read)


def rate_of_step(schedule: Schedule, **known: py.Expression) -> py.Expression:
    """The call of `learning_rate` for `step`; `known` are expressions of its counts."""
    given = [known[name] for name in counts(schedule)]
    return quote("learning_rate(args.lr, step, {given})", given=given)


def schedule_function(schedule: Schedule) -> py.Function:
    """`learning_rate(lr, step, ...)`: the rate of a step of the optimizer, from 0.

    The steps of the training and of an epoch are arguments where the schedule asks.

    Raises:
        Unsupported: for an operation that plain numbers have not.
    """
    flat = inline(schedule.module)
    values = {value.name: py.Name(value.name) for value in flat.inputs}
    body = write(
        flat.inference,
        values,
        scalar_rule,
        taken={"math", "int", "max", "min", "abs", "round"},
        place="in a schedule",
    )
    lr, step, *_ = flat.inputs
    return py.Function(
        "learning_rate",
        (
            py.Parameter(lr.name, FLOAT),
            *(
                py.Parameter(name, py.Name("int"))
                for name in (step.name, *counts(schedule))
            ),
        ),
        (*body.statements, py.Return(body.results[0])),
        FLOAT,
        f"The learning rate of a step, from 0 on: {schedule.definition}.",
    )
