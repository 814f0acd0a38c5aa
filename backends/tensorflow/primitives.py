"""Each primitive in Keras, on tensors laid out as `layout` leaves them.

`keras.ops` where it keeps dtypes as the program has them, `tf` where it does not.
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeAlias

from dlmc.backends.python import tree as py
from dlmc.backends.python.quotation import Quote, expression_of
from dlmc.backends.tensorflow.windows import padding_of, pads_of
from dlmc.ir.dimensions import Dim, Size
from dlmc.ir.types import DType, TensorType

quote = Quote(
    {
        "keras": py.Import("keras"),
        "layers": py.Import("keras", "layers"),
        "math": py.Import("math"),
        "ops": py.Import("keras", "ops"),
        "tf": py.Import("tensorflow", alias="tf"),
    }
)


class Use(Protocol):
    """One use of a primitive, as the emitter gives it."""

    @property
    def operands(self) -> tuple[py.Expression, ...]:
        """What the operands are called."""

    @property
    def types(self) -> tuple[TensorType, ...]:
        """The operands' types."""

    @property
    def result(self) -> TensorType:
        """The result's type."""

    @property
    def attributes(self) -> Mapping[str, Any]:
        """The operation's attributes."""

    def size(self, size: Any) -> py.Expression:
        """A size or another number, in terms of what is at hand."""


Rule: TypeAlias = Callable[[Use], py.Expression]

DTYPES: Mapping[DType, str] = {
    DType.F16: "float16",
    DType.BF16: "bfloat16",
    DType.F32: "float32",
    DType.F64: "float64",
    DType.I8: "int8",
    DType.I16: "int16",
    DType.I32: "int32",
    DType.I64: "int64",
    DType.U8: "uint8",
    DType.BOOL: "bool",
}

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
    "maximum": "maximum({a}, {b})",
    "minimum": "minimum({a}, {b})",
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
