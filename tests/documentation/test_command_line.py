"""What the page of commands shows is what they print."""

from click.testing import CliRunner

from dlmc.cli import cli
from tests.documentation.pages import ROOT, blocks

PAGE = ROOT / "docs" / "command-line.md"


def test_ops() -> None:
    """What is shown of a definition, up to where the page leaves off."""
    (shown,) = [block for block in blocks(PAGE) if block.text.startswith("$ dlmc ops ")]
    call, _, text = shown.text.partition("\n")
    found = CliRunner().invoke(cli, call.split()[2:])
    assert found.exit_code == 0
    start, left_off, _ = text.rpartition("  …\n")
    assert left_off
    assert found.output.startswith(start)
