"""What a metric takes from all batches of the part that is measured."""

from collections.abc import Mapping
from typing import Any

from dlmc.ir.types import TensorType
from dlmc.primitives import checks
from dlmc.primitives.arrays import Array
from dlmc.primitives.base import (
    Builder,
    Fault,
    Gradients,
    Movement,
    Term,
    primitive,
    sample,
)
from dlmc.primitives.checks import NUMBER


@primitive
class Total(Movement):
    """The sum of x over all batches of the part that is measured; in metrics alone.

    Of one batch that is the whole part, it is x itself. The shape of x does not depend
    on the batch.
    """

    name = "total"
    is_view = True
    samples = (sample("f32"), sample("i64[3, 3]"))

    def infer(
        self, operands: tuple[TensorType, ...], attributes: Mapping[str, Any]
    ) -> TensorType:
        (x,) = operands
        checks.expect(self.name, "x", NUMBER, x)
        return x

    def reference(self, x: Array) -> Array:
        return x

    def gradient(self, b: Builder, dy: Term, y: Term, x: Term) -> Gradients:
        return (dy,)


@primitive
class Whole(Movement):
    """x of the whole part that is measured; in metrics alone.

    The values of all batches stand behind one another on the first axis, which has a
    number of them for each sample. Of one batch that is the whole part, it is x itself.
    """

    name = "whole"
    is_view = True
    samples = (sample("f32[N, 3]"), sample("i64[N]"))

    def infer(
        self, operands: tuple[TensorType, ...], attributes: Mapping[str, Any]
    ) -> TensorType:
        (x,) = operands
        if not x.shape:
            raise Fault(
                f"whole expects x to have an axis of samples, got {x}",
                argument="x",
                hint="`total(…)` adds numbers up",
            )
        return x

    def reference(self, x: Array) -> Array:
        return x

    def gradient(self, b: Builder, dy: Term, y: Term, x: Term) -> Gradients:
        return (dy,)
