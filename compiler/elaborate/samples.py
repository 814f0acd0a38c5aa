"""Samples in the program itself, held to the ranges that a training takes."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from dlmc.elaborate.problems import Problem
from dlmc.ir.program import Field, Inline, Training
from dlmc.passes.ranges import Range, ranges


def check_samples(training: Training) -> None:
    """Refuse a label or an index that is out of range, where it can be seen already.

    Fields that are computed, and those of files, are checked when a project reads them.

    Raises:
        Problem: for the first sample that is wrong.
    """
    source = training.data.source
    if not isinstance(source, Inline):
        return
    fields = {field.name: field for field in training.data.fields}
    for one in ranges(training):
        field = fields[one.field]
        if field.module.inference.outputs != field.module.inputs:
            continue
        samples = source.values[field.columns[0].names[0]]
        for number, sample in enumerate(samples, 1):
            for value in _numbers(sample, one):
                if not one.allows(value):
                    raise _problem(field, one, value, number, samples)


def _numbers(sample: Any, one: Range) -> Iterator[int]:
    """The numbers in the part of a sample that a range is for."""
    if not isinstance(sample, tuple):
        yield sample
        return
    (start, stop, step), *rest = one.part or ((0, len(sample), 1),)
    inner = replace(one, part=tuple(rest) or None)
    for item in sample[start:stop:step]:
        yield from _numbers(item, inner)


def _problem(
    field: Field, one: Range, value: int, number: int, samples: Any
) -> Problem:
    kind = "classes" if one.is_class else "entries"
    known = ", ".join(map(str, (f"0 to {one.size - 1}", *sorted(one.others))))
    hint = None
    everything = {v for sample in samples for v in _numbers(sample, one)}
    if everything <= set(range(1, one.size + 1)):
        column = f'column("{field.columns[0].names[0]}")'
        hint = f"they count from 0: `{field.name}: {field.type} = {column} - 1`"
    elif one.is_class and value < 0:
        hint = f"to leave such labels out of the loss: `ignore = {value}`"
    return Problem(
        "E0506",
        f"`{field.name}` is {value} in sample {number}, but there are {one.size} {kind}"
        f" ({known})",
        field.span,
        hint=hint,
    )
