"""Primitives that change shapes, in Keras."""

from collections.abc import Sequence
from typing import Any

from dlmc.backends.python import tree as py
from dlmc.backends.python.dialect import Operand, Scope
from dlmc.backends.python.quotation import expression_of
from dlmc.backends.python.sizes import inserted_axis
from dlmc.backends.tensorflow.quoting import DTYPES, cast, dtype_of, quote
from dlmc.backends.tensorflow.uses import Use, from_end
from dlmc.ir.dimensions import Dim, Size
from dlmc.ir.module import Apply
from dlmc.ir.types import DType


def shape(sizes: Sequence[Size], scope: Scope, *, free: bool = False) -> py.Tuple:
    """Sizes as a tuple; with `free` one that is not known may be left open, as -1."""
    unknown = [size for size in sizes if isinstance(size, Dim)]
    is_open = free and len(unknown) == 1 and 0 not in sizes
    return py.Tuple(
        tuple(
            quote("-1") if is_open and isinstance(size, Dim) else scope.numbers(size)
            for size in sizes
        )
    )


def reshape(use: Use) -> py.Expression:
    """`expand_dims`, `squeeze` or `reshape`; one unknown size is left open."""
    old, new = use.type().shape, use.attributes["shape"]
    axis = inserted_axis(old, new)
    if axis is not None:
        return quote("ops.expand_dims({x}, {axis})", x=use.x, axis=axis)
    axis = inserted_axis(new, old)
    if axis is not None:
        return quote("ops.squeeze({x}, {axis})", x=use.x, axis=axis)
    sizes = shape(use.attributes["shape"], use.scope, free=True)
    return quote("ops.reshape({x}, {sizes})", x=use.x, sizes=sizes)


def broadcast(use: Use) -> py.Expression:
    """`broadcast`, of a tensor or a number; of 0 and 1 `zeros` and `ones`."""
    sizes = shape(use.attributes["shape"], use.scope)
    operand = use.operands[0]
    if operand.is_number:
        return quote(
            "ops.full({sizes}, {value}, dtype={dtype})",
            sizes=sizes,
            value=operand.expression,
            dtype=DTYPES[use.result.dtype],
        )
    match use.x:
        case py.Call(
            py.Attribute(py.Name("tf"), "constant"), (py.Literal(0 | 1 as n), _)
        ):
            return quote(
                f"ops.{'ones' if n else 'zeros'}({{sizes}}, **{{dtype}})",
                sizes=sizes,
                dtype={}
                if use.result.dtype is DType.F32
                else {"dtype": DTYPES[use.result.dtype]},
            )
    wanted, given = use.attributes["shape"], use.type().shape
    if len(wanted) > MOST_BROADCAST:
        own = (*(1,) * (len(wanted) - len(given)), *given)
        times = tuple(
            1 if n == size else size for n, size in zip(own, wanted, strict=True)
        )
        return quote("ops.tile({x}, {n})", x=use.x, n=shape(times, use.scope))
    return quote("ops.broadcast_to({x}, {sizes})", x=use.x, sizes=sizes)


MOST_BROADCAST = 5
"""As many axes as `broadcast_to` of TensorFlow is sure to take."""


def transpose(use: Use) -> py.Expression:
    """`transpose`."""
    axes = use.attributes["axes"]
    if axes == (1, 0):
        return quote("ops.transpose({x})", x=use.x)
    return quote("ops.transpose({x}, {axes})", x=use.x, axes=expression_of(axes))


def concat(use: Use) -> py.Expression:
    """`concat`."""
    parts = py.List(tuple(use.tensor(i) for i in range(len(use.operands))))
    axis = from_end(use.attributes["axis"], use.result.rank)
    return quote("ops.concatenate({parts}, axis={axis})", parts=parts, axis=axis)


def pad(use: Use) -> py.Expression:
    """`pad`."""
    low, high = use.attributes["low"], use.attributes["high"]
    widths = tuple(zip(low, high, strict=True))
    return padded(use.x, widths, use.attributes["value"], use.scope)


def padded(
    x: py.Expression, widths: Sequence[tuple[Size, Size]], value: Any, scope: Scope
) -> py.Expression:
    """A tensor with a value around it."""
    options = {} if value == 0 else {"constant_values": _number(value)}
    return quote(
        "ops.pad({x}, {widths}, **{options})",
        x=x,
        widths=scope.numbers(tuple(widths)),
        options=options,
    )


def _number(value: Any) -> Any:
    """A number that may be infinite."""
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return quote('float("inf")' if value > 0 else '-float("inf")')
    return value


def slice_(use: Use) -> py.Expression:
    """`slice`, twice where a step is negative."""
    entries = zip(
        *(use.attributes[name] for name in ("start", "stop", "step")),
        use.type().shape,
        strict=True,
    )
    forward: list[py.Expression] = []
    backward: list[py.Expression] = []
    for start, stop, step, size in entries:
        first = None if start == 0 else _bound(start, size, use.scope)
        last = None if stop == size else _bound(stop, size, use.scope)
        by = None if step in (1, -1) else use.scope.numbers(abs(step))
        if step > 0:
            forward.append(py.Slice(first, last, by))
            backward.append(py.Slice())
        else:
            # The part first, since it may end where only the running program knows.
            forward.append(py.Slice(first, last))
            backward.append(py.Slice(None, None, quote(str(int(step)))))
    x = use.x
    for index in (forward, backward):
        while index and index[-1] == py.Slice():
            index.pop()
        if index:
            at = index[0] if len(index) == 1 else py.Tuple(tuple(index))
            x = py.Subscript(x, at)
    return x


def _bound(bound: Size, size: Size, scope: Scope) -> py.Expression:
    """A bound, counted from the end where only the running program knows the size."""
    if isinstance(size, Dim):
        from_end = bound - size
        if isinstance(from_end, int) and from_end < 0:
            return quote(str(from_end))
    return scope.numbers(bound)


def picked(
    apply: Apply, inner: Apply, operand: Operand, scope: Scope
) -> py.Expression | None:
    """A part of one element of some axes, without these: `x[:, -1]`."""
    if (inner.primitive, apply.primitive) != ("slice", "reshape"):
        return None
    index: list[py.Expression] = []
    kept: list[Size] = []
    starts, stops, steps = (inner.attributes[n] for n in ("start", "stop", "step"))
    for axis, size in enumerate(operand.type.shape):
        start, stop, step = starts[axis], stops[axis], steps[axis]
        if step == 1 and stop - start == 1 and size != 1:
            index.append(quote("-1") if start == size - 1 else scope.numbers(start))
            continue
        if step < 0:
            return None
        kept.append(inner.result.type.shape[axis])
        first = None if start == 0 else _bound(start, size, scope)
        last = None if stop == size else _bound(stop, size, scope)
        index.append(py.Slice(first, last, None if step == 1 else scope.numbers(step)))
    if len(kept) == len(index) or tuple(kept) != tuple(apply.attributes["shape"]):
        return None
    while index[-1] == py.Slice():
        index.pop()
    at = index[0] if len(index) == 1 else py.Tuple(tuple(index))
    return py.Subscript(operand.expression, at)


def iota(use: Use) -> py.Expression:
    """`iota`."""
    dtype = use.attributes["dtype"]
    size = use.scope.numbers(use.attributes["size"])
    if dtype in (DType.U8, DType.I8, DType.I16, DType.BF16, DType.F16):
        # tf.range has no kernel for these.
        return cast(quote("tf.range({size})", size=size), dtype)
    return quote("tf.range({size}, dtype={dtype})", size=size, dtype=dtype_of(dtype))
