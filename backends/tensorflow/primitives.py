"""Each primitive in Keras, on tensors laid out as `layout` leaves them.

`keras.ops` where it keeps the dtypes that the program says, `tf` where it does not.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from dlmc.backends.python import tree as py
from dlmc.backends.python.arithmetic import negated
from dlmc.backends.python.dialect import Operand, Scope
from dlmc.backends.tensorflow import arrays, pooling, shapes, transposed
from dlmc.backends.tensorflow.quoting import DTYPES, cast, quote
from dlmc.backends.tensorflow.uses import Rule, Use, from_end
from dlmc.ir.module import Apply
from dlmc.ir.types import DType

TEMPLATES: Mapping[str, str] = {
    "neg": "-{a}",
    "abs": "ops.abs({a})",
    "sign": "ops.sign({a})",
    "exp": "ops.exp({a})",
    "expm1": "ops.expm1({a})",
    "log": "ops.log({a})",
    "log1p": "ops.log1p({a})",
    "sqrt": "ops.sqrt({a})",
    "rsqrt": "ops.rsqrt({a})",
    "sin": "ops.sin({a})",
    "cos": "ops.cos({a})",
    "atan": "ops.arctan({a})",
    "tanh": "ops.tanh({a})",
    "erf": "ops.erf({a})",
    "floor": "ops.floor({a})",
    "ceil": "ops.ceil({a})",
    "round": "ops.round({a})",
    "not": "ops.logical_not({a})",
    "add": "{a} + {b}",
    "sub": "{a} - {b}",
    "mul": "{a} * {b}",
    "div": "{a} / {b}",
    "floordiv": "{a} // {b}",
    "mod": "{a} % {b}",
    "pow": "{a} ** {b}",
    "equal": "{a} == {b}",
    "not_equal": "{a} != {b}",
    "less": "{a} < {b}",
    "less_equal": "{a} <= {b}",
    "greater": "{a} > {b}",
    "greater_equal": "{a} >= {b}",
    "and": "ops.logical_and({a}, {b})",
    "or": "ops.logical_or({a}, {b})",
    "stop_gradient": "ops.stop_gradient({a})",
    "total": "{a}",
    "whole": "{a}",
}


def primitive(apply: Apply, operands: Sequence[Operand], scope: Scope) -> py.Expression:
    """A primitive applied; at least one operand is a tensor, if it has any."""
    use = Use(apply, operands, scope)
    template = TEMPLATES.get(apply.primitive)
    if apply.primitive == "not" and (other := negated(use.x)) is not None:
        return other
    if template is not None:
        holes = (operand.expression for operand in operands)
        return quote(template, **dict(zip("abc", holes, strict=False)))
    rule = RULES.get(apply.primitive)
    if rule is None:
        raise use.unsupported(f"TensorFlow has no {apply.primitive} yet")
    return rule(use)


def _gather(use: Use) -> py.Expression:
    x, indices = use.tensor(0), use.tensor(1)
    if use.type(1).dtype in (DType.I8, DType.I16, DType.U8):
        indices = cast(indices, DType.I32)
    options = {"axis": axis} if (axis := use.attributes["axis"]) else {}
    # Not ops.take, which counts negative indices from the end.
    return quote(
        "tf.gather({x}, {indices}, **{options})", x=x, indices=indices, options=options
    )


def _one_hot(use: Use) -> py.Expression:
    return quote(
        "ops.one_hot({x}, {depth}, dtype={dtype})",
        x=use.x,
        depth=use.scope.numbers(use.attributes["depth"]),
        dtype=DTYPES[use.attributes["dtype"]],
    )


def _extreme(use: Use) -> py.Expression:
    """`maximum` or `minimum`; of floats, equal operands share the gradient."""
    name = use.apply.primitive
    shares = use.result.dtype.is_float
    return quote(
        f"{name}({{a}}, {{b}})" if shares else f"ops.{name}({{a}}, {{b}})",
        a=use.operands[0].expression,
        b=use.operands[1].expression,
    )


def _select(use: Use) -> py.Expression:
    condition, a, b = (operand.expression for operand in use.operands)
    if use.operands[1].is_number and use.operands[2].is_number:
        a = use.tensor(1)  # of two numbers Keras would make a tensor of its default
    return quote("ops.where({c}, {a}, {b})", c=condition, a=a, b=b)


def _cast(use: Use) -> py.Expression:
    return cast(use.x, use.attributes["dtype"])


def _reduction(use: Use) -> py.Expression:
    axes: Any = use.attributes["axis"]
    rank = use.type().rank
    if axes == () and rank:
        return use.x
    options: dict[str, Any] = {}
    if len(axes) < rank or use.attributes["keep"]:
        options["axis"] = from_end(axes[0], rank) if len(axes) == 1 else axes
    if use.attributes["keep"]:
        options["keepdims"] = True
    name = use.apply.primitive
    template = f"ops.{name}({{x}}, {{options}})"
    if name in ("sum", "prod") and use.result.dtype in _WIDENED:
        template = f"tf.reduce_{name}({{x}}, {{options}})"
    return quote(template, x=use.x, options=options)


_WIDENED = frozenset({DType.I8, DType.I16, DType.U8})
"""What `keras.ops` adds up in a wider dtype and leaves there."""


def _position(use: Use) -> py.Expression:
    axis = from_end(use.attributes["axis"], use.type().rank)
    # Not ops.argmax, which counts in int32.
    found = quote(f"tf.{use.apply.primitive}({{x}}, axis={{axis}})", x=use.x, axis=axis)
    if not use.attributes["keep"]:
        return found
    return quote("ops.expand_dims({x}, {axis})", x=found, axis=axis)


def _matmul(use: Use) -> py.Expression:
    ranks = (use.type(0).rank, use.type(1).rank)
    dtype = use.result.dtype
    a, b = use.tensor(0), use.tensor(1)
    if 1 not in ranks and dtype not in _NO_PRODUCT:
        return quote("{a} @ {b}", a=a, b=b)
    if dtype in _NO_PRODUCT:
        a, b = cast(a, DType.I32), cast(b, DType.I32)
    product = quote("ops.matmul({a}, {b})", a=a, b=b)
    return cast(product, dtype) if dtype in _NO_PRODUCT else product


_NO_PRODUCT = frozenset({DType.I8, DType.I16, DType.U8})


DRAWS = {
    "random_uniform": "keras.random.uniform",
    "random_normal": "keras.random.normal",
}
"""Keras's functions for random numbers, by the primitive."""


def _random(use: Use) -> py.Expression:
    return quote(
        f"{DRAWS[use.apply.primitive]}({{sizes}}, dtype={{dtype}})",
        sizes=shapes.shape(use.attributes["shape"], use.scope),
        dtype=DTYPES[use.attributes["dtype"]],
    )


RULES: Mapping[str, Rule] = {
    "argmax": _position,
    "argmin": _position,
    "argsort": arrays.argsort,
    "broadcast": shapes.broadcast,
    "cast": _cast,
    "concat": shapes.concat,
    "conv": pooling.conv,
    "conv_transpose": transposed.conv_transpose,
    "cumsum": arrays.cumsum,
    "einsum": arrays.einsum,
    "gather": _gather,
    "iota": shapes.iota,
    "matmul": _matmul,
    "maximum": _extreme,
    "minimum": _extreme,
    "one_hot": _one_hot,
    "pad": shapes.pad,
    **dict.fromkeys(DRAWS, _random),
    "reshape": shapes.reshape,
    "scatter_add": arrays.scatter_add,
    "select": _select,
    "slice": shapes.slice_,
    "take_along_axis": arrays.take_along_axis,
    "transpose": shapes.transpose,
    "window_max": pooling.window_max,
    "window_mean": pooling.window_mean,
    **dict.fromkeys(("sum", "mean", "max", "min", "prod", "any", "all"), _reduction),
}
