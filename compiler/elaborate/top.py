"""The names at the top: what the language gives, the library, a file's own."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from dlmc.diagnostics import Diagnostic, Label
from dlmc.elaborate.arguments import duplicates
from dlmc.elaborate.builtins import BUILTINS
from dlmc.elaborate.expressions import evaluate
from dlmc.elaborate.frame import Frame
from dlmc.elaborate.parameters import layers_in
from dlmc.elaborate.problems import Poisoned, Problem, did_you_mean
from dlmc.elaborate.recursion import recursions
from dlmc.elaborate.scope import FileScope
from dlmc.elaborate.session import Session
from dlmc.elaborate.standard import Place, library_index, library_sources
from dlmc.elaborate.types import DTYPES
from dlmc.elaborate.values import (
    BlockFunction,
    Declared,
    InitializerFunction,
    NamedFunction,
    Poison,
    PrimitiveFunction,
)
from dlmc.grammar import tree
from dlmc.grammar.span import Span
from dlmc.initializers import INITIALIZERS
from dlmc.primitives import REGISTRY

if TYPE_CHECKING:
    from dlmc.ir.program import Data

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
        name: _given(PrimitiveFunction(primitive))
        for name, primitive in REGISTRY.items()
        if name not in SAID and not primitive.internal
    }
    names |= {name: _given(function) for name, function in BUILTINS.items()}
    return FileScope(None, names, is_library=True)


def library(session: Session) -> FileScope:
    """What programs see of the standard library: all that is documented."""
    session.library_sources.update(library_sources())
    names: dict[str, Maker] = {}
    scope = FileScope(language(), names, is_library=True)
    public: dict[str, Maker] = {}
    for name, place in library_index().items():
        names[name] = (None, _Library(place, scope, session))
        if place.is_public:
            public[name] = (None, _Public(name, scope))
    return FileScope(language(), public, is_library=True)


@dataclass(frozen=True, slots=True)
class _Public:
    """Looks a name up in the library itself."""

    name: str
    scope: FileScope

    def __call__(self) -> Any:
        found = self.scope.lookup(self.name)
        assert found is not None
        return found.value


class _Library:
    """Reads a declaration of the library when it is first asked for."""

    def __init__(self, place: Place, scope: FileScope, session: Session) -> None:
        self.place = place
        self.scope = scope
        self.session = session

    def __call__(self) -> Any:
        made = maker(self.place.read(), self.scope, self.session)
        assert made is not None
        return made()


_WITH_PARAMETERS = (tree.FunctionDeclaration, tree.Block, tree.Optimizer)


def declare(
    file: tree.File, scope: FileScope, names: dict[str, Maker], session: Session
) -> None:
    """Fill a file's scope with its declarations; names declared twice are reported."""
    first: dict[str, Span] = {}

    def add(identifier: tree.Identifier, make: Callable[[], Any] | None) -> None:
        if identifier.name in first:
            session.add(
                Diagnostic(
                    "E0202",
                    f"`{identifier.name}` is declared twice",
                    Label(identifier.span),
                    (Label(first[identifier.name], "first here"),),
                )
            )
            return
        first[identifier.name] = identifier.span
        if make is not None:
            names[identifier.name] = (identifier.span, make)

    for declaration in file.declarations:
        match declaration:
            case tree.Use(names=wanted):
                for identifier in wanted:
                    add(identifier, _Used(declaration, identifier, scope, session))
            case tree.Train(name=named):
                if named is not None:
                    add(named, None)
            case _:
                add(declaration.name, maker(declaration, scope, session))
        if isinstance(declaration, _WITH_PARAMETERS):
            for problem in duplicates(declaration.parameters):
                session.report(problem)
    for problem, circle in recursions(file.declarations):
        session.report(problem)
        for name in circle:
            names[name] = _given(Poison())


def maker(
    declaration: tree.Declaration, scope: FileScope, session: Session
) -> Callable[[], Any] | None:
    """What makes the value of a declaration; None for one that is no value."""
    match declaration:
        case tree.FunctionDeclaration():
            return lambda: NamedFunction(declaration, scope)
        case tree.Block():
            return lambda: BlockFunction(declaration, scope)
        case tree.Const():
            return _Constant(declaration, scope, session)
        case tree.Optimizer():
            return lambda: OptimizerDeclaration(declaration, scope)
        case tree.Data():
            return lambda: DataDeclaration(declaration, scope, session)
    return None


class _Used:
    """Looks a name up in another file when it is first asked for."""

    def __init__(
        self,
        use: tree.Use,
        identifier: tree.Identifier,
        scope: FileScope,
        session: Session,
    ) -> None:
        self.use = use
        self.identifier = identifier
        self.scope = scope
        self.session = session

    def __call__(self) -> Any:
        from dlmc.elaborate.files import used_file

        try:
            other = used_file(self.use, self.scope, self.session)
            name = self.identifier
            if not other.declares(name.name):
                raise Problem(
                    "E0201",
                    f'"{self.use.path.value}" declares no `{name.name}`',
                    name.span,
                    hint=did_you_mean(name.name, other.own_names()),
                )
        except Problem as problem:
            self.session.report(problem)
            return Poison()
        except Poisoned:
            return Poison()
        found = other.lookup(name.name)
        assert found is not None
        return found.value


class OptimizerDeclaration(Declared):
    """An update rule as a value."""

    def __init__(self, declaration: tree.Optimizer, scope: FileScope) -> None:
        self.declaration = declaration
        self.scope = scope

    @property
    def description(self) -> str:
        """What it is, in the words of the language."""
        return f"the optimizer `{self.declaration.name.name}`"


class DataDeclaration(Declared):
    """Samples as a value."""

    def __init__(
        self, declaration: tree.Data, scope: FileScope, session: Session
    ) -> None:
        self.declaration = declaration
        self.scope = scope
        self.session = session
        self._made: Data | Poison | None = None

    @property
    def description(self) -> str:
        """What it is, in the words of the language."""
        return f"the data `{self.declaration.name.name}`"

    def elaborated(self) -> "Data":
        """The data; raises `Poisoned` where problems were reported."""
        from dlmc.elaborate.data import elaborate_data

        if self._made is None:
            self._made = Poison()
            try:
                self._made = elaborate_data(
                    self.declaration, self.scope, self.session, self.scope.folder
                )
            except Problem as problem:
                self.session.report(problem)
        if isinstance(self._made, Poison):
            raise Poisoned
        return self._made


class _Constant:
    """Computes a constant when it is first asked for."""

    def __init__(
        self, declaration: tree.Const, scope: FileScope, session: Session
    ) -> None:
        self.declaration = declaration
        self.scope = scope
        self.session = session

    def __call__(self) -> Any:
        name = self.declaration.name
        frame = Frame(self.session, False, name.name)
        try:
            value = evaluate(self.declaration.value, self.scope, frame)
            made = "tensor" if frame.operations else "layer"
            if frame.operations or any(layers_in("", value)):
                raise Problem(
                    "E0310",
                    f"the constant `{name.name}` is a {made}",
                    self.declaration.value.span,
                    hint="a constant is a number, a string or a list",
                )
        except Problem as problem:
            self.session.report(problem)
            return Poison()
        except Poisoned:
            return Poison()
        return value
