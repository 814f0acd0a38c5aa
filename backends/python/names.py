"""The one place where names of the program become names of Python.

A name of the source is kept wherever Python can have it. What it cannot (keywords,
builtins, imported modules, members of a base class, a name that is taken) gets an
underscore or a number. Strings of the program never become code: only what comes out of
here does.
"""

import builtins
import keyword
import re
import unicodedata
from collections.abc import Collection, Iterable

KEYWORDS = frozenset(keyword.kwlist)
BUILTINS = frozenset(name for name in dir(builtins) if not name.startswith("_"))

DIMENSIONS = {
    "N": "batch",
    "C": "in_channels",
    "D": "in_features",
    "H": "height",
    "W": "width",
    "T": "length",
}
"""What a size is called as a constructor's argument, by its symbol in DLM."""


def identifier(text: str) -> str:
    """The closest thing to `text` that Python reads as one name."""
    name = unicodedata.normalize("NFKC", text)
    if not name.isidentifier():
        # Not all that `\w` matches can stand in a name, such as some digits.
        name = "".join(c if f"_{c}".isidentifier() else "_" for c in name).strip("_")
        if not name.isidentifier():
            name = f"value_{name}".rstrip("_")
    return f"{name}_" if name in KEYWORDS else name


def is_attribute(name: str) -> bool:
    """Whether `self.name` is Python and means just that."""
    return (
        name.isidentifier()
        and name not in KEYWORDS
        and unicodedata.normalize("NFKC", name) == name
        # In a class such a name would become another one.
        and not name.startswith("__")
    )


def dimension(symbol: str) -> str:
    """What a size is called as a constructor's argument."""
    if symbol in DIMENSIONS:
        return DIMENSIONS[symbol]
    free = re.fullmatch(r"(\w+)\.shape\[(\d+)\]", symbol)
    if free:  # a size that the source does not name
        return f"{identifier(free[1])}_size_{free[2]}"
    return identifier(symbol.lower())


def snake_case(name: str) -> str:
    """`ConvBlock` as `conv_block`."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    return words.lower()


class Names:
    """The names of one scope of Python, each given once.

    `reserved` are names that mean something else there.
    """

    def __init__(self, reserved: Iterable[str] = ()) -> None:
        self._reserved = frozenset(reserved)
        self._taken: set[str] = set()

    def __contains__(self, name: str) -> bool:
        return name in self._taken

    def new(self, wish: str, separator: str = "_") -> str:
        """A name as close to `wish` as is free, and taken from now on."""
        name = free_name(wish, self._taken, self._reserved, separator)
        self._taken.add(name)
        return name


def free_name(
    wish: str,
    taken: Collection[str],
    reserved: Collection[str] = (),
    separator: str = "_",
) -> str:
    """A name as close to `wish` as Python allows and is free.

    A name that is reserved, by Python or otherwise, gets an underscore; one that the
    program has taken itself gets a number.
    """
    name = identifier(wish)
    if name in BUILTINS or name in reserved:
        name = f"{name}_"
    found = name
    number = 2
    while found in taken or found in reserved:
        found = f"{name.rstrip('_')}{separator}{number}"
        number += 1
    return found
