"""Writing a project: whole or not at all, and never over a person's edits.

A manifest in the folder holds the checksum of each generated file. A file that differs
from its checksum was edited; a file that is there without one is a person's own.
"""

import hashlib
import json
import shutil
from pathlib import Path

from dlmc.backend import Copy, Files
from dlmc.replacement import Draft, is_inside, settle

MANIFEST = ".dlmc.json"


class EditedError(Exception):
    """Files that would be overwritten were edited, or not written by dlmc."""

    def __init__(self, folder: Path, names: list[str]) -> None:
        self.folder = folder
        self.names = names
        super().__init__(f"{folder}: {', '.join(names)}")


def write_project(folder: Path, files: Files, *, force: bool = False) -> None:
    """Write the files of a project into its folder.

    Whatever ends this early, all files are those of before, or the next call makes all
    of them the new ones before it does anything else. Files of an earlier build that
    are no longer part of the project are removed; those of others stay.

    Raises:
        EditedError: A file to be replaced was edited since it was generated.
        OSError: The folder cannot be written.
    """
    is_new = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        settle(folder)
        _replace(folder, files, force=force)
    except BaseException:
        settle(folder)
        if is_new and not any(folder.iterdir()):
            folder.rmdir()
        raise


def _replace(folder: Path, files: Files, *, force: bool) -> None:
    draft = Draft(folder)
    for name, content in files.items():
        _write(content, draft.file(name))
    sums = {name: _checksum(draft.file(name)) for name in files}
    before = _manifest(folder)
    gone = [name for name in before if name not in files]
    held = {name: _held(folder / name) for name in [*files, *gone]}
    edited = [
        name
        for name, found in held.items()
        if found not in (None, before.get(name), sums.get(name))
    ]
    if edited and not force:
        raise EditedError(folder, edited)
    manifest = json.dumps({"files": sums}, indent=2) + "\n"
    _write(manifest, draft.file(MANIFEST))
    changed = [name for name in files if held[name] != sums[name]]
    # The manifest comes last: only then is it true.
    draft.commit(added=[*changed, MANIFEST], removed=gone)


def _write(content: str | bytes | Copy, path: Path) -> None:
    match content:
        case str():
            path.write_text(content, "utf-8", newline="\n")
        case bytes():
            path.write_bytes(content)
        case Copy(source):
            shutil.copyfile(source, path)


def _held(path: Path) -> str | None:
    """The checksum of a file; None where nothing is, "" of what is no file."""
    if path.is_file():
        return _checksum(path)
    return "" if path.exists() else None


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _manifest(folder: Path) -> dict[str, str]:
    try:
        found = json.loads((folder / MANIFEST).read_text("utf-8"))
        return {
            str(name): str(checksum)
            for name, checksum in found["files"].items()
            if is_inside(folder, name)
        }
    except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):
        return {}  # no manifest, or not one of ours: nothing in the folder is ours
