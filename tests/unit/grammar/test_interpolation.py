"""Expressions inside of strings."""

import pytest

from dlmc.grammar.faults import SyntaxFaults
from dlmc.grammar.interpolation import interpolated
from tests.unit.grammar import nodes as n
from tests.unit.grammar.nodes import expression

i = n.Name("i")


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ('""', ()),
        ('"a"', ("a",)),
        ('"{i}"', (i,)),
        ('"layer{i + 1}.{i}"', ("layer", n.Binary("+", i, n.Number(1)), ".", i)),
        ('"{i}{i}"', (i, i)),
        ('"{{i}}"', ("{i}",)),
        (r'"a\n{ i }\u{e9}"', ("a\n", i, "é")),
        ('("a{i}")', ("a", i)),
    ],
)
def test_pieces(text, pieces):
    assert interpolated(expression(text)) == pieces


def test_a_name_is_one_piece():
    assert interpolated(expression("f as conv1").name) == ("conv1",)


def test_expressions_know_their_place():
    _, piece, _ = interpolated(expression(r'"\u{e9} { i } "'))
    assert (piece.span.text, piece.span.start) == ("i", 10)


@pytest.mark.parametrize(
    ("text", "code", "start"),
    [
        ('"a{i"', "E0127", 2),
        ('"a}"', "E0127", 2),
        ('"{i}}"', "E0127", 4),
        ('"{}"', "E0101", 2),
        ('"{i i}"', "E0101", 4),
        ('"{i +}"', "E0117", 4),
        ('"{$}"', "E0107", 2),
    ],
)
def test_faults(text, code, start):
    with pytest.raises(SyntaxFaults) as raised:
        interpolated(expression(text))
    (fault,) = raised.value.faults
    assert (fault.code, fault.span.start) == (code, start)
