"""Element by element: functions of one operand, operators on two, `select`."""

from typing import Final

from dlmc.backends.onnx.builder import Builder, Tensor
from dlmc.backends.onnx.emission import Emission, Use, emits
from dlmc.ir.types import DType, TensorType

_OPERATORS: Final = {
    "neg": "Neg",
    "abs": "Abs",
    "sign": "Sign",
    "exp": "Exp",
    "log": "Log",
    "sqrt": "Sqrt",
    "sin": "Sin",
    "cos": "Cos",
    "atan": "Atan",
    "tanh": "Tanh",
    "erf": "Erf",
    "floor": "Floor",
    "ceil": "Ceil",
    "round": "Round",
    "not": "Not",
    "add": "Add",
    "sub": "Sub",
    "mul": "Mul",
    "div": "Div",
    "pow": "Pow",
    "maximum": "Max",
    "minimum": "Min",
    "and": "And",
    "or": "Or",
}
_COMPARISONS: Final = {
    "equal": "Equal",
    "less": "Less",
    "less_equal": "LessOrEqual",
    "greater": "Greater",
    "greater_equal": "GreaterOrEqual",
}


def _elementwise(operator: str) -> Emission:
    def emission(use: Use) -> Tensor:
        wide = use.graph.widened(operator, *use.operands)
        type_ = TensorType(wide[0].dtype, use.result.shape)
        return use.graph.cast(use.graph.node(operator, wide, type_), use.result.dtype)

    return emission


def _comparison(operator: str) -> Emission:
    def emission(use: Use) -> Tensor:
        wide = use.graph.widened(operator, *use.operands)
        return use.graph.node(operator, wide, use.result)

    return emission


for _primitive, _operator in _OPERATORS.items():
    emits(_primitive)(_elementwise(_operator))
for _primitive, _operator in _COMPARISONS.items():
    emits(_primitive)(_comparison(_operator))


@emits("not_equal")
def _not_equal(use: Use) -> Tensor:
    return use.graph.node("Not", [_comparison("Equal")(use)], use.result)


def _in_full_precision(g: Builder, *operands: Tensor) -> tuple[Tensor, ...]:
    """16-bit floats as f32: in a formula of several nodes each would round."""
    narrow = operands[0].dtype in (DType.F16, DType.BF16)
    dtype = DType.F32 if narrow else operands[0].dtype
    return tuple(g.cast(operand, dtype) for operand in operands)


@emits("rsqrt")
def _rsqrt(use: Use) -> Tensor:
    g = use.graph
    (x,) = _in_full_precision(g, *use.operands)
    root = g.node("Sqrt", [x], x.type)
    return g.cast(g.node("Reciprocal", [root], x.type), use.result.dtype)


@emits("expm1")
def _expm1(use: Use) -> Tensor:
    """2t / (1 - t) with t = tanh(x / 2) where x is small: it loses no digits there."""
    g = use.graph
    (x,) = _in_full_precision(g, *use.operands)
    one, half, two = (g.constant(value, x.dtype) for value in (1.0, 0.5, 2.0))
    t = g.node("Tanh", [g.node("Mul", [x, half], x.type)], x.type)
    above = g.node("Mul", [t, two], x.type)
    small = g.node("Div", [above, g.node("Sub", [one, t], x.type)], x.type)
    large = g.node("Sub", [g.node("Exp", [x], x.type), one], x.type)
    size = g.node("Abs", [x], x.type)
    is_small = g.node("Less", [size, one], TensorType(DType.BOOL, x.shape))
    chosen = g.node("Where", [is_small, small, large], x.type)
    return g.cast(chosen, use.result.dtype)


@emits("log1p")
def _log1p(use: Use) -> Tensor:
    """log(u) * x / (u - 1) with u = 1 + x as rounded (Higham, 2002, section 1.14.1).

    The factor makes up for what the rounding of u loses; where it loses nothing, which
    includes infinity, it is left out, and where it loses all of x, the result is x.
    """
    g = use.graph
    (x,) = _in_full_precision(g, *use.operands)
    truth = TensorType(DType.BOOL, x.shape)
    one, zero = g.constant(1.0, x.dtype), g.constant(0.0, x.dtype)
    u = g.node("Add", [x, one], x.type)
    kept = g.node("Sub", [u, one], x.type)
    log = g.node("Log", [u], x.type)
    corrected = g.node("Mul", [log, g.node("Div", [x, kept], x.type)], x.type)
    is_exact = g.node("Equal", [kept, x], truth)
    is_lost = g.node("Equal", [kept, zero], truth)
    result = g.node("Where", [is_exact, log, corrected], x.type)
    result = g.node("Where", [is_lost, x, result], x.type)
    return g.cast(result, use.result.dtype)


def _remainder(
    g: Builder, a: Tensor, b: Tensor, type_: TensorType
) -> tuple[Tensor, Tensor]:
    """What C's `fmod` leaves of floats, and where its sign is not that of b."""
    rest = g.node("Mod", [a, b], type_, fmod=1)
    sign, wanted = g.node("Sign", [rest], type_), g.node("Sign", [b], b.type)
    signs = g.node("Mul", [sign, wanted], type_)
    zero = g.constant(0.0, type_.dtype)
    return rest, g.node("Less", [signs, zero], TensorType(DType.BOOL, type_.shape))


@emits("mod")
def _mod(use: Use) -> Tensor:
    g = use.graph
    if use.result.dtype.is_integer:
        return g.node("Mod", use.operands, use.result, fmod=0)
    a, b = _in_full_precision(g, *use.operands)
    type_ = TensorType(a.dtype, use.result.shape)
    rest, is_wrong = _remainder(g, a, b, type_)
    moved = g.node("Add", [rest, b], type_)
    return g.cast(g.node("Where", [is_wrong, moved, rest], type_), use.result.dtype)


@emits("floordiv")
def _floordiv(use: Use) -> Tensor:
    """One less than the quotient towards zero where signs differ and a rest is left."""
    g = use.graph
    a, b = _in_full_precision(g, *use.operands)
    type_ = TensorType(a.dtype, use.result.shape)
    if a.dtype is DType.U8:
        return g.node("Div", [a, b], type_)
    if a.dtype.is_float:
        rest, is_less = _remainder(g, a, b, type_)
        # A whole number but for rounding, while a / b itself may round past one.
        whole = g.node("Div", [g.node("Sub", [a, rest], type_), b], type_)
        quotient = g.node("Round", [whole], type_)
    else:
        truth = TensorType(DType.BOOL, use.result.shape)
        floored = g.node("Mod", [a, b], type_, fmod=0)
        truncated = g.node("Mod", [a, b], type_, fmod=1)
        is_less = g.node("Not", [g.node("Equal", [floored, truncated], truth)], truth)
        quotient = g.node("Div", [a, b], type_)
    less = g.cast(is_less, type_.dtype)
    return g.cast(g.node("Sub", [quotient, less], type_), use.result.dtype)


@emits("select")
def _select(use: Use) -> Tensor:
    g = use.graph
    condition, *values = use.operands
    a, b = g.widened("Where", *values)
    chosen = g.node("Where", [condition, a, b], TensorType(a.dtype, use.result.shape))
    return g.cast(chosen, use.result.dtype)
