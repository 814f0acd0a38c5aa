"""Warnings: what is surely a mistake though the program has a meaning.

A check is a function from the syntax tree or the program to warnings, one a file. Where
a program might be meant as it is, a check is silent. What has errors gets no warnings:
half of them would be about the mistake that is reported already.
"""

from dlmc.diagnostics import Diagnostic
from dlmc.elaborate.program import Elaborated
from dlmc.elaborate.standard import library_sources
from dlmc.lint import (
    axis_of_one,
    batch,
    bias,
    channels,
    declarations,
    dropout,
    fields,
    gradient,
    learning_rate,
    logits,
    normalized_batch,
    ranges,
    repeated,
    untrained,
    unused,
    warmup,
)
from dlmc.lint.silence import is_silenced
from dlmc.lint.subject import Subject

CHECKS = (
    unused.check,
    declarations.check,
    fields.check,
    logits.check,
    repeated.check,
    bias.check,
    channels.check,
    axis_of_one.check,
    dropout.check,
    ranges.check,
    gradient.check,
    untrained.check,
    learning_rate.check,
    batch.check,
    normalized_batch.check,
    warmup.check,
)


def lint(elaborated: Elaborated) -> tuple[Diagnostic, ...]:
    """The warnings about a program without errors, in the order of the text."""
    if elaborated.program is None or elaborated.file is None:
        return ()
    subject = Subject(elaborated.file, elaborated.program)
    found = {
        diagnostic: None
        for check in CHECKS
        for diagnostic in check(subject)
        if _is_of_program(diagnostic) and not is_silenced(diagnostic)
    }
    main = elaborated.file.span.source

    def place(diagnostic: Diagnostic) -> tuple[bool, str, int, str]:
        assert diagnostic.place is not None
        span = diagnostic.place.span
        return span.source != main, span.source.name, span.start, diagnostic.code

    return tuple(sorted(found, key=place))


def _is_of_program(diagnostic: Diagnostic) -> bool:
    """Whether it is about the program's own lines.

    What the library does with functions that it is given becomes part of the body that
    calls it.
    """
    assert diagnostic.place is not None
    places = (diagnostic.place, *diagnostic.labels)
    return all(place.span.source not in library_sources() for place in places)
