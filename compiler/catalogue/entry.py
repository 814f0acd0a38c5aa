"""What is known of one name that a program can use."""

import re
from dataclasses import dataclass

from dlmc.catalogue.samples import Sample

_SENTENCE = re.compile(r"\.(?=\s+[A-Z`\[]|$)")


@dataclass(frozen=True, slots=True)
class Owned:
    """A parameter or state, as its declaration says."""

    kind: str
    """`param` or `state`."""
    name: str
    type: str
    """Empty in an optimizer, whose states are like the weight."""
    start: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One name: how it is written, what it means, what it is made of."""

    name: str
    kind: str
    """`layer`, `function`, `optimizer`, `schedule`, `primitive`, `initialiser`,
    `compile-time function`, `data function` or `constant`."""
    signature: str
    """As one would write it in a program, with defaults."""
    documentation: str
    inputs: tuple[tuple[str, str], ...] = ()
    """The declared inputs of a layer: names and types."""
    owned: tuple[Owned, ...] = ()
    source: str | None = None
    """The definition in DLM, after those that it needs and that have no entry."""
    file: str | None = None
    """Where the source stands, from the library's folder."""
    samples: tuple[Sample, ...] = ()
    """Uses; the first is shown, and targets are asked about it."""

    @property
    def example(self) -> Sample | None:
        """The use that is shown."""
        return self.samples[0] if self.samples else None

    @property
    def summary(self) -> str:
        """The first sentence of the documentation, on one line."""
        text = " ".join(self.documentation.partition("\n\n")[0].split())
        end = _SENTENCE.search(text)
        return text[: end.end()] if end else text


@dataclass(frozen=True, slots=True)
class Group:
    """Entries of one kind."""

    title: str
    documentation: str
    entries: tuple[Entry, ...]
