"""Modules as PyTorch code, run."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from dlmc.backends.python import printer
from dlmc.backends.python import tree as py
from dlmc.backends.python.emitter import Emitter
from dlmc.backends.python.live import executed
from dlmc.backends.torch.dialect import TorchDialect
from dlmc.backends.torch.live import set_weights
from dlmc.backends.torch.natives import NATIVES
from dlmc.ir.module import Module


def source(module: Module, natives: bool = True) -> str:
    """The code of a model, with the framework's own layers or without."""
    dialect = TorchDialect([module], NATIVES if natives else {})
    emitter = Emitter(dialect, [module])
    body = [*dialect.support(), *emitter.definitions()]
    return printer.module(py.Module(tuple(body)))


def made(
    module: Module, weights: Mapping[str, Any] | None = None, natives: bool = True
) -> Any:
    """A model as an `nn.Module`."""
    text = source(module, natives)
    model = getattr(executed(text, "model", module.definition), module.definition)()
    if weights is not None:
        set_weights(model, weights)
    return model


def tensors(module: Module, inputs: Mapping[str, Any]) -> list[Any]:
    """A model's inputs as tensors, in order."""
    return [torch.from_numpy(np.asarray(inputs[v.name])) for v in module.inputs]


def outputs(module: Module, model: Any, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """What a model gives, by name, as arrays."""
    found = model(*tensors(module, inputs))
    several = found if isinstance(found, tuple) else (found,)
    names = [output.name or "output" for output in module.outputs]
    return {
        name: tensor.detach().numpy()
        for name, tensor in zip(names, several, strict=True)
    }
