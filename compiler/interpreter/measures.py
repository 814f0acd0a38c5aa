"""The loss and the metrics of a training, over a whole part of its data."""

from collections.abc import Iterator, Mapping, Sequence

from dlmc.interpreter.run import run
from dlmc.ir.module import Module
from dlmc.ir.program import Accumulation, Metric, Training
from dlmc.primitives.arrays import Array, np


def measure(
    training: Training,
    part: Mapping[str, Array],
    weights: Mapping[str, Array],
    *,
    batch: int,
    precise: bool = False,
) -> dict[str, Array]:
    """What is reported of a part: `loss`, then each metric by its name.

    Args:
        training: What is measured.
        part: The fields by name, samples on the first axis; at least one sample.
        weights: As `run` takes them.
        batch: How many samples are seen at a time; the last batch may be smaller.
        precise: As in `run`.

    Raises:
        InterpreterError: as `run` does.
    """
    size = len(next(iter(part.values())))
    counts: list[int] = []
    losses: list[Array] = []
    found: dict[str, list[tuple[Array, ...]]] = {m.name: [] for m in training.metrics}
    for start in range(0, size, batch):
        fields = {name: array[start : start + batch] for name, array in part.items()}
        inputs = {value.name: fields[value.name] for value in training.model.inputs}
        outputs = run(training.model, inputs, weights, precise=precise).outputs
        values = {**fields, **outputs}
        counts.append(min(batch, size - start))
        losses += _call(training.loss, values, precise)
        for metric in training.metrics:
            found[metric.name].append(_call(metric.batch, values, precise))
    results = {"loss": _mean(losses, counts)}
    for metric in training.metrics:
        collected = dict(_collected(metric, found[metric.name], counts))
        (results[metric.name],) = _call(metric.result, collected, precise)
    return results


def _call(
    module: Module, values: Mapping[str, Array], precise: bool
) -> tuple[Array, ...]:
    """A function on those values that it reads."""
    given = {value.name: values[value.name] for value in module.inputs}
    return tuple(run(module, given, {}, precise=precise).outputs.values())


def _collected(
    metric: Metric, batches: Sequence[tuple[Array, ...]], counts: Sequence[int]
) -> Iterator[tuple[str, Array]]:
    """What the end of a metric is computed from, by the name that it has there."""
    columns = zip(*batches, strict=True)
    inputs = metric.result.inputs
    for value, kind, arrays in zip(inputs, metric.accumulations, columns, strict=True):
        match kind:
            case Accumulation.MEAN:
                yield value.name, _mean(arrays, counts)
            case Accumulation.TOTAL:
                yield value.name, _sum(arrays)
            case Accumulation.WHOLE:
                yield value.name, np.concatenate(arrays)


def _mean(arrays: Sequence[Array], counts: Sequence[int]) -> Array:
    """The mean over samples; that of integers is f32."""
    dtype = arrays[0].dtype
    mean = np.average(np.asarray(arrays, np.float64), weights=counts)
    return np.asarray(mean, np.float32 if dtype.kind in "iub" else dtype)


def _sum(arrays: Sequence[Array]) -> Array:
    """The sum, of floats in f64."""
    dtype = arrays[0].dtype
    wide = dtype if dtype.kind in "iu" else np.float64
    total: Array = np.sum([a.astype(wide) for a in arrays], axis=0, dtype=wide)
    return total.astype(dtype)
