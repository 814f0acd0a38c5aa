"""Whether gradients pass through an entry, and why not."""

from dlmc.catalogue.entry import Entry
from dlmc.ir.module import Apply, Module
from dlmc.passes.inline import inline
from dlmc.primitives import REGISTRY


def why_no_gradient(entry: Entry) -> str | None:
    """None where one reaches an input or a parameter in the entry's example.

    Only an entry that has an example, which is no optimizer's, can be asked.
    """
    assert entry.example is not None
    assert entry.example.result is not None
    if not entry.example.result.dtype.is_float:
        return f"its result is `{entry.example.result.dtype.value}`"
    return blocked(entry.example.model, entry.name)


def blocked(module: Module, name: str) -> str | None:
    """Why the outputs of a module depend on nothing in a way that has a gradient.

    `name` is what the module is an example of.
    """
    flat = inline(module)
    active = {one.name for one in flat.inputs if one.type.dtype.is_float}
    active |= {one.name for one in flat.parameters}
    why = "it depends on no float"
    for operation in flat.inference.operations:
        assert isinstance(operation, Apply)
        if not any(operand.name in active for operand in operation.operands):
            continue
        primitive = REGISTRY[operation.primitive]
        if primitive.no_gradient:
            why = primitive.no_gradient
            if primitive.name != name:
                why = f"`{primitive.name}` is in the way: {why}"
        elif operation.result.type.dtype.is_float:
            active.add(operation.result.name)
    reached = any(output.name in active for output in flat.inference.outputs)
    return None if reached else why
