"""From what a person calls a project to names that a program can have."""

import re
import unicodedata
from dataclasses import dataclass

from dlmc.elaborate.elsewhere import NAMES
from dlmc.elaborate.standard import library_index
from dlmc.grammar.foreign import WORDS

_WORD = re.compile(r"[A-Za-z0-9]+")


@dataclass(frozen=True, slots=True)
class Names:
    """The names in a project."""

    stem: str
    """Of the program's file: `my_project`."""
    model: str
    """Of the model: `MyProject`."""


def names_from(title: str) -> Names:
    """Names as close to `title` as the language allows.

    Letters lose their accents; a name that something else has already, or that is a
    single letter as sizes are, gets `Model` at its end.
    """
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    words: list[str] = _WORD.findall(plain)
    if not words or words[0][0].isdigit():
        words = ["model", *words]
    model = "".join(word[0].upper() + word[1:] for word in words)
    if len(model) == 1 or model in {*library_index(), *NAMES, *WORDS, "ConvBlock"}:
        model += "Model"
    return Names("_".join(word.lower() for word in words), model)
