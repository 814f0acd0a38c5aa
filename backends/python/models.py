"""Which models a project has, and how one of them is made."""

from typing import Any

from dlmc.backends.python.emitter import Emitter
from dlmc.backends.python.numbers import values_of
from dlmc.ir.module import Module
from dlmc.ir.program import Program


def models_of(program: Program) -> tuple[Module, ...]:
    """The models of a program, each once, then those that trainings make of them.

    `train Model(20) on …` trains another model than `Model()`; the class that they
    share has the defaults of the first.
    """
    trained = (training.model for training in program.trainings)
    return tuple(dict.fromkeys((*program.models, *trained)))


def constructor_arguments(emitter: Emitter, model: Module) -> dict[str, Any]:
    """What a model's class must be given to be just that model, beside its defaults."""
    one = emitter.of[model]
    own, defaults = values_of(model), values_of(one.members[0])
    return {
        argument.name: own[argument.variable]
        for argument in one.arguments
        if repr(own[argument.variable]) != repr(defaults[argument.variable])
    }
