"""From a file to a program."""

import sys
from dataclasses import dataclass
from pathlib import Path

from dlmc.diagnostics import Diagnostic, Label
from dlmc.elaborate.data import elaborate_data
from dlmc.elaborate.problems import Poisoned, Problem
from dlmc.elaborate.scope import FileScope
from dlmc.elaborate.session import Session
from dlmc.elaborate.specialise import specialise
from dlmc.elaborate.top import file_scope
from dlmc.elaborate.training import elaborate_training
from dlmc.grammar import tree
from dlmc.grammar.faults import SyntaxFaults
from dlmc.grammar.parser import parse
from dlmc.grammar.span import Source
from dlmc.ir.module import Kind, Module
from dlmc.ir.program import Data, Program, Training

RECURSION_LIMIT = 20_000
"""Python frames that the deepest program within the language's limits may need."""


@dataclass(frozen=True, slots=True)
class Elaborated:
    """What came of a file: a program unless there are errors, and all messages."""

    program: Program | None
    diagnostics: tuple[Diagnostic, ...]


def elaborate(source: Source, folder: Path) -> Elaborated:
    """Check a file and make its program; paths in it are relative to `folder`."""
    try:
        file = parse(source)
    except SyntaxFaults as faults:
        return Elaborated(
            None,
            tuple(
                Diagnostic(fault.code, fault.message, Label(fault.span), (), fault.hint)
                for fault in faults.faults
            ),
        )
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, RECURSION_LIMIT))
    try:
        return _elaborate(file, source, folder)
    finally:
        sys.setrecursionlimit(limit)


def _elaborate(file: tree.File, source: Source, folder: Path) -> Elaborated:
    session = Session()
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
    scope = file_scope(file, session)
    models: dict[str, Module] = {}
    data: dict[str, Data | None] = {}
    trainings: list[Training] = []
    for declaration in file.declarations:
        try:
            match declaration:
                case tree.Const(name=name):
                    scope.lookup(name.name)
                case tree.Block(is_model=True):
                    models[declaration.name.name] = _model(declaration, scope, session)
                case tree.Data():
                    data[declaration.name.name] = None
                    data[declaration.name.name] = elaborate_data(
                        declaration, scope, session, folder
                    )
                case tree.Use():
                    raise Problem(
                        "E0004", "`use` is not supported yet", declaration.span
                    )
        except Problem as problem:
            session.report(problem)
        except Poisoned:
            continue  # its mistakes are reported
    for declaration in file.declarations:
        if isinstance(declaration, tree.Train):
            try:
                trainings.append(elaborate_training(declaration, scope, session, data))
            except Problem as problem:
                session.report(problem)
            except Poisoned:
                continue
    if not models and not session.has_errors:
        session.add(
            Diagnostic(
                "E0002",
                "the file declares no model",
                Label(file.declarations[0].span),
                hint="a `block` becomes a model when every input has a full type",
            )
        )
    diagnostics = tuple(_in_order(session.diagnostics))
    if session.has_errors:
        return Elaborated(None, diagnostics)
    path = Path(source.name)
    program = Program(
        name=path.stem or "program",
        file=path.name,
        models=tuple(models.values()),
        trainings=tuple(trainings),
        documentation=file.documentation,
    )
    return Elaborated(program, diagnostics)


def _in_order(diagnostics: list[Diagnostic]) -> list[Diagnostic]:
    return sorted(
        diagnostics, key=lambda d: d.place.span.start if d.place is not None else -1
    )


def _model(declaration: tree.Block, scope: FileScope, session: Session) -> Module:
    """A model by itself, with the defaults of its parameters."""
    from dlmc.elaborate.calls import make_layer
    from dlmc.elaborate.frame import Frame
    from dlmc.elaborate.values import BlockFunction

    required = [p for p in declaration.parameters if p.default is None]
    if required:
        raise Problem(
            "E0204",
            f"the model's parameter `{required[0].name}` needs a default",
            required[0].span,
            hint="a model can be compiled by itself; what has no default is a `block`",
        )
    frame = Frame(session, False, declaration.name.name)
    block = BlockFunction(declaration, scope)
    layer = make_layer(block, [], declaration.name.span, frame)
    done = specialise(
        session, declaration, scope, Kind.MODEL, dict(layer.arguments), None
    )
    return done.module
