"""Whatever the text, the parser answers with a tree or with faults, and soon."""

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from dlmc.grammar import tree
from dlmc.grammar.faults import SYNTAX_CODES, SyntaxFaults
from dlmc.grammar.lexer import lex
from dlmc.grammar.parser import parse
from dlmc.grammar.span import Source

PROGRAMS = [
    path.read_text("utf-8")
    for path in sorted(Path(__file__).with_name("programs").glob("*.dlm"))
]

WORDS = sorted(
    {
        token.text
        for program in PROGRAMS
        for token in lex(Source("test.dlm", program))[0]
        if len(token.text) < 20
    }
    | {"scan", "use", "const", "..", "new", "'", '"', '"""', ";", "&&", "$", "é", "\n"}
)


def check(text):
    try:
        assert isinstance(parse(Source("test.dlm", text)), tree.File)
        return
    except SyntaxFaults as raised:
        faults = raised.faults
    assert faults
    starts = [fault.span.start for fault in faults]
    assert starts == sorted(starts)
    for fault in faults:
        assert 0 <= fault.span.start <= fault.span.end <= len(text)
        assert fault.code in SYNTAX_CODES
        assert fault.message


@settings(max_examples=300)
@given(st.text())
def test_characters(text):
    check(text)


@settings(max_examples=500)
@given(st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join))
def test_words(text):
    check(text)


@settings(max_examples=500)
@given(st.data())
def test_programs_with_a_piece_changed(data):
    program = data.draw(st.sampled_from(PROGRAMS))
    start = data.draw(st.integers(0, len(program)))
    end = data.draw(st.integers(start, min(start + 20, len(program))))
    word = data.draw(st.sampled_from(["", *WORDS]))
    check(f"{program[:start]} {word} {program[end:]}")
