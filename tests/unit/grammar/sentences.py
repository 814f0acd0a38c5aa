"""Random programs: derivations of the grammar, so that none of it is left out."""

import random
from collections import defaultdict
from functools import cache

from lark import Lark
from lark.lexer import PatternStr

from dlmc.grammar.tables import GRAMMAR, STARTS

SPELLINGS = {
    "NAME": ["x", "y", "weight", "a_rather_long_name", "N", "f32", "Dense", "relu"],
    "NUMBER": ["0", "3", "1e-3", "2.50", "20%", "1_000"],
    "STRING": [
        '"a"',
        '""',
        '"layer{i + 1}.{s}"',
        r'"\u00e9 \" \n"',
        '"a long text, ab"',
    ],
    "DOCSTRING": ['"""A text."""', '"""\nA\n\n  text. \n"""', '""""quoted" """'],
}
"""What stands for the tokens that have many spellings."""

RARE = {"named_argument": 0.1, "documented": 0.3, "choice": 0.3, "scan": 0.5}
"""Alternatives, by name, that are taken less often than others."""


@cache
def _grammar():
    """The rules by the symbol they make, each symbol's least height, the words."""
    lark = Lark(GRAMMAR.read_text("utf-8"), parser="lalr", start=list(STARTS))
    rules = defaultdict(list)
    for rule in dict.fromkeys(lark.rules):
        rules[rule.origin.name].append(rule)
    words = {
        terminal.name: terminal.pattern.value
        for terminal in lark.terminals
        if isinstance(terminal.pattern, PatternStr)
    }
    heights = dict.fromkeys(words, 0) | dict.fromkeys(SPELLINGS, 0)
    while len(heights) < len(words) + len(SPELLINGS) + len(rules):
        for symbol, forms in rules.items():
            known = [_height(rule, heights) for rule in forms]
            least = min(
                (height for height in known if height is not None), default=None
            )
            if least is not None:
                heights.setdefault(symbol, least)
    return dict(rules), heights, words


def _height(rule, heights):
    parts = [heights.get(symbol.name) for symbol in rule.expansion]
    return None if None in parts else 1 + max(parts, default=0)


def tokens(seed, size, start="file"):
    """The texts of a random program's tokens; about so many are chosen freely."""
    rules, heights, words = _grammar()
    chance = random.Random(seed)
    result = []
    stack = [start]
    while stack:
        symbol = stack.pop()
        if symbol in SPELLINGS:
            result.append(chance.choice(SPELLINGS[symbol]))
        elif symbol in words:
            result.append(words[symbol])
        elif symbol == "axis":
            result.append("axis")
        else:
            forms = rules[symbol]
            if len(result) + len(stack) > size:
                least = min(_height(rule, heights) for rule in forms)
                forms = [rule for rule in forms if _height(rule, heights) == least]
            weights = [RARE.get(rule.alias or rule.origin.name, 1) for rule in forms]
            (rule,) = chance.choices(forms, weights)
            expansion = [symbol.name for symbol in rule.expansion]
            if symbol == "over":
                expansion[3] = "axis"  # the one name that the grammar leaves open
            stack += reversed(expansion)
    return result
