"""The examples in the documentation are programs without errors, its links lead on."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from dlmc.cli import cli
from dlmc.diagnostics.render import render
from dlmc.elaborate.program import elaborate
from dlmc.grammar.span import Source
from dlmc.lint import lint
from tests.documentation.pages import (
    PAGES,
    ROOT,
    Block,
    anchors,
    folder_for,
    following,
    programs,
)

PAGES_WITH_ERRORS = sorted({p.page for p in programs() if p.is_broken})


def examples() -> Iterator[Any]:
    """Every complete program in the pages, called after its page and line."""
    for program in programs():
        if not program.is_broken:
            yield pytest.param(program.text, id=program.id)


def said(program: Block, folder: Path) -> list[str]:
    """All that there is to say about a program."""
    source = Source(program.file, program.text)
    found = elaborate(source, folder_for(program, folder))
    return [render(d) for d in found.diagnostics or lint(found)]


@pytest.mark.parametrize(
    "program", [p for p in programs() if not p.is_broken], ids=lambda p: p.id
)
def test_example(program: Block, tmp_path: Path) -> None:
    """It elaborates, without a warning; its data is that of the examples."""
    assert not said(program, tmp_path)


@pytest.mark.parametrize("page", PAGES_WITH_ERRORS, ids=lambda page: page.name)
def test_broken_examples(
    page: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """What dlmc says of each stands below it."""
    actual = page.read_text("utf-8")
    expected = actual
    for program in (p for p in programs() if p.page == page and p.is_broken):
        shown = following(program)
        assert shown.language == "text"
        folder = tmp_path / str(program.line)
        folder.mkdir()
        messages = said(program, folder)
        assert messages
        text = "\n\n".join(messages)
        old = f"{program.text}```\n\n```text\n{shown.text}```"
        assert old in expected
        expected = expected.replace(old, f"{program.text}```\n\n```text\n{text}\n```")
    if request.config.getoption("--update-golden"):
        page.write_text(expected, "utf-8")
    assert actual == expected or request.config.getoption("--update-golden")


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_command_line(name: str) -> None:
    """The page of commands has each of them, with all of its options."""
    page = (ROOT / "docs" / "command-line.md").read_text("utf-8")
    assert f"(#dlmc-{name})" in page
    section = page.partition(f"\n## `dlmc {name}`\n")[2].partition("\n## ")[0]
    for parameter in cli.commands[name].params:
        if isinstance(parameter, click.Option):
            for option in parameter.opts:
                assert re.search(rf"`?{option}\b", section), option


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links(page: Path) -> None:
    """A link to a file of the project, or to a place in a page, leads somewhere."""
    for link in re.findall(r"\]\(([^):]+)\)", page.read_text("utf-8")):
        target, _, place = link.partition("#")
        there = page.parent / target if target else page
        assert there.exists(), link
        if place:
            assert place in anchors(there), link
