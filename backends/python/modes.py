"""One body for training and inference, where they differ."""

from collections.abc import Sequence

from dlmc.backends.python import tree as py


def by_mode(
    in_training: py.Expression,
    training: Sequence[py.Statement],
    inference: Sequence[py.Statement],
) -> list[py.Statement]:
    """Statements for both modes: what is common once, the rest under a condition."""
    start = 0
    while start < min(len(training), len(inference)) and (
        training[start] == inference[start]
    ):
        start += 1
    end = 0
    while end < min(len(training), len(inference)) - start and (
        training[-1 - end] == inference[-1 - end]
    ):
        end += 1
    then = tuple(training[start : len(training) - end])
    otherwise = tuple(inference[start : len(inference) - end])
    common = list(training[:start])
    rest = list(training[len(training) - end :])
    if not then and not otherwise:
        return [*common, *rest]
    if not then:
        return [*common, py.If(py.Unary("not", in_training), otherwise), *rest]
    if isinstance(then[-1], py.Return):
        return [*common, py.If(in_training, then), *otherwise]
    return [*common, py.If(in_training, then, otherwise), *rest]
