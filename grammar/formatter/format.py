"""From a text to the same program in its one layout."""

import sys

from dlmc.grammar.faults import SyntaxFaults
from dlmc.grammar.formatter.cursor import Cursor
from dlmc.grammar.formatter.declarations import file_body
from dlmc.grammar.formatter.writer import written
from dlmc.grammar.lexer import comments
from dlmc.grammar.parser import parse
from dlmc.grammar.span import Source
from dlmc.grammar.tree import File

RECURSION_LIMIT = 20_000
"""Python frames that the deepest program within the language's limits may need."""


class FormatError(Exception):
    """The formatter would have changed a program: a defect, and not of the program."""


def formatted(source: Source) -> str:
    """The text of a program in its one layout, with the line ends that it has.

    A byte order mark is left out.

    Raises:
        SyntaxFaults: The text is not a program.
        FormatError: The result would not be the same program with the same comments;
            a defect of the formatter.
    """
    text = source.text.removeprefix("\ufeff")
    has_crlf = text.partition("\n")[0].endswith("\r")
    before = Source(source.name, text.replace("\r\n", "\n"))
    file = parse(before)
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, RECURSION_LIMIT))
    try:
        result = _written(before, file)
        after = Source(source.name, result)
        if file != parse(after):
            raise FormatError(f"{source.name}: the program would have changed")
    except SyntaxFaults as faults:
        raise FormatError(f"{source.name}: {faults}") from None
    finally:
        sys.setrecursionlimit(limit)
    if _texts(before) != _texts(after):
        raise FormatError(f"{source.name}: a comment would have changed")
    return result.replace("\n", "\r\n") if has_crlf else result


def _written(source: Source, file: File) -> str:
    return "".join(f"{line}\n" for line in written(file_body(Cursor(source), file)))


def _texts(source: Source) -> list[str]:
    return sorted(comment.text for comment in comments(source))
