"""The standard library: where each of its declarations stands, read when asked for.

A program uses a few of the library's definitions. Finding where each one begins costs a
hundredth of reading them all.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from dlmc.grammar import literals, tree
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
_SAMPLES = re.compile(r"\n\s*?\n(?P<samples>(?: {4}[^\n]*\n|[ ]*\n)+)(?=\"\"\"\s*$)")
"""The indented end of a documentation: uses of what is documented."""
_NAMED = tree.Const | tree.FunctionDeclaration | tree.Block | tree.Optimizer
"""What a file of the library declares."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a declaration of the library stands.

    One without documentation is the library's own affair (`is_public` is false).
    """

    source: Source
    start: int
    end: int
    text: str
    """The documentation as it is written, with quotes and samples; or nothing."""

    @property
    def is_public(self) -> bool:
        """Whether programs see it."""
        return bool(self.text)

    @property
    def documentation(self) -> str | None:
        """What is said of the declaration, without its samples."""
        if not self.text:
            return None
        return literals.documentation(_SAMPLES.sub("\n", self.text).rstrip())

    @property
    def samples(self) -> tuple[str, ...]:
        """Uses of the declaration; a line that is indented further continues one."""
        found = _SAMPLES.search(self.text)
        if found is None:
            return ()
        lines = [line[4:] for line in found["samples"].splitlines() if line.strip()]
        samples: list[str] = []
        for line in lines:
            if line.startswith(" ") and samples:
                samples[-1] += f" {line.strip()}"
            else:
                samples.append(line.strip())
        return tuple(samples)

    def read(self) -> tree.Declaration:
        """The declaration's syntax tree."""
        file = parse(self.source, self.start, self.end)
        (declaration,) = file.declarations
        return replace(declaration, documentation=self.documentation)


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
            place = Place(source, match.start(), end, match[1] or "")
            found[match[2]] = place
    return found


@cache
def library_files() -> tuple[tree.File, ...]:
    """The whole library, read."""
    return tuple(_without_samples(parse(source)) for source in library_sources())


def _without_samples(file: tree.File) -> tree.File:
    index = library_index()
    declarations = []
    for declaration in file.declarations:
        assert isinstance(declaration, _NAMED), declaration.span
        text = index[declaration.name.name].documentation
        declarations.append(replace(declaration, documentation=text))
    return replace(file, declarations=tuple(declarations))
