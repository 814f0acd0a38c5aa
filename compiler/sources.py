"""Reading the text of a program."""

from itertools import islice
from pathlib import Path

MAX_BYTES = 16 * 1024 * 1024
"""The largest program that is read; a larger file is some other kind of file."""

MAX_FILES = 1000
"""How many files of a folder are looked at for one that was meant."""


def read_source(path: Path) -> str:
    """The text of a file.

    Raises:
        OSError: It cannot be read.
        ValueError: It is no text in UTF-8, or too large.
    """
    with path.open("rb") as stream:
        return decoded(stream.read(MAX_BYTES + 1))


def near_file(path: Path) -> str | None:
    """The name of the file in a path's folder that is most like the path's own."""
    from difflib import get_close_matches

    try:
        names = [other.name for other in islice(path.parent.iterdir(), MAX_FILES)]
    except OSError:
        return None
    near = get_close_matches(path.name, names, n=1)
    return near[0] if near else None


def reason(error: OSError | ValueError) -> str:
    """Why a file cannot be read, for the text behind its name and a colon."""
    if isinstance(error, FileNotFoundError):
        return "no such file"
    text = getattr(error, "strerror", None) or str(error)
    return f"{text[:1].lower()}{text[1:]}"


def decoded(content: bytes) -> str:
    """The text of a file's bytes; raises `ValueError` as `read_source` does."""
    if len(content) > MAX_BYTES:
        raise ValueError("the file is too large to be a program")
    if b"\0" in content:
        raise ValueError("the file is binary, not text")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ValueError(f"the file is not UTF-8 (line {line})") from None
