"""Every primitive in PyTorch."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from dlmc.backends.python import tree as py
from dlmc.backends.python.arithmetic import negated
from dlmc.backends.python.dialect import Operand, Scope
from dlmc.backends.python.quotation import expression_of
from dlmc.backends.torch import arrays, transposed, windows
from dlmc.backends.torch.quoting import dtype as dtype_of
from dlmc.backends.torch.quoting import quote, with_dtype
from dlmc.backends.torch.shapes import (
    broadcast,
    gather,
    pad,
    reshape,
    slice_,
    transpose,
)
from dlmc.ir.module import Apply
from dlmc.ir.types import DType

Emission = Callable[[Apply, Sequence[Operand], Scope], py.Expression]

# An operand that is a number of Python stands as it is beside a tensor.
_TEMPLATES = {
    "neg": "-{a}",
    "abs": "{a}.abs()",
    "sign": "{a}.sign()",
    "exp": "torch.exp({a})",
    "expm1": "torch.expm1({a})",
    "log": "torch.log({a})",
    "log1p": "torch.log1p({a})",
    "sqrt": "torch.sqrt({a})",
    "rsqrt": "torch.rsqrt({a})",
    "sin": "torch.sin({a})",
    "cos": "torch.cos({a})",
    "atan": "torch.atan({a})",
    "tanh": "torch.tanh({a})",
    "erf": "torch.erf({a})",
    "floor": "torch.floor({a})",
    "ceil": "torch.ceil({a})",
    "round": "torch.round({a})",
    "add": "{a} + {b}",
    "sub": "{a} - {b}",
    "mul": "{a} * {b}",
    "div": "{a} / {b}",
    "mod": "{a} % {b}",
    "pow": "{a} ** {b}",
    "equal": "{a} == {b}",
    "not_equal": "{a} != {b}",
    "less": "{a} < {b}",
    "less_equal": "{a} <= {b}",
    "greater": "{a} > {b}",
    "greater_equal": "{a} >= {b}",
    "and": "{a} & {b}",
    "or": "{a} | {b}",
    "stop_gradient": "{a}.detach()",
    "total": "{a}",
    "whole": "{a}",
    "matmul": "{a} @ {b}",
}


def emit(apply: Apply, operands: Sequence[Operand], scope: Scope) -> py.Expression:
    """A primitive applied to operands of which one at least is a tensor."""
    template = _TEMPLATES.get(apply.primitive)
    if template is None:
        return _EMISSIONS[apply.primitive](apply, operands, scope)
    holes = {
        name: operand.expression for name, operand in zip("ab", operands, strict=False)
    }
    return quote(template, **holes)


def _extreme(apply: Apply, operands: Sequence[Operand], scope: Scope) -> py.Expression:
    """`clamp` does for an integer; for a float its gradient at a tie is 1, not ½."""
    numbers = [operand for operand in operands if operand.is_number]
    if numbers and apply.result.type.dtype.is_integer:
        (x,) = (operand for operand in operands if not operand.is_number)
        return quote(
            "{x}.clamp(**{bound})",
            x=x.expression,
            bound={
                "min" if apply.primitive == "maximum" else "max": numbers[0].expression
            },
        )
    a, b = (_tensor(operand) for operand in operands)
    return quote(f"torch.{apply.primitive}({{a}}, {{b}})", a=a, b=b)


def _floordiv(apply: Apply, operands: Sequence[Operand], scope: Scope) -> py.Expression:
    """Its derivative is 0 everywhere, of which torch knows nothing."""
    a, b = operands
    quotient = quote("{a} // {b}", a=a.expression, b=b.expression)
    if not apply.result.type.dtype.is_float:
        return quotient
    return quote("({q}).detach()", q=quotient)


def _not(apply: Apply, operands: Sequence[Operand], scope: Scope) -> py.Expression:
    (x,) = operands
    return negated(x.expression) or quote("~{x}", x=x.expression)


def counted(apply: Apply, inner: Apply, x: Operand) -> py.Expression | None:
    """How many truth values are true, which torch adds up as they are."""
    is_count = (inner.primitive, apply.primitive) == ("cast", "sum")
    if not is_count or x.type.dtype is not DType.BOOL or not x.type.rank:
        return None
    if inner.attributes["dtype"] is not DType.I64:
        return None
    return _reduction(apply, [replace(x, type=inner.result.type)], None)


def _tensor(operand: Operand) -> py.Expression:
    if not operand.is_number:
        return operand.expression
    return quote(
        "torch.tensor({number}, **{dtype})",
        number=operand.expression,
        dtype={"dtype": dtype_of(operand.type.dtype)},
    )


def _select(apply: Apply, operands: Sequence[Operand], scope: Scope) -> py.Expression:
    condition, a, b = operands
    result = quote(
        "torch.where({condition}, {a}, {b})",
        condition=condition.expression,
        a=a.expression,
        b=b.expression,
    )
    if a.is_number and b.is_number:
        # Of two numbers torch would make a tensor of its own default.
        return _cast(result, a.type.dtype)
    return result


def _cast(tensor: py.Expression, dtype: DType) -> py.Expression:
    method = {
        DType.F32: "float",
        DType.F64: "double",
        DType.I64: "long",
        DType.I32: "int",
        DType.BOOL: "bool",
    }.get(dtype)
    if method is not None:
        return py.Call(py.Attribute(tensor, method))
    return quote("{x}.to({dtype})", x=tensor, dtype=dtype_of(dtype))


def _cast_primitive(
    apply: Apply, operands: Sequence[Operand], scope: Scope
) -> py.Expression:
    return _cast(operands[0].expression, apply.attributes["dtype"])


def _reduction(
    apply: Apply, operands: Sequence[Operand], scope: Scope | None
) -> py.Expression:
    (x,) = operands
    axes: tuple[int, ...] = apply.attributes["axis"]
    keep: bool = apply.attributes["keep"]
    if not axes:
        return x.expression  # to torch no axis means all
    name = {"max": "amax", "min": "amin"}.get(apply.primitive, apply.primitive)
    options: dict[str, Any] = {}
    whole = len(axes) == x.type.rank and not keep
    if not whole:
        options["dim"] = _axes(axes, x.type.rank)
        if keep:
            options["keepdim"] = True
    if apply.primitive in ("sum", "prod") and not x.type.dtype.is_float:
        # torch adds integers up in 64 bits.
        options |= with_dtype(x.type.dtype, DType.I64)
    if apply.primitive == "prod" and len(axes) > 1 and not whole:
        return _product(x, axes, keep, options)
    return quote(f"{{x}}.{name}(**{{options}})", x=x.expression, options=options)


def _axes(axes: tuple[int, ...], rank: int) -> Any:
    """Axes as one would write them: the last one is -1."""
    shown = tuple(axis - rank if axis == rank - 1 else axis for axis in axes)
    return shown[0] if len(shown) == 1 else tuple(axes)


def _product(
    x: Operand, axes: tuple[int, ...], keep: bool, options: dict[str, Any]
) -> py.Expression:
    """Torch multiplies along one axis at a time."""
    result = x.expression
    for axis in sorted(axes, reverse=True):
        result = quote("{x}.prod(**{o})", x=result, o={**options, "dim": axis})
    return result


def _arg_reduction(
    apply: Apply, operands: Sequence[Operand], scope: Scope
) -> py.Expression:
    (x,) = operands
    axis = _axes((apply.attributes["axis"],), x.type.rank)
    keep = {"keepdim": True} if apply.attributes["keep"] else {}
    return quote(
        f"{{x}}.{apply.primitive}(**{{o}})", x=x.expression, o={"dim": axis, **keep}
    )


def _iota(apply: Apply, operands: Sequence[Operand], scope: Scope) -> py.Expression:
    return quote(
        "torch.arange({size}, **{o})",
        size=scope.numbers(apply.attributes["size"]),
        o={
            **with_dtype(apply.attributes["dtype"], DType.I64),
            **_device(scope),
        },
    )


def _concat(apply: Apply, operands: Sequence[Operand], scope: Scope) -> py.Expression:
    axis = _axes((apply.attributes["axis"],), operands[0].type.rank)
    parts = py.List(tuple(operand.expression for operand in operands))
    return quote("torch.cat({parts}, dim={axis})", parts=parts, axis=axis)


def _einsum(apply: Apply, operands: Sequence[Operand], scope: Scope) -> py.Expression:
    return quote(
        "torch.einsum({pattern}, {tensors})",
        pattern=apply.attributes["pattern"],
        tensors=[_tensor(operand) for operand in operands],
    )


def _one_hot(apply: Apply, operands: Sequence[Operand], scope: Scope) -> py.Expression:
    (indices,) = operands
    expression = indices.expression
    if indices.type.dtype is not DType.I64:
        expression = _cast(expression, DType.I64)
    depth = scope.numbers(apply.attributes["depth"])
    made = quote("F.one_hot({indices}, {depth})", indices=expression, depth=depth)
    wanted: DType = apply.attributes["dtype"]
    return made if wanted is DType.I64 else _cast(made, wanted)


_DRAWS = {"random_uniform": "torch.rand", "random_normal": "torch.randn"}


def _random(apply: Apply, operands: Sequence[Operand], scope: Scope) -> py.Expression:
    return quote(
        f"{_DRAWS[apply.primitive]}({{shape}}, **{{o}})",
        shape=[scope.numbers(size) for size in apply.attributes["shape"]] or ((),),
        o={
            **with_dtype(apply.attributes["dtype"]),
            **_device(scope),
        },
    )


def _device(scope: Scope) -> dict[str, py.Expression]:
    """The keyword argument `device`: where the body's tensors are."""
    anchor = scope.anchor()
    return {} if anchor is None else {"device": quote("{x}.device", x=anchor)}


_EMISSIONS: dict[str, Emission] = {
    "floordiv": _floordiv,
    "not": _not,
    "maximum": _extreme,
    "minimum": _extreme,
    "select": _select,
    "cast": _cast_primitive,
    **dict.fromkeys(("sum", "mean", "max", "min", "prod", "any", "all"), _reduction),
    "argmax": _arg_reduction,
    "argmin": _arg_reduction,
    "iota": _iota,
    "concat": _concat,
    "cumsum": arrays.cumsum,
    "argsort": arrays.argsort,
    "take_along_axis": arrays.take_along_axis,
    "scatter_add": arrays.scatter_add,
    "einsum": _einsum,
    "one_hot": _one_hot,
    **dict.fromkeys(_DRAWS, _random),
    "broadcast": broadcast,
    "reshape": reshape,
    "transpose": transpose,
    "slice": slice_,
    "gather": gather,
    "pad": pad,
    "conv": windows.conv,
    "conv_transpose": transposed.conv_transpose,
    "window_max": windows.window_max,
    "window_mean": windows.window_mean,
}


def tensor(number: py.Expression, dtype: DType, scope: Scope) -> py.Expression:
    """A number of Python as a tensor."""
    return quote(
        "torch.tensor({number}, **{o})",
        number=number,
        o={
            "dtype": dtype_of(dtype),
            **_device(scope),
        },
    )


def array(value: Any, dtype: DType, scope: Scope | None) -> py.Expression:
    """Nested lists of numbers as a tensor; on the body's device, inside of one."""
    options: dict[str, Any] = {"dtype": dtype_of(dtype)}
    if scope is not None:
        options |= _device(scope)
    return quote(
        "torch.tensor({value}, **{o})", value=expression_of(_lists(value)), o=options
    )


def _lists(value: Any) -> Any:
    return [_lists(v) for v in value] if isinstance(value, list | tuple) else value
