"""What the values of a body are called in its code, if no other has that name."""

from collections.abc import Iterator

from dlmc.ir.module import Body, Call, Module


def wishes(body: Body, module: Module) -> dict[str, str]:
    """What each value would be called: by the source, or by what it is for."""
    found: dict[str, str] = {}
    layers = dict(_layers(body))
    single = [output.name for output in module.outputs]
    for output, name in zip(body.outputs, single, strict=True):
        if output.hint is None:
            found[output.name] = name or "y"
    for operation in reversed(body.operations):
        for result in operation.results:
            if result.hint is not None:
                found[result.name] = result.hint
            elif result.name in layers:
                found.setdefault(result.name, layers[result.name])
        if len(operation.results) == 1:
            wish = found.get(operation.results[0].name)
            if wish is not None:
                # Of several, a layer's result is called after the layer.
                called = layers if len(operation.operands) > 1 else ()
                for operand in operation.operands:
                    if operand.hint is None and operand.name not in called:
                        found.setdefault(operand.name, wish)
    return found


def _layers(body: Body) -> Iterator[tuple[str, str]]:
    """The results of layers, and what these are called, where it is no number."""
    for operation in body.operations:
        if isinstance(operation, Call) and operation.instance is not None:
            name = operation.instance.rpartition(".")[2]
            if not name.isdigit():
                yield from ((result.name, name) for result in operation.results)
