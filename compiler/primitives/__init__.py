"""The primitives: what every program comes down to, one file a family."""

from dlmc.primitives import (
    accumulation,
    along_axis,
    arithmetic,
    construction,
    conversion,
    convolution,
    cumulative,
    einsum,
    elementwise,
    indexing,
    products,
    random,
    reductions,
    shapes,
    sorting,
    statistics,
    transposed_convolution,
    trigonometry,
    windows,
)
from dlmc.primitives.base import REGISTRY, Fault, Primitive, Sample

__all__ = ["REGISTRY", "Fault", "Primitive", "Sample"]

# Importing a family is what registers its primitives.
_FAMILIES = (
    accumulation,
    along_axis,
    arithmetic,
    construction,
    conversion,
    convolution,
    cumulative,
    einsum,
    elementwise,
    indexing,
    products,
    random,
    reductions,
    shapes,
    sorting,
    statistics,
    transposed_convolution,
    trigonometry,
    windows,
)
