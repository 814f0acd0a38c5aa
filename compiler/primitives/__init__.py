"""The primitives: what every program comes down to, one file a family."""

from dlmc.primitives import (
    arithmetic,
    construction,
    conversion,
    convolution,
    elementwise,
    indexing,
    products,
    random,
    reductions,
    shapes,
    statistics,
    transposed_convolution,
    windows,
)
from dlmc.primitives.base import REGISTRY, Fault, Primitive, Sample

__all__ = ["REGISTRY", "Fault", "Primitive", "Sample"]

# Importing a family is what registers its primitives.
_FAMILIES = (
    arithmetic,
    construction,
    conversion,
    convolution,
    elementwise,
    indexing,
    products,
    random,
    reductions,
    shapes,
    statistics,
    transposed_convolution,
    windows,
)
