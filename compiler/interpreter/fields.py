"""The fields of data: a function of one sample, on all samples at once."""

from collections.abc import Sequence
from typing import Any

from dlmc.interpreter.evaluation import Evaluator
from dlmc.ir.program import Field
from dlmc.primitives import Primitive
from dlmc.primitives.arrays import Array, np
from dlmc.primitives.statistics import Standardize


class _Samples(Evaluator):
    """Evaluates in step for all samples: every array has an axis of them in front."""

    def __init__(self, size: int, training: Array, seed: int) -> None:
        rng = np.random.Generator(np.random.Philox(seed))
        super().__init__({}, training=False, rng=rng)
        self.size = size
        self.training_part = training

    def shape(self, array: Array) -> tuple[int, ...]:
        return tuple(array.shape[1:])

    def primitive(
        self,
        primitive: Primitive,
        operands: tuple[Array, ...],
        attributes: dict[str, Any],
    ) -> Array:
        if isinstance(primitive, Standardize):
            (x,) = operands
            mean, std = primitive.statistics(x[self.training_part])
            attributes = {**attributes, "mean": mean, "std": std}
        elif primitive.supplied:
            attributes = {**attributes, "rng": self.rng}
        return np.stack(
            [
                primitive.reference(*(operand[i] for operand in operands), **attributes)
                for i in range(self.size)
            ]
        )


def field_values(
    field: Field, columns: Sequence[Array], training: Array, *, seed: int = 0
) -> Array:
    """A field of every sample.

    Args:
        field: Which field.
        columns: What each input of the field's function reads, samples on the first
            axis; at least one sample.
        training: Indices of the training part, or a mask: what `standardize` looks at.
        seed: What random functions draw from.
    """
    samples = _Samples(len(columns[0]), training, seed)
    with np.errstate(all="ignore"):
        (values,) = samples.evaluate(field.module, columns, {})
    return values
