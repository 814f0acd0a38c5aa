"""The first operation of a program in which a target parts from the interpreter."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TypeAlias

from dlmc.grammar.span import Span
from dlmc.ir.module import weights
from dlmc.ir.program import Program
from dlmc.passes.precision import widened
from dlmc.primitives.arrays import Array, numpy_dtype
from dlmc.verification import comparison
from dlmc.verification.case import Case, Side
from dlmc.verification.comparison import Difference
from dlmc.verification.explanation import Explanation
from dlmc.verification.inputs import random_like, widened_arrays
from dlmc.verification.nodes import Node, distinct, function_nodes, model_nodes
from dlmc.verification.participant import Failure
from dlmc.verification.report import TargetReport, Verdict

EXACT = 1e-6
"""The bar of an operation by itself in 64 bits, some kernels of which have 32."""
NODE = "node"
"""The trial of an operation."""


def explained(
    case: Case, side: Side, target: TargetReport, places: Mapping[str, Span]
) -> TargetReport:
    """The report of a target that does not agree, with what is the reason.

    `places` are those of the training's settings in the program, by their names.
    """
    explainer = Explainer(case, side, target, places)
    return replace(target, explanation=explainer.explanation())


class Explainer:
    """Looks for the difference of one target in one case."""

    def __init__(
        self, case: Case, side: Side, target: TargetReport, places: Mapping[str, Span]
    ) -> None:
        self.case = case
        self.side = side
        self.target = target
        self.places = places
        self.refused: list[str] = []
        """Operations that the target does not take by themselves."""

    @property
    def name(self) -> str:
        """What the target is called."""
        return self.target.target

    def explanation(self) -> Explanation:
        """The operation that differs; else the part of the training that does."""
        failure = self.side.failure
        if failure is not None and (failure.ended or failure.span is not None):
            said = f"{self.name} cannot run the program: {failure.message}"
            return Explanation(said, failure.span, failure.hint)
        if self.case.is_random:
            said = f"{self.name} draws random numbers of its own"
            return Explanation(said, None, "leave --with-noise out to compare")
        case = self.case
        wide = widened(case.program) if self.side.trains else case.program
        variants = [(wide, EXACT), (case.program, comparison.OUTPUT)]
        for program, bar in variants if self.side.trains else variants[1:]:
            for node in distinct(list(self._nodes(program))):
                found = self._different(program, node, bar)
                if found is not None:
                    return found
        return self._part()

    # -- operations --

    def _nodes(self, program: Program) -> Iterator[Node]:
        """All operations, those of the loss last."""
        case = self.case
        inputs, values = case.inputs, case.start
        samples = case.samples
        if program is not case.program:
            inputs, values = widened_arrays(inputs), widened_arrays(values)
            samples = samples and widened_arrays(samples)
        nodes, outputs = model_nodes(program.main, inputs, values)
        yield from nodes
        if samples is not None and self.side.trains:
            batch = case.first
            fields = {name: array[batch] for name, array in samples.items()}
            (training,) = program.trainings
            yield from function_nodes(training.loss, {**fields, **inputs, **outputs})

    def _different(
        self, program: Program, node: Node, bar: float
    ) -> Explanation | None:
        """What differs in an operation by itself, if something does."""
        try:
            for what, apart in self._compared(program, node):
                limit = bar * 10 if what.startswith("gradient") else bar
                if not apart.size <= limit:
                    said = (
                        f"{self.name} parts from the interpreter in {node.title}:"
                        f" {what} differs by {apart.size:.1e}"
                    )
                    return Explanation(said, node.span)
        except Failure as failure:
            self.refused.append(f"{node.title} ({failure.message})")
        return None

    def _compared(
        self, program: Program, node: Node
    ) -> Iterator[tuple[str, Difference]]:
        ask = self._ask
        ask("new", node.program(program))
        ask("set_weights", node.weights)
        expected, found = ask("forward", node.inputs, False)
        yield "its output in inference", comparison.outputs(expected, found)
        if not self.side.trains:
            return
        expected, found = ask("forward", node.inputs, True)
        yield "its output in training", comparison.outputs(expected, found)
        states = [one.name for one in weights(node.module) if not one.trained]
        before, after = ask("weights")
        yield (
            "its state",
            comparison.outputs({name: before[name] for name in states}, after),
        )
        ask("set_weights", node.weights)
        types = {o.name: o.type.dtype for o in node.module.outputs}
        like = {n: a.astype(numpy_dtype(types[n])) for n, a in expected.items()}
        if cotangents := random_like(like, 0):
            expected, found = ask("pull", node.inputs, cotangents)
            for name, gradient in expected.items():
                apart = comparison.weights({name: gradient}, found)
                yield f"gradient of {name.rpartition('.')[2]}", apart

    def _ask(self, method: str, *arguments: object) -> tuple[dict[str, Array], ...]:
        self.side.participant.ask(NODE, method, *arguments)
        expected = self.case.reference.say(NODE, method, *arguments)
        return expected, self.side.participant.answer()

    # -- parts of the training --

    def _part(self) -> Explanation:
        """What remains where no operation differs by itself."""
        if self.side.failure is not None:
            said = f"{self.name} cannot run the program: {self.side.failure.message}"
            hint = "it runs each operation by itself"
            return Explanation(said, None, hint)
        differs = [
            finding.quantity
            for finding in self.target.findings
            if finding.verdict is Verdict.DIFFERS
        ]
        setting, part = PARTS.get(differs[0], TRAINING)
        if setting is None or setting not in self.places:
            said = f"no operation of the program differs in {self.name} by itself"
            hint = "what differs is how they go together, or rounding that adds up"
        else:
            said = f"{self.name} parts from the interpreter in {part}"
            hint = "every operation of the model and of the loss agrees by itself"
        if self.refused:
            hint += f"; {self.name} does not take by itself: {', '.join(self.refused)}"
        return Explanation(said, self.places.get(setting or ""), hint)


Part: TypeAlias = tuple[str | None, str]
"""A setting of the training, and what is said of it."""

PARTS: Mapping[str, Part] = {
    "output": (None, ""),
    "output in training": (None, ""),
    "states": (None, ""),
    "loss": ("loss", "the loss"),
    "gradients": ("loss", "the gradient of the loss"),
}
"""Where a difference must lie that is the first in one of these quantities."""
TRAINING: Part = ("optimizer", "what the optimizer does")
"""Where one must lie that appears along the training."""
