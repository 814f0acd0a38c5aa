"""What is said about broken programs, word for word.

The programs and the messages stand side by side in `messages/*.txt`:

    === title
    the program
    --- code line:column `underlined text`
    message
    hint

`pytest tests/unit/grammar --update-golden` writes the messages anew.
"""

import re
from pathlib import Path

import pytest

from dlmc.grammar.faults import SYNTAX_CODES, SyntaxFaults
from dlmc.grammar.parser import parse
from tests.unit.grammar.nodes import source

FILES = sorted(Path(__file__).with_name("messages").glob("*.txt"))


def read(path):
    """The cases of a file: title, program, and what is said about it."""
    for case in re.split(r"(?m)^=== ", path.read_text("utf-8"))[1:]:
        title, _, rest = case.partition("\n")
        program, *said = re.split(r"(?m)^(?=--- )", rest, maxsplit=1)
        yield title, program, "".join(said)


def said_about(program):
    with pytest.raises(SyntaxFaults) as raised:
        raise AssertionError(parse(source(program)))
    lines = []
    for fault in raised.value.faults:
        span = fault.span
        lines.append(f"--- {fault.code} {span.line}:{span.column} `{span.text}`")
        lines.append(fault.message)
        lines.append(fault.hint or "(no hint)")
    return "".join(f"{line}\n" for line in lines)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_messages(path, request):
    cases = list(read(path))
    said = [said_about(program) for _, program, _ in cases]
    if request.config.getoption("--update-golden"):
        written = zip(cases, said, strict=True)
        path.write_text(
            "".join(f"=== {case[0]}\n{case[1]}{text}" for case, text in written),
            "utf-8",
        )
    for (title, _, expected), found in zip(cases, said, strict=True):
        assert (title, found) == (title, expected)


def test_every_code_has_an_example():
    codes = {
        line.split()[1]
        for path in FILES
        for _, _, said in read(path)
        for line in said.splitlines()
        if line.startswith("--- ")
    }
    # Braces in strings are looked at when the string is used.
    assert codes == set(SYNTAX_CODES) - {"E0127"}


def test_every_message_fits_in_its_sentence():
    for path in FILES:
        for title, _, said in read(path):
            lines = said.splitlines()
            for message in lines[1::3]:
                assert not message.endswith("."), title
                assert len(message) < 120, title
