"""Files: the one that is compiled, and those that it uses names from."""

from pathlib import Path, PurePosixPath

from dlmc.diagnostics import syntax_diagnostics
from dlmc.elaborate.problems import Poisoned, Problem
from dlmc.elaborate.scope import FileScope
from dlmc.elaborate.session import Session
from dlmc.elaborate.top import Maker, declare, library
from dlmc.grammar import tree
from dlmc.grammar.faults import SyntaxFaults
from dlmc.grammar.parser import parse
from dlmc.grammar.span import Source
from dlmc.sources import near_file, read_source


def file_scope(file: tree.File, session: Session, folder: Path) -> FileScope:
    """The scope of a file whose paths are relative to `folder`."""
    if session.library is None:
        session.library = library(session)
    names: dict[str, Maker] = {}
    scope = FileScope(session.library, names, folder=folder)
    declare(file, scope, names, session)
    return scope


def used_file(use: tree.Use, scope: FileScope, session: Session) -> FileScope:
    """The scope of the file that `use` names.

    Raises `Problem`, or `Poisoned` where the file's mistakes were reported.
    """
    written = use.path.value
    if not written or PurePosixPath(written).is_absolute() or "\\" in written:
        raise Problem(
            "E0209",
            f'"{written}" is no path relative to this file',
            use.path.span,
            hint='for example `use "blocks/residual.dlm": Residual`',
        )
    try:
        path = (scope.folder / written).resolve()
    except (OSError, RuntimeError):  # a link that leads to itself, before Python 3.13
        raise Problem(
            "E0209",
            f'"{written}" cannot be read: it is a link that leads to itself',
            use.path.span,
        ) from None
    if not path.is_relative_to(session.root):
        raise Problem(
            "E0209",
            f'"{written}" is outside of the project, the folder of the program',
            use.path.span,
            hint="copy it into the folder: what a program needs goes with it",
        )
    if path in session.opening:
        chain = [*session.opening[session.opening.index(path) :], path]
        shown = " uses ".join(f'"{_shown(p, session)}"' for p in chain)
        raise Problem(
            "E0210",
            f"files use each other: {shown}",
            use.path.span,
            hint="move what both need into a third file",
        )
    if path not in session.files:
        session.files[path] = None
        session.files[path] = _open(path, use, session)
    found = session.files[path]
    if found is None:
        raise Poisoned
    return found


def _open(path: Path, use: tree.Use, session: Session) -> FileScope | None:
    try:
        text = read_source(path)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        near = None if path.exists() else near_file(path)
        raise Problem(
            "E0209",
            f'"{use.path.value}" cannot be read: {reason[0].lower()}{reason[1:]}',
            use.path.span,
            hint=None if near is None else f'did you mean "{near}"?',
        ) from None
    session.opening.append(path)
    try:
        file = parse(Source(str(session.folder / _shown(path, session)), text))
        scope = file_scope(file, session, path.parent)
        for declaration in file.declarations:
            if isinstance(declaration, tree.Use):  # so that a circle is seen at once
                for identifier in declaration.names:
                    scope.lookup(identifier.name)
    except SyntaxFaults as faults:
        for diagnostic in syntax_diagnostics(faults):
            session.add(diagnostic)
        return None
    finally:
        session.opening.pop()
    return scope


def _shown(path: Path, session: Session) -> str:
    return path.relative_to(session.root).as_posix()
