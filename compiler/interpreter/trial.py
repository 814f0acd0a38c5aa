"""The interpreter under trial: what all targets are compared with."""

import math
from dataclasses import replace
from functools import cached_property

from dlmc.interpreter.optimizers import OptimizerState
from dlmc.interpreter.run import Result, run
from dlmc.ir.builder import Builder
from dlmc.ir.module import Module, Output, Value
from dlmc.ir.program import Program
from dlmc.passes.differentiate import differentiate
from dlmc.passes.inline import inline
from dlmc.passes.objective import objective
from dlmc.primitives.arrays import Array, np
from dlmc.trial import Arrays, TrainableTrial, is_wide


class InterpreterTrial(TrainableTrial):
    """A program's main model and its first training, in NumPy.

    It computes in f64, whatever the dtypes of the program, unless `precise` is off.
    """

    def __init__(self, program: Program, precise: bool = True) -> None:
        self.module = program.main
        self.training = program.trainings[0] if program.trainings else None
        self.precise = precise and not is_wide(program)
        self.values: dict[str, Array] = {}

    def set_weights(self, weights: Arrays) -> None:
        self.values = dict(weights)

    def weights(self) -> dict[str, Array]:
        return dict(self.values)

    def forward(self, inputs: Arrays, training: bool) -> dict[str, Array]:
        result = self._run(self.module, inputs, training)
        return result.outputs

    def pull(self, inputs: Arrays, cotangents: Arrays) -> dict[str, Array]:
        given = {**inputs, **{f"cotangent {n}": a for n, a in cotangents.items()}}
        found = self._run(self._pullback, given, True).outputs
        names = {v.name for v in self.module.inputs}
        return {
            f"input {name}" if name in names else name: array
            for key, array in found.items()
            if (name := key.removeprefix("grad.")) != key
        }

    def begin(self, samples: Arrays, batch: int) -> None:
        assert self.training is not None
        self.fields = dict(samples)
        size = len(next(iter(samples.values())))
        epoch = math.ceil(size / batch)
        self.optimizer = OptimizerState(
            self.training.optimizer,
            self.training.schedule,
            {name: self.values[name] for name in self._trained},
            steps=self.training.epochs * epoch,
            epoch=epoch,
            precise=self.precise or _are_wide(self.values),
        )

    def loss_and_gradients(self, batch: Array) -> tuple[float, dict[str, Array]]:
        needed = {value.name for value in self._gradients.inputs}
        inputs = {n: field[batch] for n, field in self.fields.items() if n in needed}
        found = self._run(self._gradients, inputs, True).outputs
        loss = float(next(iter(found.values())))
        return loss, {name: found[f"grad.{name}"] for name in self._trained}

    def step(self, batch: Array) -> float:
        loss, gradients = self.loss_and_gradients(batch)
        self.rate = self.optimizer.learning_rate
        trained = {name: self.values[name] for name in self._trained}
        self.values |= self.optimizer.step(trained, gradients)
        return loss

    def learning_rate(self) -> float:
        return self.rate

    @cached_property
    def _gradients(self) -> Module:
        assert self.training is not None
        return differentiate(objective(self.training), self._trained)

    @cached_property
    def _trained(self) -> list[str]:
        return [parameter.name for parameter in inline(self.module, True).parameters]

    @cached_property
    def _pullback(self) -> Module:
        """The model with the sum of its outputs times cotangents, and its gradients."""
        flat = inline(self.module, True)
        body = flat.training
        last = body.operations[-1] if body.operations else flat
        assert last.span is not None
        values = {value.name for value in flat.inputs}
        values |= {own.name for own in flat.parameters}
        values |= {own.name for own in flat.states}
        values |= {r.name for operation in body.operations for r in operation.results}
        pairs = [
            (value, Value(f"cotangent {output.name or 'output'}", value.type))
            for output, value in zip(flat.outputs, body.outputs, strict=True)
            if value.type.dtype.is_float
        ]
        builder = Builder(last.span, values | {given.name for _, given in pairs})
        terms = [
            builder.sum(
                builder.term(value) * builder.term(given),
                axis=tuple(range(value.type.rank)),
            )
            for value, given in pairs
        ]
        total = terms[0]
        for term in terms[1:]:
            total = total + builder.cast(term, dtype=total.dtype)
        made = replace(
            body,
            operations=(*body.operations, *builder.operations),
            outputs=(total.value,),
        )
        summed = replace(
            flat,
            inputs=(*flat.inputs, *(given for _, given in pairs)),
            outputs=(Output("total", total.type),),
            inference=made,
            training=made,
        )
        wanted = [v.name for v in flat.inputs if v.type.dtype.is_float]
        return differentiate(summed, [*self._trained, *wanted])

    def _run(self, module: Module, inputs: Arrays, training: bool) -> Result:
        result = run(
            module, inputs, self.values, training=training, precise=self.precise
        )
        if training:
            self.values |= result.updates
        return result


def _are_wide(values: Arrays) -> bool:
    return any(array.dtype == np.float64 for array in values.values())
