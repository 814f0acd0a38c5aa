"""W0205: a field of data that no training on it takes."""

from collections.abc import Iterator

from dlmc.diagnostics import Diagnostic
from dlmc.grammar import tree
from dlmc.lint.subject import Subject
from dlmc.lint.warning import warning


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Fields that are read for nothing."""
    taken: dict[str, set[str]] = {}
    for declaration, training in subject.trainings:
        names = taken.setdefault(declaration.data.name, set())
        names.update(value.name for value in training.model.inputs)
        for module in (training.loss, *(m.module for m in training.metrics)):
            names.update(value.name for value in module.inputs)
    for declared in subject.file.declarations:
        if not isinstance(declared, tree.Data) or declared.name.name not in taken:
            continue
        names = taken[declared.name.name]
        for field in declared.fields:
            name = field.name.name
            if name not in names and not name.startswith("_"):
                yield warning(
                    "W0205",
                    f"no training takes the field `{name}`",
                    field.name.span,
                    hint="take it into the loss or a metric, or take it away",
                )
