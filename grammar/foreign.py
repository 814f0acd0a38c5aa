"""Pieces of text that are no token of the language, and what was meant by them."""
# The characters that look like others are what this file is about.
# ruff: noqa: RUF001

import re
from typing import NamedTuple

from dlmc.grammar.faults import SyntaxFault
from dlmc.grammar.span import Source, Span

ERROR = "ERROR"
"""The kind of a token that no rule takes: what is wrong with it has been said."""

PATTERNS = {
    "BLOCK_COMMENT": r"/\*[\s\S]*?(?:\*/|\Z)",
    "SEMICOLON": r";+",
    "OPERATOR": r"=>|<>|\|>|:=|===|!==|&&?|\|\|?|!(?!=)|[→⇒×·÷−–≤≥≠…∧∨¬]",
    "QUOTED": (
        r"'''[\s\S]*?'''|'(?:[^'\\\n]|\\.)*'"
        r"|[“”„][^“”„\"\n]*[“”\"]|[‘’][^‘’'\n]*[‘’']|«[^«»\n]*»"
    ),
    "BLANK": "[\u00a0\u1680\u2000-\u200d\u2028\u2029\u202f\u205f\u3000\ufeff]+",
}
"""What is looked for before the tokens of the language."""

REMAINDER = {
    "BAD_NUMBER": r"[0-9][0-9A-Za-z_]*(?:\.[0-9][0-9A-Za-z_]*)*",
    "OPEN_DOCSTRING": r'"""[\s\S]*',
    "OPEN_STRING": r'"(?:[^"\\\n]|\\.)*',
    "OPEN_QUOTE": r"['‘’“”„«][^\n]*",
    "UNKNOWN": r"[^\W0-9A-Za-z_]\w*|[\s\S]",
}
"""What is looked for where no token of the language fits."""

KINDS = frozenset(PATTERNS) | frozenset(REMAINDER)

WORDS = {
    "True": ("TRUE", "`True` is written `true` here"),
    "False": ("FALSE", "`False` is written `false` here"),
    "None": (None, "there is no `None`"),
    "null": (None, "there is no `null`"),
}
"""Names that are constants in other languages."""

_OPERATORS = {
    "=>": ("ARROW", "->", "a pipeline's arrow"),
    "|>": ("ARROW", "->", "a pipeline's arrow"),
    "→": ("ARROW", "->", "a pipeline's arrow"),
    "⇒": ("ARROW", "->", "a pipeline's arrow"),
    ":=": ("EQUAL", "=", "a binding"),
    "===": ("EQ", "==", "a comparison"),
    "<>": ("NE", "!=", "a comparison"),
    "!==": ("NE", "!=", "a comparison"),
    "≤": ("LE", "<=", "a comparison"),
    "≥": ("GE", ">=", "a comparison"),
    "≠": ("NE", "!=", "a comparison"),
    "&&": ("AND", "and", "the operator"),
    "&": ("AND", "and", "the operator"),
    "∧": ("AND", "and", "the operator"),
    "||": ("OR", "or", "the operator"),
    "|": ("OR", "or", "the operator"),
    "∨": ("OR", "or", "the operator"),
    "!": ("NOT", "not", "the operator"),
    "¬": ("NOT", "not", "the operator"),
    "×": ("STAR", "*", "the operator"),
    "·": ("STAR", "*", "the operator"),
    "÷": ("SLASH", "/", "the operator"),
    "−": ("MINUS", "-", "the operator"),
    "–": ("MINUS", "-", "the operator"),
    "…": ("ELLIPSIS", "...", "the ellipsis"),
}

_CHARACTERS = {
    "^": "a power is written `a ** b`",
    "~": "the operator is written `not`",
    "?": "a choice is written `if condition then a else b`",
    "\\": "a line may be broken anywhere: leave the `\\` out",
    "$": "in a string a value is written `{name}`",
    "`": 'a string is written "text"',
}


class Reading(NamedTuple):
    """How a foreign piece is read on, and what is said about it."""

    kind: str | None
    """The kind of the token that was meant; None if there is none."""
    fault: SyntaxFault


def word(match: re.Match[str], source: Source) -> Reading:
    """One of `WORDS`."""
    kind, message = WORDS[match[0]]
    hint = f"write `{kind.lower()}`" if kind else _instead_of_none(match)
    fault = SyntaxFault("E0110", _span(match, source), message, hint)
    return Reading(kind or "NAME", fault)


_INDEXED = re.compile(r"(\w+|[)\]])\[[^\[\]]*$")
_IN_TYPE = re.compile(r"float|int|bool|b?f\d+|[iu]\d+")


def _instead_of_none(match: re.Match[str]) -> str:
    """What is meant by `None` where it stands."""
    indexed = _INDEXED.search(match.string, max(match.start() - 200, 0), match.start())
    if indexed is None:
        return "leave the argument out, or say what is meant: `0`, `false`, a name"
    if _IN_TYPE.fullmatch(indexed[1]):
        return "a size that is not known has a capitalised name: `N`"
    return "a new axis of size 1 is written `new`"


def piece(match: re.Match[str], source: Source) -> Reading | None:
    """A piece of one of the kinds `KINDS`; None if nothing is wrong with it."""
    text = match[0]
    span = _span(match, source)
    match match.lastgroup:
        case "BLANK" if text == "\ufeff" and match.start() == 0:
            return None  # a byte order mark, which some editors write
        case "BLANK":
            message = f"this blank is the character U+{ord(text[0]):04X}"
            hint = "write an ordinary space"
            return Reading(None, SyntaxFault("E0107", span, message, hint))
        case "BLOCK_COMMENT":
            message = "`/* … */` is no comment here"
            hint = "start each line of a comment with `#`"
            return Reading(None, SyntaxFault("E0113", span, message, hint))
        case "SEMICOLON":
            message = "`;` is not needed: statements need no separator"
            return Reading(None, SyntaxFault("E0111", span, message, "remove it"))
        case "OPERATOR":
            kind, spelling, role = _OPERATORS[text]
            message = f"{role} is written `{spelling}`, not `{text}`"
            hint = f"write `{spelling}`"
            return Reading(kind, SyntaxFault("E0111", span, message, hint))
        case "QUOTED":
            inside = text.strip("'‘’“”„«»\"")
            message = "a string stands between straight double quotes"
            hint = f'write "{inside}"' if '"' not in inside else 'write `\\"` inside'
            return Reading("STRING", SyntaxFault("E0112", span, message, hint))
        case "OPEN_DOCSTRING":
            fault = SyntaxFault(
                "E0105",
                Span(source, match.start(), match.start() + 3),
                "this documentation string is not ended",
                'end it with `"""`',
            )
        case "OPEN_STRING":
            fault = SyntaxFault(
                "E0104",
                Span(source, span.start, span.start + len(text.rstrip())),
                "this string is not ended on its line",
                'end it with `"`; a line break inside is written `\\n`',
            )
        case "OPEN_QUOTE":
            fault = SyntaxFault(
                "E0112",
                Span(source, span.start, span.start + 1),
                f"`{text[0]}` does not start a string",
                'write a string as "text"',
            )
        case "BAD_NUMBER":
            fault = _bad_number(text, span)
        case _:
            fault = _unknown(text, span)
    return Reading(ERROR, fault)


def _bad_number(text: str, span: Span) -> SyntaxFault:
    """A number that goes on with something else."""
    hint = "a product is written with `*`; a name starts with a letter"
    if text.startswith("0") and text[1:2] in tuple("xXbBoO"):
        hint = "numbers are written in decimal"
    elif text.replace("_", "").isdigit():
        hint = "one `_` may stand between two digits"
    elif text[-1:] in "fFlLuU" and text[:-1].replace(".", "").isdigit():
        hint = f"write `{text[:-1]}`: a number takes the dtype of what it meets"
    elif text[-1:] in "jJ":
        hint = "there are no complex numbers"
    return SyntaxFault("E0108", span, f"`{text}` is not a number", hint)


def _unknown(text: str, span: Span) -> SyntaxFault:
    """A character that the language does not use."""
    if text in _CHARACTERS:
        return SyntaxFault(
            "E0107", span, f"the language has no `{text}`", _CHARACTERS[text]
        )
    if text.isalnum():
        source = span.source.text
        start, end = span.start, span.end
        while start > 0 and (source[start - 1].isalnum() or source[start - 1] == "_"):
            start -= 1
        whole = Span(span.source, start, end)
        message = f"`{whole.text}` has a letter that names cannot have"
        hint = "names are made of the letters a-z and A-Z, digits and `_`"
        return SyntaxFault("E0107", whole, message, hint)
    shown = f"`{text}`" if text.isprintable() else "this character"
    message = f"{shown} (U+{ord(text[0]):04X}) means nothing here"
    hint = "outside of strings and comments, remove it"
    return SyntaxFault("E0107", span, message, hint)


def _span(match: re.Match[str], source: Source) -> Span:
    return Span(source, match.start(), match.end())
