"""What treats all elements of a tensor alike, wherever they lie."""

from dlmc.ir.module import Apply, Module
from dlmc.passes.inline import inline
from dlmc.primitives import REGISTRY
from dlmc.primitives.arithmetic import Binary, Select
from dlmc.primitives.conversion import Cast, StopGradient
from dlmc.primitives.elementwise import Elementwise
from dlmc.primitives.reductions import Reduction

KINDS = (Binary, Cast, Elementwise, Select, StopGradient)


def is_elementwise(operation: Apply) -> bool:
    """Whether each element of the result comes of those at its place, or of numbers."""
    if operation.primitive == "constant":
        return not operation.result.type.rank
    return isinstance(REGISTRY[operation.primitive], KINDS)


def ignores_axes(module: Module) -> bool:
    """Whether an update rule does the same to a weight whose axes are in another order.

    It goes element by element, or asks for sums and the like over all elements.
    """
    flat = inline(module, training=True)
    whole = flat.inputs[0].type.shape
    if any(state.type.shape not in ((), whole) for state in flat.states):
        return False
    for operation in flat.training.operations:
        assert isinstance(operation, Apply)
        if operation.result.type.shape not in ((), whole):
            return False
        is_sum = isinstance(REGISTRY[operation.primitive], Reduction)
        if not is_elementwise(operation) and not (
            is_sum and not operation.result.type.rank
        ):
            return False
    return True
