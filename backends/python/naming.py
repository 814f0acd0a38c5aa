"""Names of local variables: those of the source, each as long as it is needed."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from dlmc.backends.python import tree as py
from dlmc.backends.python.names import free_name, identifier

_MARK = "%"
_PLAIN = ("y", "h", "z")
"""Names of what has none."""


def placeholder(value: str) -> py.Name:
    """Stands for the variable of a value until it has a name."""
    return py.Name(_MARK + value)


def held(node: Any) -> set[str]:
    """The values whose placeholders stand in a node."""
    return {
        name.id.removeprefix(_MARK)
        for name in py.walk(node)
        if isinstance(name, py.Name) and name.id.startswith(_MARK)
    }


class Naming:
    """Gives the placeholders of a body their names.

    `hints` are what values would be called; those in `inherited` have it from what they
    are used for.

    A name is free again once its last reader has run: the statement that reads it last
    may bind it anew.
    """

    def __init__(
        self,
        statements: Sequence[py.Statement],
        hints: Mapping[str, str],
        reserved: Collection[str],
        inputs: Mapping[str, str],
        inherited: Collection[str] = (),
    ) -> None:
        self.statements = statements
        self.hints = hints
        self.reserved = frozenset(reserved)
        self.inherited = frozenset(inherited)
        self.names: dict[str, str] = dict(inputs)
        self.last = {
            value: index
            for index, statement in enumerate(statements)
            for value in held(statement)
        }

    def run(self) -> list[py.Statement]:
        """The statements with names."""
        result: list[py.Statement] = []
        holders = {name: value for value, name in self.names.items()}
        for index, statement in enumerate(self.statements):
            for name, value in list(holders.items()):
                if self.last.get(value, -1) <= index:
                    del holders[name]
            # What this statement reads still has its names; what it binds gets one.
            for value in self._bound(statement):
                if value in self.names:
                    continue
                if value not in self._read_later(index) and self._is_unpacked(
                    statement
                ):
                    self.names[value] = "_"
                    continue
                name = self._free(value, holders)
                self.names[value] = name
                holders[name] = value
            named = self._named(statement)
            # A size that the source gives a name may have just that already.
            if not (isinstance(named, py.Assign) and named.target == named.value):
                result.append(named)
        return result

    def _free(self, value: str, holders: Collection[str]) -> str:
        wish = identifier(self.hints[value])
        if wish in holders and value in self.inherited:
            # The name is not its own, so another will do as well.
            wish = next((name for name in _PLAIN if name not in holders), wish)
        return free_name(wish, holders, self.reserved)

    def _bound(self, statement: py.Statement) -> list[str]:
        if not isinstance(statement, py.Assign):
            return []
        target = statement.target
        targets = target.elements if isinstance(target, py.Tuple) else (target,)
        return [
            name.id.removeprefix(_MARK)
            for name in targets
            if isinstance(name, py.Name) and name.id.startswith(_MARK)
        ]

    def _is_unpacked(self, statement: py.Statement) -> bool:
        return isinstance(statement, py.Assign) and isinstance(
            statement.target, py.Tuple
        )

    def _read_later(self, index: int) -> set[str]:
        return {value for value, last in self.last.items() if last > index}

    def _named(self, statement: py.Statement) -> Any:
        def change(node: Any) -> Any:
            if isinstance(node, py.Name) and node.id.startswith(_MARK):
                return py.Name(self.names[node.id.removeprefix(_MARK)])
            return node

        return py.rewrite(statement, change)
