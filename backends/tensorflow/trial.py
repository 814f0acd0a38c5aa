"""A project in Keras under trial: its own model, steps, optimizer and schedule."""

import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from dlmc.backends.python import printer
from dlmc.backends.python.live import executed
from dlmc.backends.python.project_trial import LiveTraining, as_tuple
from dlmc.backends.python.script import indented
from dlmc.backends.tensorflow.framework import TensorFlowFramework
from dlmc.backends.tensorflow.training import TrainingModule
from dlmc.ir.program import Program
from dlmc.primitives.arrays import Array
from dlmc.trial import Arrays, ProjectTrial, is_wide

STEPS = """
def steps_of(trainer, args, size):
{start}
    while True:
        samples = yield
{rates}
        yield trainer.steps(samples, {given_rates}) / len(samples)
"""
OPTIMIZER = """
def optimizer_of(model, args):
    return {optimizer}
"""


class TensorFlowTrial(ProjectTrial):
    """A `keras.Model` on the CPU, and its training."""

    def __init__(self, program: Program) -> None:
        os.environ["KERAS_BACKEND"] = "tensorflow"
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
        self.is_wide = is_wide(program)
        with self.active():
            self._make(program)

    def _make(self, program: Program) -> None:
        framework = TensorFlowFramework(program)
        files = {"model": executed(framework.model_module(program), "model", "trial")}
        weights = framework.weights_module(program)
        files["weights"] = self.files = executed(weights, "weights", "trial", files)
        self.module = program.main
        models = framework.models
        made = getattr(files["model"], models.class_name(self.module))
        self.model = made(**models.arguments(self.module))
        self.mode = self.module.depends_on_mode
        if not program.trainings:
            return
        self.live = LiveTraining(program, framework, files)
        code = TrainingModule(self.live.plan, framework)
        # The loop of `train`, held after each step.
        text = STEPS.format(
            start=indented(code.schedule_start(), 4),
            rates=indented(code.rates(), 8),
            given_rates=", ".join(map(printer.expression, code.given_rates())),
        )
        self._steps_of = self.live.function(text)
        made_as = printer.expression(code.optimizer())
        self._optimizer_of = self.live.function(OPTIMIZER.format(optimizer=made_as))

    @contextmanager
    def active(self) -> Iterator[None]:
        """Keras's default dtype is that of the model."""
        import keras

        before = keras.config.floatx(), keras.config.dtype_policy()
        keras.config.set_floatx("float64" if self.is_wide else "float32")
        # The policy of layers follows only until it is asked for the first time.
        keras.config.set_dtype_policy(keras.config.floatx())
        try:
            yield
        finally:
            keras.config.set_floatx(before[0])
            keras.config.set_dtype_policy(before[1])

    def set_weights(self, weights: Arrays) -> None:
        own = {name: (layer, one) for name, layer, one in self.files.named(self.model)}
        if own.keys() != weights.keys():
            names = sorted(own.keys() ^ weights.keys())
            raise ValueError(f"these weights are not the model's: {', '.join(names)}")
        for name, (layer, variable) in own.items():
            variable.assign(self.files.from_file(layer, variable, weights[name]))

    def weights(self) -> dict[str, Array]:
        return {
            name: self.files.to_file(layer, variable)
            for name, layer, variable in self.files.named(self.model)
        }

    def forward(self, inputs: Arrays, training: bool) -> dict[str, Array]:
        found = self._called(self._tensors(inputs), training)
        return {name: tensor.numpy() for name, tensor in found.items()}

    def pull(self, inputs: Arrays, cotangents: Arrays) -> dict[str, Array]:
        import tensorflow as tf

        tensors = self._tensors(inputs)
        wanted: dict[str, Any] = {
            f"input {value.name}": tensor
            for value, tensor in zip(self.module.inputs, tensors, strict=True)
            if tensor.dtype.is_floating
        }
        with tf.GradientTape() as tape:
            tape.watch(list(wanted.values()))
            outputs = self._called(tensors, True)
            total = sum(
                tf.reduce_sum(outputs[name] * weight)
                for name, weight in cotangents.items()
            )
        found = tape.gradient(
            total,
            [*wanted.values(), *(v.value for v in self.model.trainable_variables)],
            unconnected_gradients="zero",
        )
        of_inputs = [tf.convert_to_tensor(one).numpy() for one in found[: len(wanted)]]
        return {
            **dict(zip(wanted, of_inputs, strict=True)),
            **self._gradients(found[len(wanted) :]),
        }

    def samples(self) -> dict[str, Array]:
        return self.live.samples()

    def order(self, size: int, seed: int, epoch: int) -> Array:
        return self.live.order(size, seed, epoch)

    def begin(self, samples: Arrays, batch: int) -> None:
        import tensorflow as tf

        self.live.args.batch = batch
        self.training = [tf.constant(a) for a in self.live.in_order(samples)]
        self.optimizer = self._optimizer_of(self.model, self.live.args)
        self.steps = self._steps(self.optimizer)
        self.recorder = _recorder()
        self.recording = self._steps(self.recorder)

    def loss_and_gradients(self, batch: Array) -> tuple[float, dict[str, Array]]:
        loss = self._take(self.recording, batch)
        return loss, self._gradients(self.recorder.found)

    def step(self, batch: Array) -> float:
        return self._take(self.steps, batch)

    def learning_rate(self) -> float:
        return float(self.optimizer.learning_rate)

    def _steps(self, optimizer: Any) -> Generator[Any, Any, None]:
        args, train = self.live.args, self.live.train
        trainer = train.Trainer(self.model, optimizer, self.training, args.batch)
        made: Generator[Any, Any, None] = self._steps_of(
            trainer, args, len(self.training[0])
        )
        return made

    def _take(self, steps: Generator[Any, Any, None], batch: Array) -> float:
        next(steps)
        return float(steps.send(batch))

    def _gradients(self, found: Any) -> dict[str, Array]:
        """Gradients of the trainable variables, by name and in the layout of files."""
        import tensorflow as tf

        variables = self.model.trainable_variables
        by_variable = {id(v): g for v, g in zip(variables, found, strict=True)}
        gradients: dict[str, Array] = {}
        for name, layer, variable in self.files.named(self.model):
            if id(variable) not in by_variable:
                continue
            array = tf.convert_to_tensor(by_variable[id(variable)]).numpy()
            like = SimpleNamespace(name=variable.name, numpy=lambda a=array: a)
            gradients[name] = self.files.to_file(layer, like)
        return gradients

    def _tensors(self, inputs: Arrays) -> list[Any]:
        import tensorflow as tf

        return [tf.constant(inputs[value.name]) for value in self.module.inputs]

    def _called(self, tensors: list[Any], training: bool) -> dict[str, Any]:
        mode = {"training": training} if self.mode else {}
        names = [output.name or "output" for output in self.module.outputs]
        found = as_tuple(self.model(*tensors, **mode))
        return dict(zip(names, found, strict=True))


def _recorder() -> Any:
    """In the place of an optimizer: keeps gradients, and weights as they are."""
    import keras
    import tensorflow as tf

    class _Recorder(keras.optimizers.Optimizer):  # type: ignore[misc]
        def build(self, variables: list[Any]) -> None:
            super().build(variables)
            self.found = [tf.Variable(tf.zeros_like(one.value)) for one in variables]

        def apply(self, grads: list[Any], trainable_variables: list[Any]) -> None:
            for kept, gradient in zip(self.found, grads, strict=True):
                if gradient is not None:
                    kept.assign(tf.convert_to_tensor(gradient))

    return _Recorder(0.0)
