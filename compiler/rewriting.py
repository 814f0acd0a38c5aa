"""Writing one file anew, whole or not at all."""

import errno
import os
import shutil
import tempfile
from pathlib import Path


def rewrite(path: Path, content: bytes) -> None:
    """Put new content into a file that is there.

    The file keeps its permissions and, where a link leads to it, the link. Until the
    one moment in which all of the new content is in its place, the old one is.

    Raises:
        OSError: The file cannot be written.
    """
    target = path.resolve(strict=True)
    before = target.stat()
    if not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, "it may not be written", str(path))
    handle, name = tempfile.mkstemp(prefix=".dlmc-", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(handle)
        shutil.copymode(target, name)
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            # For others the owner is themselves, or cannot be set.
            os.chown(name, before.st_uid, before.st_gid)
        os.replace(name, target)  # noqa: PTH105 - the names are no paths yet
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
