"""Projects are written whole, and what a person edited is theirs."""

from pathlib import Path

import pytest

from dlmc.backend import Copy
from dlmc.output import MANIFEST, EditedError, write_project


def contents(folder: Path) -> dict[str, str]:
    """Every file in a folder but the manifest."""
    return {
        path.relative_to(folder).as_posix(): path.read_text("utf-8")
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != MANIFEST
    }


def test_text_bytes_and_copies(tmp_path: Path) -> None:
    """All kinds of content, also in folders of the project."""
    source = tmp_path / "table.csv"
    source.write_text("a,b\n", "utf-8")
    folder = tmp_path / "made" / "p-torch"
    write_project(folder, {"a.py": "é\n", "b/c.bin": b"x", "table.csv": Copy(source)})
    assert contents(folder) == {"a.py": "é\n", "b/c.bin": "x", "table.csv": "a,b\n"}
    assert [p.name for p in folder.parent.iterdir()] == ["p-torch"]


def test_a_new_build_replaces_the_old_one(tmp_path: Path) -> None:
    """Unchanged files are overwritten, files no longer made go, others stay."""
    folder = tmp_path / "p"
    write_project(folder, {"a.py": "1", "old.py": "1"})
    (folder / "mine.txt").write_text("notes", "utf-8")
    write_project(folder, {"a.py": "2"})
    assert contents(folder) == {"a.py": "2", "mine.txt": "notes"}


def test_an_edited_file_is_kept(tmp_path: Path) -> None:
    """Nothing at all is written then; `force` overwrites it."""
    folder = tmp_path / "p"
    write_project(folder, {"a.py": "1", "b.py": "1"})
    (folder / "a.py").write_text("edited", "utf-8")
    with pytest.raises(EditedError) as caught:
        write_project(folder, {"a.py": "2", "b.py": "2"})
    assert caught.value.names == ["a.py"]
    assert contents(folder) == {"a.py": "edited", "b.py": "1"}
    write_project(folder, {"a.py": "2", "b.py": "2"}, force=True)
    assert contents(folder) == {"a.py": "2", "b.py": "2"}


def test_an_edited_file_that_is_no_longer_made_is_kept(tmp_path: Path) -> None:
    """It would be lost otherwise."""
    folder = tmp_path / "p"
    write_project(folder, {"a.py": "1", "old.py": "1"})
    (folder / "old.py").write_text("edited", "utf-8")
    with pytest.raises(EditedError):
        write_project(folder, {"a.py": "1"})


def test_a_file_of_somebody_else_is_kept(tmp_path: Path) -> None:
    """A folder that dlmc did not make is not overwritten."""
    folder = tmp_path / "p"
    folder.mkdir()
    (folder / "a.py").write_text("theirs", "utf-8")
    with pytest.raises(EditedError):
        write_project(folder, {"a.py": "ours"})


def test_a_manifest_cannot_point_outside(tmp_path: Path) -> None:
    """A path in it that leaves the folder is not followed."""
    folder = tmp_path / "p"
    write_project(folder, {"a.py": "1"})
    outside = tmp_path / "outside.txt"
    outside.write_text("precious", "utf-8")
    (folder / MANIFEST).write_text('{"files": {"../outside.txt": "0"}}', "utf-8")
    write_project(folder, {"a.py": "1"}, force=True)
    assert outside.read_text("utf-8") == "precious"


def test_a_failure_leaves_the_old_project(tmp_path: Path) -> None:
    """A file to copy that is gone is found before anything is replaced."""
    folder = tmp_path / "p"
    write_project(folder, {"a.py": "1"})
    with pytest.raises(FileNotFoundError):
        write_project(folder, {"a.py": "2", "b.csv": Copy(tmp_path / "gone.csv")})
    assert contents(folder) == {"a.py": "1"}
    assert [p.name for p in tmp_path.iterdir()] == ["p"]
