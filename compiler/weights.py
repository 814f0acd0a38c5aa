"""The weight file: all parameters and states of a model, in the one order and layout.

A `.safetensors` file whose names are the full dotted names of `dlmc.ir.module.weights`
and whose layouts are those declared in the program, on every target.
"""

from dlmc.ir.program import Program


def initial_weight_file(program: Program) -> bytes:
    """The bytes of the initial weights of a program's model.

    The model is the first training's, with that training's seed, or the last model of
    the file, with seed 0, where nothing is trained.
    """
    from safetensors.numpy import save

    from dlmc.initializers import initial_weights

    if program.trainings:
        training = program.trainings[0]
        model, seed = training.model, training.seed
    else:
        model, seed = program.models[-1], 0
    content: bytes = save(initial_weights(model, seed))
    return content
