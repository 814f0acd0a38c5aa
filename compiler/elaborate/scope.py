"""Names and what they stand for."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dlmc.elaborate.values import Bound, Foreign, Poison
from dlmc.grammar.span import Span
from dlmc.ir.dimensions import Dim
from dlmc.ir.module import Value
from dlmc.ir.traced import plain

if TYPE_CHECKING:
    from dlmc.elaborate.frame import Frame


class Environment:
    """Names bound so far in a body or a function, inside another environment."""

    def __init__(self, parent: "Environment | FileScope | Elsewhere") -> None:
        self.parent = parent
        self._bound: dict[str, Bound] = {}

    def lookup(self, name: str) -> Bound | None:
        """The innermost meaning of a name."""
        found = self._bound.get(name)
        return found if found is not None else self.parent.lookup(name)

    def own(self, name: str) -> Bound | None:
        """The meaning given in this environment itself."""
        return self._bound.get(name)

    def own_names(self) -> list[str]:
        """The names that are given a meaning in this environment itself."""
        return list(self._bound)

    def bind(self, name: str, value: Any, span: Span | None = None) -> None:
        """Give a name a (new) meaning."""
        self._bound[name] = Bound(value, span)

    def names(self) -> Iterator[str]:
        """All names that have a meaning here."""
        yield from self._bound
        yield from self.parent.names()


class Elsewhere:
    """The names around a function of one block, as another block may use them.

    Numbers are known in both; a tensor, or a size that is a symbol, in its own alone.
    """

    def __init__(self, parent: Environment, frame: "Frame") -> None:
        self.parent = parent
        self.frame = frame

    def lookup(self, name: str) -> Bound | None:
        """The meaning of a name; `Foreign` is that of one without any elsewhere."""
        found = self.parent.lookup(name)
        if found is None:
            return None
        if isinstance(found.value, Value | Dim):
            return Bound(Foreign(found.span), found.span)
        self.frame.fix(found.value)
        return Bound(plain(found.value), found.span)

    def names(self) -> Iterator[str]:
        """All names that have a meaning here."""
        return self.parent.names()


class FileScope:
    """The top level of a file: its declarations, made values when first asked for.

    Paths in it are relative to `folder`.
    """

    def __init__(
        self,
        parent: "FileScope | None",
        makers: dict[str, tuple[Span | None, Callable[[], Any]]],
        *,
        folder: Path = Path(),
        is_library: bool = False,
    ) -> None:
        self.parent = parent
        self.folder = folder
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

    def declares(self, name: str) -> bool:
        """Whether this file itself gives a name its meaning."""
        return name in self._makers

    def is_used(self, name: str) -> bool:
        """Whether anything asked for a declaration of this file."""
        return name in self._made

    def is_poisoned(self, name: str) -> bool:
        """Whether a declaration is known to be wrong."""
        found = self.lookup(name)
        return found is not None and isinstance(found.value, Poison)

    def own_names(self) -> list[str]:
        """The names that this file declares."""
        return list(self._makers)

    def names(self) -> Iterator[str]:
        """All names that have a meaning here."""
        yield from self._makers
        if self.parent is not None:
            yield from self.parent.names()
