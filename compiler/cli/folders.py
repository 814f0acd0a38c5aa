"""The programs that a command is given by the name of their folder."""

import os
from pathlib import Path


def programs(folder: str) -> tuple[list[str], list[OSError]]:
    """The programs (.dlm) in a folder and below, and the folders that cannot be read.

    Hidden folders are left out.
    """
    found: list[str] = []
    unreadable: list[OSError] = []
    for at, folders, files in os.walk(folder, onerror=unreadable.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [str(Path(at, n)) for n in sorted(files) if n.endswith(".dlm")]
    return found, unreadable
