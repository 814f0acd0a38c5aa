"""The lowest operator set that a graph needs.

Runtimes lag behind the standard, and their newest kernels are not all there; so a file
asks for no later version than its nodes make it. A node's version follows from the
published schemas: the first one that takes its inputs, dtypes and attributes.
"""

from functools import cache
from typing import Final

from onnx import defs

from dlmc.backends.onnx.dtypes import TYPE_NAMES
from dlmc.ir.types import DType

LOWEST: Final = 13
"""Where the axes of most operators became inputs, and 16-bit brain floats arrived."""
AXES_ARE_INPUTS: Final = 18
"""Where the axes of the last reductions became an input."""
REDUCTIONS_BY_ATTRIBUTE: Final = frozenset(
    ("ReduceMean", "ReduceProd", "ReduceMax", "ReduceMin")
)
"""Reductions whose axes are an attribute before that."""
HIGHEST: Final = 26
"""What ONNX Runtime loads."""


@cache
def least_version(
    operator: str,
    inputs: tuple[DType | None, ...],
    outputs: int,
    attributes: frozenset[str],
) -> int:
    """The first operator set in which a node is valid; an input left out is None."""
    for version in range(LOWEST, HIGHEST + 1):
        if not defs.has(operator, version, ""):
            continue
        schema = defs.get_schema(operator, version, "")
        if _takes(schema, inputs, outputs, attributes):
            return max(LOWEST, schema.since_version)
    raise AssertionError(f"no operator set has {operator} on {inputs}, {attributes}")


def _takes(
    schema: defs.OpSchema,
    inputs: tuple[DType | None, ...],
    outputs: int,
    attributes: frozenset[str],
) -> bool:
    return (
        schema.min_input <= len(inputs) <= schema.max_input
        and outputs <= schema.max_output
        and attributes <= set(schema.attributes)
        and all(
            dtype is None
            or TYPE_NAMES[dtype] in schema.inputs[min(i, len(schema.inputs) - 1)].types
            for i, dtype in enumerate(inputs)
        )
    )
