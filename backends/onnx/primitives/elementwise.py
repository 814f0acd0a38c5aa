"""Element by element: functions of one operand, operators on two, `select`."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from dlmc.backends.onnx.builder import Builder, Tensor
from dlmc.backends.onnx.emission import EMISSIONS, Emission, emits
from dlmc.ir.types import DType, TensorType

_UNARY: Final = {
    "neg": "Neg",
    "abs": "Abs",
    "sign": "Sign",
    "exp": "Exp",
    "log": "Log",
    "sqrt": "Sqrt",
    "sin": "Sin",
    "cos": "Cos",
    "tanh": "Tanh",
    "erf": "Erf",
    "floor": "Floor",
    "ceil": "Ceil",
    "round": "Round",
    "not": "Not",
}
_BINARY: Final = {
    "add": "Add",
    "sub": "Sub",
    "mul": "Mul",
    "div": "Div",
    "pow": "Pow",
    "maximum": "Max",
    "minimum": "Min",
    "equal": "Equal",
    "less": "Less",
    "less_equal": "LessOrEqual",
    "greater": "Greater",
    "greater_equal": "GreaterOrEqual",
    "and": "And",
    "or": "Or",
}


def _elementwise(operator: str) -> Emission:
    def emission(
        g: Builder,
        operands: Sequence[Tensor],
        attributes: Mapping[str, Any],
        result: TensorType,
    ) -> Tensor:
        wide = g.widened(operator, *operands)
        compares = result.dtype is not operands[0].dtype
        dtype = result.dtype if compares else wide[0].dtype
        return g.cast(
            g.node(operator, wide, TensorType(dtype, result.shape)), result.dtype
        )

    return emission


for _primitive, _operator in (_UNARY | _BINARY).items():
    EMISSIONS[_primitive] = _elementwise(_operator)


@emits("not_equal")
def _not_equal(
    g: Builder,
    operands: Sequence[Tensor],
    attributes: Mapping[str, Any],
    result: TensorType,
) -> Tensor:
    equal = g.node("Equal", g.widened("Equal", *operands), result)
    return g.node("Not", [equal], result)


def _in_full_precision(g: Builder, *operands: Tensor) -> tuple[Tensor, ...]:
    """Operands as f32 or f64: a formula of several nodes would round 16 bits often."""
    narrow = operands[0].dtype in (DType.F16, DType.BF16)
    dtype = DType.F32 if narrow else operands[0].dtype
    return tuple(g.cast(operand, dtype) for operand in operands)


@emits("rsqrt")
def _rsqrt(
    g: Builder,
    operands: Sequence[Tensor],
    attributes: Mapping[str, Any],
    result: TensorType,
) -> Tensor:
    (x,) = _in_full_precision(g, *operands)
    return g.cast(
        g.node("Reciprocal", [g.node("Sqrt", [x], x.type)], x.type), result.dtype
    )


@emits("expm1")
def _expm1(
    g: Builder,
    operands: Sequence[Tensor],
    attributes: Mapping[str, Any],
    result: TensorType,
) -> Tensor:
    """2t / (1 - t) with t = tanh(x / 2) keeps the digits of small x; exp(x) - 1 else."""
    (x,) = _in_full_precision(g, *operands)
    one, half, two = (g.constant(value, x.dtype) for value in (1.0, 0.5, 2.0))
    t = g.node("Tanh", [g.node("Mul", [x, half], x.type)], x.type)
    small = g.node(
        "Div",
        [g.node("Mul", [t, two], x.type), g.node("Sub", [one, t], x.type)],
        x.type,
    )
    large = g.node("Sub", [g.node("Exp", [x], x.type), one], x.type)
    is_small = g.node(
        "Less", [g.node("Abs", [x], x.type), one], TensorType(DType.BOOL, x.shape)
    )
    return g.cast(g.node("Where", [is_small, small, large], x.type), result.dtype)


@emits("log1p")
def _log1p(
    g: Builder,
    operands: Sequence[Tensor],
    attributes: Mapping[str, Any],
    result: TensorType,
) -> Tensor:
    """log(u) * x / (u - 1) with u = 1 + x as rounded (Higham, 2002, section 1.14.1).

    The factor makes up for what the rounding of u loses; where it loses nothing, which
    includes infinity, it is left out, and where it loses all of x, the result is x.
    """
    (x,) = _in_full_precision(g, *operands)
    truth = TensorType(DType.BOOL, x.shape)
    one, zero = g.constant(1.0, x.dtype), g.constant(0.0, x.dtype)
    u = g.node("Add", [x, one], x.type)
    kept = g.node("Sub", [u, one], x.type)
    log = g.node("Log", [u], x.type)
    factor = g.node("Div", [x, kept], x.type)
    corrected = g.node("Mul", [log, factor], x.type)
    exact = g.node("Equal", [kept, x], truth)
    lost = g.node("Equal", [kept, zero], truth)
    mended = g.node("Where", [exact, log, corrected], x.type)
    return g.cast(g.node("Where", [lost, x, mended], x.type), result.dtype)


def _remainder(
    g: Builder, a: Tensor, b: Tensor, type_: TensorType
) -> tuple[Tensor, Tensor]:
    """What C's `fmod` leaves of floats, and where its sign is not that of b."""
    rest = g.node("Mod", [a, b], type_, fmod=1)
    signs = g.node(
        "Mul", [g.node("Sign", [rest], type_), g.node("Sign", [b], b.type)], type_
    )
    zero = g.constant(0.0, type_.dtype)
    return rest, g.node("Less", [signs, zero], TensorType(DType.BOOL, type_.shape))


@emits("mod")
def _mod(
    g: Builder,
    operands: Sequence[Tensor],
    attributes: Mapping[str, Any],
    result: TensorType,
) -> Tensor:
    if not result.dtype.is_float:
        return g.node("Mod", operands, result, fmod=0)
    a, b = _in_full_precision(g, *operands)
    type_ = TensorType(a.dtype, result.shape)
    rest, wrong = _remainder(g, a, b, type_)
    moved = g.node("Add", [rest, b], type_)
    return g.cast(g.node("Where", [wrong, moved, rest], type_), result.dtype)


@emits("floordiv")
def _floordiv(
    g: Builder,
    operands: Sequence[Tensor],
    attributes: Mapping[str, Any],
    result: TensorType,
) -> Tensor:
    """One less than the quotient towards zero where signs differ and a rest is left."""
    if result.dtype is DType.U8:
        return g.node("Div", operands, result)
    a, b = _in_full_precision(g, *operands)
    type_ = TensorType(a.dtype, result.shape)
    if result.dtype.is_float:
        rest, wrong = _remainder(g, a, b, type_)
        # A whole number but for rounding; a / b itself may round past one.
        whole = g.node("Div", [g.node("Sub", [a, rest], type_), b], type_)
        towards_zero = g.node("Round", [whole], type_)
    else:
        truth = TensorType(DType.BOOL, result.shape)
        floored = g.node("Mod", [a, b], type_, fmod=0)
        truncated = g.node("Mod", [a, b], type_, fmod=1)
        wrong = g.node("Not", [g.node("Equal", [floored, truncated], truth)], truth)
        towards_zero = g.node("Div", [a, b], type_)
    less = g.cast(wrong, type_.dtype)
    return g.cast(g.node("Sub", [towards_zero, less], type_), result.dtype)


@emits("select")
def _select(
    g: Builder,
    operands: Sequence[Tensor],
    attributes: Mapping[str, Any],
    result: TensorType,
) -> Tensor:
    condition, *values = operands
    a, b = g.widened("Where", *values)
    chosen = g.node("Where", [condition, a, b], TensorType(a.dtype, result.shape))
    return g.cast(chosen, result.dtype)
