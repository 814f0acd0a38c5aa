"""What is installed is everything that the three rooms hold."""

import tomllib
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from dlmc.templates import TEMPLATES

ROOT = Path(__file__).parents[2]
SETUPTOOLS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"][
    "setuptools"
]
DATA = "dlmc.example_data"
ROOMS = [
    ROOT / folder for name, folder in SETUPTOOLS["package-dir"].items() if name != DATA
]
FILES = [
    path
    for room in ROOMS
    for path in room.rglob("*")
    if path.is_file() and path.parent.name != "__pycache__"
]


def names(paths: set[Path]) -> list[str]:
    return sorted(str(path.relative_to(ROOT)) for path in paths)


def test_every_folder_of_modules_is_a_package() -> None:
    """Discovery leaves out a folder without `__init__.py`, and all below it."""
    holding = {path.parent for path in FILES if path.suffix == ".py"}
    above = {
        up
        for folder in holding
        for up in folder.parents
        if any(up.is_relative_to(room) for room in ROOMS)
    }
    assert names({x for x in holding | above if not (x / "__init__.py").exists()}) == []


def test_every_other_file_is_package_data() -> None:
    packages = {path.parent for path in FILES if path.name == "__init__.py"}
    patterns = SETUPTOOLS["package-data"]["*"]
    data = {path for x in packages for pattern in patterns for path in x.glob(pattern)}
    assert names({path for path in FILES if path.suffix != ".py"} - data) == []


def test_the_examples_data_is_installed_as_far_as_templates_need_it() -> None:
    needed = {file for template in TEMPLATES.values() for file in template.data}
    assert set(SETUPTOOLS["package-data"][DATA]) == needed


@pytest.mark.parametrize("target", ["torch", "tensorflow", "onnx"])
def test_backend_is_found_by_name(target: str) -> None:
    (found,) = entry_points(group="dlmc.backends", name=target)
    assert isinstance(found.load(), type)
