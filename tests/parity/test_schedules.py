"""Schedules: interpreter, generated function, PyTorch's own and closed forms."""

import math
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dlmc.api import read
from dlmc.backends.python.schedule import counts, schedule_function
from dlmc.backends.python.script import printed
from dlmc.interpreter import OptimizerState

PROGRAM = """
model M {
  input x: f32[N, 1]
  output y = x -> Dense(1)
}
data rows {
  source = inline(x = [[1.0]])
  x: f32[1]
}
train M on rows {
  loss = mse(y, x)
  optimizer = sgd(lr = SCHEDULE)
  epochs = 1
  batch = 1
}
"""
STEPS, EPOCH = 40, 8
BEYOND = 10
"""Steps after the last, which a training that goes on takes."""


def rates(schedule: str, folder: Path, taken: int = STEPS + BEYOND) -> list[float]:
    """The learning rate of each step; the interpreter and the generated code agree."""
    path = folder / "program.dlm"
    path.write_text(PROGRAM.replace("SCHEDULE", schedule), "utf-8")
    training = read(path).trainings[0]
    assert training.schedule is not None
    scope: dict[str, Any] = {"math": math}
    exec(printed(schedule_function(training.schedule)), scope)
    told = [{"steps": STEPS, "epoch": EPOCH}[n] for n in counts(training.schedule)]
    written = [
        scope["learning_rate"](training.optimizer.lr, step, *told)
        for step in range(taken)
    ]
    state = OptimizerState(
        training.optimizer, training.schedule, {}, steps=STEPS, epoch=EPOCH
    )
    found = []
    for _ in range(taken):
        found.append(state.learning_rate)
        state.step({}, {})
    np.testing.assert_allclose(written, found, 1e-12, 1e-15)
    return found


def by_torch(make: Callable[[Any], Any], taken: int) -> list[float]:
    """The rates of a scheduler of PyTorch on a rate of 0.1."""
    import torch

    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
    scheduler = make(optimizer)
    found = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(taken):
            found.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            if len(found) < taken:
                scheduler.step()
    return found


def scheduler(name: str, **options: Any) -> Callable[[Any], Any]:
    import torch

    made = getattr(torch.optim.lr_scheduler, name)
    return lambda optimizer: made(optimizer, **options)


CASES: list[tuple[str, str, dict[str, Any], int]] = [
    ("step(0.1, every = 7)", "StepLR", {"step_size": 7}, 50),
    (
        "step(0.1, every = epoch, factor = 0.5)",
        "StepLR",
        {"step_size": 8, "gamma": 0.5},
        50,
    ),
    ("multi_step(0.1, at = [3, 17])", "MultiStepLR", {"milestones": [3, 17]}, 50),
    (
        "multi_step(0.1, at = [epoch, 50% * steps], factor = 0.3)",
        "MultiStepLR",
        {"milestones": [8, 20], "gamma": 0.3},
        50,
    ),
    ("exponential(0.1, factor = 0.9)", "ExponentialLR", {"gamma": 0.9}, 50),
    (
        "linear_decay(0.1, floor = 0.01)",
        "LinearLR",
        {"start_factor": 1.0, "end_factor": 0.1, "total_iters": STEPS},
        50,
    ),
    (
        "polynomial(0.1, power = 0.9)",
        "PolynomialLR",
        {"total_iters": STEPS, "power": 0.9},
        50,
    ),
    (
        "polynomial(0.1, power = 2)",
        "PolynomialLR",
        {"total_iters": STEPS, "power": 2},
        50,
    ),
    ("cosine(0.1)", "CosineAnnealingLR", {"T_max": STEPS}, 41),
    (
        "cosine(0.1, floor = 0.02)",
        "CosineAnnealingLR",
        {"T_max": STEPS, "eta_min": 0.02},
        41,
    ),
    (
        "cosine_restarts(0.1, period = 7, floor = 0.02)",
        "CosineAnnealingWarmRestarts",
        {"T_0": 7, "eta_min": 0.02},
        50,
    ),
    (
        "cosine_restarts(0.1, period = 3, factor = 2)",
        "CosineAnnealingWarmRestarts",
        {"T_0": 3, "T_mult": 2},
        50,
    ),
    (
        "cosine_restarts(0.1, period = epoch, factor = 3)",
        "CosineAnnealingWarmRestarts",
        {"T_0": 8, "T_mult": 3},
        50,
    ),
    ("one_cycle(0.1)", "OneCycleLR", {"max_lr": 0.1, "total_steps": STEPS}, 40),
    (
        "one_cycle(0.1, warmup = 10, start = 0.02, floor = 0.001)",
        "OneCycleLR",
        {
            "max_lr": 0.1,
            "total_steps": STEPS,
            "pct_start": 0.25,
            "div_factor": 5,
            "final_div_factor": 20,
        },
        40,
    ),
]


@pytest.mark.parametrize(("schedule", "name", "options", "taken"), CASES)
def test_torch(
    schedule: str, name: str, options: dict[str, Any], taken: int, tmp_path: Path
) -> None:
    expected = by_torch(scheduler(name, **options), taken)
    found = rates(schedule, tmp_path)
    np.testing.assert_allclose(found[:taken], expected, 1e-9, 1e-12)


def half_cosine(share: float) -> float:
    return 0.5 * (1 + math.cos(math.pi * min(share, 1)))


def warmed(step: int, warmup: float, after: float) -> float:
    return 0.1 * (step + 1) / warmup if step < warmup else after


CLOSED: dict[str, Callable[[int], float]] = {
    "constant(0.1)": lambda t: 0.1,
    "constant(0.1, warmup = 5)": lambda t: warmed(t, 5, 0.1),
    "cosine(0.1, warmup = 10)": lambda t: warmed(
        t, 10, 0.1 * half_cosine((t - 10) / 30)
    ),
    "cosine(0.1, warmup = 10% * steps)": lambda t: warmed(
        t, 4, 0.1 * half_cosine((t - 4) / 36)
    ),
    "linear_decay(0.1, warmup = epoch)": lambda t: warmed(
        t, 8, 0.1 * max(40 - t, 0) / 32
    ),
    "polynomial(0.1, power = 3, warmup = 4, floor = 0.01)": lambda t: warmed(
        t, 4, 0.01 + 0.09 * (max(40 - t, 0) / 36) ** 3
    ),
    "step(0.1, every = 6, warmup = 3)": lambda t: warmed(t, 3, 0.1 * 0.1 ** (t // 6)),
    "multi_step(0.1, at = [5, 9], warmup = 3)": lambda t: warmed(
        t, 3, 0.1 * 0.1 ** ((t >= 5) + (t >= 9))
    ),
    "exponential(0.1, factor = 0.5, every = 2 * epoch, warmup = 2)": lambda t: warmed(
        t, 2, 0.1 * 0.5 ** ((t - 2) / 16)
    ),
    "cosine_restarts(0.1, period = 6, warmup = 4)": lambda t: warmed(
        t, 4, 0.1 * half_cosine((t - 4) % 6 / 6)
    ),
    "inverse_sqrt(0.1, warmup = 9)": lambda t: warmed(t, 9, 0.1 * 3 / math.sqrt(t + 1)),
    "inverse_sqrt(0.1)": lambda t: 0.1 / math.sqrt(t + 1),
    "piecewise(0.1, at = [4, 2 * epoch], rates = [0.03, 0.5])": lambda t: (
        0.1 if t < 4 else 0.03 if t < 16 else 0.5
    ),
    "piecewise(0.1, at = [20], rates = [0.2], warmup = 2)": lambda t: warmed(
        t, 2, 0.1 if t < 20 else 0.2
    ),
    "one_cycle(0.1, warmup = 1)": lambda t: (
        0.1 / 250_000 + (0.1 - 0.1 / 250_000) * half_cosine(t / 39)
    ),
}


@pytest.mark.parametrize("schedule", CLOSED)
def test_closed_form(schedule: str, tmp_path: Path) -> None:
    expected = [CLOSED[schedule](step) for step in range(STEPS + BEYOND)]
    np.testing.assert_allclose(rates(schedule, tmp_path), expected, 1e-9, 1e-12)


def test_a_name_of_the_program_stands_for_itself_in_a_schedule(tmp_path: Path) -> None:
    """`epoch` and `steps` are those of the training where nothing else is called so."""
    text = PROGRAM.replace("SCHEDULE", "step(0.1, every = epoch)")
    path = tmp_path / "program.dlm"
    path.write_text(f"const epoch = 3\n{text}", "utf-8")
    schedule = read(path).trainings[0].schedule
    assert schedule is not None
    assert "epoch" not in counts(schedule)
    assert schedule.arguments["every"] == 3
