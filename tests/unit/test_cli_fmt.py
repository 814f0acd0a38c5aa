"""`dlmc fmt`: what it writes, where, and when not."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

ROUGH = "const a=1 # one\nfn f(x)=x+a\n"
SMOOTH = "const a = 1  # one\n\nfn f(x) = x + a\n"
WRONG = "model M { input x f32 }\n"


def fmt(
    *words: object, cwd: Path, stdin: bytes = b"", **environment: str
) -> subprocess.CompletedProcess[bytes]:
    """Run the command as a person would."""
    return subprocess.run(
        [sys.executable, "-m", "dlmc", "fmt", *map(str, words)],
        cwd=cwd,
        input=stdin,
        capture_output=True,
        check=False,
        env={**os.environ, **environment},
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with programs in it, one of them broken and one hidden."""
    for name, text in {
        "rough.dlm": ROUGH,
        "smooth.dlm": SMOOTH,
        "below/rough.dlm": ROUGH,
        "below/wrong.dlm": WRONG,
        ".venv/rough.dlm": ROUGH,
        "notes.txt": ROUGH,
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


def contents(folder: Path) -> dict[str, str]:
    """All files of a folder, hidden ones too."""
    return {
        str(path.relative_to(folder)): path.read_bytes().decode()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_file(folder: Path) -> None:
    """It is written anew, once, and nothing else is."""
    before = contents(folder)
    done = fmt("rough.dlm", cwd=folder)
    assert (done.returncode, done.stdout) == (0, b"rough.dlm\n")
    assert done.stderr == b"1 file changed\n"
    assert contents(folder) == before | {"rough.dlm": SMOOTH}
    done = fmt("rough.dlm", "smooth.dlm", cwd=folder)
    assert (done.returncode, done.stdout) == (0, b"")
    assert done.stderr == b"2 files unchanged\n"


def test_a_file_that_is_right_is_not_touched(folder: Path) -> None:
    """Not even its time."""
    before = (folder / "smooth.dlm").stat()
    assert fmt("smooth.dlm", cwd=folder).returncode == 0
    after = (folder / "smooth.dlm").stat()
    assert (after.st_mtime_ns, after.st_ino) == (before.st_mtime_ns, before.st_ino)


def test_a_folder(folder: Path) -> None:
    """What is broken is named and left alone; hidden folders and other files are."""
    before = contents(folder)
    done = fmt(".", cwd=folder)
    assert done.returncode == 1
    assert done.stdout.decode().split() == ["rough.dlm", "below/rough.dlm"]
    assert "error[E0115]" in done.stderr.decode()
    assert "--> below/wrong.dlm:1:17" in done.stderr.decode()
    changed = {"rough.dlm": SMOOTH, "below/rough.dlm": SMOOTH}
    assert contents(folder) == before | changed


@pytest.mark.parametrize(("name", "status"), [("rough.dlm", 1), ("smooth.dlm", 0)])
def test_check(folder: Path, name: str, status: int) -> None:
    """The status says whether a file would change; none does."""
    before = contents(folder)
    done = fmt("--check", name, cwd=folder)
    assert done.returncode == status
    assert done.stdout.decode() == (f"{name}\n" if status else "")
    assert contents(folder) == before


def test_diff(folder: Path) -> None:
    """What would change, without colours where nobody looks; nothing is written."""
    before = contents(folder)
    done = fmt("--diff", "rough.dlm", "smooth.dlm", cwd=folder)
    assert done.returncode == 0
    assert done.stderr == b"1 file would change, 1 file unchanged\n"
    assert done.stdout.decode() == (
        "--- rough.dlm\n+++ rough.dlm (formatted)\n@@ -1,2 +1,3 @@\n"
        "-const a=1 # one\n-fn f(x)=x+a\n+const a = 1  # one\n+\n+fn f(x) = x + a\n"
    )
    assert contents(folder) == before
    assert fmt("--check", "--diff", "rough.dlm", cwd=folder).returncode == 1
    (folder / "rough.dlm").write_text("const a = 1", "utf-8")
    done = fmt("--diff", "rough.dlm", cwd=folder)
    assert b"-const a = 1\n\\ No newline at end of file\n+const a = 1\n" in done.stdout


@pytest.mark.parametrize(("no_colour", "is_coloured"), [("", True), ("1", False)])
def test_diff_on_a_terminal(folder: Path, no_colour: str, is_coloured: bool) -> None:
    """It has colours, unless they are not wanted."""
    ours, theirs = pty.openpty()
    with os.fdopen(ours, "rb", buffering=0) as screen:
        subprocess.run(
            [sys.executable, "-m", "dlmc", "fmt", "--diff", "rough.dlm"],
            cwd=folder,
            stdout=theirs,
            stderr=subprocess.DEVNULL,
            check=True,
            env={**os.environ, "NO_COLOR": no_colour},
        )
        os.close(theirs)
        shown = screen.read(4096)
    assert b"+const a = 1" in shown
    assert (b"\x1b[32m+const" in shown) is is_coloured


def test_standard_input(tmp_path: Path) -> None:
    """A filter, for editors: text in, text out."""
    done = fmt("-", cwd=tmp_path, stdin=ROUGH.encode())
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode() == SMOOTH
    done = fmt("-", cwd=tmp_path, stdin=SMOOTH.encode())
    assert done.stdout.decode() == SMOOTH
    done = fmt("-", cwd=tmp_path, stdin=WRONG.encode())
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"--> <stdin>:1:17" in done.stderr
    done = fmt("-", "--check", cwd=tmp_path, stdin=ROUGH.encode())
    assert done.returncode == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        (b"const a=1\r\nfn f()=a", b"const a = 1\r\n\r\nfn f() = a\r\n"),
        (b"\xef\xbb\xbfconst a = 1\n", b"const a = 1\n"),
        (b"const a = 1", b"const a = 1\n"),
        (b'const a = "\xc3\xa9" # \xc3\xa9', b'const a = "\xc3\xa9"  # \xc3\xa9\n'),
        (b"", b""),
        (b"\n\n", b""),
        (b"# nothing\n", b"# nothing\n"),
    ],
)
def test_bytes(tmp_path: Path, content: bytes, wanted: bytes) -> None:
    """Line ends are kept, a byte order mark is not, the last line is ended."""
    (tmp_path / "a.dlm").write_bytes(content)
    assert fmt("a.dlm", cwd=tmp_path).returncode == 0
    assert (tmp_path / "a.dlm").read_bytes() == wanted
    assert fmt("-", cwd=tmp_path, stdin=content).stdout == wanted


@pytest.mark.parametrize(
    ("content", "said"), [(b"\xff", "not UTF-8"), (b"a\0", "binary")]
)
def test_what_is_no_text(tmp_path: Path, content: bytes, said: str) -> None:
    """It is named as what it is, and stays."""
    (tmp_path / "a.dlm").write_bytes(content)
    done = fmt("a.dlm", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, b"")
    assert said in done.stderr.decode()
    assert (tmp_path / "a.dlm").read_bytes() == content


def test_a_missing_file_or_program(tmp_path: Path) -> None:
    """Status 1, and its name; the others are written."""
    (tmp_path / "a.dlm").write_text(ROUGH, "utf-8")
    (tmp_path / "empty").mkdir()
    done = fmt("gone.dlm", "empty", "a.dlm", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, b"a.dlm\n")
    assert "gone.dlm: no such file" in done.stderr.decode()
    assert "empty: there is no .dlm file in this folder" in done.stderr.decode()


def test_permissions_are_kept(tmp_path: Path) -> None:
    """Those of the file, not those of a new one."""
    path = tmp_path / "a.dlm"
    path.write_text(ROUGH, "utf-8")
    path.chmod(0o751)
    assert fmt("a.dlm", cwd=tmp_path).returncode == 0
    assert path.read_text("utf-8") == SMOOTH
    assert path.stat().st_mode & 0o777 == 0o751


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    """What it leads to is written, where it is."""
    (tmp_path / "real").mkdir()
    target = tmp_path / "real" / "a.dlm"
    target.write_text(ROUGH, "utf-8")
    link = tmp_path / "link.dlm"
    link.symlink_to(target)
    done = fmt("link.dlm", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, b"link.dlm\n")
    assert link.is_symlink()
    assert target.read_text("utf-8") == SMOOTH


def test_nothing_is_lost_where_writing_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old file is there, whole, and nothing beside it."""
    from dlmc.rewriting import rewrite

    path = tmp_path / "a.dlm"
    path.write_text(ROUGH, "utf-8")

    def full(*_: object) -> None:
        raise OSError(28, "no space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        rewrite(path, SMOOTH.encode())
    assert contents(tmp_path) == {"a.dlm": ROUGH}


def test_a_layout_that_means_something_else_is_never_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The formatter reads its own result before it hands it out."""
    from dlmc.grammar.formatter import FormatError, format, formatted
    from dlmc.grammar.span import Source

    source = Source("a.dlm", ROUGH)
    for result, said in {
        "const a = 2  # one\n\nfn f(x) = x + a\n": "program would have changed",
        "const a = 1  # two\n\nfn f(x) = x + a\n": "comment would have changed",
        "const a = 1\n\nfn f(x) = x + a\n": "comment would have changed",
        "const a = \n": "a value is missing",
    }.items():
        monkeypatch.setattr(format, "_written", lambda *_, result=result: result)
        with pytest.raises(FormatError, match=said):
            formatted(source)


def test_help_and_a_wrong_call(tmp_path: Path) -> None:
    """An example; status 2 without a file."""
    done = fmt("--help", cwd=tmp_path)
    assert done.returncode == 0
    assert "  Example:\n    dlmc fmt " in done.stdout.decode()
    done = fmt(cwd=tmp_path)
    assert done.returncode == 2
    assert "Usage: dlmc fmt" in done.stderr.decode()
