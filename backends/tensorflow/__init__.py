"""Keras 3 on TensorFlow.

What a generated project's `model.py` and `weights.py` give the other files:

- `from model import Digits`: a `keras.Model` called after the DLM model, whose
  constructor takes the model's arguments with their defaults. `Digits()` has all its
  variables at once. `model(image, training=True)` takes the inputs in their declared
  order, dtype and layout, channels first, and returns the one output, or a tuple of
  them in their declared order; `training` is a parameter where the model depends on it.
- `model.trainable_variables` are the parameters. States (`BatchNorm`'s running
  statistics) change by themselves in a call with `training=True`. `model.variables` has
  the states of random generators too, for a checkpoint that resumes exactly.
- `import weights`: `weights.load(model, path)` and `weights.save(model, path)` read and
  write a safetensors file in the names and layouts that all targets share, converting
  kernels; `load` raises `ValueError` with a list of what is missing, unexpected or of
  another shape.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dlmc.backend import Backend, Files
from dlmc.ir.program import Program

if TYPE_CHECKING:
    from dlmc.backends.tensorflow.trial import TensorFlowTrial


class TensorFlowBackend(Backend):
    """Projects in Keras 3 on TensorFlow: models as `keras.Model`, steps in a graph."""

    name = "tensorflow"
    requirements = ("keras", "tensorflow")
    can_train = True

    def build(self, program: Program, weights: Path | None = None) -> Files:
        """The project; nothing of Keras is imported."""
        from dlmc.backends.python.project import project_files
        from dlmc.backends.tensorflow.framework import TensorFlowFramework

        return project_files(program, TensorFlowFramework(program))

    def native(self, program: Program, name: str) -> str | None:
        """An expression on `layers`, `ops`, `keras` or `tf`."""
        from dlmc.backends.python.native import native_code
        from dlmc.backends.tensorflow.model import TensorFlowModels
        from dlmc.backends.tensorflow.optimizers import native

        models = TensorFlowModels(program)
        model = models.lowered(program.models[0])
        return native_code(
            program,
            name,
            models.emitter,
            model,
            lambda one: native(one.optimizer, one.schedule is not None),
        )

    def trial(self, program: Program) -> "TensorFlowTrial":
        """A `keras.Model` on the CPU and the steps of `train.py`, as graphs."""
        from dlmc.backends.tensorflow.trial import TensorFlowTrial

        return TensorFlowTrial(program)

    def load(self, program: Program, weights: Mapping[str, Any] | None = None) -> Any:
        """The model as a `keras.Model`, with all its variables."""
        from dlmc.backends.tensorflow.live import live_model

        return live_model(program, weights)
