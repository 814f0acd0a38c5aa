"""The place where a program goes wrong, as the messages look at it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from dlmc.grammar.automaton import Stack
from dlmc.grammar.kinds import CLOSING, DECLARATIONS, OPENING, STATEMENTS
from dlmc.grammar.lexer import Token
from dlmc.grammar.recovery import is_declaration, is_first_in_line

_FURTHEST = 50
"""How many brackets may be open between a bracket and the one that closes it."""


@dataclass(frozen=True)
class Place:
    """The token that a program cannot go on with, and what stands around it."""

    tokens: Sequence[Token]
    first: int
    """Index of the first token of the declaration that goes wrong."""
    index: int
    """Index of the token that cannot be."""
    limit: int
    """Index of the first token of the next declaration, or of the text's end."""
    stack: Stack
    """What the parser has understood before it."""

    @property
    def expected(self) -> frozenset[str]:
        """The kinds of token that could stand there."""
        return self.stack.expected

    @property
    def word(self) -> int:
        """Index of the declaration's first token after its documentation."""
        word = self.first
        while self.tokens[word].kind == "DOCSTRING":
            word += 1
        return word

    @property
    def declaration(self) -> str:
        """The kind of the word that the declaration starts with."""
        return self.tokens[self.word].kind

    @property
    def found(self) -> Token:
        """The token that cannot be."""
        return self.tokens[self.index]

    @property
    def before(self) -> Token:
        """The token before, which may belong to another declaration."""
        return self.tokens[self.index - 1]

    def back(self, count: int) -> Token | None:
        """The token so many before the one that cannot be, in the declaration."""
        index = self.index - count
        return self.tokens[index] if index >= self.first else None

    def kinds(self, start: int, stop: int) -> tuple[str | None, ...]:
        """The kinds of the tokens around the one that cannot be, which is number 0."""
        return tuple(
            self.tokens[n].kind if self.first <= n < len(self.tokens) else None
            for n in range(self.index + start, self.index + stop)
        )

    @property
    def previous(self) -> str | None:
        """The kind of the token before."""
        return self.kinds(-1, 0)[0]

    @property
    def following(self) -> str | None:
        """The kind of the token after."""
        return self.kinds(1, 2)[0]

    @property
    def wants_value(self) -> bool:
        """Whether an expression, or an operand, has to start here."""
        return "NUMBER" in self.expected

    @property
    def is_after_value(self) -> bool:
        """Whether an expression that could go on ends here."""
        return "ARROW" in self.expected

    @property
    def wants_declaration(self) -> bool:
        """Whether a declaration can start here."""
        return self.enclosing is None and self.expected >= DECLARATIONS

    @property
    def wants_statement(self) -> bool:
        """Whether a statement of a block can start here."""
        return self.is_in_braces and self.expected >= STATEMENTS

    @property
    def is_on_new_line(self) -> bool:
        """Whether the token is the first of its line."""
        return is_first_in_line(self.tokens, self.index)

    @property
    def starts_statement(self) -> bool:
        """Whether the token looks like the start of a statement or declaration."""
        kind, following = self.found.kind, self.following
        if kind in ("FOR", "SCAN", "EMIT"):
            return True
        if kind in STATEMENTS:
            return following not in ("EQUAL", "COMMA", "RPAR", "DOT")
        if kind == "NAME":
            return self.is_on_new_line and following in ("EQUAL", "COMMA")
        return is_declaration(self.tokens, self.index)

    @property
    def enclosing(self) -> int | None:
        """Index of the innermost bracket that is open here."""
        closed = 0
        for name, index in reversed(self.stack.symbols):
            if name in CLOSING:
                closed += 1
            elif name in OPENING:
                if not closed:
                    return index
                closed -= 1
        return None

    @property
    def is_in_braces(self) -> bool:
        """Whether the innermost bracket that is open here is a brace."""
        enclosing = self.enclosing
        return enclosing is not None and self.tokens[enclosing].kind == "LBRACE"

    @property
    def statement(self) -> Token | None:
        """The word that starts the statement or declaration that goes wrong.

        None for a binding or a setting, and inside of a declaration's braces.
        """
        symbols = self.stack.symbols
        for n in range(len(symbols) - 1, -1, -1):
            name, index = symbols[n]
            above = symbols[n + 1].name if n + 1 < len(symbols) else ""
            if name in ("LBRACE", "_any_name") or (name, above) == ("targets", "EQUAL"):
                return None
            below = symbols[n - 1].name if n else ""
            if index is not None and (
                # Elsewhere the word is a name, or the `if` of an expression.
                (name in STATEMENTS and (below == "LBRACE" or below.startswith("__")))
                or (name in DECLARATIONS and index == self.word)
                or is_declaration(self.tokens, index)
            ):
                return self.tokens[index]
        return None

    @cached_property
    def partners(self) -> dict[int, int]:
        """Each bracket of the declaration that has one to close it → that one.

        A bracket is closed by the next one of its kind outside of those in between; a
        brace closes what is left open inside, for no parenthesis goes on after it.
        """
        partners: dict[int, int] = {}
        open: list[int] = []
        for index in range(self.first, self.limit):
            kind = self.tokens[index].kind
            if kind in OPENING:
                open.append(index)
                continue
            wanted = CLOSING.get(kind)
            if wanted is None:
                continue
            for depth in range(len(open) - 1, max(-1, len(open) - _FURTHEST), -1):
                opening = self.tokens[open[depth]].kind
                if opening == wanted:
                    partners[open[depth]] = index
                    del open[depth:]
                    break
                if opening == "LBRACE":
                    break
        return partners

    def is_adjacent(self, left: int, right: int) -> bool:
        """Whether two tokens, counted from the one that cannot be, touch."""
        a, b = self.index + left, self.index + right
        if a < self.first or b >= len(self.tokens):
            return False
        return self.tokens[a].end == self.tokens[b].start
