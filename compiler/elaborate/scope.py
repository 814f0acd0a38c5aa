"""Names and what they stand for."""

from collections.abc import Callable, Iterator
from typing import Any

from dlmc.elaborate.values import Bound
from dlmc.grammar.span import Span


class Environment:
    """Names bound so far in a body or a function, inside another environment."""

    def __init__(self, parent: "Environment | FileScope") -> None:
        self.parent = parent
        self._bound: dict[str, Bound] = {}

    def lookup(self, name: str) -> Bound | None:
        """The innermost meaning of a name."""
        found = self._bound.get(name)
        return found if found is not None else self.parent.lookup(name)

    def own(self, name: str) -> Bound | None:
        """The meaning given in this environment itself."""
        return self._bound.get(name)

    def bind(self, name: str, value: Any, span: Span | None = None) -> None:
        """Give a name a (new) meaning."""
        self._bound[name] = Bound(value, span)

    def names(self) -> Iterator[str]:
        """All names that have a meaning here."""
        yield from self._bound
        yield from self.parent.names()


class FileScope:
    """The top level of a file: its declarations, made values when first asked for."""

    def __init__(
        self,
        parent: "FileScope | None",
        makers: dict[str, tuple[Span | None, Callable[[], Any]]],
        *,
        is_library: bool = False,
    ) -> None:
        self.parent = parent
        self.is_library = is_library
        self._makers = makers
        self._made: dict[str, Bound] = {}

    def lookup(self, name: str) -> Bound | None:
        """The meaning of a name declared here or in the library."""
        if name in self._made:
            return self._made[name]
        if name in self._makers:
            span, make = self._makers[name]
            self._made[name] = Bound(make(), span)
            return self._made[name]
        return None if self.parent is None else self.parent.lookup(name)

    def own(self, name: str) -> Span | None:
        """Where this file declares a name, None where it does not."""
        return self._makers[name][0] if name in self._makers else None

    def names(self) -> Iterator[str]:
        """All names that have a meaning here."""
        yield from self._makers
        if self.parent is not None:
            yield from self.parent.names()
