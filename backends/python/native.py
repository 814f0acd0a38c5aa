"""What a framework that projects are written for has itself."""

from collections.abc import Callable

from dlmc.backends.python import printer
from dlmc.backends.python import tree as py
from dlmc.backends.python.emitter import Emitter
from dlmc.ir.module import Module
from dlmc.ir.program import Program, Training


def native_code(
    program: Program,
    name: str,
    emitter: Emitter,
    model: Module,
    optimizer: Callable[[Training], py.Expression | None],
) -> str | None:
    """`Backend.native` for a target that is Python.

    Args:
        program: Uses `name` once.
        name: A definition of the library, or a primitive.
        emitter: Writes the program's models.
        model: The first of them, as the emitter has it.
        optimizer: The framework's own for a training's optimizer, if it has the rule.

    Raises:
        Unsupported: The target cannot express it.
    """
    said: list[py.Statement] | None
    if not program.trainings:
        said = emitter.native(model, name)
    else:
        (training,) = program.trainings
        if training.optimizer.definition != name:
            return None  # a schedule: projects compute the rate themselves
        rule = optimizer(training)
        said = None if rule is None else [py.Evaluate(rule)]
    if said is None or any(_is_own(node) for s in said for node in py.walk(s)):
        return None
    match said:
        case [py.Evaluate(value)]:
            return printer.on_one_line(value)
        case [py.Return(value)] if value is not None:
            return printer.on_one_line(value)
    return printer.statements(said).rstrip()


def _is_own(node: py.Node) -> bool:
    """Whether it is a call of something that the project defines itself."""
    match node:
        case py.Call(py.Name(_, None)):
            return True
    return False
