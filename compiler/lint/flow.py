"""The values that a body binds, and whether anything asks for them.

A body is followed as it may run: each branch of an `if` may be the taken one, and a
loop may have no turn, one or many. A value is used if on some way the name is asked for
while it stands for this value. What a `fn` inside of the body asks for may be asked for
at any time.
"""

from collections.abc import Iterable, Iterator

from dlmc.grammar import tree
from dlmc.grammar.span import Span
from dlmc.lint.syntax import reads


class Definition:
    """A meaning that a name is given at one place.

    `group` is the same for names bound by one statement, which are used if one of them
    is.
    """

    def __init__(self, name: str, span: Span, kind: str, group: int) -> None:
        self.name = name
        self.span = span
        self.kind = kind
        self.group = group
        self.is_used = False
        self.overwritten: Span | None = None


class _Entry:
    """What a name may stand for; `is_definite` if it has got its meaning right here."""

    def __init__(self, definitions: list[Definition], is_definite: bool) -> None:
        self.definitions = definitions
        self.is_definite = is_definite


class _Region:
    """A piece of a body that may run or not.

    `exposed` are names asked for in it that may still stand for what they stood for
    before it.
    """

    def __init__(self, parent: "_Region | None" = None) -> None:
        self.parent = parent
        self.entries: dict[str, _Entry] = {}
        self.exposed: set[str] = set()


class Body:
    """Follows the statements of a body and remembers every value bound in it."""

    def __init__(self, parameters: Iterable[tree.Parameter]) -> None:
        self.definitions: list[Definition] = []
        self.kept: set[str] = set()
        """States and the like: binding one is what uses it."""
        self.region = _Region()
        self.asked: set[str] = set()
        self.always: set[str] = set()
        self.groups = 0
        for parameter in parameters:
            if parameter.default is not None:
                self.read([parameter.default])
            self._define(parameter.name, parameter.span, "argument")

    def unused(self) -> Iterator[Definition]:
        """The values that nothing asks for, one of each statement."""
        done = {d.group for d in self.definitions if d.is_used or self._is_kept(d)}
        for definition in self.definitions:
            if definition.group not in done:
                done.add(definition.group)
                yield definition

    def _is_kept(self, definition: Definition) -> bool:
        return definition.name in self.always or definition.name.startswith("_")

    # --- Statements ------------------------------------------------------------------

    def run(self, statements: Iterable[tree.Statement]) -> None:
        """Follow statements in order."""
        for statement in statements:
            self._follow(statement)

    def _follow(self, statement: tree.Statement) -> None:
        match statement:
            case tree.Input(name=name, type=type_):
                self.read([type_])
                self._define(name.name, name.span, "input")
            case tree.Param(name=name, type=type_, value=value):
                self.read([type_, value])
                self._define(name.name, name.span, "parameter")
            case tree.State(name=name, type=type_, value=value):
                self.read([value] if type_ is None else [type_, value])
                self._define(name.name, name.span, "state")
                self.kept.add(name.name)
            case tree.Output(name=name, type=type_, value=value):
                self.read([value] if type_ is None else [type_, value])
                if name is not None:
                    self._bind(name)
            case tree.Binding(targets=targets, value=value):
                self.read([value])
                kind = "layer" if _makes_layer(value) else "value"
                if any(target.name in self.kept for target in targets):
                    for target in targets:
                        self._mark(target.name)
                        self._bind(target)
                    return
                for target in targets:
                    self._define(target.name, target.span, kind, new=False)
                self.groups += 1
            case tree.Emit(name=name, value=value):
                self.read([value])
                self._bind(name)
            case tree.If(condition=condition, then=then, otherwise=otherwise):
                self.read([condition])
                self._join(self._branch(then), self._branch(otherwise))
            case tree.For(targets=targets, iterable=iterable, body=body):
                self.read([iterable])
                self._loop(targets, body)
            case tree.Scan(carries=carries, over=over, body=body):
                self.read([*(c.value for c in carries), *(o.value for o in over)])
                self.read([o.axis for o in over])
                self.kept.update(carry.name.name for carry in carries)
                self._loop([*(c.name for c in carries), *(o.name for o in over)], body)

    def _branch(self, statements: Iterable[tree.Statement]) -> _Region:
        branch = self.region = _Region(self.region)
        self.run(statements)
        assert branch.parent is not None
        self.region = branch.parent
        return branch

    def _loop(
        self, targets: Iterable[tree.Identifier], statements: Iterable[tree.Statement]
    ) -> None:
        turn = self.region = _Region(self.region)
        for target in targets:
            self._bind(target)
        self.run(statements)
        # What one turn leaves, the next one finds.
        for name in turn.exposed & turn.entries.keys():
            _use(turn.entries[name])
        assert turn.parent is not None
        self.region = turn.parent
        self._join(turn, _Region())

    def _join(self, one: _Region, other: _Region) -> None:
        """What names stand for where two ways meet."""
        for name in {**one.entries, **other.entries}:
            sides = [r.entries[name] for r in (one, other) if name in r.entries]
            met = [d for side in sides for d in side.definitions]
            if len(sides) == 2 and all(side.is_definite for side in sides):
                self.region.entries[name] = _Entry(met, True)
            else:
                before = self.region.entries.setdefault(name, _Entry([], False))
                before.definitions.extend(met)

    # --- Names -----------------------------------------------------------------------

    def read(self, parts: Iterable[tree.Node]) -> None:
        """Names are asked for."""
        for name, later in reads(parts):
            self.asked.add(name)
            if later:
                self.always.add(name)
            self._mark(name)

    def _mark(self, name: str) -> None:
        region: _Region | None = self.region
        while region is not None:
            entry = region.entries.get(name)
            if entry is not None:
                _use(entry)
                if entry.is_definite:
                    return
            region.exposed.add(name)
            region = region.parent

    def _bind(self, name: tree.Identifier) -> None:
        """A meaning that need not be asked for."""
        self._overwrite(name.name, name.span)
        self.region.entries[name.name] = _Entry([], True)

    def _define(self, name: str, span: Span, kind: str, *, new: bool = True) -> None:
        self._overwrite(name, span)
        definition = Definition(name, span, kind, self.groups)
        self.definitions.append(definition)
        self.region.entries[name] = _Entry([definition], True)
        self.groups += new

    def _overwrite(self, name: str, span: Span) -> None:
        if name in self.region.entries:
            for definition in self.region.entries[name].definitions:
                definition.overwritten = span


def _use(entry: _Entry) -> None:
    for definition in entry.definitions:
        definition.is_used = True
    entry.definitions.clear()


def _makes_layer(value: tree.Expression) -> bool:
    return (
        isinstance(value, tree.Call)
        and isinstance(value.function, tree.Name)
        and value.function.name[:1].isupper()
    )
