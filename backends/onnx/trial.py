"""A graph under trial: inference in ONNX Runtime."""

from dlmc.backends.onnx.session import OnnxModel, load
from dlmc.ir.program import Program
from dlmc.primitives.arrays import Array
from dlmc.trial import Arrays, Trial


class OnnxTrial(Trial):
    """The graph of a program's main model."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.model: OnnxModel | None = None

    def set_weights(self, weights: Arrays) -> None:
        self.model = load(self.program, weights)

    def forward(self, inputs: Arrays, training: bool) -> dict[str, Array]:
        assert self.model is not None
        assert not training
        return self.model(**inputs)
