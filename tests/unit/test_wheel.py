"""What `pip install` brings is enough: the library, the tables, the templates."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*.dlm"))


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the package as the wheel has it."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    tracked = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    for name in filter(None, tracked.split("\0")):
        if (ROOT / name).is_file() and not name.startswith("tests/"):
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    pip = [sys.executable, "-m", "pip", "--quiet"]
    subprocess.run(
        [*pip, "wheel", "--no-deps", "--no-build-isolation", "-w", folder, source],
        check=True,
    )
    (wheel,) = folder.glob("*.whl")
    target = folder / "installed"
    subprocess.run(
        [*pip, "install", "--no-deps", "--target", target, wheel], check=True
    )
    return target


@pytest.mark.parametrize("target", ["torch", "tensorflow", "onnx"])
def test_the_installed_package_compiles_the_examples(
    installed: Path, target: str, tmp_path: Path
) -> None:
    """From the installed files alone, not from the checkout."""
    code = (
        "import sys, dlmc; from pathlib import Path;"
        "assert Path(dlmc.__file__).is_relative_to(sys.argv[1]), dlmc.__file__;"
        "[dlmc.build(p, target=sys.argv[2], output=sys.argv[3]) for p in sys.argv[4:]]"
    )
    words = [installed, target, tmp_path, *EXAMPLES]
    subprocess.run(
        [sys.executable, "-c", code, *map(str, words)],
        env=os.environ | {"PYTHONPATH": str(installed)},
        cwd=tmp_path,
        check=True,
    )
    made = {path.name for path in tmp_path.iterdir()}
    assert made == {f"{path.stem}-{target}" for path in EXAMPLES}


def test_the_installed_package_starts_projects(installed: Path, tmp_path: Path) -> None:
    """The templates and the data that they come with are installed, too."""
    dlmc = [sys.executable, "-m", "dlmc"]
    for template in ("blank", "tabular", "image"):
        for words in (
            ["new", template, "--template", template],
            ["check", f"{template}/{template}.dlm"],
        ):
            subprocess.run(
                [*dlmc, *words],
                env=os.environ | {"PYTHONPATH": str(installed)},
                cwd=tmp_path,
                check=True,
            )
    for data in ("tabular/data/wine.csv", "image/data/digits.csv"):
        example = ROOT / "examples" / Path(data).relative_to(Path(data).parts[0])
        assert (tmp_path / data).read_bytes() == example.read_bytes()
