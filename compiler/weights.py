"""The weight file: all parameters and states of a model, in the one order and layout.

A `.safetensors` file whose names are the full dotted names of `dlmc.ir.module.weights`
and whose layouts are those declared in the program, on every target.
"""

from dlmc.ir.program import Program


def initial_weight_file(program: Program) -> bytes:
    """The bytes of the initial weights of a program's model.

    They are those of its main model, with the seed of the first training, or 0 where
    nothing is trained.
    """
    from safetensors.numpy import save

    from dlmc.initializers import initial_weights

    seed = program.trainings[0].seed if program.trainings else 0
    content: bytes = save(initial_weights(program.main, seed))
    return content
