"""The rooms keep to their doors, and checking a program stays light."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FRAMEWORKS = {"torch", "tensorflow", "keras", "onnxruntime"}
HEAVY = FRAMEWORKS | {"onnx", "numpy", "jinja2", "rich", "safetensors"}


def sources(room: str) -> list[Path]:
    return sorted((ROOT / room).rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    """Every module that a file imports, at any depth of its code."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            yield node.module or ""


def is_within(module: str, *rooms: str) -> bool:
    return any(module == room or module.startswith(f"{room}.") for room in rooms)


@pytest.mark.parametrize(
    ("room", "forbidden"),
    [
        ("grammar", ["dlmc.backends"]),
        ("compiler", ["dlmc.backends"]),
    ],
)
def test_imports_point_one_way(room: str, forbidden: list[str]) -> None:
    """grammar ← compiler ← backends, and never back."""
    files = sources(room)
    assert files
    for path in files:
        for module in imported(path):
            assert not is_within(module, *forbidden), f"{path} imports {module}"
            if room == "grammar" and is_within(module, "dlmc"):
                assert is_within(module, "dlmc.grammar"), f"{path} imports {module}"


@pytest.mark.parametrize("room", ["grammar", "compiler", "backends"])
def test_frameworks_are_not_imported_by_the_compiler(room: str) -> None:
    """A framework is imported where a live model is wanted, inside a function alone."""
    for path in sources(room):
        for node in ast.parse(path.read_text("utf-8")).body:
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            for name in names:
                assert name.partition(".")[0] not in FRAMEWORKS, f"{path}: {name}"


def test_check_imports_nothing_heavy() -> None:
    """`dlmc check` answers without any framework, and without NumPy."""
    code = (
        "import sys, dlmc; assert not dlmc.check(sys.argv[1]);"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(ROOT / "examples" / "digits.dlm")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert not HEAVY & set(done.stdout.split())


@pytest.mark.parametrize("target", ["torch", "tensorflow", "onnx"])
def test_build_imports_no_framework(target: str, tmp_path: Path) -> None:
    """A project is written on a machine that has none of the frameworks."""
    code = (
        "import sys, dlmc;"
        "dlmc.build(sys.argv[1], target=sys.argv[2], output=sys.argv[3]);"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    program = str(ROOT / "examples" / "digits.dlm")
    done = subprocess.run(
        [sys.executable, "-c", code, program, target, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert not FRAMEWORKS & set(done.stdout.split())
    assert (tmp_path / f"digits-{target}").is_dir()
