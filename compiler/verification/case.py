"""One training, or the model of a program without one, on all targets at once."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from dlmc.initializers import initial_weights
from dlmc.ir.module import Module, weights
from dlmc.ir.program import Program, Training
from dlmc.passes.precision import widened
from dlmc.passes.quiet import draws, quieted
from dlmc.primitives.arrays import Array, np
from dlmc.verification import comparison
from dlmc.verification.comparison import Difference
from dlmc.verification.inputs import (
    random_inputs,
    random_like,
    random_weights,
    widened_arrays,
)
from dlmc.verification.participant import Failure, Participant
from dlmc.verification.report import CaseReport, Finding, TargetReport

OWN, WIDE = "own", "wide"
"""The trials of a participant: the program as it is typed, and in 64 bits."""

RATE = 1e-6
"""The bar of learning rates, which a target may hold in 32 bits."""

SAMPLES = 4
"""The batch of a program that has no training."""

Progress = Callable[[str, int], None]
"""Told of each step: the case, and how many steps it has taken."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What is asked of a verification."""

    steps: int = 300
    batch: int | None = None
    seed: int | None = None
    tolerance: float | None = None
    wide: bool = True
    """Whether trainings run in 64 bits."""
    noise: bool = False
    """Whether dropout and the like stay."""


@dataclass(slots=True)
class Side:
    """A target in a case: what was found so far."""

    participant: Participant
    trains: bool
    modes: tuple[bool, ...]
    findings: list[Finding] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)
    differences: list[float] = field(default_factory=list)
    failure: Failure | None = None


class Case:
    """The comparison of a program's main model and its first training.

    `reference` is the interpreter; what `sides` cannot do is left out, and one that
    fails is asked no more.
    """

    def __init__(
        self,
        program: Program,
        reference: Participant,
        sides: Sequence[Side],
        settings: Settings,
    ) -> None:
        self.settings = settings
        self.program = program if settings.noise else quieted(program)
        self.reference = reference
        self.sides = sides
        self.training: Training | None = next(iter(self.program.trainings), None)
        self.model: Module = self.program.main
        self.is_random = draws(self.model, True)
        self.losses: list[float] = []
        seed = self.training.seed if self.training else 0
        self.seed = seed if settings.seed is None else settings.seed
        given = self.training.batch if self.training else SAMPLES
        self.batch = settings.batch or given

    @property
    def name(self) -> str:
        """The training's name, or the model's."""
        return self.training.name if self.training else self.model.definition

    # -- the whole --

    def run(self, progress: Progress) -> None:
        """Compare everything; the findings are in the sides."""
        self._ask(self._able(), OWN, "new", self.program)
        self.start = self.weights = self._start()
        self.samples = self._samples()
        self.inputs = self._first_batch()
        self._forward("output", False)
        self._forward("output in training", True)
        if not self._trainable():
            return
        if self.samples is not None:
            self._loss()
        self._widen()
        self._gradients()
        if self.samples is not None and self.settings.steps:
            self._train(progress)

    def report(self) -> CaseReport:
        """What was found."""
        notes = []
        if self.is_random:
            notes.append(
                "the program draws random numbers, which each target does on its own:"
                " what depends on them is shown and not judged"
            )
        return CaseReport(
            self.name,
            self.training is not None,
            self.batch,
            "f64" if self.settings.wide else "f32",
            tuple(self.losses),
            tuple(
                TargetReport(
                    side.participant.name,
                    tuple(side.findings),
                    tuple(side.losses),
                    tuple(side.differences),
                    side.failure.message if side.failure is not None else None,
                )
                for side in self.sides
            ),
            tuple(notes),
        )

    # -- what to compare on --

    def _start(self) -> dict[str, Array]:
        if self.training is None:
            return random_weights(self.model, self.seed)
        return initial_weights(self.model, self.seed)

    def _samples(self) -> dict[str, Array] | None:
        """The training part of the data, as the first target that trains reads it."""
        if self.training is None:
            return None
        for side in self._able():
            if side.trains:
                try:
                    found: dict[str, Array] = side.participant.say(OWN, "samples")
                    return found
                except Failure as failure:
                    side.failure = failure
        return None

    def _order(self, size: int, epoch: int) -> Array:
        for side in self._able():
            if side.trains:
                order: Array = side.participant.say(
                    OWN, "order", size, self.seed, epoch
                )
                return order
        raise AssertionError("nobody trains")

    def _batches(self) -> Iterator[Array]:
        """The samples of each step, epoch after epoch."""
        assert self.samples is not None
        size = len(next(iter(self.samples.values())))
        epoch = 0
        while True:
            order = self._order(size, epoch)
            for start in range(0, size, self.batch):
                yield order[start : start + self.batch]
            epoch += 1

    def _first_batch(self) -> dict[str, Array]:
        if self.samples is None:
            return random_inputs(self.model, self.batch, self.seed)
        self.first = next(self._batches())
        names = [value.name for value in self.model.inputs]
        return {name: self.samples[name][self.first] for name in names}

    # -- quantities --

    def _forward(self, quantity: str, training: bool) -> None:
        """Outputs in a mode and, in training, the states after it."""
        sides = [side for side in self._able() if training in side.modes]
        self._ask(sides, OWN, "set_weights", self.weights)
        expected, found = self._ask(sides, OWN, "forward", self.inputs, training)
        is_judged = not draws(self.model, training)
        for side, outputs in found:
            apart = comparison.outputs(expected, outputs)
            self._note(side, quantity, apart, comparison.OUTPUT, is_judged)
        states = [one.name for one in weights(self.model) if not one.trained]
        if training and states:
            able = [side for side, _ in found if side.trains]
            before, after = self._ask(able, OWN, "weights")
            for side, values in after:
                apart = comparison.outputs(
                    {name: before[name] for name in states}, values
                )
                self._note(side, "states", apart, comparison.OUTPUT, is_judged)

    def _loss(self) -> None:
        """The loss of the first batch, in the program's own dtypes."""
        sides = self._trainable()
        self._ask(sides, OWN, "set_weights", self.weights)
        self._ask(sides, OWN, "begin", self.samples, self.batch)
        (loss, _), found = self._ask(sides, OWN, "loss_and_gradients", self.first)
        for side, (own, _) in found:
            apart = Difference(_relative(loss, own), "")
            self._note(side, "loss", apart, comparison.OUTPUT)

    def _widen(self) -> None:
        """Make the trials in which gradients and steps are compared."""
        self.trial, self.wide = OWN, self.weights
        if self.settings.wide:
            self.trial, self.wide = WIDE, widened_arrays(self.weights)
            self._ask(self._trainable(), WIDE, "new", widened(self.program))
        self._ask(self._trainable(), self.trial, "set_weights", self.wide)

    def _fit(self, arrays: Mapping[str, Array]) -> dict[str, Array]:
        """Arrays for those trials."""
        return widened_arrays(arrays) if self.trial == WIDE else dict(arrays)

    def _gradients(self) -> None:
        """Of the loss of the first batch; without a loss, of a sum of the outputs.

        Each output is multiplied with random numbers then, which tell all parts of it
        apart.
        """
        sides = self._trainable()
        if self.samples is not None:
            self._ask(sides, self.trial, "begin", self._fit(self.samples), self.batch)
            given: tuple[Any, ...] = "loss_and_gradients", self.first
        else:
            inputs = self._fit(self.inputs)
            outputs = self.reference.say(self.trial, "forward", inputs, False)
            cotangents = random_like(self._fit(outputs), self.seed)
            if not cotangents:
                return
            given = "pull", inputs, cotangents
        expected, found = self._ask(sides, self.trial, *given)
        for side, answer in found:
            one, other = expected, answer
            if self.samples is not None:
                (_, one), (_, other) = expected, answer
            apart = comparison.weights(one, other)
            self._note(side, "gradients", apart, comparison.GRADIENT)

    def _train(self, progress: Progress) -> None:
        """Some steps of the training, in lockstep."""
        sides = self._trainable()
        assert self.training is not None
        assert self.samples is not None
        trial = self.trial
        self._ask(sides, trial, "set_weights", self.wide)
        self._ask(sides, trial, "begin", self._fit(self.samples), self.batch)
        steps = self.settings.steps
        tracks = {id(side): Track(self._bar()) for side in sides}
        scale = 0.0
        for step, batch in zip(range(steps), self._batches(), strict=False):
            sides = [side for side in sides if side.failure is None]
            loss, found = self._ask(sides, trial, "step", batch)
            self.losses.append(loss)
            scale = max(scale, abs(loss))
            for side, own in found:
                of_loss = _relative(loss, own, scale)
                side.losses.append(own)
                side.differences.append(of_loss)
                tracks[id(side)].loss.add(Difference(of_loss, ""), step + 1)
            if self.training.schedule is not None:
                rate, found = self._ask(sides, trial, "learning_rate")
                for side, own in found:
                    of_rate = Difference(_relative(rate, own), "")
                    tracks[id(side)].rate.add(of_rate, step + 1)
            values, found = self._ask(sides, trial, "weights")
            for side, own in found:
                apart = comparison.weights(values, own)
                tracks[id(side)].weights.add(apart, step + 1)
            progress(self.name, step + 1)
        for side in sides:
            track = tracks[id(side)]
            of = f"{steps} step{'s' * (steps > 1)}"
            if self.training.schedule is not None:
                self._note(side, f"learning rate, {of}", track.rate.worst, RATE)
            self._note(side, f"loss, {of}", track.loss.worst, self._bar())
            self._note(side, f"weights, {of}", track.weights.worst, self._bar())
        self._trained(values)

    def _trained(self, values: Mapping[str, Array]) -> None:
        """Outputs in inference with the weights after the training."""
        self.weights = {
            name: np.asarray(values[name]).astype(array.dtype)
            for name, array in self.weights.items()
        }
        self._forward("output, trained", False)

    def _bar(self) -> float:
        assert self.training is not None
        rule = self.training.optimizer
        is_steady = rule.is_library and rule.definition == "sgd"
        given = comparison.STEADY if is_steady else comparison.ADAPTIVE
        return given if self.settings.tolerance is None else self.settings.tolerance

    # -- asking --

    def _trainable(self) -> list[Side]:
        return [side for side in self._able() if side.trains]

    def _able(self) -> list[Side]:
        return [side for side in self.sides if side.failure is None]

    def _ask(
        self, sides: Sequence[Side], trial: str, method: str, *arguments: Any
    ) -> tuple[Any, list[tuple[Side, Any]]]:
        """Ask the interpreter and these sides; its answer, and theirs that have one."""
        for side in sides:
            side.participant.ask(trial, method, *arguments)
        expected = self.reference.say(trial, method, *arguments)
        found = []
        for side in sides:
            try:
                found.append((side, side.participant.answer()))
            except Failure as failure:
                side.failure = failure
        return expected, found

    def _note(
        self,
        side: Side,
        quantity: str,
        apart: Difference,
        tolerance: float,
        is_judged: bool | None = None,
    ) -> None:
        if self.settings.tolerance is not None:
            tolerance = self.settings.tolerance
        judged = not self.is_random if is_judged is None else is_judged
        side.findings.append(
            Finding(quantity, apart.size, apart.where, tolerance if judged else None)
        )


class Track:
    """The largest difference along a training; where it passed the bar first."""

    def __init__(self, bar: float) -> None:
        self.rate = Trace(RATE)
        self.loss = Trace(bar)
        self.weights = Trace(bar)


class Trace:
    """One quantity along a training."""

    def __init__(self, bar: float) -> None:
        self.bar = bar
        self.worst = comparison.NONE
        self.first: tuple[int, str] | None = None

    def add(self, apart: Difference, step: int) -> None:
        """Note the difference at a step."""
        if self.first is None and not apart.size <= self.bar:
            self.first = step, apart.where
        if self.worst < apart:
            at, where = self.first or (step, apart.where)
            when = f"step {at}" if self.first is None else f"from step {at} on"
            named = f"{where}, {when}" if where else when
            self.worst = replace(apart, where=named)


def _relative(expected: float, actual: float, scale: float = 0.0) -> float:
    """How far a loss is from another, relatively; `scale` is the largest so far.

    A loss that has come near to 0 is measured by a thousandth of that.
    """
    least = max(abs(expected), 1e-3 * scale) or 1.0
    return comparison.difference(np.asarray(expected), np.asarray(actual), least)
