"""Each primitive in NumPy, as the code of data fields says it."""

from collections.abc import Mapping
from typing import Any

from dlmc.backends.python import tree as py
from dlmc.backends.python.flat import Rule, Use
from dlmc.backends.python.quotation import Quote, expression_of
from dlmc.ir.dimensions import Dim, Size
from dlmc.ir.types import DType, TensorType

quote = Quote()

_DTYPES = {
    DType.F16: "float16",
    DType.F32: "float32",
    DType.F64: "float64",
    DType.I8: "int8",
    DType.I16: "int16",
    DType.I32: "int32",
    DType.I64: "int64",
    DType.U8: "uint8",
    DType.BOOL: "bool_",
}

_TEMPLATES = {
    "add": "{a} + {b}",
    "sub": "{a} - {b}",
    "mul": "{a} * {b}",
    "div": "{a} / {b}",
    "floordiv": "{a} // {b}",
    "mod": "{a} % {b}",
    "pow": "{a} ** {b}",
    "maximum": "np.maximum({a}, {b})",
    "minimum": "np.minimum({a}, {b})",
    "equal": "{a} == {b}",
    "not_equal": "{a} != {b}",
    "less": "{a} < {b}",
    "less_equal": "{a} <= {b}",
    "greater": "{a} > {b}",
    "greater_equal": "{a} >= {b}",
    "and": "{a} & {b}",
    "or": "{a} | {b}",
    "not": "~{a}",
    "neg": "-{a}",
    "abs": "np.abs({a})",
    "sign": "np.sign({a})",
    "exp": "np.exp({a})",
    "expm1": "np.expm1({a})",
    "log": "np.log({a})",
    "log1p": "np.log1p({a})",
    "sqrt": "np.sqrt({a})",
    "rsqrt": "1 / np.sqrt({a})",
    "sin": "np.sin({a})",
    "cos": "np.cos({a})",
    "atan": "np.arctan({a})",
    "tanh": "np.tanh({a})",
    "floor": "np.floor({a})",
    "ceil": "np.ceil({a})",
    "round": "np.rint({a})",
    "stop_gradient": "{a}",
}
_REDUCTIONS = {
    "sum": "sum",
    "mean": "mean",
    "prod": "prod",
    "max": "max",
    "min": "min",
    "any": "any",
    "all": "all",
    "argmax": "argmax",
    "argmin": "argmin",
}


def dtype(dtype: DType) -> py.Expression:
    """The expression of a dtype, such as `np.float32`."""
    return quote(f"np.{_DTYPES[dtype]}")


def has_dtype(dtype: DType) -> bool:
    """Whether NumPy has it by itself."""
    return dtype in _DTYPES


class NumpyDialect:
    """The rules; `samples` is the expression for the number of samples."""

    def __init__(self, samples: py.Expression) -> None:
        self.samples = samples
        self.rules: Mapping[str, Rule] = {
            "argsort": self._argsort,
            "broadcast": self._broadcast,
            "cast": self._cast,
            "concat": self._concat,
            "constant": self._constant,
            "cumsum": self._cumsum,
            "dimension": self._dimension,
            "einsum": self._einsum,
            "erf": self._erf,
            "gather": self._gather,
            "iota": self._iota,
            "matmul": self._matmul,
            "one_hot": self._one_hot,
            "pad": self._pad,
            "reshape": self._reshape,
            "select": self._select,
            "slice": self._slice,
            "take_along_axis": self._take_along_axis,
            "transpose": self._transpose,
        }

    def rule(self, primitive: str) -> Rule | None:
        """How a primitive is said, None where it is not."""
        if primitive in _TEMPLATES:
            return self._from_template
        if primitive in _REDUCTIONS:
            return self._reduction
        return self.rules.get(primitive)

    def _from_template(self, use: Use) -> py.Expression:
        operands = _with_arrays(use)
        holes = dict(zip("ab", operands, strict=False))
        return quote(_TEMPLATES[use.apply.primitive], **holes)

    def _size(self, size: Size) -> py.Expression:
        """A size, of which only the number of samples may be symbolic."""
        if isinstance(size, Dim):
            return self.samples
        return py.Literal(int(size))

    def _shape(
        self, shape: tuple[Size, ...], *, free: bool
    ) -> tuple[py.Expression, ...]:
        """Sizes; the number of samples is -1 where it may be left open."""
        sizes = tuple(self._size(size) for size in shape)
        is_open = free and 0 not in shape
        return tuple(
            quote("-1") if isinstance(size, Dim) and is_open else expression
            for size, expression in zip(shape, sizes, strict=True)
        )

    # -- shapes --

    def _reshape(self, use: Use) -> py.Expression:
        (x,) = use.operands
        sizes = self._shape(use.attributes["shape"], free=True)
        return quote("{x}.reshape({sizes})", x=x, sizes=sizes)

    def _broadcast(self, use: Use) -> py.Expression:
        (x,) = _arrays(use)
        sizes = self._shape(use.attributes["shape"], free=False)
        return quote("np.broadcast_to({x}, {sizes})", x=x, sizes=py.Tuple(sizes))

    def _transpose(self, use: Use) -> py.Expression:
        (x,) = use.operands
        return quote("{x}.transpose({axes})", x=x, axes=use.attributes["axes"])

    def _concat(self, use: Use) -> py.Expression:
        parts = py.List(_arrays(use))
        axis = use.attributes["axis"]
        return quote("np.concatenate({parts}, axis={axis})", parts=parts, axis=axis)

    def _pad(self, use: Use) -> py.Expression:
        (x,) = use.operands
        widths = tuple(zip(use.attributes["low"], use.attributes["high"], strict=True))
        value = number(use.attributes["value"])
        return quote(
            "np.pad({x}, {widths}, constant_values={value})",
            x=x,
            widths=expression_of(widths),
            value=value,
        )

    def _slice(self, use: Use) -> py.Expression:
        (x,) = use.operands
        entries = zip(
            *(use.attributes[name] for name in ("start", "stop", "step")),
            use.types[0].shape,
            strict=True,
        )
        forward: list[py.Expression] = []
        backward: list[py.Expression] = []
        for start, stop, step, size in entries:
            forward.append(
                py.Slice(
                    None if start == 0 else py.Literal(int(start)),
                    None if stop == size else py.Literal(int(stop)),
                    py.Literal(int(step)) if step > 1 else None,
                )
            )
            by = quote(str(int(step))) if step < 0 else None
            backward.append(py.Slice(None, None, by))
        for index in (forward, backward):
            while index and index[-1] == py.Slice():
                index.pop()
            if index:
                at = index[0] if len(index) == 1 else py.Tuple(tuple(index))
                x = py.Subscript(x, at)
        return x

    # -- choices --

    def _select(self, use: Use) -> py.Expression:
        condition, a, b = _with_arrays(use)
        return quote("np.where({c}, {a}, {b})", c=condition, a=a, b=b)

    def _gather(self, use: Use) -> py.Expression:
        x, index = _arrays(use)
        axis = use.attributes["axis"]
        return quote(
            "np.take({x}, checked({index}, {size}), axis={axis})",
            x=x,
            index=index,
            size=self._size(use.types[0].shape[axis]),
            axis=axis,
        )

    def _take_along_axis(self, use: Use) -> py.Expression:
        x, index = _arrays(use)
        axis = use.attributes["axis"]
        return quote(
            "np.take_along_axis({x}, checked({index}, {size}), axis={axis})",
            x=x,
            index=index,
            size=self._size(use.types[0].shape[axis]),
            axis=axis,
        )

    def _argsort(self, use: Use) -> py.Expression:
        (x,) = _arrays(use)
        axis = use.attributes["axis"]
        if not use.attributes["descending"]:
            return quote('np.argsort({x}, axis={axis}, kind="stable")', x=x, axis=axis)
        # Backwards, so that of equal ones the first is the last to be turned round.
        return quote(
            "np.flip({size} - 1 - np.argsort(np.flip({x}, {axis}), axis={axis},"
            ' kind="stable"), {axis})',
            size=self._size(use.types[0].shape[axis]),
            x=x,
            axis=axis,
        )

    def _one_hot(self, use: Use) -> py.Expression:
        (index,) = _arrays(use)
        return quote(
            "np.eye({depth}, dtype={dtype})[checked({index}, {depth})]",
            depth=int(use.attributes["depth"]),
            dtype=dtype(use.attributes["dtype"]),
            index=index,
        )

    # -- numbers --

    def _reduction(self, use: Use) -> py.Expression:
        name = use.apply.primitive
        x, type_ = use.operands[0], use.types[0]
        axes = use.attributes["axis"]
        if axes == ():
            return x
        if isinstance(axes, tuple) and len(axes) == 1:
            (axes,) = axes
        options: dict[str, Any] = {"axis": axes}
        if use.attributes["keep"]:
            options["keepdims"] = True
        is_narrow = type_.dtype is DType.F16
        # NumPy would widen small integers, and not a sum of half floats.
        if name in ("sum", "prod") and (type_.dtype.is_integer or is_narrow):
            options["dtype"] = dtype(DType.F32 if is_narrow else type_.dtype)
        total = quote(f"{{x}}.{_REDUCTIONS[name]}({{options}})", x=x, options=options)
        return _cast(total, type_.dtype) if is_narrow and "dtype" in options else total

    def _cumsum(self, use: Use) -> py.Expression:
        (x,) = _arrays(use)
        axis = use.attributes["axis"]
        is_narrow = use.result.dtype is DType.F16
        # NumPy would widen small integers, and not a sum of half floats.
        kind = dtype(DType.F32 if is_narrow else use.result.dtype)
        template = "np.cumsum({x}, axis={axis}, dtype={kind})"
        if use.attributes["reverse"]:
            template = (
                "np.flip(np.cumsum(np.flip({x}, {axis}), axis={axis}, dtype={kind}),"
                " {axis})"
            )
        total = quote(template, x=x, axis=axis, kind=kind)
        return _cast(total, DType.F16) if is_narrow else total

    def _matmul(self, use: Use) -> py.Expression:
        a, b = _arrays(use)
        if use.result.dtype is DType.F16:
            wide = _cast(a, DType.F32), _cast(b, DType.F32)
            return _cast(quote("{a} @ {b}", a=wide[0], b=wide[1]), DType.F16)
        return quote("{a} @ {b}", a=a, b=b)

    def _einsum(self, use: Use) -> py.Expression:
        tensors = _arrays(use)
        is_narrow = use.result.dtype is DType.F16
        if is_narrow:
            tensors = tuple(_cast(x, DType.F32) for x in tensors)
        total = quote(
            "np.einsum({pattern}, {tensors}, optimize=True)",
            pattern=use.attributes["pattern"],
            tensors=tensors,
        )
        return _cast(total, DType.F16) if is_narrow else total

    def _erf(self, use: Use) -> py.Expression:
        (x,) = use.operands
        exact = quote("np.vectorize(math.erf, otypes=[np.float64])({x})", x=x)
        return _cast(exact, use.result.dtype)

    def _cast(self, use: Use) -> py.Expression:
        (x,) = _arrays(use)
        return _cast(x, use.attributes["dtype"])

    def _constant(self, use: Use) -> py.Expression:
        value = use.attributes["value"]
        if not isinstance(value, tuple):
            return number(value)
        numbers = expression_of(_lists(value))
        kind = dtype(use.result.dtype)
        return quote("np.array({numbers}, {kind})", numbers=numbers, kind=kind)

    def _dimension(self, use: Use) -> py.Expression:
        return self._size(use.attributes["size"])

    def _iota(self, use: Use) -> py.Expression:
        size = self._size(use.attributes["size"])
        kind = dtype(use.attributes["dtype"])
        return quote("np.arange({size}, dtype={kind})", size=size, kind=kind)


def number(value: Any) -> py.Expression:
    """A number as it stands beside an array: whole floats without their `.0`."""
    is_special = isinstance(value, float) and (value != value or abs(value) == _INF)
    if is_special:
        name = "nan" if value != value else "inf"
        return quote(f"np.{name}" if value != -_INF else "-np.inf")
    if isinstance(value, float) and value == int(value) and abs(value) < 1e6:
        value = int(value)
    return quote("{x}", x=value) if value >= 0 else quote("-{x}", x=-value)


_INF = float("inf")


def _lists(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_lists(item) for item in value]
    return number(value)


def _cast(x: py.Expression, to: DType) -> py.Expression:
    return quote("{x}.astype({kind})", x=x, kind=dtype(to))


def _is_number(expression: py.Expression) -> bool:
    """Whether an expression is a plain number, which takes an array's dtype."""
    if isinstance(expression, py.Unary):
        expression = expression.operand
    if isinstance(expression, py.Attribute):
        return expression.name in ("inf", "nan")
    return isinstance(expression, py.Literal)


def _arrays(use: Use) -> tuple[py.Expression, ...]:
    """The operands, plain numbers as arrays of their dtype."""
    return tuple(
        _array(operand, type_)
        for operand, type_ in zip(use.operands, use.types, strict=True)
    )


def _with_arrays(use: Use) -> tuple[py.Expression, ...]:
    """The operands, one of those with numbers an array, so that the dtype is known."""
    kinds = [i for i, type_ in enumerate(use.types) if type_.dtype is not DType.BOOL]
    if not kinds or any(not _is_number(use.operands[i]) for i in kinds):
        return use.operands
    operands = list(use.operands)
    operands[kinds[0]] = _array(operands[kinds[0]], use.types[kinds[0]])
    return tuple(operands)


def _array(expression: py.Expression, type_: TensorType) -> py.Expression:
    if not _is_number(expression):
        return expression
    return quote("{kind}({x})", kind=dtype(type_.dtype), x=expression)
