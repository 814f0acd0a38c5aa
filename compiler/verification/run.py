"""`verify`: each training of a program, or its model, on each target."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from typing import TypeAlias

from dlmc.backend import backend, backend_names
from dlmc.grammar.span import Span
from dlmc.interpreter.trial import InterpreterTrial
from dlmc.ir.program import Program
from dlmc.verification.case import Case, Progress, Settings, Side
from dlmc.verification.participant import Local, Participant, Remote, missing
from dlmc.verification.report import CaseReport, Report

Places: TypeAlias = Mapping[str, Mapping[str, Span]]

SETTINGS = Settings()
"""Those of a verification for which nothing special is asked."""
MODES = {True: (False, True), False: (False,)}


class UnknownTraining(Exception):
    """A training that was asked for, and that the program has not."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        there = f"there are: {', '.join(known)}" if known else "it trains nothing"
        super().__init__(f"there is no training {name!r}; {there}")


class MissingTarget(Exception):
    """A target that was asked for, and whose framework is not installed."""

    def __init__(self, target: str, package: str) -> None:
        super().__init__(f"{package} is not installed")
        self.target = target
        self.package = package


def verify_program(
    program: Program,
    targets: Sequence[str] = (),
    training: str | None = None,
    settings: Settings = SETTINGS,
    places: Places | None = None,
    progress: Progress = lambda name, step: None,
) -> Report:
    """Compare targets with the interpreter.

    Args:
        program: What to verify.
        targets: Names of backends; all whose frameworks are installed if none is given.
        training: The name of one training; all of them if none is given.
        settings: The steps, the tolerance and the rest.
        places: Asks for the operation that differs, where a target does; says where
            the settings of each training stand, by their names.
        progress: Told of each step.

    Raises:
        MissingTarget: The framework of a target that was asked for is not installed.
        UnknownTraining: There is no training of that name.
        InterpreterError: The program has no result on its data.
        DataError: The data of a training cannot be read.
    """
    names = tuple(dict.fromkeys(targets)) or backend_names()
    absent = [
        (name, package)
        for name in names
        if (package := missing(backend(name).requirements)) is not None
    ]
    if absent and targets:
        raise MissingTarget(*absent[0])
    present = [name for name in names if name not in dict(absent)]
    parts = cases(program, training)
    with ExitStack() as stack:
        participants = [Remote(name) for name in present]
        for participant in participants:
            stack.callback(participant.close)
        make = partial(InterpreterTrial, precise=settings.wide)
        reference = Local("interpreter", make)
        found = [
            verify_case(part, reference, participants, settings, places, progress)
            for part in parts
        ]
    return Report(program.file, tuple(found), tuple(absent))


def cases(program: Program, training: str | None) -> list[Program]:
    """The program once for each training, or as it is where it has none."""
    trainings = program.trainings
    if training is not None:
        trainings = tuple(one for one in trainings if one.name == training)
        if not trainings:
            raise UnknownTraining(training, [one.name for one in program.trainings])
    # Metrics are no part of what is learned.
    return [
        replace(program, trainings=(replace(one, metrics=()),)) for one in trainings
    ] or [program]


def verify_case(
    program: Program,
    reference: Participant,
    participants: Sequence[Participant],
    settings: Settings,
    places: Places | None,
    progress: Progress = lambda name, step: None,
) -> CaseReport:
    """Compare participants with the interpreter in one case."""
    sides = [
        Side(one, trains, MODES[trains])
        for one in participants
        for trains in [backend(one.name).can_train]
    ]
    case = Case(program, reference, sides, settings)
    case.run(progress)
    report = case.report()
    if places is not None:
        from dlmc.verification.explain import explained

        report = replace(
            report,
            targets=tuple(
                target
                if target.agrees
                else explained(case, side, target, places.get(case.name, {}))
                for side, target in zip(sides, report.targets, strict=True)
            ),
        )
    return report
