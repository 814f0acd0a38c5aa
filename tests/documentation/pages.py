"""The pages of the documentation, and what stands in them between fences."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
_FENCE = re.compile(r"^```(\w*)(.*)\n((?:.*\n)*?)^```$", re.MULTILINE)
_HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Block:
    """What stands between two fences.

    A program is marked ` ```dlm`; it may have the name of a file, ` ```dlm a.dlm`,
    under which the others of its page know it. The word `error` after it says that dlmc
    has something to say about it, which is the text between the fences that follow.
    """

    page: Path
    line: int
    language: str
    words: tuple[str, ...]
    text: str

    @property
    def id(self) -> str:
        """The page and the line, for the names of tests."""
        return f"{self.page.stem}:{self.line}"

    @property
    def file(self) -> str:
        """The file that a program is in."""
        named = [word for word in self.words if word.endswith(".dlm")]
        return named[0] if named else "example.dlm"

    @property
    def is_broken(self) -> bool:
        """Whether there is something to say about a program."""
        return "error" in self.words


@cache
def blocks(page: Path) -> tuple[Block, ...]:
    """All fenced blocks of a page, in their order."""
    text = page.read_text("utf-8")
    return tuple(
        Block(
            page,
            text.count("\n", 0, found.start()) + 1,
            found[1],
            tuple(found[2].split()),
            found[3],
        )
        for found in _FENCE.finditer(text)
    )


def programs() -> Iterator[Block]:
    """Every program in the documentation."""
    for page in PAGES:
        yield from (block for block in blocks(page) if block.language == "dlm")


def section(page: Path, heading: str) -> tuple[Block, ...]:
    """The blocks below a heading, up to the next one of any level."""
    text = _without_blocks(page.read_text("utf-8"))
    lines = [
        (text.count("\n", 0, found.start()) + 1, found[1])
        for found in _HEADING.finditer(text)
    ]
    ((start, _),) = [line for line in lines if line[1] == heading]
    after = [line for line, _ in lines if line > start]
    end = after[0] if after else text.count("\n") + 1
    return tuple(block for block in blocks(page) if start < block.line < end)


def following(block: Block) -> Block:
    """The fenced block after another one."""
    found = blocks(block.page)
    return found[found.index(block) + 1]


def folder_for(block: Block, folder: Path) -> Path:
    """A folder with the examples' data and the other files of a program's page."""
    (folder / "data").symlink_to(ROOT / "examples" / "data")
    others = [b for b in blocks(block.page) if b.language == "dlm" and b.words]
    for other in others:
        if other.file != block.file and not other.is_broken:
            path = folder / other.file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(other.text, "utf-8")
    return folder


def anchors(page: Path) -> set[str]:
    """The places in a page that a link can lead to, as code hosts name them."""
    found: set[str] = set()
    for heading in _HEADING.findall(_without_blocks(page.read_text("utf-8"))):
        shown = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        plain = re.sub(r"[^\w\- ]", "", shown.lower()).replace(" ", "-")
        name, count = plain, 0
        while name in found:
            count += 1
            name = f"{plain}-{count}"
        found.add(name)
    return found


def _without_blocks(text: str) -> str:
    """The text with its fenced blocks blanked, line by line."""
    return _FENCE.sub(lambda found: "\n" * found[0].count("\n"), text)
