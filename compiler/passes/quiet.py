"""A program without the noise of training.

What draws random numbers in training, and none in inference, does in training what it
does in inference.
"""

from dataclasses import replace

from dlmc.ir.module import Apply, Body, Call, Module, Operation, Value
from dlmc.ir.program import Program
from dlmc.passes.modules import changed, with_bodies
from dlmc.primitives import REGISTRY


def quieted(program: Program) -> Program:
    """The program without dropout and whatever else is noise in training alone.

    A block that is quiet passes its input on, most often: its calls go, and with them
    its instances, unless they own weights.
    """
    return changed(program, _quieted)


def draws(module: Module, training: bool) -> bool:
    """Whether it draws random numbers in a mode, itself or by what it calls."""
    return any(
        "rng" in REGISTRY[operation.primitive].supplied
        if isinstance(operation, Apply)
        else draws(operation.module, training)
        for operation in module.body(training).operations
    )


def _quieted(module: Module) -> Module:
    """A module of which all callees are quiet."""
    module = with_bodies(module, _without_identities)
    used = {
        operation.instance
        for body in (module.inference, module.training)
        for operation in body.operations
        if isinstance(operation, Call)
    }
    kept = tuple(
        instance
        for instance in module.instances
        if instance.name in used or not _is_idle(instance.module)
    )
    module = replace(module, instances=kept)
    if draws(module, training=True) and not draws(module, training=False):
        # What a target has for the noisy one is not this one.
        return replace(module, training=module.inference, is_library=False)
    return module


def _is_idle(module: Module) -> bool:
    """Whether it owns no weights and passes its inputs on."""
    owns = module.parameters or module.states or module.borrowed
    return _is_identity(module) and not owns and not module.instances


def _is_identity(module: Module) -> bool:
    return all(
        not body.operations
        and not body.updates
        and set(body.outputs) <= set(module.inputs)
        for body in (module.inference, module.training)
    )


def _without_identities(body: Body) -> Body:
    """A body in which calls that give what they were given are left out."""
    given: dict[str, Value] = {}

    def seen(value: Value) -> Value:
        return given.get(value.name, value)

    operations: list[Operation] = []
    for operation in body.operations:
        operation = replace(operation, operands=tuple(map(seen, operation.operands)))
        if isinstance(operation, Call) and _is_quiet_identity(operation.module):
            callee = operation.module
            passed = dict(zip(callee.inputs, operation.operands, strict=True))
            outputs = callee.inference.outputs
            for result, output in zip(operation.results, outputs, strict=True):
                given[result.name] = passed[output]
        else:
            operations.append(operation)
    return Body(
        tuple(operations),
        tuple(map(seen, body.outputs)),
        tuple((name, seen(value)) for name, value in body.updates),
    )


def _is_quiet_identity(module: Module) -> bool:
    return not module.is_library and _is_idle(module)
