"""Generated models, live in this process."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dlmc.backends.python.live import executed
from dlmc.backends.tensorflow.model import TensorFlowModels
from dlmc.backends.tensorflow.weights import weights_module
from dlmc.ir.program import Program


def live_model(program: Program, weights: Mapping[str, Any] | None = None) -> Any:
    """The program's model as a `keras.Model`: the first training's, or the last one.

    `weights` are arrays by the names of the weight file.

    Raises:
        ValueError: where names or shapes differ from the model's.
    """
    models = TensorFlowModels(program)
    model = program.main
    code = executed(models.module(), "model", program.name)
    made = getattr(code, models.class_name(model))(**models.arguments(model))
    if weights is not None:
        import numpy as np
        from safetensors.numpy import save_file

        files = executed(weights_module(program, models), "weights", program.name)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "model.safetensors"
            arrays = {n: np.asarray(a, order="C") for n, a in weights.items()}
            save_file(arrays, path)
            files.load(made, path)
    return made
