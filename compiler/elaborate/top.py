"""The names at the top: what the language gives, the library, a file's own."""

import math
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from dlmc.diagnostics import Diagnostic, Label
from dlmc.elaborate.builtins import BUILTINS
from dlmc.elaborate.expressions import evaluate
from dlmc.elaborate.frame import Frame
from dlmc.elaborate.problems import Poisoned, Problem
from dlmc.elaborate.scope import FileScope
from dlmc.elaborate.session import Session
from dlmc.elaborate.types import DTYPES
from dlmc.elaborate.values import (
    BlockFunction,
    InitializerFunction,
    NamedFunction,
    Poison,
    PrimitiveFunction,
)
from dlmc.grammar import tree
from dlmc.grammar.parser import parse
from dlmc.grammar.span import Source, Span
from dlmc.initializers import INITIALIZERS
from dlmc.primitives import REGISTRY

LIBRARY = Path(__file__).parent.parent / "library"

SAID = ("constant", "dimension")
"""What a program says without a name: a number is an initialiser and a tensor, too."""

Maker = tuple[Span | None, Callable[[], Any]]


def _given(value: Any) -> Maker:
    return None, lambda: value


@cache
def language() -> FileScope:
    """What needs no declaration: primitives, compile-time functions, dtypes."""
    names: dict[str, Maker] = {"pi": _given(math.pi), "inf": _given(math.inf)}
    names |= {n: _given(InitializerFunction(n)) for n in INITIALIZERS if n not in SAID}
    names |= {name: _given(dtype) for name, dtype in DTYPES.items()}
    names |= {
        n: _given(PrimitiveFunction(p)) for n, p in REGISTRY.items() if n not in SAID
    }
    names |= {name: _given(function) for name, function in BUILTINS.items()}
    return FileScope(None, names, is_library=True)


@cache
def library_files() -> tuple[tree.File, ...]:
    """The standard library's syntax trees."""
    return tuple(
        parse(Source(f"library/{path.name}", path.read_text("utf-8")))
        for path in sorted(LIBRARY.glob("*.dlm"))
    )


def library(session: Session) -> FileScope:
    """The scope of the standard library."""
    session.library_sources.update(file.span.source for file in library_files())
    names: dict[str, Maker] = {}
    scope = FileScope(language(), names, is_library=True)
    for file in library_files():
        for declaration in file.declarations:
            names.update(_makers(declaration, scope, session))
    return scope


def file_scope(file: tree.File, session: Session) -> FileScope:
    """The scope of a user's file; names declared twice are reported."""
    names: dict[str, Maker] = {}
    scope = FileScope(library(session), names)
    first: dict[str, Span] = {}
    for declaration in file.declarations:
        identifier = getattr(declaration, "name", None)
        if not isinstance(identifier, tree.Identifier):
            continue
        if identifier.name in first:
            session.add(
                Diagnostic(
                    "E0202",
                    f"`{identifier.name}` is declared twice",
                    Label(identifier.span),
                    (Label(first[identifier.name], "first here"),),
                )
            )
            continue
        first[identifier.name] = identifier.span
        names.update(_makers(declaration, scope, session))
    return scope


def _makers(
    declaration: tree.Declaration, scope: FileScope, session: Session
) -> dict[str, Maker]:
    make: Callable[[], Any]
    match declaration:
        case tree.FunctionDeclaration(name=name):
            function = NamedFunction(declaration, scope)
            make = lambda: function  # noqa: E731
        case tree.Block(name=name):
            block = BlockFunction(declaration, scope)
            make = lambda: block  # noqa: E731
        case tree.Const(name=name):
            make = _Constant(declaration, scope, session)
        case tree.Optimizer(name=name):
            make = lambda: OptimizerDeclaration(declaration, scope)  # noqa: E731
        case _:
            return {}
    return {name.name: (name.span, make)}


class OptimizerDeclaration:
    """An update rule as a value: only a training can use it."""

    def __init__(self, declaration: tree.Optimizer, scope: FileScope) -> None:
        self.declaration = declaration
        self.scope = scope


class _Constant:
    """Computes a constant when it is first asked for."""

    def __init__(
        self, declaration: tree.Const, scope: FileScope, session: Session
    ) -> None:
        self.declaration = declaration
        self.scope = scope
        self.session = session
        self.running = False

    def __call__(self) -> Any:
        name = self.declaration.name
        if self.running:
            raise Problem(
                "E0207", f"the constant `{name.name}` depends on itself", name.span
            )
        self.running = True
        frame = Frame(self.session, False, name.name)
        try:
            value = evaluate(self.declaration.value, self.scope, frame)
            if frame.operations:
                raise Problem(
                    "E0310",
                    f"the constant `{name.name}` is a tensor",
                    self.declaration.value.span,
                    hint="a constant is a number, a string or a list",
                )
        except Problem as problem:
            self.session.report(problem)
            return Poison()
        except Poisoned:
            return Poison()
        finally:
            self.running = False
        return value
