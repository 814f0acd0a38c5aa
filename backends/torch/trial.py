"""A project in PyTorch under trial: its own model, loss, optimizer and schedule."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from dlmc.backends.python import printer
from dlmc.backends.python.live import executed
from dlmc.backends.python.project_trial import LiveTraining, as_tuple
from dlmc.backends.python.script import indented
from dlmc.backends.torch.framework import TorchFramework
from dlmc.backends.torch.live import set_weights
from dlmc.backends.torch.training import TrainingModule
from dlmc.ir.program import Program
from dlmc.primitives.arrays import Array
from dlmc.trial import Arrays, ProjectTrial, is_wide

STEPS = """
def steps_of(model, optimizer, args, size):
{start}
    batches = range(0, size, args.batch)
    while True:
        {fields} = yield
{step}
        yield loss.detach()
"""
OPTIMIZER = """
def optimizer_of(model, args):
    return {optimizer}
"""


class TorchTrial(ProjectTrial):
    """A model as an `nn.Module` on the CPU, and its training."""

    def __init__(self, program: Program) -> None:
        self.is_wide = is_wide(program)
        with self.active():
            self._make(program)

    def _make(self, program: Program) -> None:
        framework = TorchFramework(program)
        files = {"model": executed(framework.model_module(program), "model", "trial")}
        self.module = program.main
        models = framework.models
        made = getattr(files["model"], models.class_name(self.module))
        self.model = made(**models.arguments(self.module))
        if not program.trainings:
            return
        weights = framework.weights_module(program)
        files["weights"] = executed(weights, "weights", "trial", files)
        self.live = LiveTraining(program, framework, files)
        code = TrainingModule(self.live.plan, framework)
        # The loop of `train`, held after each step.
        text = STEPS.format(
            start=indented(code.schedule_start(), 4),
            fields=printer.expression(code.measures.fields(1)),
            step=indented(code.step(), 8),
        )
        self._steps_of = self.live.function(text)
        made = printer.expression(code.optimizer())
        self._optimizer_of = self.live.function(OPTIMIZER.format(optimizer=made))

    @contextmanager
    def active(self) -> Iterator[None]:
        """PyTorch's default dtype is that of the model."""
        import torch

        before = torch.get_default_dtype()
        torch.set_default_dtype(torch.float64 if self.is_wide else torch.float32)
        try:
            yield
        finally:
            torch.set_default_dtype(before)

    def set_weights(self, weights: Arrays) -> None:
        set_weights(self.model, weights)

    def weights(self) -> dict[str, Array]:
        return {
            name: tensor.numpy().copy()
            for name, tensor in self.model.state_dict().items()
            if not name.endswith("num_batches_tracked")
        }

    def forward(self, inputs: Arrays, training: bool) -> dict[str, Array]:
        import torch

        self.model.train(training)
        with torch.no_grad():
            found = as_tuple(self.model(*self._tensors(inputs)))
        return self._outputs([tensor.numpy() for tensor in found])

    def pull(self, inputs: Arrays, cotangents: Arrays) -> dict[str, Array]:
        import torch

        self.model.train()
        tensors = self._tensors(inputs)
        wanted = dict(self.model.named_parameters())
        for value, tensor in zip(self.module.inputs, tensors, strict=True):
            if tensor.is_floating_point():
                wanted[f"input {value.name}"] = tensor.requires_grad_()
        outputs = self._outputs(as_tuple(self.model(*tensors)))
        total = sum(
            (outputs[name] * torch.from_numpy(weight)).sum()
            for name, weight in cotangents.items()
        )
        if not getattr(total, "requires_grad", False):
            return {n: np.zeros_like(x.detach().numpy()) for n, x in wanted.items()}
        found = torch.autograd.grad(
            total, list(wanted.values()), allow_unused=True, materialize_grads=True
        )
        return {n: g.numpy() for n, g in zip(wanted, found, strict=True)}

    def samples(self) -> dict[str, Array]:
        return self.live.samples()

    def order(self, size: int, seed: int, epoch: int) -> Array:
        return self.live.order(size, seed, epoch)

    def begin(self, samples: Arrays, batch: int) -> None:
        import torch

        self.live.args.batch = batch
        self.training = [torch.from_numpy(a) for a in self.live.in_order(samples)]
        self.optimizer = self._optimizer_of(self.model, self.live.args)
        self.steps = self._steps(self.optimizer)

    def loss_and_gradients(self, batch: Array) -> tuple[float, dict[str, Array]]:
        loss = self._take(self._steps(_Gradients(self.model)), batch)
        return loss, {
            name: np.zeros(tuple(weight.shape))
            if weight.grad is None
            else weight.grad.numpy().copy()
            for name, weight in self.model.named_parameters()
        }

    def step(self, batch: Array) -> float:
        return self._take(self.steps, batch)

    def learning_rate(self) -> float:
        return float(self.optimizer.param_groups[0]["lr"])

    def _steps(self, optimizer: Any) -> Generator[Any, Any, None]:
        made: Generator[Any, Any, None] = self._steps_of(
            self.model, optimizer, self.live.args, len(self.training[0])
        )
        return made

    def _take(self, steps: Generator[Any, Any, None], batch: Array) -> float:
        import torch

        self.model.train()
        index = torch.from_numpy(batch)
        next(steps)
        return float(steps.send(field[index] for field in self.training))

    def _tensors(self, inputs: Arrays) -> list[Any]:
        import torch

        return [
            torch.from_numpy(np.ascontiguousarray(inputs[value.name]))
            for value in self.module.inputs
        ]

    def _outputs(self, found: Any) -> dict[str, Any]:
        names = [output.name or "output" for output in self.module.outputs]
        return dict(zip(names, found, strict=True))


class _Gradients:
    """In the place of an optimizer: leaves gradients and weights as they are."""

    param_groups: tuple[Any, ...] = ()

    def __init__(self, model: Any) -> None:
        self.model = model

    def zero_grad(self) -> None:
        """Forget the gradients of the step before."""
        self.model.zero_grad()

    def step(self) -> None:
        """Nothing."""
