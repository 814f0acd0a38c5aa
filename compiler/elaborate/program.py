"""From a file to a program."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dlmc.diagnostics import Diagnostic, syntax_diagnostics
from dlmc.elaborate.calls import make_layer
from dlmc.elaborate.files import file_scope
from dlmc.elaborate.frame import Frame
from dlmc.elaborate.places import misplaced
from dlmc.elaborate.problems import Poisoned, Problem
from dlmc.elaborate.scope import Environment, FileScope
from dlmc.elaborate.session import Session
from dlmc.elaborate.specialise import specialise
from dlmc.elaborate.top import DataDeclaration
from dlmc.elaborate.training import elaborate_training
from dlmc.elaborate.unknown import unknown_name
from dlmc.elaborate.values import BlockFunction
from dlmc.grammar import tree
from dlmc.grammar.faults import SyntaxFaults
from dlmc.grammar.names import bindings, free_names
from dlmc.grammar.parser import parse
from dlmc.grammar.span import Source
from dlmc.ir.module import Kind, Module
from dlmc.ir.program import Program, Training

RECURSION_LIMIT = 20_000
"""Python frames that the deepest program within the language's limits may need."""


@dataclass(frozen=True, slots=True)
class Elaborated:
    """What came of a file: a program unless there are errors, and all messages.

    A program without a model is one that other programs use names from. `file` is the
    syntax tree of a program.
    """

    program: Program | None
    diagnostics: tuple[Diagnostic, ...]
    file: tree.File | None = None


def elaborate(source: Source, folder: Path, *, is_sample: bool = False) -> Elaborated:
    """Check a file and make its program; paths in it are relative to `folder`.

    In the model of a sample, what else stands in metrics or in data fields alone means
    what it does for one batch.
    """
    try:
        file = parse(source)
    except SyntaxFaults as faults:
        return Elaborated(None, syntax_diagnostics(faults))
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, RECURSION_LIMIT))
    try:
        return _elaborate(file, source, folder, is_sample)
    finally:
        sys.setrecursionlimit(limit)


def _elaborate(
    file: tree.File, source: Source, folder: Path, is_sample: bool
) -> Elaborated:
    session = Session(folder)
    if not file.declarations:
        session.add(
            Diagnostic(
                "E0002",
                "the file declares nothing",
                None,
                hint="a program has at least a `model`",
            )
        )
        return Elaborated(None, tuple(session.diagnostics))
    scope = file_scope(file, session, folder)
    models: dict[str, Module] = {}
    trainings: list[Training] = []
    # What a training needs comes first, so that it does not look wrong for it.
    for declaration in sorted(file.declarations, key=_is_training):
        try:
            match declaration:
                case tree.Const(name=name):
                    scope.lookup(name.name)
                case tree.Block(is_model=True, name=name):
                    if _is_complete(declaration) and not scope.is_poisoned(name.name):
                        models[name.name] = _model(declaration, scope, session)
                case tree.Data(name=name):
                    found = scope.lookup(name.name)
                    if found is not None and isinstance(found.value, DataDeclaration):
                        found.value.elaborated()
                case tree.Use(names=names):
                    for name in names:
                        scope.lookup(name.name)
                case tree.Train():
                    trainings.append(elaborate_training(declaration, scope, session))
        except Problem as problem:
            session.report(problem)
        except Poisoned:
            continue  # its mistakes are reported
    _check_unused(file, scope, session)
    if not is_sample and not session.has_errors:
        for fault in misplaced(models, trainings):
            session.report(fault)
    diagnostics = _in_order(session.diagnostics, source)
    if session.has_errors:
        return Elaborated(None, diagnostics)
    path = Path(source.name)
    program = Program(
        name="stdin" if source.name == "<stdin>" else path.stem or "program",
        file=path.name,
        models=(*models.values(), *_trained_only(models, trainings)),
        trainings=tuple(trainings),
        documentation=file.documentation,
    )
    return Elaborated(program, diagnostics, file)


def _in_order(found: list[Diagnostic], source: Source) -> tuple[Diagnostic, ...]:
    """Messages in the order of the text, those of the program itself first."""

    def place(diagnostic: Diagnostic) -> tuple[bool, str, int]:
        if diagnostic.place is None:
            return (False, "", -1)
        span = diagnostic.place.span
        return (span.source is not source, span.source.name, span.start)

    return tuple(sorted(found, key=place))


def _is_training(declaration: tree.Declaration) -> bool:
    return isinstance(declaration, tree.Train)


def _is_complete(declaration: tree.Block) -> bool:
    """Whether a model says everything: each parameter has a default."""
    return all(p.default is not None for p in declaration.parameters)


def _trained_only(
    models: dict[str, Module], trainings: list[Training]
) -> Iterator[Module]:
    """The models that trainings alone give their arguments."""
    seen: set[Module] = set()
    for training in trainings:
        if training.model.definition not in models and training.model not in seen:
            seen.add(training.model)
            yield training.model


def _model(declaration: tree.Block, scope: FileScope, session: Session) -> Module:
    """A model by itself, with the defaults of its parameters."""
    frame = Frame(session, False, declaration.name.name)
    block = BlockFunction(declaration, scope)
    layer = make_layer(block, [], declaration.name.span, frame)
    done = specialise(
        session, declaration, scope, Kind.MODEL, dict(layer.arguments), None
    )
    return done.module


def _check_unused(file: tree.File, scope: FileScope, session: Session) -> None:
    """What nothing uses was not looked at: a model cannot be, elsewhere names can."""
    for declaration in file.declarations:
        if not isinstance(
            declaration, tree.FunctionDeclaration | tree.Block | tree.Optimizer
        ) or scope.is_used(declaration.name.name):
            continue
        if isinstance(declaration, tree.Block) and declaration.is_model:
            missing = [p for p in declaration.parameters if p.default is None]
            if missing:
                session.report(
                    Problem(
                        "E0204",
                        f"the model's parameter `{missing[0].name}` needs a default,"
                        " or a training that gives it",
                        missing[0].span,
                        hint="what has no default can also be a `block`",
                    )
                )
            continue
        inside = Environment(scope)
        for identifier in _own_names(declaration):
            inside.bind(identifier, None)
        for name in free_names(declaration):
            if scope.lookup(name.name) is None:
                session.report(unknown_name(name, inside, declaration))


def _own_names(
    declaration: tree.FunctionDeclaration | tree.Block | tree.Optimizer,
) -> Iterator[str]:
    """The names that a declaration gives a meaning inside of itself."""
    yield from (parameter.name for parameter in declaration.parameters)
    if not isinstance(declaration, tree.FunctionDeclaration):
        yield from (identifier.name for identifier in bindings(declaration.body))
