"""Whatever the program, its layout means the same, keeps comments, and stays."""

import random
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dlmc.grammar.faults import SyntaxFaults
from dlmc.grammar.formatter import formatted
from dlmc.grammar.lexer import comments, lex
from dlmc.grammar.parser import parse
from tests.unit.grammar.nodes import source
from tests.unit.grammar.sentences import tokens

PROGRAMS = sorted(Path(__file__).with_name("programs").glob("*.dlm"))
GAPS = ["# %d\n", "\n# %d\n", "\n\n  # %d\n\n", "   # %d\n\n\n", "\n#%d\r\n"]
BLANKS = ["\n", "\n\n\n", "\t", " \n ", "\r\n"]


def spaced(words, chance, rate):
    """The words with random blanks and numbered comments between them."""
    pieces = []
    count = 0
    for word in [*words, ""]:
        pieces.append(" ")
        while chance.random() < rate:
            pieces.append(chance.choice(GAPS) % count)
            count += 1
        if chance.random() < 0.2:
            pieces.append(chance.choice(BLANKS))
        pieces.append(word)
    return "".join(pieces)


def check(text):
    before = source(text)
    try:
        file = parse(before)
    except SyntaxFaults:
        assume(False)
    result = formatted(before)
    after = source(result)
    assert parse(after) == file
    assert remarks(after) == remarks(before)
    assert formatted(after) == result
    plain = result.replace("\r\n", "\n")
    assert plain == "" or plain.endswith("\n")
    assert not plain.startswith("\n")
    assert "\n\n\n" not in plain
    assert all(line == line.rstrip() for line in plain.split("\n"))


def remarks(file):
    return sorted(comment.text for comment in comments(file))


@settings(max_examples=400)
@given(
    st.integers(0, 2**32),
    st.sampled_from([10, 30, 90]),
    st.sampled_from([0, 0.05, 0.3]),
)
def test_sentences_of_the_grammar(seed, size, rate):
    check(spaced(tokens(seed, size), random.Random(seed), rate))


@settings(max_examples=60)
@given(
    st.integers(0, 2**32), st.sampled_from(PROGRAMS), st.sampled_from([0, 0.05, 0.3])
)
def test_programs_written_in_another_way(seed, path, rate):
    words = [token.text for token in lex(source(path.read_text("utf-8")))[0][:-1]]
    check(spaced(words, random.Random(seed), rate))


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_the_layout_does_not_depend_on_the_one_before(path):
    """It depends on empty lines and comments alone, and here there are none."""
    words = [token.text for token in lex(source(path.read_text("utf-8")))[0][:-1]]
    assert formatted(source("\n".join(words))) == formatted(source(" ".join(words)))


def test_many_layers():
    """Trying layouts for each part of each part, this would not end."""
    layers = "".join(
        f"x = x -> Dense(f({n}, [1, 2])) as d{n} # {n}\n" for n in range(2_000)
    )
    result = formatted(source(f"model M {{ input x: f32[N, 4]\n{layers} output x }}"))
    assert result.count("\n") == 2_004
    nested = "f(x, " * 150 + "1" + ")" * 150
    assert formatted(source(f"const a = {nested}")).count("\n") > 150
