"""The nodes of the syntax tree without their spans, which equality leaves out.

`nodes.Binary("+", a, b)` is `tree.Binary(span, "+", a, b)` with a span of nothing.
"""

import dataclasses
from functools import partial

from dlmc.grammar import tree
from dlmc.grammar.parser import parse, parse_expression
from dlmc.grammar.span import Source, Span

RESERVED_BUT_NAMES = (
    *("const", "block", "model", "optimizer", "data", "train", "use", "input"),
    *("output", "param", "state", "for", "in", "scan", "over", "emit", "new", "on"),
)
"""The reserved words that are names where only a name can stand."""

_NOWHERE = Span(Source("nowhere", ""), 0, 0)


def __getattr__(name):
    return partial(getattr(tree, name), _NOWHERE)


def source(text):
    return Source("test.dlm", text)


def expression(text):
    return parse_expression(source(text), 0, len(text))


def declaration(text):
    (only,) = parse(source(text)).declarations
    return only


def statement(text):
    (only,) = declaration(f"block Test {{ {text} }}").body
    return only


def names(*all):
    return tuple(partial(tree.Identifier, _NOWHERE)(name) for name in all)


def walk(node):
    """A node and all nodes below it."""
    if isinstance(node, tuple):
        for item in node:
            yield from walk(item)
    elif isinstance(node, tree.Node):
        yield node
        for field in dataclasses.fields(node):
            yield from walk(getattr(node, field.name))
