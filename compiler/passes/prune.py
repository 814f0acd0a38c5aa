"""What nothing needs, left out."""

from dataclasses import replace

from dlmc.ir.module import Body, Module, Operation


def prune(module: Module) -> Module:
    """The module without the operations that no output and no state depends on."""
    inference = _pruned(module.inference)
    is_one = module.training is module.inference
    training = inference if is_one else _pruned(module.training)
    return replace(module, inference=inference, training=training)


def _pruned(body: Body) -> Body:
    needed = {value.name for value in body.outputs}
    needed |= {value.name for _, value in body.updates}
    kept: list[Operation] = []
    for operation in reversed(body.operations):
        if any(result.name in needed for result in operation.results):
            needed.update(operand.name for operand in operation.operands)
            kept.append(operation)
    return replace(body, operations=tuple(reversed(kept)))
