"""The generated code of every example, word for word.

`make golden` writes it anew; a change in it is then read as a diff. The data files and
graphs of a project are left out: other tests compare what they hold.
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

import dlmc
from dlmc.backend import Copy, backend

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
EXAMPLES = sorted((ROOT / "examples").glob("*.dlm"))
TARGETS = ("torch", "tensorflow", "onnx")


def texts(path: Path, target: str) -> dict[str, str]:
    """The text files of a project."""
    files = backend(target).build(dlmc.read(path))
    return {name: c for name, c in files.items() if isinstance(c, str)}


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_generated_code(
    path: Path, target: str, request: pytest.FixtureRequest
) -> None:
    """Each file is as it was when it was last read."""
    folder = HERE / f"{path.stem}-{target}"
    found = texts(path, target)
    if request.config.getoption("--update-golden"):
        folder.mkdir(exist_ok=True)
        for old in folder.iterdir():
            old.unlink()
        for name, text in found.items():
            (folder / name).write_text(text, "utf-8")
    assert found == {p.name: p.read_text("utf-8") for p in sorted(folder.iterdir())}


def digest(target: str, hash_seed: int) -> str:
    """The checksum of all that a build of every example writes, in a new process."""
    code = (
        "import sys, hashlib; from pathlib import Path; import dlmc;"
        "from dlmc.backend import Copy, backend;"
        "made = [sorted(backend(sys.argv[1]).build(dlmc.read(p)).items(), key=str)"
        " for p in sys.argv[2:]];"
        "print(hashlib.sha256(repr(made).encode()).hexdigest())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, target, *map(str, EXAMPLES)],
        env=os.environ | {"PYTHONHASHSEED": str(hash_seed)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


@pytest.mark.parametrize("target", TARGETS)
def test_the_same_bytes_on_every_build(target: str) -> None:
    """No order of sets, no time, no place in what is generated."""
    assert len(digest(target, 1)) == len(hashlib.sha256().hexdigest())
    assert digest(target, 1) == digest(target, 4242)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_ruff_accepts_it_untouched(path: Path, target: str, tmp_path: Path) -> None:
    """Style and layout, by ruff's own defaults and sorted imports."""
    for name, text in texts(path, target).items():
        if name.endswith(".py"):
            (tmp_path / name).write_text(text, "utf-8")
    ruff = [sys.executable, "-m", "ruff"]
    for command in (
        ["check", "--isolated", "--extend-select", "I", "."],
        ["format", "--isolated", "--check", "--diff", "."],
    ):
        done = subprocess.run(
            [*ruff, *command], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_nothing_of_the_compiler_or_the_machine(path: Path, target: str) -> None:
    """No import of dlmc, no absolute path."""
    for name, text in texts(path, target).items():
        assert "import dlmc" not in text, name
        assert "from dlmc" not in text, name
        assert str(ROOT) not in text, name
    files = backend(target).build(dlmc.read(path))
    for name in files:
        assert not Path(name).is_absolute()
    assert all(isinstance(content, str | bytes | Copy) for content in files.values())
