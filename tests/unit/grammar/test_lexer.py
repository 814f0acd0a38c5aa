"""Tokens, what stands between them, and pieces that belong to other languages."""

import pytest

from dlmc.grammar.lexer import comments, lex
from dlmc.grammar.span import Source
from dlmc.grammar.tables import END


def kinds(text):
    tokens, _ = lex(Source("test.dlm", text))
    return " ".join(token.kind for token in tokens[:-1])


def faults(text):
    _, found = lex(Source("test.dlm", text))
    return [(fault.code, fault.span.text) for fault in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a.b..c...d", "NAME DOT NAME DOTS NAME ELLIPSIS NAME"),
        ("a<=b<c==d=e", "NAME LE NAME LT NAME EQ NAME EQUAL NAME"),
        ("a**b*c//d/e", "NAME POWER NAME STAR NAME FLOOR NAME SLASH NAME"),
        ("a->b-c", "NAME ARROW NAME MINUS NAME"),
        ("a<-b", "NAME LT MINUS NAME"),
        ("fn fnord iff if", "FN NAME NAME IF"),
        ("_a A1 __", "NAME NAME NAME"),
        ("1e3 1e 1", "NUMBER ERROR NUMBER"),
        ("1..2", "NUMBER DOTS NUMBER"),
        ("1.5.2", "ERROR"),
        ("20% 20%a 20%(b", "NUMBER NUMBER PERCENT NAME NUMBER PERCENT LPAR NAME"),
        ("20%_ 20%.", "NUMBER PERCENT NAME NUMBER PERCENT DOT"),
        ('20%"a"', "NUMBER STRING"),
        ('"""a"b""" "c"', "DOCSTRING STRING"),
        ('"" "a"', "STRING STRING"),
        (r'"a\"b"', "STRING"),
        ('"a#b" # "c"', "STRING"),
        ("a\t\r\n\fb", "NAME ERROR NAME"),
    ],
)
def test_kinds(text, expected):
    assert kinds(text) == expected


def test_tokens_know_their_place():
    tokens, _ = lex(Source("test.dlm", "a\n -> b "))
    assert [(t.text, t.start, t.end) for t in tokens] == [
        ("a", 0, 1),
        ("->", 3, 5),
        ("b", 6, 7),
        ("", 7, 7),
    ]
    assert tokens[-1].kind == END
    assert tokens[1].span.text == "->"


def test_a_part_of_a_text():
    tokens, _ = lex(Source("test.dlm", "a + b + c"), 4, 7)
    assert [(t.text, t.start) for t in tokens] == [("b", 4), ("+", 6), ("", 7)]


def test_comments():
    text = '# one\na = 1 # two  \n"# no" """ # no """\n  #\n#last'
    found = comments(Source("test.dlm", text))
    assert [comment.text for comment in found] == ["# one", "# two", "#", "#last"]
    assert [comment.start for comment in found] == [0, 12, 42, 44]


def test_a_byte_order_mark_is_nothing():
    assert kinds("\ufeffa") == "NAME"
    assert faults("\ufeffa") == []
    assert faults("a\ufeff") == [("E0107", "\ufeff")]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("a => b", "NAME ARROW NAME"),
        ("a |> b", "NAME ARROW NAME"),
        ("a → b", "NAME ARROW NAME"),
        ("a := b", "NAME EQUAL NAME"),
        ("a === b", "NAME EQ NAME"),
        ("a !== b", "NAME NE NAME"),
        ("a <> b", "NAME NE NAME"),
        ("a ≤ b", "NAME LE NAME"),
        ("a && b", "NAME AND NAME"),
        ("a || b", "NAME OR NAME"),
        ("!a", "NOT NAME"),
        ("a − b", "NAME MINUS NAME"),
        ("a × b", "NAME STAR NAME"),
        ("a; b", "NAME NAME"),
    ],
)
def test_operators_of_other_languages_are_read_as_meant(text, meant):
    assert kinds(text) == meant
    assert [code for code, _ in faults(text)] == ["E0111"]


@pytest.mark.parametrize(
    "text", ["'a b'", "“a b”", "„a b“", "\u2018a b\u2019", "«a b»"]
)
def test_other_quotes_are_read_as_strings(text):
    assert kinds(text) == "STRING"
    assert faults(text) == [("E0112", text)]


@pytest.mark.parametrize(
    ("text", "code", "underlined"),
    [
        ('a = "b c) ', "E0104", '"b c)'),
        ('"a\\"', "E0104", '"a\\"'),
        ('"a\nb"', "E0104", '"a'),
        ('"""a\nb', "E0105", '"""'),
        (r'"a\qb"', "E0106", r"\q"),
        (r'"\u12"', "E0106", r"\u"),
        (r'"\u{110000}"', "E0106", r"\u{110000}"),
        (r'"\ud800"', "E0106", r"\ud800"),
        ("a $ b", "E0107", "$"),
        ("a\u00a0b", "E0107", "\u00a0"),
        ("größe", "E0107", "größe"),
        ("日本", "E0107", "日本"),
        ("a\0b", "E0107", "\0"),
        ("0x1F", "E0108", "0x1F"),
        ("3px", "E0108", "3px"),
        ("1__0", "E0108", "1__0"),
        ("1_", "E0108", "1_"),
        ("1e999", "E0108", "1e999"),
        ("1" * 101, "E0108", "1" * 101),
        ("True", "E0110", "True"),
        ("None", "E0110", "None"),
        ("/* a\nb */", "E0113", "/* a\nb */"),
        ("/* a", "E0113", "/* a"),
        ("it's", "E0112", "'"),
    ],
)
def test_faults_of_single_tokens(text, code, underlined):
    assert (code, underlined) in faults(text)


def test_all_faults_of_tokens_are_found():
    assert [code for code, _ in faults("'a' && $ | 0x1;")] == [
        "E0112",
        "E0111",
        "E0107",
        "E0111",
        "E0108",
        "E0111",
    ]


def test_several_unknown_escapes():
    assert faults(r'"\a\n\b\\"') == [("E0106", r"\a"), ("E0106", r"\b")]
