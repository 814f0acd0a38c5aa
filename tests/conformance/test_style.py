"""The code of every definition is laid out as ruff would, and takes its advice."""

import subprocess
import sys
from pathlib import Path

import pytest

from dlmc.backend import Unsupported
from tests.conformance.cases import applied, library_cases
from tests.conformance.combinations import COMBINATIONS
from tests.unit.backends import keras_models, torch_modules
from tests.unit.elaborate.programs import model

RULES = {
    "torch": "--extend-select=I,UP,B,SIM,C4,RUF,RET",
    "tensorflow": "--extend-select=I,UP,B",
}
MEANT = "--ignore=PLR0124,SIM300"
"""What a program compares, and in which order, is its own affair: `x != x`."""
SOURCES = {"torch": torch_modules.source, "tensorflow": keras_models.source}


@pytest.mark.parametrize("target", SOURCES)
def test_ruff_takes_the_code_as_it_is(target: str, tmp_path: Path) -> None:
    """By natives and written out."""
    modules = [library_cases(name)[0].module for name in applied()]
    modules += [model(text) for text in COMBINATIONS.values()]
    for i, module in enumerate(modules):
        for natives in (True, False):
            try:
                code = SOURCES[target](module, natives)
            except Unsupported:
                continue
            (tmp_path / f"m{i}{natives}.py").write_text(code, "utf-8")
    for command in (["format", "--diff"], ["check", RULES[target], MEANT]):
        done = subprocess.run(
            ["ruff", *command, "--isolated", "--quiet", "."],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            env={"PATH": str(Path(sys.executable).parent)},
        )
        assert done.returncode == 0, done.stdout[:5000]
