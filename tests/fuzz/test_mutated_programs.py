"""Programs with something deleted, doubled, swapped or replaced.

Each is still a program, or there is an error: at a place inside of a file, with a code
that has a title, in the words of the language.
"""

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dlmc.diagnostics import Diagnostic, Severity
from dlmc.diagnostics.codes import TITLES
from dlmc.diagnostics.explanation import titles
from dlmc.diagnostics.render import render
from dlmc.elaborate.program import elaborate
from dlmc.grammar.lexer import lex
from dlmc.grammar.span import Source
from dlmc.lint import lint
from dlmc.sources import decoded
from tests.errors.test_errors import HERE as ERRORS
from tests.errors.test_errors import REPRESENTATION, programs

ROOT = Path(__file__).parents[2]
PROGRAMS = [
    *sorted((ROOT / "examples").glob("*.dlm")) * 8,
    *(ERRORS / f"{name}.dlm" for name in programs(ERRORS)),
]
SLOW = 20_000
"""Characters; a longer program, or one in `limits`, is mutated in other tests."""

NAMES = [
    "x", "y", "N", "T", "Dense", "Conv", "BatchNorm", "relu", "sum", "reshape", "split",
    "map", "require", "zeros", "identity", "f32", "i64", "bool", "training", "M", "d",
    "input", "output", "param", "state", "for", "if", "then", "else", "fn", "as", "in",
    "true", "0", "1", "2", "-1", "3.5", "inf", "1e30", "[]", "[0]", '"same"', '""', "{",
    "}", "(", ")", "[", "]", ":", "=", ",", ".", "..", "...", "->", "+", "-", "*", "/",
    "//", "%", "**", "@", "==", "<=", "and", "not", "new", "self", "nn", "None", "µ",
]  # fmt: skip

Pieces = list[str]
"""A text in tokens, and what stands between them."""


def pieces(text: str) -> Pieces:
    """The tokens of a text and what stands between them: together, the text."""
    tokens, _ = lex(Source("", text))
    found: Pieces = []
    end = 0
    for token in tokens:
        found += [text[end : token.start], token.text]
        end = token.end
    return [*found, text[end:]]


def delete(parts: Pieces, rng: random.Random) -> None:
    """Leave out a few tokens in a row."""
    at = rng.randrange(len(parts))
    del parts[at : at + rng.choice((1, 2, 2, 4, 12))]


def double(parts: Pieces, rng: random.Random) -> None:
    """Write a few tokens twice."""
    at = rng.randrange(len(parts))
    some = parts[at : at + rng.choice((1, 2, 4, 12, 40))]
    parts[at:at] = [*some, " "]


def swap(parts: Pieces, rng: random.Random) -> None:
    """Exchange two pieces."""
    a, b = rng.randrange(len(parts)), rng.randrange(len(parts))
    parts[a], parts[b] = parts[b], parts[a]


def replace(parts: Pieces, rng: random.Random) -> None:
    """Write another token in the place of one."""
    parts[rng.randrange(len(parts))] = rng.choice((*NAMES, *parts[:200]))


def misspell(parts: Pieces, rng: random.Random) -> None:
    """Leave out, double or change one letter."""
    at = rng.randrange(len(parts))
    word = parts[at]
    if word:
        i = rng.randrange(len(word))
        letter = rng.choice(("", word[i] * 2, rng.choice('aeinxE19_ ("')))
        parts[at] = word[:i] + letter + word[i + 1 :]


def truncate(parts: Pieces, rng: random.Random) -> None:
    """End in the middle."""
    del parts[rng.randrange(len(parts)) :]


MUTATIONS: tuple[Callable[[Pieces, random.Random], None], ...] = (
    delete, double, swap, replace, replace, misspell, misspell, truncate,
)  # fmt: skip


def mutated(text: str, rng: random.Random) -> str:
    """The text after a few mutations, and seldom with a few bytes changed."""
    parts = pieces(text)
    for _ in range(rng.choice((1, 1, 2, 3, 6))):
        if parts:
            rng.choice(MUTATIONS)(parts, rng)
    mutant = "".join(parts)
    if rng.random() < 0.1:
        content = bytearray(mutant.encode())
        for _ in range(min(len(content), rng.choice((1, 3, 10)))):
            content[rng.randrange(len(content))] = rng.randrange(256)
        return content.decode("utf-8", "replace")
    return mutant


def faults(diagnostics: tuple[Diagnostic, ...]) -> Iterator[str]:
    """What is wrong with messages."""
    known = titles()
    for found in diagnostics:
        if found.code not in known:
            yield f"{found.code} has no title"
        places = [found.place, *found.labels] if found.place is not None else []
        if found.place is None and found.code != "E0002":
            yield f"{found.code} has no place"
        for label in places:
            assert label is not None
            span = label.span
            if not 0 <= span.start <= span.end <= len(span.source.text):
                yield f"{span} lies outside of the text"
        said = [
            found.message,
            found.hint or "",
            *(label.text for label in places if label),
        ]
        if not found.message or any(REPRESENTATION.search(part) for part in said):
            yield f"not in the words of the language: {said}"
        if not render(found):
            yield "nothing is shown"


@pytest.mark.parametrize("seed", range(8))
def test_mutants(seed: int) -> None:
    """Each is a program, or has an error that says where and what."""
    rng = random.Random(seed)
    accepted = 0
    for path in PROGRAMS:
        if path.parent.name == "limits" or path.stat().st_size > SLOW:
            continue
        text = mutated(decoded(path.read_bytes()), rng)
        found = elaborate(Source(path.name, text), path.parent)
        wrong = any(d.severity is Severity.ERROR for d in found.diagnostics)
        assert wrong is (found.program is None), text
        diagnostics = (*found.diagnostics, *lint(found))
        assert list(faults(diagnostics)) == [], text
        accepted += not wrong
    assert 0 < accepted < len(PROGRAMS)


def test_bytes() -> None:
    """Bytes that are no text at all are refused, or read."""
    rng = random.Random(0)
    for _ in range(300):
        content = rng.randbytes(rng.randrange(80))
        try:
            text = decoded(content)
        except ValueError:
            continue
        found = elaborate(Source("random.dlm", text), Path())
        assert list(faults(found.diagnostics)) == []


def test_codes_of_messages_have_titles() -> None:
    """So that the checks above ask for something."""
    assert set(TITLES) < set(titles())
