"""Every optimizer and schedule on every target, against NumPy in 64 bits."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from dlmc.backend import backend
from dlmc.catalogue.samples import Sample, library_samples
from dlmc.initializers import initial_weights
from dlmc.interpreter.optimizers import OptimizerState
from dlmc.ir.program import Program
from dlmc.passes.precision import widened
from dlmc.trial import TrainableTrial
from tests.conformance.cases import applied, documented

STEPS = 8
BAR = 1e-7
"""Keras's own optimizers keep the learning rate in f32."""
BOTH = np.arange(2)
"""The batch of each step: the two samples that there are."""


@pytest.mark.parametrize("name", sorted({*documented()} - {*applied()}))
@pytest.mark.parametrize("target", ["torch", "tensorflow"])
def test_samples(target: str, name: str) -> None:
    """The weights after each of some steps."""
    for sample in library_samples(name):
        program = in_64_bits(sample)
        trial = backend(target).trial(program)
        assert isinstance(trial, TrainableTrial)
        with trial.active():
            trial.set_weights(start(program))
            data = trial.samples()
            trial.begin(data, 2)
            for wanted in expected(program, data):
                trial.step(BOTH)
                found = trial.weights()
                for weight, array in wanted.items():
                    np.testing.assert_allclose(
                        found[weight], array, BAR, BAR, err_msg=sample.expression
                    )


def in_64_bits(sample: Sample) -> Program:
    """The program of a sample, some steps long."""
    program = sample.program
    (training,) = program.trainings
    return widened(replace(program, trainings=(replace(training, epochs=STEPS),)))


def start(program: Program) -> dict[str, Any]:
    """The weights at the start; the bias too is not 0."""
    rng = np.random.default_rng(0)
    return {
        name: array + rng.uniform(-1, 1, array.shape)
        for name, array in initial_weights(program.main, 0).items()
    }


def expected(program: Program, data: Any) -> Iterator[dict[str, Any]]:
    """The weights after each step: the gradients of the line are known."""
    (training,) = program.trainings
    weights = start(program)
    rule = OptimizerState(
        training.optimizer, training.schedule, weights, steps=STEPS, epoch=1,
        precise=True,
    )  # fmt: skip
    x, target = (np.asarray(data[name], np.float64) for name in ("x", "target"))
    for _ in range(STEPS):
        y = x @ weights["dense.weight"].T + weights["dense.bias"]
        error = 2 * (y - target) / y.size
        gradients = {"dense.weight": error.T @ x, "dense.bias": error.sum(0)}
        weights = rule.step(weights, gradients)
        yield weights
