"""All entries, and how they are found."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property

from dlmc.catalogue.entry import Entry, Group
from dlmc.catalogue.language import SYMBOLS, language_groups
from dlmc.catalogue.library import library_groups
from dlmc.elaborate.elsewhere import NAMES


@dataclass(frozen=True)
class Catalogue:
    """Everything that a program can use by name."""

    groups: tuple[Group, ...]

    @cached_property
    def entries(self) -> dict[str, Entry]:
        """The entries by name; a name of the library stands before one below it."""
        found: dict[str, Entry] = {}
        for group in self.groups:
            for entry in group.entries:
                found.setdefault(entry.name, entry)
        return found

    def called(self, name: str) -> tuple[Entry, ...]:
        """What a name of another framework, or an operator, is here."""
        by_name = [
            here
            for elsewhere, here in NAMES.items()
            if elsewhere.lower() == name.lower()
        ]
        by_symbol = [p for p, form in SYMBOLS.items() if _symbol(form) == name]
        return tuple(
            self.entries[one]
            for one in dict.fromkeys([*by_name, *by_symbol])
            if one in self.entries
        )

    def related(self, text: str) -> tuple[Entry, ...]:
        """Entries whose name has `text` in it, or is what a name that has it means."""
        return tuple(dict.fromkeys(self._by_name(text.lower())))

    def search(self, text: str) -> tuple[Entry, ...]:
        """Entries by name, here and elsewhere, then by documentation."""
        wanted = text.lower()
        documented = (
            entry
            for entry in self.entries.values()
            if wanted in " ".join(entry.documentation.split()).lower()
        )
        found = (*self.called(text), *self._by_name(wanted), *documented)
        return tuple(dict.fromkeys(found))

    def _by_name(self, wanted: str) -> Iterator[Entry]:
        for name, entry in self.entries.items():
            if wanted in name.lower():
                yield entry
        for elsewhere, here in NAMES.items():
            if wanted in elsewhere.lower() and here in self.entries:
                yield self.entries[here]


def _symbol(form: str) -> str:
    """The operator in how it is written: `+` of `a + b`."""
    return " ".join(word for word in form.split() if word not in ("a", "b", "x"))


@cache
def catalogue() -> Catalogue:
    """The library and the language, read once."""
    return Catalogue((*library_groups(), *language_groups()))
