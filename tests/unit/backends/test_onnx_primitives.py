"""Which primitives ONNX has a form of."""

from dlmc.backends.onnx.primitives import EMISSIONS
from dlmc.primitives import REGISTRY


def test_every_primitive_has_an_emission() -> None:
    """Of all that a program can name: the rest stands in gradients alone."""
    named = {name for name, primitive in REGISTRY.items() if not primitive.internal}
    assert named - set(EMISSIONS) == {"standardize"}
