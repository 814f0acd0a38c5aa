"""The PyTorch target."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dlmc.backend import Backend, Files
from dlmc.ir.program import Program

if TYPE_CHECKING:
    from dlmc.backends.torch.trial import TorchTrial


class TorchBackend(Backend):
    """Projects in PyTorch: models as `nn.Module`, training in a plain loop."""

    name = "torch"
    requirements = ("torch",)
    can_train = True

    def build(self, program: Program, weights: Path | None = None) -> Files:
        """The project; nothing of torch is imported."""
        from dlmc.backends.python.project import project_files
        from dlmc.backends.torch.framework import TorchFramework

        return project_files(program, TorchFramework(program))

    def native(self, program: Program, name: str) -> str | None:
        """An expression on `nn`, `F`, `torch` or a tensor's methods."""
        from dlmc.backends.python.native import native_code
        from dlmc.backends.torch.model import TorchModels
        from dlmc.backends.torch.optimizers import native

        emitter = TorchModels(program).emitter
        return native_code(
            program, name, emitter, program.models[0], lambda one: native(one.optimizer)
        )

    def trial(self, program: Program) -> "TorchTrial":
        """An `nn.Module` on the CPU and the steps of `train.py`."""
        from dlmc.backends.torch.trial import TorchTrial

        return TorchTrial(program)

    def load(self, program: Program, weights: Mapping[str, Any] | None = None) -> Any:
        """The model as an `nn.Module` on the CPU."""
        from dlmc.backends.torch.live import live_model

        return live_model(program, weights)
