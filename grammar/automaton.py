"""The LALR(1) automaton that runs on the grammar's tables."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from dlmc.grammar.lexer import Token
from dlmc.grammar.tables import STARTS, Rule, Tables


class Rejected(Exception):
    """No program goes on with token number `index` after the tokens before it."""

    def __init__(self, index: int) -> None:
        super().__init__(index)
        self.index = index


class Symbol(NamedTuple):
    """A part of the text that belongs to a rule not yet complete."""

    name: str
    """The kind of a token, or the name of a complete rule."""
    token: int | None
    """Index of the token; None for a complete rule."""


class Stack(NamedTuple):
    """How far a text was understood."""

    symbols: tuple[Symbol, ...]
    """From the outermost to the innermost."""
    expected: frozenset[str]
    """The kinds of token that a program can go on with."""


class Automaton:
    """A parser of token lists.

    It makes no syntax tree of its own: each rule calls a method of `builder` as soon as
    its last token is read, and the methods' results are the parser's values.
    """

    def __init__(self, tables: Tables, builder: object) -> None:
        self._states = tables.states
        self._rules = [
            (rule.symbol, rule.size, _reduction(rule, builder)) for rule in tables.rules
        ]
        # A name alone climbs all the levels of expressions, a rule for each: what
        # comes of it is kept by the state below, the first rule and the next token.
        self._climbs: dict[tuple[int, int, str], int] = {}

    def parse(self, tokens: Sequence[Token], start: str, begin: int = 0) -> Any:
        """The value of the start symbol, read from the token number `begin` on.

        The last token is of kind `END`.

        Raises `Rejected` at the first token that no program goes on with.
        """
        table = self._states
        rules = self._rules
        climbs = self._climbs
        states = [STARTS.index(start)]
        values: list[Any] = []
        for index in range(begin, len(tokens)):
            token = tokens[index]
            kind = token.kind
            while True:
                action = table[states[-1]].get(kind)
                if action is None:
                    raise Rejected(index)
                if action >= 0:
                    states.append(action)
                    values.append(token)
                    break
                symbol, size, make = rules[~action]
                if size == 1:
                    if make is None:
                        climb = (states[-2], action, kind)
                        if climb not in climbs:
                            climbs[climb] = self._climbed(*climb)
                        states[-1] = climbs[climb]
                        continue
                    values[-1] = make(values[-1:])
                    states[-1] = table[states[-2]][symbol]
                    continue
                children = values[len(values) - size :]
                del values[len(values) - size :], states[len(states) - size :]
                values.append(make(children) if make is not None else children)
                states.append(table[states[-1]][symbol])
        return values[0]

    def _climbed(self, below: int, action: int, kind: str) -> int:
        """The state after a row of reductions that leave the last value as it is."""
        while True:
            symbol = self._rules[~action][0]
            state = self._states[below][symbol]
            action = self._states[state].get(kind, 0)
            if action >= 0 or self._rules[~action][1:] != (1, None):
                return state

    def stack(self, tokens: Sequence[Token], start: str, begin: int, end: int) -> Stack:
        """What the parser holds after the tokens from `begin` to before `end`.

        They have to be the start of a program.
        """
        states = [STARTS.index(start)]
        symbols: list[Symbol] = []
        for index in range(begin, end):
            kind = tokens[index].kind
            while (action := self._states[states[-1]][kind]) < 0:
                self._reduce(states, symbols, action)
            states.append(action)
            symbols.append(Symbol(kind, index))
        accepted = (
            kind
            for kind in self._states[states[-1]]
            if kind.isupper() and self._takes(list(states), kind)
        )
        return Stack(tuple(symbols), frozenset(accepted))

    def _takes(self, states: list[int], kind: str) -> bool:
        """Whether the token is shifted after the reductions it asks for."""
        symbols = [Symbol("", None)] * len(states)
        while (action := self._states[states[-1]].get(kind)) is not None:
            if action >= 0:
                return True
            self._reduce(states, symbols, action)
        return False

    def _reduce(self, states: list[int], symbols: list[Symbol], action: int) -> None:
        """Put a rule's symbol in the place of its parts."""
        symbol, size, _ = self._rules[~action]
        if size:
            del states[-size:], symbols[-size:]
        states.append(self._states[states[-1]][symbol])
        symbols.append(Symbol(symbol, None))


def _reduction(rule: Rule, builder: object) -> Callable[[list[Any]], Any] | None:
    """From the values of a rule's symbols to the rule's value; None: the same."""
    wanted = rule.children
    spliced = frozenset(rule.spliced)
    is_helper = rule.symbol.startswith("_")

    def children(values: list[Any]) -> list[Any]:
        chosen: list[Any] = []
        for n, position in enumerate(wanted):
            if position in spliced:
                if n == 0:
                    # A repetition: its list grows in place, or long lists would take
                    # the square of their length.
                    chosen = values[position]
                else:
                    chosen += values[position]
            else:
                chosen.append(None if position < 0 else values[position])
        return chosen

    if rule.method is not None:
        method = getattr(builder, rule.method)
        if wanted == tuple(range(rule.size)) and not spliced:
            return lambda values: method(*values)
        return lambda values: method(*children(values))
    if is_helper:
        return children
    (only,) = wanted
    if rule.size == 1:
        return None
    return lambda values: values[only]
