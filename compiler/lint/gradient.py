"""W0601: a loss that says nothing to the model's weights."""

from collections.abc import Iterator

from dlmc.diagnostics import Diagnostic
from dlmc.lint.slopes import Slopes
from dlmc.lint.subject import Subject, setting
from dlmc.lint.warning import warning
from dlmc.lint.wiring import output_positions


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Losses without the model's outputs, or without a slope along them."""
    slopes = Slopes(subject.modules)
    for declaration, training in subject.trainings:
        outputs = output_positions(training.model)
        taken = [v.name for v in training.loss.inputs if v.name in outputs]
        place = setting(declaration, "loss")
        if not taken:
            listed = ", ".join(f"`{name}`" for name in outputs)
            yield warning(
                "W0601",
                "the loss does not depend on the model",
                place,
                "nothing is learned from it",
                hint=f"the model's outputs are {listed}"
                if len(outputs) > 1
                else f"the model's output is {listed}",
            )
            continue
        reached = slopes.inputs(training.loss, 0)
        if not any(training.loss.inputs[i].name in outputs for i in reached):
            yield warning(
                "W0601",
                "the loss has no gradient",
                place,
                "nothing leads back from it to the model's outputs",
                hint="what counts or rounds is a metric; a loss is such as"
                " `cross_entropy(logits, label)`",
            )
