"""Generated models, live in this process."""

import linecache
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

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
            arrays = {n: np.ascontiguousarray(a) for n, a in weights.items()}
            save_file(arrays, path)
            files.load(made, path)
    return made


def executed(source: str, kind: str, name: str) -> ModuleType:
    """A module from its text; tracebacks show its lines."""
    file = f"<{kind} of {name}>"
    full = f"dlmc_{kind}_{name}"
    # A module that is known by its name can be pickled.
    module = sys.modules[full] = ModuleType(full)
    module.__file__ = file
    lines = source.splitlines(keepends=True)
    linecache.cache[file] = (len(source), None, lines, file)
    exec(compile(source, file, "exec"), module.__dict__)
    return module
