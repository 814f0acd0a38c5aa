"""Generated models, live in this process."""

from collections.abc import Mapping
from typing import Any

from dlmc.backends.python.live import executed
from dlmc.backends.torch.model import TorchModels
from dlmc.ir.program import Program


def live_model(program: Program, weights: Mapping[str, Any] | None = None) -> Any:
    """The program's model as an `nn.Module`: the first training's, or the last one.

    `weights` are arrays by the names of the weight file.

    Raises:
        ValueError: where names or shapes differ from the model's.
    """
    models = TorchModels(program)
    model = program.main
    code = executed(models.module(), "model", program.name)
    made = getattr(code, models.class_name(model))(**models.arguments(model))
    if weights is not None:
        set_weights(made, weights)
    return made


def set_weights(model: Any, weights: Mapping[str, Any]) -> None:
    """Copy arrays into a model's parameters and states."""
    import torch

    own = {
        name: tensor
        for name, tensor in model.state_dict().items()
        if not name.endswith("num_batches_tracked")
    }
    faults = [f"{name} is missing" for name in own if name not in weights]
    faults += [f"{name} is unknown" for name in weights if name not in own]
    for name, tensor in own.items():
        if name in weights and tuple(weights[name].shape) != tuple(tensor.shape):
            faults.append(f"{name} is {weights[name].shape}, not {tuple(tensor.shape)}")
    if faults:
        raise ValueError("\n  ".join(["these are not the model's weights:", *faults]))
    with torch.no_grad():
        for name, tensor in own.items():
            tensor.copy_(torch.from_numpy(weights[name].copy()))
