"""Which models of a program become graphs, and under which name."""

from dlmc.ir.module import Module
from dlmc.ir.program import Program


def main_model(program: Program) -> tuple[Module, int]:
    """The model that is trained first, or the last one, and the seed of its weights."""
    if program.trainings:
        training = program.trainings[0]
        return training.model, training.seed
    return program.models[-1], 0
