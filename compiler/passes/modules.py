"""The same change to every module of a program."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeAlias

from dlmc.ir.module import Body, Call, Instance, Module
from dlmc.ir.program import Program, Training
from dlmc.ir.traversal import reachable

Change: TypeAlias = Callable[[Module], Module]
"""What becomes of a module whose callees have been changed already."""


def changed(program: Program, change: Change) -> Program:
    """The program with every module of its models, losses and data fields replaced.

    Metrics, optimizers and schedules stay as they are.
    """
    roots = [*program.models]
    for training in program.trainings:
        roots += [training.model, training.loss]
        roots += [field.module for field in training.data.fields]
    table = changed_modules(roots, change)

    def training_of(training: Training) -> Training:
        fields = tuple(
            replace(
                field,
                module=table[field.module],
                type=table[field.module].outputs[0].type,
            )
            for field in training.data.fields
        )
        return replace(
            training,
            model=table[training.model],
            loss=table[training.loss],
            data=replace(training.data, fields=fields),
        )

    return replace(
        program,
        models=tuple(table[model] for model in program.models),
        trainings=tuple(map(training_of, program.trainings)),
    )


def changed_modules(roots: list[Module], change: Change) -> Mapping[Module, Module]:
    """Each module that the roots reach, and what becomes of it."""
    table: dict[Module, Module] = {}
    for module in reachable(roots):
        table[module] = change(_with_callees(module, table))
    return table


def _with_callees(module: Module, table: Mapping[Module, Module]) -> Module:
    def body(given: Body) -> Body:
        operations = tuple(
            replace(operation, module=table[operation.module])
            if isinstance(operation, Call)
            else operation
            for operation in given.operations
        )
        return replace(given, operations=operations)

    def instance(given: Instance) -> Instance:
        return replace(given, module=table[given.module])

    return with_bodies(
        replace(module, instances=tuple(map(instance, module.instances))), body
    )


def with_bodies(module: Module, change: Callable[[Body], Body]) -> Module:
    """A module with each body changed; the two stay one where they were one."""
    inference = change(module.inference)
    is_one = module.training is module.inference
    training = inference if is_one else change(module.training)
    return replace(module, inference=inference, training=training)
