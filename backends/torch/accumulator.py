"""Totals and wholes of batches in PyTorch."""

from collections.abc import Sequence

from dlmc.backends.python import tree as py
from dlmc.backends.python.accumulated import Accumulator, Collected
from dlmc.backends.python.quotation import Quote
from dlmc.backends.python.script import code
from dlmc.backends.torch.quoting import dtype as dtype_of
from dlmc.ir.program import Accumulation
from dlmc.ir.types import DType

quote = Quote()

WIDE = """
# In f64, which MPS does not have, so that no batch is lost in a long sum.
wide = torch.float32 if part[0].is_mps else torch.float64
"""


class TorchAccumulator(Accumulator):
    """Sums on the device, floats in f64; lists of what stands behind one another."""

    def start(self, one: Collected) -> py.Expression:
        """Zeros, or an empty list."""
        if one.accumulation is Accumulation.WHOLE:
            return py.List(())
        return quote(
            "torch.zeros({shape}, dtype={dtype}, device=part[0].device)",
            shape=[*one.type.shape] or ((),),
            dtype=py.Name("wide") if is_wide(one) else dtype_of(one.type.dtype),
        )

    def add(self, one: Collected, value: py.Expression) -> Sequence[py.Statement]:
        """`x += value`, or `x.append(value)`."""
        template = "{x} += {value}"
        if one.accumulation is Accumulation.WHOLE:
            template = "{x}.append({value})"
        match value:  # a size, which is added as it is
            case py.Call(py.Attribute(py.Name("torch"), "tensor"), (number,)) if (
                one.accumulation is Accumulation.TOTAL
            ):
                value = number
        return code(template, x=py.Name(one.name), value=value)

    def end(self, one: Collected) -> py.Expression:
        """The tensor."""
        x = py.Name(one.name)
        if one.accumulation is Accumulation.WHOLE:
            return quote("torch.cat({x})", x=x)
        if one.type.dtype is DType.F32:
            return quote("{x}.float()", x=x)
        if is_wide(one):
            return quote("{x}.to({dtype})", x=x, dtype=dtype_of(one.type.dtype))
        return x


def is_wide(one: Collected) -> bool:
    """Whether a sum has a wider dtype than its values."""
    return one.accumulation is Accumulation.TOTAL and one.type.dtype.is_float
