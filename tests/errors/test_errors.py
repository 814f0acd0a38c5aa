"""Each broken program beside the exact text of what is said about it.

A program that needs others finds them in a folder `parts` beside it.
"""

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

import dlmc
from dlmc.diagnostics import Diagnostic, Severity
from dlmc.diagnostics.codes import TITLES
from dlmc.diagnostics.render import render

HERE = Path(__file__).parent
WARNINGS = HERE / "warnings"
REPRESENTATION = re.compile(
    r"<\w+[ .]\w*|object at|\b(Traced\w+|Dim|Symbol|Value|TensorType|DType|Span)\("
)
"""What a Python object looks like where it was not meant to be shown."""


def programs(folder: Path) -> list[str]:
    """The broken programs of a folder and those below, by their path in it."""
    return sorted(
        path.relative_to(folder).with_suffix("").as_posix()
        for path in folder.rglob("*.dlm")
        if path.parent.name != "parts"
        and (folder == WARNINGS or WARNINGS not in path.parents)
    )


@pytest.mark.parametrize("name", programs(HERE))
def test_diagnostics(
    name: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is said is what stands beside the program, and there is an error."""
    beside = HERE / f"{name}.txt"
    monkeypatch.chdir(beside.parent)
    found = dlmc.check(f"{beside.stem}.dlm")
    assert any(diagnostic.severity is Severity.ERROR for diagnostic in found)
    assert_said(found, beside, request)


@pytest.mark.parametrize("name", programs(WARNINGS))
def test_warnings(
    name: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lines beside the program are warned of, and no other."""
    monkeypatch.chdir(WARNINGS)
    found = dlmc.check(f"{name}.dlm")
    assert {diagnostic.severity for diagnostic in found} == {Severity.WARNING}
    assert_said(found, WARNINGS / f"{name}.txt", request)


def test_each_warning_has_a_program() -> None:
    """Each code is given twice at least, and stands in a text beside a program."""
    texts = [path.read_text("utf-8") for path in WARNINGS.glob("*.txt")]
    counts = Counter(re.findall(r"(?m)^warning\[(W\d{4})\]", "\n".join(texts)))
    assert {code for code, count in counts.items() if count >= 2} == {
        code for code in TITLES if code.startswith("W")
    }


def test_no_text_is_left_of_a_program() -> None:
    """Each text stands beside the program that it is about."""
    texts = {path.with_suffix(".dlm") for path in HERE.rglob("*.txt")}
    assert {path for path in texts if not path.exists()} == set()


def test_all_together_take_little_memory() -> None:
    """What is needed for one program does not stay for the next."""
    names = [f"{name}.dlm" for name in programs(HERE)]
    done = subprocess.run(
        [sys.executable, HERE / "limits.py", *names],
        cwd=HERE,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert [line.split()[0] for line in done.stdout.splitlines()] == names


def assert_said(
    found: tuple[Diagnostic, ...], beside: Path, request: pytest.FixtureRequest
) -> None:
    """The text of the messages is that of a file, and speaks of the program alone."""
    text = "\n\n".join(render(diagnostic) for diagnostic in found) + "\n"
    if request.config.getoption("--update-golden"):
        beside.write_text(text, "utf-8")
    assert text == beside.read_text("utf-8")
    for diagnostic in found:
        said = (diagnostic.message, diagnostic.hint or "", *(
            label.text for label in diagnostic.labels
        ))  # fmt: skip
        assert not any(REPRESENTATION.search(part) for part in said)
