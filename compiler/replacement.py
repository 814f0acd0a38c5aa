"""Replacing files of a folder all together, whatever interrupts it.

The new files are written into a draft inside of the folder, with a journal of what is
to be done. Renaming the draft to `READY` is the one moment that decides: before it,
nothing has happened; after it, all will happen, for whoever comes next finishes what is
ready. Each step of finishing can be taken twice.

The folder itself stays the same one, so that a person, or a training, may stand in it,
and files of others in it are never touched.
"""

import errno
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Collection
from pathlib import Path

DRAFT = ".dlmc-draft-"
READY = ".dlmc-ready"
JOURNAL = "journal.json"
State = list[int] | None
"""Size and time of change of a file; None where there is none."""


class Draft:
    """New files for a folder, in the writing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = Path(tempfile.mkdtemp(prefix=DRAFT, dir=folder))

    def file(self, name: str) -> Path:
        """Where the new file of that name is to be written; its folder is there."""
        path = self.path / "files" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def commit(self, added: Collection[str], removed: Collection[str]) -> None:
        """Put the files `added` in their places and take those `removed` away.

        Paths are relative to the folder; a link to another folder is not followed.

        Raises:
            OSError: A file cannot be where it should, or the disk is full.
        """
        for name in added:
            _check_place(self.folder, name)
        steps = {name: _state(self.folder / name) for name in [*removed, *added]}
        journal = self.path / JOURNAL
        journal.write_text(json.dumps({"added": [*added], "steps": steps}), "utf-8")
        for file in [journal, *map(self.file, added)]:
            _sync(file)
        for at, _, _ in os.walk(self.path):
            _sync(Path(at))
        self.path.rename(self.folder / READY)
        _sync(self.folder)
        settle(self.folder)


def settle(folder: Path) -> None:
    """Finish what is ready in a folder, and remove what was never finished.

    A file that somebody has changed since then is left as it is.

    Raises:
        OSError: A file cannot be replaced.
    """
    ready = folder / READY
    if ready.is_dir():
        added, steps = _journal(ready)
        touched = {folder}
        for name, state in steps.items():
            if not is_inside(folder, name) or _state(folder / name) != state:
                continue  # done already, or changed since
            target, new = folder / name, ready / "files" / name
            if name not in added:
                target.unlink(missing_ok=True)
            elif new.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                new.replace(target)
            touched.update(folder / parent for parent in Path(name).parents)
        for place in touched:
            if place.is_dir():
                _sync(place)
        # No longer ready, all at once: half a journal would be none.
        ready.rename(folder / f"{DRAFT}done")
    for draft in folder.glob(f"{DRAFT}*"):
        shutil.rmtree(draft)


def _journal(ready: Path) -> tuple[list[str], dict[str, State]]:
    """The files that are added, and all that are dealt with as they were before."""
    try:
        found = json.loads((ready / JOURNAL).read_text("utf-8"))
        return list(found["added"]), dict(found["steps"])
    except (ValueError, KeyError, TypeError):
        raise OSError(errno.EBADMSG, "damaged; remove it", str(ready)) from None


def is_inside(folder: Path, name: str) -> bool:
    """Whether a path that a file on the disk gives stays in the folder."""
    parts = Path(name).parents
    return (
        not Path(name).is_absolute()
        and ".." not in Path(name).parts
        and not any((folder / part).is_symlink() for part in parts if part.name)
    )


def _check_place(folder: Path, name: str) -> None:
    """Raise `OSError` where a file cannot be put."""
    target = folder / name
    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, "a folder is in the way", str(target))
    for part in Path(name).parents:
        parent = folder / part
        if part.name and (
            parent.is_symlink() or (parent.exists() and not parent.is_dir())
        ):
            raise NotADirectoryError(
                errno.ENOTDIR, "a link or a file is in the way", str(parent)
            )


def _state(path: Path) -> State:
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return [found.st_size, found.st_mtime_ns]


def _sync(path: Path) -> None:
    """Wait until a file or a folder's list of files is on the disk."""
    if sys.platform == "win32" and path.is_dir():
        return  # there, a folder cannot be opened, and its journal is enough
    file = os.open(path, os.O_RDWR if path.is_file() else os.O_RDONLY)
    try:
        os.fsync(file)
    except OSError as error:
        if error.errno != errno.EINVAL:  # a file system that cannot
            raise
    finally:
        os.close(file)
