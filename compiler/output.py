"""Writing a project: whole or not at all, and never over a person's edits.

A manifest in the folder holds the checksum of each generated file. A file that differs
from its checksum was edited; a file that is there without one is a person's own.
"""

import hashlib
import json
import shutil
import tempfile
from pathlib import Path

from dlmc.backend import Copy, Files

MANIFEST = ".dlmc.json"


class EditedError(Exception):
    """Files that would be overwritten were edited, or not written by dlmc."""

    def __init__(self, folder: Path, names: list[str]) -> None:
        self.folder = folder
        self.names = names
        super().__init__(f"{folder}: {', '.join(names)}")


def write_project(folder: Path, files: Files, *, force: bool = False) -> None:
    """Write the files of a project into its folder.

    All are written beside the folder first and moved in at the end. Files of an earlier
    build that are no longer part of the project are removed; others stay.

    Raises:
        EditedError: A file to be replaced was edited since it was generated.
        OSError: The folder cannot be written.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    stage = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        for name, content in files.items():
            _write(content, stage / name)
        sums = {name: _checksum(stage / name) for name in files}
        _write(json.dumps({"files": sums}, indent=2) + "\n", stage / MANIFEST)
        before = _manifest(folder)
        gone = [name for name in before if name not in files]
        if not force:
            edited = [
                name
                for name in [*files, *gone]
                if _differs(folder / name, before.get(name), sums.get(name))
            ]
            if edited:
                raise EditedError(folder, edited)
        for name in [*files, MANIFEST]:
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            (stage / name).replace(target)
        for name in gone:
            (folder / name).unlink(missing_ok=True)
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _write(content: str | bytes | Copy, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    match content:
        case str():
            path.write_text(content, "utf-8", newline="\n")
        case bytes():
            path.write_bytes(content)
        case Copy(source):
            shutil.copyfile(source, path)


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _manifest(folder: Path) -> dict[str, str]:
    try:
        found = json.loads((folder / MANIFEST).read_text("utf-8"))
        files = found["files"]
        # Only what lies inside of the folder is ours to remove.
        return {
            str(name): str(checksum)
            for name, checksum in files.items()
            if not Path(name).is_absolute() and ".." not in Path(name).parts
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}  # no manifest, or not one of ours: nothing in the folder is ours


def _differs(path: Path, generated: str | None, wanted: str | None) -> bool:
    """Whether a file holds something that neither was nor will be generated."""
    if not path.is_file():
        return path.exists()
    return _checksum(path) not in (generated, wanted)
