"""The standard library: where each of its declarations stands, read when asked for.

A program uses a few of the library's definitions. Finding where each one begins costs a
hundredth of reading them all.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from dlmc.grammar import tree
from dlmc.grammar.parser import parse
from dlmc.grammar.span import Source

LIBRARY = Path(__file__).parent.parent / "library"
_TEXT = r'"""(?:[^"]|"(?!""))*"""\s*'
_TITLE = re.compile(_TEXT)
"""What a file of the library begins with."""
_BEGINNING = re.compile(
    rf"^({_TEXT})?(?:fn|block|model|optimizer|const) +(\w+) *[(={{]", re.MULTILINE
)
"""A declaration with its documentation; the library keeps both at the line's start."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a declaration of the library stands.

    One without documentation is the library's own affair (`is_public` is false).
    """

    source: Source
    start: int
    end: int
    is_public: bool

    def read(self) -> tree.Declaration:
        """The declaration's syntax tree."""
        file = parse(self.source, self.start, self.end)
        (declaration,) = file.declarations
        # The first text of a file is the file's own; here it is the declaration's.
        return replace(declaration, documentation=file.documentation)


@cache
def library_sources() -> tuple[Source, ...]:
    """The texts of the standard library."""
    return tuple(
        Source(f"library/{path.name}", path.read_text("utf-8"))
        for path in sorted(LIBRARY.glob("*.dlm"))
    )


@cache
def library_index() -> Mapping[str, Place]:
    """The place of each declaration of the library, by name."""
    found: dict[str, Place] = {}
    for source in library_sources():
        title = _TITLE.match(source.text)
        assert title is not None, source.name
        beginnings = list(_BEGINNING.finditer(source.text, title.end()))
        ends = [following.start() for following in beginnings[1:]]
        for match, end in zip(beginnings, [*ends, len(source.text)], strict=True):
            place = Place(source, match.start(), end, match[1] is not None)
            found[match[2]] = place
    return found


@cache
def library_files() -> tuple[tree.File, ...]:
    """The whole library, read."""
    return tuple(parse(source) for source in library_sources())
