"""The ONNX target."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from dlmc.backend import Backend, Files
from dlmc.ir.program import Program

if TYPE_CHECKING:
    from dlmc.backends.onnx.session import OnnxModel


class OnnxBackend(Backend):
    """Graphs for inference on ONNX Runtime and whatever else reads the format.

    Args:
        weights: A weight file (`.safetensors`) of the model, as another target's
            training writes it; the graph then holds these and not the initial weights.
    """

    name: ClassVar[str] = "onnx"
    requirements: ClassVar[tuple[str, ...]] = ("onnxruntime",)

    def __init__(self, weights: Path | None = None) -> None:
        self.weights = weights

    def build(self, program: Program) -> Files:
        """The whole project; raises `Unsupported`, and `WeightsError` for the weights.

        A model whose weights pass 1.5 GB has them beside the graph: in a copy of the
        weight file, or nowhere yet where none is given; nothing of that size is drawn.
        """
        from dlmc.backends.onnx.project import project

        return project(program, self.weights)

    def load(
        self, program: Program, weights: Mapping[str, Any] | None = None
    ) -> "OnnxModel":
        """The program's model in an ONNX Runtime session, ready to be called."""
        from dlmc.backends.onnx.session import load

        return load(program, weights)
