"""Which models of a program become graphs, and under which names."""

from dataclasses import dataclass

from dlmc.backends.python.names import free_name, snake_case
from dlmc.ir.module import Module
from dlmc.ir.program import Program, Training


@dataclass(frozen=True, slots=True)
class Graph:
    """One graph of a project: its file, its model, the seed of its initial weights."""

    file: str
    module: Module
    seed: int = 0
    training: Training | None = None


def graphs(program: Program) -> tuple[Graph, ...]:
    """The graph of each model, the main one first.

    That is the first one trained, or the last one of the program where none is. A model
    that is trained twice has a graph for each training with arguments of its own.
    """
    made: list[Graph] = []
    for training in program.trainings:
        if all(graph.module is not training.model for graph in made):
            file = _file(training.name, made)
            made.append(Graph(file, training.model, training.seed, training))
    trained = {graph.module.definition for graph in made}
    for model in reversed(program.models):
        if model.definition not in trained:
            made.append(Graph(_file(model.definition, made), model))
    return tuple(made)


def _file(name: str, made: list[Graph]) -> str:
    if not made:
        return "model.onnx"
    taken = {graph.file.removesuffix(".onnx") for graph in made}
    return f"{free_name(snake_case(name), taken)}.onnx"
