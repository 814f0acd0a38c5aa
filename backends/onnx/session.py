"""A model's graph, live in ONNX Runtime."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from dlmc.backends.onnx import weights as weight_files
from dlmc.backends.onnx.lowering import lower, output_names
from dlmc.backends.onnx.models import graphs
from dlmc.initializers import initial_weights
from dlmc.ir.program import Program
from dlmc.primitives.arrays import Array

if TYPE_CHECKING:
    import onnxruntime


class OnnxModel:
    """A graph in a session: called with an array for each input, by name.

    `session` is the `onnxruntime.InferenceSession` itself. `names` are those of the
    program's outputs, each with the graph's own.
    """

    def __init__(
        self, session: "onnxruntime.InferenceSession", names: Mapping[str, str]
    ) -> None:
        self.session = session
        self.names = dict(names)

    def __call__(self, **inputs: Any) -> dict[str, Array]:
        """The outputs by name, of the dtypes and shapes that the program says."""
        arrays = {name: np.asarray(value) for name, value in inputs.items()}
        results = self.session.run(list(self.names.values()), arrays)
        return dict(zip(self.names, results, strict=True))


def load(program: Program, weights: Mapping[str, Any] | None) -> OnnxModel:
    """The program's model with weights by full name, or with its initial ones."""
    import onnxruntime

    main = graphs(program)[0]
    module = main.module
    if weights is None:
        arrays = initial_weights(module, main.seed)
    else:
        arrays = {n: np.asarray(value, order="C") for n, value in weights.items()}
        weight_files.check(module, weight_files.types_of(arrays), "the mapping")
    graph = lower(module)
    options = onnxruntime.SessionOptions()
    if weight_files.is_large(module):
        graph = weight_files.refer(
            graph, module, "memory", weight_files.consecutive(module)
        )
        used = [place.name for place in graph.graph.initializer if place.name in arrays]
        values = [
            onnxruntime.OrtValue.ortvalue_from_numpy(arrays[name]) for name in used
        ]
        options.add_external_initializers(used, values)
    else:
        graph = weight_files.embed(graph, module, lambda name: arrays[name].tobytes())
    session = onnxruntime.InferenceSession(
        graph.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    return OnnxModel(session, output_names(module))
