"""Inverse functions of angles, from which the library makes the others."""

from dlmc.primitives.arrays import Array, np
from dlmc.primitives.base import Builder, Gradients, Term, primitive
from dlmc.primitives.elementwise import Elementwise


@primitive
class ArcTangent(Elementwise):
    """The angle, in radians between -pi / 2 and pi / 2, whose tangent is x."""

    name = "atan"

    def reference(self, x: Array) -> Array:
        return np.arctan(x)

    def gradient(self, b: Builder, dy: Term, y: Term, x: Term) -> Gradients:
        return (dy / (1 + x * x),)
