"""The tokens of a text and the comments between them, read from first to last.

The formatter goes down the syntax tree and takes the tokens of each node as it comes to
them. Grouping parentheses, which the tree does not have, are left out on the way.

A comment belongs to the statement, declaration, item of a list or part of a chain that
it stands before or beside; these are framed by `begin` and `end`. A comment in any
other place, such as behind a `+`, moves up: it goes before what it stands in.
"""

from typing import NamedTuple

from dlmc.grammar.lexer import comments, lex
from dlmc.grammar.span import Source
from dlmc.grammar.tables import END


class Comment(NamedTuple):
    """A comment and how it stands."""

    text: str
    is_first: bool
    """Only blanks stand before it in its line."""
    after_blank: bool
    """An empty line stands before it."""


class Cursor:
    """A place between two tokens of a text that is known to be a program."""

    def __init__(self, source: Source) -> None:
        tokens, _ = lex(source)
        self._tokens = tokens
        self._index = 0
        self._gaps: list[list[Comment]] = []
        """The comments before each token."""
        self._after_blank: list[bool] = []
        """Whether an empty line stands between each token and what is before it."""
        remarks = [*comments(source)]
        next_remark = 0
        end = 0
        for token in tokens:
            gap: list[Comment] = []
            start = len(source.text) if token.kind == END else token.start
            while next_remark < len(remarks) and remarks[next_remark].start < start:
                remark = remarks[next_remark]
                breaks = source.text.count("\n", end, remark.start)
                is_first = breaks > 0 or (not self._gaps and not gap)
                gap.append(Comment(remark.text, is_first, breaks > 1))
                end = remark.end
                next_remark += 1
            self._gaps.append(gap)
            self._after_blank.append(source.text.count("\n", end, start) > 1)
            end = token.end
        self._opened = [0]
        """For each bracket around the place, the grouping parentheses open inside."""
        self._strays: list[list[Comment]] = [[]]
        """For each frame around the place, the comments that go before it."""
        self.placed = 0
        """How many comments have found their place so far."""

    # --- Tokens ----------------------------------------------------------------------

    @property
    def next(self) -> str:
        """The text of the next token; nothing at the end."""
        return self._tokens[self._index].text

    @property
    def offset(self) -> int:
        """Where the next token starts in the text."""
        return self._tokens[self._index].start

    @property
    def after_blank(self) -> bool:
        """Whether an empty line stands just before the next token."""
        return self._after_blank[self._index]

    def take(self, *expected: str) -> str:
        """Go past the next token, which is one of those expected if any are given."""
        text = self.next
        if expected and text not in expected:
            raise AssertionError(f"{text!r} at {self.offset} is not in {expected}")
        self._strays[-1] += self._gaps[self._index]
        self._index += 1
        return text

    def skip(self, *texts: str) -> bool:
        """Leave the next token out, if it is one of these; says whether it is."""
        if self.next not in texts:
            return False
        self._gaps[self._index + 1][:0] = self._gaps[self._index]
        self._index += 1
        return True

    def enter(self) -> None:
        """Leave parentheses out that start here, around an expression."""
        while self.skip("("):
            self._opened[-1] += 1

    def first(self, *expected: str) -> str:
        """The first token of an expression, after parentheses around it."""
        self.enter()
        return self.take(*expected)

    def last(self) -> str:
        """A token that may be the last of an expression, and parentheses after it."""
        text = self.take()
        self._leave()
        return text

    def only(self) -> str:
        """A token that is an expression."""
        text = self.first()
        self._leave()
        return text

    def open(self, bracket: str) -> None:
        """Go past a bracket that is no grouping parenthesis."""
        self.take(bracket)
        self._opened.append(0)

    def close(self, bracket: str) -> None:
        """Go past the bracket's partner, and parentheses after it."""
        self.take(bracket)
        self._opened.pop()
        self._leave()

    def _leave(self) -> None:
        """Leave parentheses out that end here."""
        while self._opened[-1] and self.skip(")"):
            self._opened[-1] -= 1

    # --- Comments --------------------------------------------------------------------

    def begin(self) -> list[Comment]:
        """Start a frame; the comments before its first token."""
        self._strays.append([])
        return self.pending()

    def end(self) -> list[Comment]:
        """End a frame; the comments inside of it that have no place there."""
        strays = self._strays.pop()
        self.placed += len(strays)
        return strays

    def pending(self) -> list[Comment]:
        """All comments before the next token."""
        gap = self._gaps[self._index]
        self._gaps[self._index] = []
        self.placed += len(gap)
        return gap

    def remark(self) -> str | None:
        """The comment that ends the line of the last token."""
        gap = self._gaps[self._index]
        if not gap or gap[0].is_first:
            return None
        self.placed += 1
        return gap.pop(0).text
