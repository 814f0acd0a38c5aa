"""What the values of a body are called in its code, if no other has that name."""

from collections.abc import Iterator

from dlmc.ir.module import Apply, Body, Call, Module, Operation

UNNAMED = "y"
"""What a result without a name is called."""

INDEXED = ("gather", "take_along_axis", "scatter_add")
"""The primitives whose second operand is indices."""


def wishes(body: Body, module: Module) -> dict[str, str]:
    """What each value would be called: by the source, or by what it is for."""
    found: dict[str, str] = {}
    layers = dict(_layers(body))
    named = [output.name for output in module.outputs]
    ends: set[str] = set()
    """Values called after an output or a layer; what a layer makes that of is not."""
    for output, name in zip(body.outputs, named, strict=True):
        if output.hint is None:
            # Those of a function are numbered.
            found[output.name] = name if name and not name.isdigit() else UNNAMED
        if output.hint is None or output.hint == name:
            ends.add(output.name)
    for operation in reversed(body.operations):
        for result in operation.results:
            if result.hint is not None:
                found[result.name] = result.hint
            elif result.name in layers and result.name not in found:
                found[result.name] = layers[result.name]
                ends.add(result.name)
        if isinstance(operation, Apply) and operation.primitive in INDEXED:
            indices = operation.operands[1]
            if found.get(indices.name, UNNAMED) == UNNAMED:
                found[indices.name] = "indices"
        if len(operation.results) == 1:
            (result,) = operation.results
            wish = found.get(result.name)
            is_end = result.name in ends
            if is_end and _is_layer(operation):
                wish = UNNAMED
            if wish is not None:
                # Of several, a layer's result is called after the layer.
                called = layers if len(operation.operands) > 1 else ()
                for operand in operation.operands:
                    if operand.hint is None and operand.name not in called:
                        if is_end and operand.name not in found:
                            ends.add(operand.name)
                        found.setdefault(operand.name, wish)
    return found


def _layers(body: Body) -> Iterator[tuple[str, str]]:
    """The results of layers, and what these are called, where it is no number."""
    for operation in body.operations:
        if isinstance(operation, Call) and operation.instance is not None:
            name = operation.instance.rpartition(".")[2]
            if not name.isdigit():
                yield from ((result.name, name) for result in operation.results)


def _is_layer(operation: Operation) -> bool:
    return isinstance(operation, Call) and operation.instance is not None
