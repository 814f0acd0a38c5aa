"""The parse tables: made from `dlm.lark` by Lark, kept in `dlm.tables.json`.

Making them takes longer than checking a whole program, so they are kept in a file;
`python -m dlmc.grammar` writes it anew after a change of the grammar. Where the
file does not belong to the grammar beside it, the tables are made at the first use.
"""

import json
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

GRAMMAR = Path(__file__).with_name("dlm.lark")
TABLES = Path(__file__).with_name("dlm.tables.json")

STARTS = ("file", "expression")
"""What a text can be parsed as; the state to start from is the place in this list."""

END = "$END"
"""The kind of the token after the last one."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One alternative of a rule of the grammar, as the parser needs it."""

    symbol: str
    """What the children are reduced to."""
    size: int
    """How many symbols are reduced."""
    method: str | None
    """The builder's method that makes the value. Without one, the value is the only
    child, or, for a helper rule (its name starts with `_`), the list of children."""
    children: tuple[int, ...]
    """Which of the symbols are passed on; -1 stands for a missing optional part."""
    spliced: tuple[int, ...]
    """Those of `children` that are lists from helper rules."""


@dataclass(frozen=True, slots=True)
class Tables:
    """All that the lexer and the parser know of the grammar."""

    digest: str
    """Of the grammar's text, in hexadecimal."""
    patterns: dict[str, str]
    """Kind of token → its regular expression, in the order to try them."""
    keywords: dict[str, str]
    """Reserved word → kind of token."""
    ignored: tuple[str, ...]
    """Kinds of token that the parser does not see."""
    rules: tuple[Rule, ...]
    states: tuple[dict[str, int], ...]
    """State → symbol → the next state, or `~n` to reduce by rule n."""


@cache
def tables() -> Tables:
    """The tables of the grammar beside this file."""
    grammar = GRAMMAR.read_bytes()
    if TABLES.exists():
        kept = from_json(TABLES.read_text(encoding="utf-8"))
        if kept.digest == sha256(grammar).hexdigest():
            return kept
    return compiled(grammar)


def compiled(grammar: bytes) -> Tables:
    """Let Lark make the tables of a grammar."""
    # Only here: this import takes longer than all the rest of a parser's start.
    from lark import Lark
    from lark.lexer import PatternStr

    lark = Lark(grammar.decode(), parser="lalr", lexer="basic", start=list(STARTS))
    keywords: dict[str, str] = {}
    others = []
    for terminal in lark.terminals:
        pattern = terminal.pattern
        if isinstance(pattern, PatternStr) and pattern.value.isidentifier():
            keywords[pattern.value] = terminal.name
        else:
            is_fixed = isinstance(pattern, PatternStr)
            is_seen = terminal.name not in lark.ignore_tokens
            # The longest fixed text first; the other patterns exclude one another.
            order = (is_seen, is_fixed, -len(pattern.value), terminal.name)
            others.append((order, terminal.name, pattern.to_regexp()))
    rules = list(dict.fromkeys(lark.rules))
    return Tables(
        digest=sha256(grammar).hexdigest(),
        patterns={name: pattern for _, name, pattern in sorted(others)},
        keywords=dict(sorted(keywords.items())),
        ignored=tuple(sorted(lark.ignore_tokens)),
        rules=tuple(map(_rule, rules)),
        states=_states(lark.parser.parser._parse_table, rules),
    )


def _states(table: Any, rules: list[Any]) -> tuple[dict[str, int], ...]:
    """Lark's states, numbered as they are reached from the start states.

    Lark numbers them in another order in each process.
    """
    from lark.parsers.lalr_analysis import Shift

    reached = [table.start_states[name] for name in STARTS]
    number = {state: n for n, state in enumerate(reached)}
    rule_number = {rule: n for n, rule in enumerate(rules)}
    states: list[dict[str, int]] = []
    for state in reached:  # grows on the way
        actions: dict[str, int] = {}
        for symbol, (action, target) in sorted(table.states[state].items()):
            if action is not Shift:
                actions[symbol] = ~rule_number[target]
                continue
            if target not in number:
                number[target] = len(reached)
                reached.append(target)
            actions[symbol] = number[target]
        states.append(actions)
    for name in STARTS:
        # Lark stops here by itself; for us the end of the text is a token as any other.
        end = number[table.end_states[name]]
        states[end][END] = end
    return tuple(states)


def _rule(rule: Any) -> Rule:
    """What the parser needs of one of Lark's rules."""
    children: list[int] = []
    spliced: list[int] = []
    position = 0
    missing = rule.options.empty_indices or [False] * len(rule.expansion)
    for is_missing in missing:
        if is_missing:
            children.append(-1)
            continue
        symbol = rule.expansion[position]
        if not (symbol.is_term and symbol.filter_out):
            children.append(position)
            if symbol.name.startswith("_"):
                spliced.append(position)
        position += 1
    name: str = rule.origin.name
    is_helper = name.startswith("_")
    is_only_child = rule.options.expand1 and not rule.alias and len(children) == 1
    return Rule(
        symbol=name,
        size=len(rule.expansion),
        method=None if is_helper or is_only_child else rule.alias or name,
        children=tuple(children),
        spliced=tuple(spliced),
    )


def to_json(tables: Tables) -> str:
    """A text with one rule or state a line, so that its changes can be read."""

    def lines(values: Iterable[object]) -> str:
        return ",\n".join(json.dumps(v, separators=(",", ":")) for v in values)

    return (
        "{\n"
        f'"digest": {json.dumps(tables.digest)},\n'
        f'"patterns": {json.dumps(tables.patterns, indent=0)},\n'
        f'"keywords": {json.dumps(tables.keywords, indent=0)},\n'
        f'"ignored": {json.dumps(tables.ignored)},\n'
        f'"rules": [\n{lines(map(astuple, tables.rules))}\n],\n'
        f'"states": [\n{lines(tables.states)}\n]\n'
        "}\n"
    )


def from_json(text: str) -> Tables:
    """The inverse of `to_json`."""
    values = json.loads(text)
    return Tables(
        digest=values["digest"],
        patterns=values["patterns"],
        keywords=values["keywords"],
        ignored=tuple(values["ignored"]),
        rules=tuple(
            Rule(symbol, size, method, tuple(children), tuple(spliced))
            for symbol, size, method, children, spliced in values["rules"]
        ),
        states=tuple(values["states"]),
    )
