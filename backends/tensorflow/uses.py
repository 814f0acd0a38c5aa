"""One use of a primitive, as the rules that write it see it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from dlmc.backend import Unsupported
from dlmc.backends.python import tree as py
from dlmc.backends.python.dialect import Operand, Scope
from dlmc.backends.tensorflow.quoting import dtype_of, quote
from dlmc.ir.module import Apply
from dlmc.ir.types import DType, TensorType


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


def tensor(number: py.Expression, dtype: DType) -> py.Expression:
    """A number of Python as a tensor."""
    return quote("tf.constant({x}, {dtype})", x=number, dtype=dtype_of(dtype))


def from_end(axis: int, rank: int) -> int:
    """An axis as people write it: -1 for the last one."""
    return -1 if axis == rank - 1 and rank > 1 else axis
