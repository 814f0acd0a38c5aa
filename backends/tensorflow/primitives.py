"""Each primitive in Keras, on tensors laid out as `layout` leaves them.

`keras.ops` where it keeps the dtypes that the program says, `tf` where it does not.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from dlmc.backend import Unsupported
from dlmc.backends.python import tree as py
from dlmc.backends.python.dialect import Operand, Scope
from dlmc.backends.python.quotation import expression_of
from dlmc.backends.tensorflow.quoting import DTYPES, cast, dtype_of, quote
from dlmc.backends.tensorflow.windows import keras_padding, lowest, pad_widths
from dlmc.ir.dimensions import Dim, Size
from dlmc.ir.module import Apply
from dlmc.ir.types import DType, TensorType

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
    "select": "ops.where({a}, {b}, {c})",
    "stop_gradient": "ops.stop_gradient({a})",
}


@dataclass(frozen=True)
class Use:
    """One use of a primitive."""

    apply: Apply
    operands: Sequence[Operand]
    scope: Scope

    @property
    def attributes(self) -> Mapping[str, Any]:
        """The attributes."""
        return self.apply.attributes

    @property
    def x(self) -> py.Expression:
        """The first operand, a tensor."""
        return self.tensor(0)

    @property
    def result(self) -> TensorType:
        """The result's type."""
        return self.apply.result.type

    def type(self, position: int = 0) -> TensorType:
        """An operand's type."""
        return self.apply.operands[position].type

    def tensor(self, position: int) -> py.Expression:
        """An operand as a tensor, numbers of Python too."""
        operand = self.operands[position]
        if not operand.is_number:
            return operand.expression
        return tensor(operand.expression, operand.type.dtype)

    def unsupported(self, message: str) -> Unsupported:
        """What to raise where TensorFlow cannot do it."""
        return Unsupported(message, self.apply.span)


Rule: TypeAlias = Callable[[Use], py.Expression]


def primitive(apply: Apply, operands: Sequence[Operand], scope: Scope) -> py.Expression:
    """A primitive applied; at least one operand is a tensor, if it has any."""
    use = Use(apply, operands, scope)
    template = TEMPLATES.get(apply.primitive)
    if template is not None:
        holes = (operand.expression for operand in operands)
        return quote(template, **dict(zip("abc", holes, strict=False)))
    rule = RULES.get(apply.primitive)
    if rule is None:
        raise use.unsupported(f"TensorFlow has no {apply.primitive} yet")
    return rule(use)


def tensor(number: py.Expression, dtype: DType) -> py.Expression:
    """A number of Python as a tensor."""
    return quote("tf.constant({x}, {dtype})", x=number, dtype=dtype_of(dtype))


# --- Shapes ---


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


def _reshape(use: Use) -> py.Expression:
    sizes = shape(use.attributes["shape"], use.scope, free=True)
    return quote("ops.reshape({x}, {sizes})", x=use.x, sizes=sizes)


def _broadcast(use: Use) -> py.Expression:
    sizes = shape(use.attributes["shape"], use.scope)
    operand = use.operands[0]
    if operand.is_number:
        return quote(
            "ops.full({sizes}, {value}, dtype={dtype})",
            sizes=sizes,
            value=operand.expression,
            dtype=DTYPES[use.result.dtype],
        )
    return quote("ops.broadcast_to({x}, {sizes})", x=use.x, sizes=sizes)


def _transpose(use: Use) -> py.Expression:
    axes = use.attributes["axes"]
    if axes == (1, 0):
        return quote("ops.transpose({x})", x=use.x)
    return quote("ops.transpose({x}, {axes})", x=use.x, axes=expression_of(axes))


def _concat(use: Use) -> py.Expression:
    parts = py.List(tuple(use.tensor(i) for i in range(len(use.operands))))
    axis = from_end(use.attributes["axis"], use.result.rank)
    return quote("ops.concatenate({parts}, axis={axis})", parts=parts, axis=axis)


def _pad(use: Use) -> py.Expression:
    low, high = use.attributes["low"], use.attributes["high"]
    widths = tuple(zip(low, high, strict=True))
    return pad(use.x, widths, use.attributes["value"], use.scope)


def pad(
    x: py.Expression, widths: Sequence[tuple[Size, Size]], value: Any, scope: Scope
) -> py.Expression:
    """A tensor with a value around it."""
    options = {} if value == 0 else {"constant_values": number(value)}
    return quote(
        "ops.pad({x}, {widths}, **{options})",
        x=x,
        widths=scope.numbers(tuple(widths)),
        options=options,
    )


def number(value: Any) -> Any:
    """A number that may be infinite."""
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return quote('float("inf")' if value > 0 else '-float("inf")')
    return value


def _slice(use: Use) -> py.Expression:
    entries = zip(
        *(use.attributes[name] for name in ("start", "stop", "step")),
        use.type().shape,
        strict=True,
    )
    forward: list[py.Expression] = []
    backward: list[py.Expression] = []
    for start, stop, step, size in entries:
        first = None if start == 0 else use.scope.numbers(start)
        last = None if stop == size else use.scope.numbers(stop)
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
        first = None if start == 0 else scope.numbers(start)
        last = None if stop == size else scope.numbers(stop)
        index.append(py.Slice(first, last, None if step == 1 else scope.numbers(step)))
    if len(kept) == len(index) or tuple(kept) != tuple(apply.attributes["shape"]):
        return None
    while index[-1] == py.Slice():
        index.pop()
    at = index[0] if len(index) == 1 else py.Tuple(tuple(index))
    return py.Subscript(operand.expression, at)


def _iota(use: Use) -> py.Expression:
    dtype = use.attributes["dtype"]
    size = use.scope.numbers(use.attributes["size"])
    if dtype in (DType.U8, DType.I8, DType.I16, DType.BF16, DType.F16):
        # tf.range has no kernel for these.
        return cast(quote("tf.range({size})", size=size), dtype)
    return quote("tf.range({size}, dtype={dtype})", size=size, dtype=dtype_of(dtype))


# --- Choices ---


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


# --- Numbers ---


def _cast(use: Use) -> py.Expression:
    return cast(use.x, use.attributes["dtype"])


def from_end(axis: int, rank: int) -> int:
    """An axis as people write it: -1 for the last one."""
    return -1 if axis == rank - 1 and rank > 1 else axis


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


def _uniform(use: Use) -> py.Expression:
    return quote(
        "keras.random.uniform({sizes}, dtype={dtype})",
        sizes=shape(use.attributes["shape"], use.scope),
        dtype=DTYPES[use.attributes["dtype"]],
    )


# --- Windows ---


def per_axis(values: Sequence[int], scope: Scope) -> py.Expression:
    """A number for each spatial axis, or the one that all have."""
    if all(value == values[0] for value in values):
        return scope.numbers(values[0])
    return scope.numbers(tuple(values))


def _conv(use: Use) -> py.Expression:
    attributes = use.attributes
    stride, dilation = attributes["stride"], attributes["dilation"]
    kernel = [size for size in use.type(1).shape[:-2] if isinstance(size, int)]
    padding = keras_padding(kernel, stride, dilation, attributes["padding"])
    x = use.x
    if padding is None:
        x = pad(x, pad_widths(attributes["padding"]), 0, use.scope)
    options: dict[str, Any] = {}
    # TensorFlow has no stride and dilation at once.
    strided = max(dilation) == 1
    if strided and max(stride) > 1:
        options["strides"] = per_axis(stride, use.scope)
    options["padding"] = padding or "valid"
    if max(dilation) > 1:
        options["dilation_rate"] = per_axis(dilation, use.scope)
    result = quote(
        "ops.conv({x}, {weight}, **{options})",
        x=x,
        weight=use.tensor(1),
        options=options,
    )
    return result if strided else _every(result, stride, use.scope)


def _every(x: py.Expression, stride: Sequence[int], scope: Scope) -> py.Expression:
    """Every so many-th element of the spatial axes."""
    if max(stride) == 1:
        return x
    steps = (py.Slice(None, None, scope.numbers(by)) for by in stride)
    return py.Subscript(x, py.Tuple((py.Slice(), *steps)))


def _window_max(use: Use) -> py.Expression:
    attributes = use.attributes
    size, stride = attributes["size"], attributes["stride"]
    dilation, pairs = attributes["dilation"], attributes["padding"]
    _check_dtype(use)
    padding = keras_padding(size, stride, dilation, pairs)
    x = use.x
    if padding is None:
        x = pad(x, pad_widths(pairs), lowest(use.result.dtype), use.scope)
    if max(dilation) > 1:
        template = 'tf.nn.pool({x}, {size}, "MAX", padding={padding}, dilations={by})'
        result = quote(
            template,
            x=x,
            size=use.scope.numbers(tuple(size)),
            padding=(padding or "valid").upper(),
            by=use.scope.numbers(tuple(dilation)),
        )
        return _every(result, stride, use.scope)
    return pool("ops.max_pool", x, size, stride, padding or "valid", use.scope)


def _window_mean(use: Use) -> py.Expression:
    attributes = use.attributes
    size, stride, pairs = (
        attributes["size"],
        attributes["stride"],
        attributes["padding"],
    )
    _check_dtype(use)
    padding = keras_padding(size, stride, (1,) * len(size), pairs)
    if padding == "same" and attributes["count_padding"]:
        padding = None
    if padding is not None:  # "same" leaves padding out of the mean
        return pool("ops.average_pool", use.x, size, stride, padding, use.scope)
    widths = pad_widths(pairs)
    x = pad(use.x, widths, 0, use.scope)
    means = pool("ops.average_pool", x, size, stride, "valid", use.scope)
    if attributes["count_padding"]:
        return means
    # What is no padding has its share in each window: by that the mean is too small.
    inside = quote("ops.ones_like({x})", x=use.x)
    if len(use.type().shape) == len(pairs) + 2:
        inside = quote("ops.ones_like({x}[:1, {all}, :1])", x=use.x, all=_all(pairs))
    shares = pool(
        "ops.average_pool",
        pad(inside, widths, 0, use.scope),
        size,
        stride,
        "valid",
        use.scope,
    )
    return quote("{means} / {shares}", means=means, shares=shares)


def _all(pairs: Sequence[Any]) -> tuple[py.Expression, ...]:
    return (py.Slice(),) * len(pairs)


def pool(
    function: str,
    x: py.Expression,
    size: Sequence[int],
    stride: Sequence[int],
    padding: str,
    scope: Scope,
) -> py.Expression:
    """A pooling function of `keras.ops`."""
    return quote(
        f"{function}({{x}}, {{size}}, strides={{stride}}, padding={{padding}})",
        x=x,
        size=per_axis(size, scope),
        stride=per_axis(stride, scope),
        padding=padding,
    )


def _check_dtype(use: Use) -> None:
    """TensorFlow pools over three axes in f32 and bf16 alone."""
    is_wide = len(use.attributes["size"]) == 3
    if is_wide and use.result.dtype not in (DType.F32, DType.BF16):
        raise use.unsupported(
            f"TensorFlow has no pooling over three axes of {use.result.dtype}"
        )


RULES: Mapping[str, Rule] = {
    "argmax": _position,
    "argmin": _position,
    "broadcast": _broadcast,
    "cast": _cast,
    "concat": _concat,
    "conv": _conv,
    "gather": _gather,
    "iota": _iota,
    "matmul": _matmul,
    "maximum": _extreme,
    "minimum": _extreme,
    "one_hot": _one_hot,
    "pad": _pad,
    "random_uniform": _uniform,
    "reshape": _reshape,
    "slice": _slice,
    "transpose": _transpose,
    "window_max": _window_max,
    "window_mean": _window_mean,
    **dict.fromkeys(("sum", "mean", "max", "min", "prod", "any", "all"), _reduction),
}
