"""A build that is ended anywhere leaves the old project, or the way to the new one.

A child process counts its operations on files, and is ended at each of them in turn.
"""

import errno
import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dlmc.output import EditedError, write_project
from dlmc.replacement import DRAFT, JOURNAL, READY, settle

ROOT = Path(__file__).parents[2]
DIGITS = ROOT / "examples" / "digits.dlm"
OPERATIONS = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.scandir"}
OLD = {"a.py": "1", "b/same.bin": b"same", "old.py": "old", "gone/d.txt": "old"}
NEW = {"a.py": "2", "b/same.bin": b"same", "new.py": "new", "sub/in/e.txt": "new"}
THEIRS = {"history.csv": "loss\n1\n", "checkpoints/last.bin": "weights"}

Contents = dict[str, str]


@pytest.fixture(autouse=True)
def synced(monkeypatch: pytest.MonkeyPatch) -> set[int]:
    """The inodes that were synced, which a kill without a power cut does not need."""
    inodes: set[int] = set()
    monkeypatch.setattr(os, "fsync", lambda file: inodes.add(os.fstat(file).st_ino))
    return inodes


def text_of(files: dict[str, str | bytes]) -> Contents:
    return {n: c if isinstance(c, str) else c.decode() for n, c in files.items()}


def contents(folder: Path) -> Contents:
    """Every file that a person sees."""
    return {
        path.relative_to(folder).as_posix(): path.read_text("utf-8")
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.relative_to(folder).parts[0].startswith(".dlmc")
    }


def leftovers(folder: Path) -> list[str]:
    return [path.name for path in folder.glob(".dlmc-*")]


def in_child(folder: Path, at: int, end: Callable[[int], None], force: bool) -> int:
    """Build anew in a child that calls `end` before its operation number `at`.

    Returns:
        How the child ended: 0 where it has fewer operations, 1 where the build raised,
        2 where it went on to its end, and minus the signal that killed it.
    """
    child = os.fork()
    if child == 0:
        count = 0

        def count_operation(event: str, _: object) -> None:
            nonlocal count
            if event in OPERATIONS:
                count += 1
                if count >= at:
                    end(count - at)

        try:
            sys.addaudithook(count_operation)
            write_project(folder, NEW, force=force)
        except BaseException:
            os._exit(1)
        os._exit(2 if count >= at else 0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def kill(_: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def interrupt_once(since: int) -> None:
    if since == 0:
        raise KeyboardInterrupt


def fail_once(since: int) -> None:
    if since == 0:
        raise OSError(errno.EIO, "disk")


def fail_for_good(_: int) -> None:
    raise OSError(errno.ENOSPC, "disk full")


def prepare(folder: Path, start: str) -> tuple[Contents, Contents]:
    """A folder to build in; what is in it, and what is to be in it."""
    shutil.rmtree(folder, ignore_errors=True)
    if start == "nothing":
        return {}, text_of(NEW)
    write_project(folder, OLD)
    for name, text in THEIRS.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    if start == "edited":
        (folder / "a.py").write_text("edited", "utf-8")
    old = text_of(OLD) | THEIRS | ({"a.py": "edited"} if start == "edited" else {})
    return old, text_of(NEW) | THEIRS


@pytest.mark.parametrize("start", ["nothing", "a project", "edited"])
@pytest.mark.parametrize("end", [kill, fail_for_good])
def test_ended_anywhere(tmp_path: Path, start: str, end: Callable[[int], None]) -> None:
    """All old or all new, at once or after the next call has settled it."""
    folder = tmp_path / "p"
    seen = []
    for at in range(1, 1000):
        old, new = prepare(folder, start)
        status = in_child(folder, at, end, force=start == "edited")
        if status == 0:
            break
        assert status == (-signal.SIGKILL if end is kill else 1)
        found = contents(folder)
        is_ready = (folder / READY).is_dir()
        assert is_ready or found in (old, new)
        assert (THEIRS if start != "nothing" else {}).items() <= found.items()
        if folder.exists():
            settle(folder)
            assert leftovers(folder) == []
        settled = contents(folder)
        assert settled in ((new,) if is_ready else (old, new))
        seen.append(
            "mixed" if found not in (old, new) else "old" if found == old else "new"
        )
        # What is there is consistent: nothing of it looks edited by a person.
        write_project(folder, NEW, force=start == "edited" and settled == old)
        assert contents(folder) == new
        assert leftovers(folder) == []
    # The child was ended early, late, and while files were exchanged.
    assert len(seen) > 30
    assert {"old", "mixed", "new"} == set(seen)


@pytest.mark.parametrize("start", ["nothing", "a project"])
@pytest.mark.parametrize("end", [interrupt_once, fail_once])
def test_disturbed_anywhere(
    tmp_path: Path, start: str, end: Callable[[int], None]
) -> None:
    """The process itself leaves no mixture: it takes back, or finishes."""
    folder = tmp_path / "p"
    for at in range(1, 1000):
        old, new = prepare(folder, start)
        status = in_child(folder, at, end, force=False)
        assert status in (0, 1, 2)
        assert contents(folder) in ((old, new) if status == 1 else (new,))
        assert folder.exists() == (start == "a project" or contents(folder) == new)
        if status == 0:
            break
        write_project(folder, NEW)
        assert contents(folder) == new
        assert leftovers(folder) == []
    assert at > 30


def test_all_is_on_the_disk_before_it_counts(
    tmp_path: Path, synced: set[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A power cut right after the commit finds each new file whole, and its name."""
    renamed = []

    def rename(self: Path, target: Path) -> Path:
        renamed.append(target.name)
        if target.name == READY:
            everything = [self, *self.rglob("*")]
            everything.remove(self / "files" / "b" / "same.bin")  # it is there already
        else:  # all are in their places, and their folders know it
            everything = [folder, folder / "sub", folder / "sub" / "in"]
        assert {path.stat().st_ino for path in everything} <= synced
        synced.clear()
        return original(self, target)

    original = Path.rename
    folder = tmp_path / "p"
    prepare(folder, "a project")
    synced.clear()
    monkeypatch.setattr(Path, "rename", rename)
    write_project(folder, NEW)
    assert renamed == [READY, f"{DRAFT}done"]


def test_an_edit_after_the_end_is_kept(tmp_path: Path) -> None:
    """Between a kill and the next build, a person mends a file that was not yet new."""
    folder = tmp_path / "p"
    for at in range(1, 1000):
        prepare(folder, "a project")
        in_child(folder, at, kill, force=False)
        if (folder / READY).is_dir() and (folder / "a.py").read_text("utf-8") == "1":
            break
    (folder / "a.py").write_text("mended", "utf-8")
    with pytest.raises(EditedError) as caught:
        write_project(folder, NEW)
    assert caught.value.names == ["a.py"]
    assert (folder / "a.py").read_text("utf-8") == "mended"
    write_project(folder, NEW, force=True)
    assert contents(folder) == text_of(NEW) | THEIRS


def test_the_folder_stays_the_same(tmp_path: Path) -> None:
    """Who stands in it, or trains in it, is not left in a folder that is gone."""
    folder = tmp_path / "p"
    prepare(folder, "a project")
    inode = folder.stat().st_ino
    weights = (folder / "checkpoints" / "last.bin").stat().st_ino
    write_project(folder, NEW)
    assert folder.stat().st_ino == inode
    assert (folder / "checkpoints" / "last.bin").stat().st_ino == weights


def test_an_unchanged_file_is_not_touched(tmp_path: Path) -> None:
    folder = tmp_path / "p"
    prepare(folder, "a project")
    before = (folder / "b" / "same.bin").stat()
    write_project(folder, NEW)
    after = (folder / "b" / "same.bin").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize("force", [False, True])
def test_a_folder_in_the_way(tmp_path: Path, force: bool) -> None:
    """It is never removed, and nothing else is replaced."""
    folder = tmp_path / "p"
    write_project(folder, {"a.py": "1"})
    (folder / "b.py").mkdir()
    with pytest.raises(OSError if force else EditedError):
        write_project(folder, {"a.py": "2", "b.py": "2"}, force=force)
    assert contents(folder) == {"a.py": "1"}
    assert leftovers(folder) == []


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    """A project from elsewhere cannot make a build write outside of its folder."""
    outside = tmp_path / "outside"
    outside.mkdir()
    folder = tmp_path / "p"
    folder.mkdir()
    (folder / "sub").symlink_to(outside)
    with pytest.raises(OSError, match="in the way"):
        write_project(folder, NEW)
    ready = folder / READY
    (ready / "files" / "sub").mkdir(parents=True)
    (ready / "files" / "sub" / "x").write_text("x", "utf-8")
    (ready / "files" / "y").write_text("y", "utf-8")
    (ready / JOURNAL).write_text(
        '{"added": ["sub/x", "../y"], "steps": {"sub/x": null, "../y": null}}', "utf-8"
    )
    write_project(folder, {"a.py": "1"})
    assert contents(folder) == {"a.py": "1"}
    assert list(outside.iterdir()) == []
    assert not (tmp_path / "y").exists()


def test_a_damaged_journal(tmp_path: Path) -> None:
    """It is named, and stays for a person to look at."""
    (tmp_path / "p" / READY).mkdir(parents=True)
    (tmp_path / "p" / READY / JOURNAL).write_text("{", "utf-8")
    with pytest.raises(OSError, match="damaged"):
        write_project(tmp_path / "p", NEW)


BUILD = """
import os, signal, sys
from dlmc.cli import main
def hook(event, words):
    if event == "os.rename" and {drafts!r} in str(words[0]):
        os.kill(os.getpid(), signal.SIGINT)
sys.addaudithook(hook)
# A process that was started in the background ignores Ctrl-C, and so do its children.
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.argv = ["dlmc", "build", *{words!r}]
main()
"""


def build(*words: object, limit: int | None = None) -> subprocess.CompletedProcess[str]:
    """Run `dlmc build`, with a limit on the size of files."""

    def limit_size() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit or 0, limit or 0))

    return subprocess.run(
        [sys.executable, "-B", "-m", "dlmc", "build", *map(str, words)],
        preexec_fn=limit_size if limit else None,
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_ctrl_c(tmp_path: Path) -> None:
    """Status 130, one line, no traceback; and nothing is left behind."""
    words = [str(DIGITS), "-t", "torch", "-o", str(tmp_path)]
    done = subprocess.run(
        [sys.executable, "-c", BUILD.format(drafts=DRAFT, words=words)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 130
    assert done.stderr.strip() == "dlmc: interrupted"
    assert [path for path in tmp_path.rglob("*") if DRAFT in path.name] == []
    assert build(*words).returncode == 0


def test_no_room(tmp_path: Path) -> None:
    """A file that cannot be written whole: status 1, the reason, the old project."""
    words = [DIGITS, "-t", "torch", "-o", tmp_path]
    assert build(*words).returncode == 0
    folder = tmp_path / "digits-torch"
    before = contents(folder)
    done = build(*words, "--init", limit=20_000)
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert "too large" in done.stderr
    assert "Traceback" not in done.stderr
    assert contents(folder) == before
    assert leftovers(folder) == []


TRAIN = """
import importlib, sys
from pathlib import Path
from dlmc.cli import main
# The package has the command of that name.
train = importlib.import_module("dlmc.cli.train")
train.build_all = lambda *_, **__: [Path({folder!r})]
sys.argv = ["dlmc", "train", "x.dlm", "-t", "torch"]
main()
"""
SCRIPT = """
import sys, time
try:
    print("ready", flush=True)
    time.sleep(60)
except KeyboardInterrupt:
    time.sleep(1)
    print("saved")
    sys.exit(7)
"""


def test_ctrl_c_is_left_to_the_training(tmp_path: Path) -> None:
    """The script has the time that it needs, and its status is the command's."""
    (tmp_path / "train.py").write_text(SCRIPT, "utf-8")
    command = TRAIN.format(folder=str(tmp_path))
    with subprocess.Popen(
        [sys.executable, "-c", command],
        start_new_session=True, stdout=subprocess.PIPE, text=True,
    ) as child:  # fmt: skip
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        os.killpg(child.pid, signal.SIGINT)
        assert child.stdout.read() == "saved\n"
    assert child.returncode == 7
