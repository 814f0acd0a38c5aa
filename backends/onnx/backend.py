"""The ONNX target."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from dlmc.backend import Backend, Files
from dlmc.ir.program import Program

if TYPE_CHECKING:
    from dlmc.backends.onnx.session import OnnxModel
    from dlmc.backends.onnx.trial import OnnxTrial


class OnnxBackend(Backend):
    """Graphs for inference on ONNX Runtime and whatever else reads the format."""

    name: ClassVar[str] = "onnx"
    requirements: ClassVar[tuple[str, ...]] = ("onnxruntime",)
    holds_weights: ClassVar[bool] = True

    def build(self, program: Program, weights: Path | None = None) -> Files:
        """The whole project; without weights, the graph holds the initial ones.

        A model whose weights pass 1.5 GB has them beside the graph: in a copy of the
        weight file, or nowhere yet where none is given; nothing of that size is drawn.

        Raises:
            Unsupported: A graph cannot express something in the program.
            WeightsError: The weight file is not of the program's model.
        """
        from dlmc.backends.onnx.project import project

        return project(program, weights)

    def native(self, program: Program, name: str) -> str | None:
        """The operators of one use, in order: `Erf, Mul`."""
        from dlmc.backends.onnx.native import native_operators

        return native_operators(program, name)

    def trial(self, program: Program) -> "OnnxTrial":
        """The graph in ONNX Runtime: inference alone."""
        from dlmc.backends.onnx.trial import OnnxTrial

        return OnnxTrial(program)

    def load(
        self, program: Program, weights: Mapping[str, Any] | None = None
    ) -> "OnnxModel":
        """The program's model in an ONNX Runtime session, ready to be called."""
        from dlmc.backends.onnx.session import load

        return load(program, weights)
