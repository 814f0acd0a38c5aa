"""The emission of every primitive, one file a family."""

from dlmc.backends.onnx.emission import EMISSIONS
from dlmc.backends.onnx.primitives import (
    arrays,
    construction,
    elementwise,
    reductions,
    shapes,
    transposed,
    windows,
)

__all__ = ["EMISSIONS"]

# Importing a family is what registers its emissions.
_FAMILIES = (arrays, construction, elementwise, reductions, shapes, transposed, windows)
