"""Modules as Keras code, run. TensorFlow is imported when the first of them runs."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any

import numpy as np
from safetensors.numpy import load_file, save_file

from dlmc.backends.python.live import executed
from dlmc.backends.tensorflow.model import TensorFlowModels
from dlmc.backends.tensorflow.weights import weights_module
from dlmc.ir.module import Module
from dlmc.ir.program import Program


@dataclass
class Made:
    """A model, live, and its project's `weights.py`."""

    module: Module
    model: Any
    files: ModuleType

    def outputs(self, inputs: Mapping[str, Any], training: bool = False) -> Any:
        """What the model gives, by name, as arrays."""
        found = self.called([inputs[v.name] for v in self.module.inputs], training)
        names = [output.name or "output" for output in self.module.outputs]
        return {n: tensor.numpy() for n, tensor in zip(names, found, strict=True)}

    def called(self, inputs: Any, training: bool = False) -> tuple[Any, ...]:
        """What the model gives for tensors or arrays."""
        mode = {"training": training} if self.module.depends_on_mode else {}
        found = self.model(*inputs, **mode)
        return found if isinstance(found, tuple) else (found,)

    def set(self, weights: Mapping[str, Any]) -> None:
        """Give the model weights, through a file."""
        with folder() as path:
            save_file({n: np.asarray(a, order="C") for n, a in weights.items()}, path)
            self.files.load(self.model, path)

    def weights(self) -> dict[str, Any]:
        """The model's weights, through a file."""
        with folder() as path:
            self.files.save(self.model, path)
            found: dict[str, Any] = load_file(path)
            return found

    def named(self) -> dict[str, Any]:
        """The model's variables, by their names in a file."""
        return {name: weight for name, _, weight in self.files.named(self.model)}


@contextmanager
def folder() -> Iterator[Path]:
    """A path for a file that is gone in the end."""
    with TemporaryDirectory() as path:
        yield Path(path) / "model.safetensors"


def models_of(module: Module, natives: bool = True) -> TensorFlowModels:
    """What a program of one model becomes."""
    program = Program("test", "test.dlm", (module,), ())
    return TensorFlowModels(program, natives)


def source(module: Module, natives: bool = True) -> str:
    """The code of a model, with Keras's own layers or without."""
    return models_of(module, natives).module()


def weights_source(module: Module, natives: bool = True) -> str:
    """The code that reads and writes its weights."""
    models = models_of(module, natives)
    return weights_module(models.program, models)


def made(
    module: Module, weights: Mapping[str, Any] | None = None, natives: bool = True
) -> Made:
    """A model as a `keras.Model`."""
    models = models_of(module, natives)
    code = executed(models.module(), "model", "test")
    files = executed(weights_module(models.program, models), "weights", "test")
    result = Made(module, getattr(code, models.class_name(module))(), files)
    if weights is not None:
        result.set(weights)
    return result
