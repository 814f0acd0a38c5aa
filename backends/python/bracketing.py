"""What all expressions are laid out with: brackets, commas, and where they stand."""

from collections.abc import Sequence
from enum import Enum
from typing import TypeAlias

from dlmc.grammar.document import (
    SOFT,
    SPACE,
    Document,
    Group,
    Identity,
    IfBroken,
    Indent,
    MayExpand,
)


class Place(Enum):
    """Where an expression stands, other than in parentheses that may appear."""

    BARE = "outside any brackets"
    INSIDE = "inside brackets"


Level: TypeAlias = Place | Identity
"""A place, or the optional parentheses around the expression."""


def brackets(left: str, content: Document, right: str, level: Level) -> Document:
    """Content in brackets, indented on lines of its own where it does not fit."""
    inner = Group([left, Indent([SOFT, content]), SOFT, right])
    return MayExpand(inner, level) if isinstance(level, Identity) else inner


def commas(items: Sequence[Document]) -> Document:
    """Items with commas between, one a line and one after the last if broken."""
    return [*separated(items), IfBroken(",") if len(items) > 1 else ""]


def separated(items: Sequence[Document]) -> list[Document]:
    """Items with commas between, one a line if broken."""
    joined: list[Document] = []
    for item in items:
        joined += [",", SPACE, item] if joined else [item]
    return joined


def parenthesized_if_broken(content: Document) -> Document:
    """Content in parentheses on lines of its own where it does not fit."""
    return Group([IfBroken("("), Indent([SOFT, content]), SOFT, IfBroken(")")])


def grouped(content: Document, level: Level) -> Document:
    """A group, where the brackets or parentheses around it are there."""
    if level is Place.INSIDE:
        return Group(content)
    return Group(content, condition=level) if isinstance(level, Identity) else content


def space(level: Level) -> Document:
    """A place to break at, where brackets or parentheses are around it."""
    if level is Place.INSIDE:
        return SPACE
    return IfBroken(SPACE, " ", level) if isinstance(level, Identity) else " "
