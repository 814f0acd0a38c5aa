"""Every code is explained, and the examples do what the explanations say."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from dlmc.api import build, check
from dlmc.cli import cli
from dlmc.diagnostics import DlmError
from dlmc.diagnostics.explanation import FOLDER, explanation, titles
from dlmc.diagnostics.render import render

EXAMPLES = Path(__file__).parents[3] / "examples"
BESIDE = re.compile(r"^```dlm (\S+\.dlm)\n(.*?)^```$", re.DOTALL | re.M)
BLOCK = re.compile(r"^```(\w+) (broken|mended) ?(\w*)\n(.*?)^```$", re.DOTALL | re.M)


def blocks(mark: str) -> Iterator[Any]:
    """The blocks with a mark: code, language, target or "", text."""
    for path in sorted(FOLDER.iterdir()):
        code = path.stem
        found = [b for b in BLOCK.findall(path.read_text("utf-8")) if b[1] == mark]
        for number, (language, _, target, text) in enumerate(found):
            name = f"{code}-{number}" if number else code
            yield pytest.param(code, language, target, text, id=name)


def said(code: str, language: str, target: str, text: str, folder: Path) -> list[str]:
    """What dlmc says about an example, one rendered message each."""
    if language == "sh":
        (program, *words) = shlex.split(text)
        assert program == "dlmc"
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(EXAMPLES)
            done = CliRunner().invoke(cli, words, prog_name="dlmc")
        return re.findall(r"(?m)^(?:error|warning)\[.*", done.output)
    (folder / "data").symlink_to(EXAMPLES / "data")
    for name, content in [("program.dlm", text), *BESIDE.findall(explanation(code))]:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(content, "utf-8")
    found = check(folder / "program.dlm")
    if target and not found:
        try:
            build(folder / "program.dlm", target=target, output=folder)
        except DlmError as error:
            found = error.diagnostics
    return [render(diagnostic) for diagnostic in found]


def test_each_code_has_an_explanation_and_each_explanation_a_code() -> None:
    assert sorted(path.name for path in FOLDER.iterdir()) == [
        f"{code}.md" for code in titles()
    ]


@pytest.mark.parametrize("code", titles())
def test_an_explanation_has_prose_and_both_examples(code: str) -> None:
    text = explanation(code)
    marks = [mark for _, mark, _, _ in BLOCK.findall(text)]
    assert {"broken", "mended"} == set(marks)
    # Nothing that looks like a block has escaped the pattern.
    assert text.count("```") == 2 * (len(marks) + len(BESIDE.findall(text)))
    assert len(BLOCK.sub("", text).split()) >= 40
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


@pytest.mark.parametrize(("code", "language", "target", "text"), list(blocks("broken")))
def test_broken(
    code: str, language: str, target: str, text: str, tmp_path: Path
) -> None:
    """It gives its own code, and no other."""
    found = said(code, language, target, text, tmp_path)
    assert found
    assert {message.partition("]")[0].partition("[")[2] for message in found} == {
        code
    }, "\n".join(found)


@pytest.mark.parametrize(("code", "language", "target", "text"), list(blocks("mended")))
def test_mended(
    code: str, language: str, target: str, text: str, tmp_path: Path
) -> None:
    """It gives no error and no warning."""
    assert said(code, language, target, text, tmp_path) == []
