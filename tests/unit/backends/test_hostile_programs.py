"""Strings of a program never become code, whatever they hold, wherever they stand."""

import ast
import csv
import io
import json
import re
import subprocess
import sys
import tokenize
from collections.abc import Mapping
from pathlib import Path

import onnx
import pytest
from markdown_it import MarkdownIt

from dlmc.api import build, read
from dlmc.output import MANIFEST

TARGETS = ("torch", "tensorflow", "onnx")
EVIL = "__import__('os').system('touch pwned')"
STRINGS = {
    "call": EVIL,
    "quotes": f"\"); {EVIL} #'",
    "three double quotes": f'""" + {EVIL} + """',
    "three single quotes": f"''' + {EVIL} + '''",
    "quote at the end": 'say "hi"',
    "backslash at the end": "C:\\new\\",
    "backslash and quotes": f'\\"\\""" ; {EVIL}',
    "line break": f"a\n{EVIL}\n",
    "carriage return": f"a\r{EVIL}\r\n{EVIL}",
    "other line breaks": f"a\x0b{EVIL}\x0c{EVIL}\x85{EVIL}\u2028{EVIL}\u2029{EVIL}",
    "controls": "\x01\x1b[31m red\x7f\x1c\x1d\x1e",
    "nothing but space": "  \t ",
    "per cent": "100% %d %(prog)s %(default)s %",
    "braces": "{} {0} {name!r} {{x}} }{",
    "dollar": "${HOME} $(touch pwned) `touch pwned`",
    "jinja": "{{ 7 * 7 }}{% include 'x' %}{# no #}{% raw %}",
    "comment": f"# -*- coding: utf-7 -*- {EVIL}",
    "markdown": "| a ``` b ~~~ | <!-- c <script> ]( [x]: y \\| **",
    "html": "<!-- <pre><script>alert(1)</script>",
    "right to left": "a\u202e\u2066 b \u2069\u202c\u200f",
    "unicode": "é 日本 😀 \u0301\ufeff\u200b",
    "shell": "; touch pwned; -rf --help",
    "future": "from __future__ import annotations",
    "long": "word " * 40 + "x" * 200,
}
PROGRAM = """
\"\"\"{doc}\"\"\"

\"\"\"{doc}\"\"\"
const width = 1 + (if {string} == "" then 1 else 0)

\"\"\"{doc}\"\"\"
fn twice(x) = 2 * x

\"\"\"{doc}\"\"\"
block Part {{
  input x: float[N, D]
  output x -> Dense(3) -> twice
}}

\"\"\"{doc}\"\"\"
model Model {{
  input x: f32[N, 1]
  output y = x -> Part -> Dense(width)
}}

\"\"\"{doc}\"\"\"
optimizer mine(lr) {{ weight = weight - lr * grad }}

\"\"\"{doc}\"\"\"
data rows {{
  source = csv({path})
  x: f32[1] = reshape(standardize(column({string})), [1])
  t: f32[1] = reshape(column("t"), [1])
}}

\"\"\"{doc}\"\"\"
train Model on rows {{
  loss      = mse(y, t)
  optimizer = mine(lr = 0.1)
  epochs    = 1
  batch     = 2
}}
"""


def quoted(text: str) -> str:
    """A string of DLM with this text."""
    text = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + re.sub(r"[^ -~]", lambda m: f"\\u{{{ord(m[0]):x}}}", text) + '"'


def documentation(text: str) -> str:
    """What of a text can stand between three double quotes."""
    text = text.replace('"""', '""')
    return f"{text} " if text.endswith('"') else text


def file_name(text: str) -> str:
    """What of a text a file can be called."""
    return text.replace("/", "_").encode()[:100].decode(errors="ignore")


def write_program(text: str, folder: Path) -> Path:
    """A program with a string at every place that takes one, and its data."""
    folder.mkdir(exist_ok=True)
    data = folder / f"{file_name(text)}.csv"
    with data.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([[text, "t"], [1, 2], [2, 4], [3, 6]])
    path = folder / f"{file_name(text)}.dlm"
    content = PROGRAM.format(
        doc=documentation(text), string=quoted(text), path=quoted(data.name)
    )
    path.write_text(content, "utf-8", newline="")
    return path


def projects(text: str, folder: Path) -> Mapping[str, Path]:
    path = write_program(text, folder)
    return {t: build(path, target=t, output=folder / "built") for t in TARGETS}


def check_code(path: Path) -> None:
    """It is Python, and nothing of a hostile string is code or a comment's end."""
    content = path.read_bytes()
    tree = ast.parse(content)
    compile(content, str(path), "exec")
    for token in tokenize.tokenize(io.BytesIO(content).readline):
        if token.type not in (tokenize.STRING, tokenize.COMMENT):
            assert not re.search("pwned|system|__import__", token.string), token
    imported = {
        alias.name for node in ast.walk(tree) if isinstance(node, ast.Import)
        for alias in node.names
    }  # fmt: skip
    assert "os" not in imported or re.search(r"os\.(environ|dup2)", content.decode())
    # What a reader sees is what Python reads.
    shown = content.decode()
    assert not [c for c in shown if not c.isprintable() and c != "\n"]


def check_readme(path: Path, project: Path) -> None:
    """Its parts are where they belong: a title, a quote, a command, the files."""
    text = path.read_text("utf-8")
    assert not [c for c in text if not c.isprintable() and c != "\n"]
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    outside = [token for token in tokens if token.level == 0]
    kinds = [token.type for token in outside if token.nesting >= 0]
    expected = ["heading_open", "paragraph_open", "fence", "table_open"]
    assert [k for k in kinds if k != "blockquote_open"][:4] == expected
    assert "html_block" not in kinds
    fence = next(token for token in outside if token.type == "fence")
    assert fence.content.startswith("pip install -r requirements.txt\n")
    assert all(
        line.startswith(("pip ", "python ")) for line in fence.content.splitlines()
    )
    table = tokens[next(i for i, t in enumerate(tokens) if t.type == "table_open") :]
    rows = sum(token.type == "tr_open" for token in table)
    cells = sum(token.type in ("td_open", "th_open") for token in table)
    assert cells == 2 * rows
    own = {"README.md", "requirements.txt", MANIFEST}
    assert rows - 1 == len([p for p in project.iterdir() if p.name not in own])


@pytest.mark.parametrize("text", STRINGS.values(), ids=STRINGS.keys())
def test_what_is_written(text: str, tmp_path: Path) -> None:
    """Code, JSON, Markdown, requirements and graphs are well-formed."""
    for target, folder in projects(text, tmp_path / "program").items():
        for path in folder.glob("*.py"):
            check_code(path)
        check_readme(folder / "README.md", folder)
        for line in (folder / "requirements.txt").read_text("utf-8").splitlines():
            assert re.fullmatch(r"[a-z0-9-]+>=[\d.]+", line)
        files = json.loads((folder / MANIFEST).read_text("utf-8"))["files"]
        assert {*files, MANIFEST} == {path.name for path in folder.iterdir()}
        assert folder.name == f"{file_name(text)}-{target}"
        if target == "onnx":
            onnx.checker.check_model(onnx.load(folder / "model.onnx"))


@pytest.mark.parametrize("target", ["torch", "tensorflow"])
@pytest.mark.parametrize("text", STRINGS.values(), ids=STRINGS.keys())
def test_documentation_is_kept(target: str, text: str, tmp_path: Path) -> None:
    """Python reads in the docstring what the program says, up to its spacing."""
    path = write_program(text, tmp_path)
    said = read(path).models[0].documentation or ""
    folder = build(path, target=target, output=tmp_path / "built")
    tree = ast.parse((folder / "model.py").read_bytes())
    (model,) = (n for n in tree.body if getattr(n, "name", "") == "Model")
    assert isinstance(model, ast.ClassDef)
    docstring = ast.get_docstring(model, clean=False) or ""
    assert "".join(docstring.split()).startswith("".join(said.split()))


def run(folder: Path, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, *words], cwd=folder, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("text", STRINGS.values(), ids=STRINGS.keys())
def test_data_is_read(text: str, tmp_path: Path) -> None:
    """The data module finds the file and the column, and runs nothing else."""
    path = write_program(text, tmp_path / "program")
    folder = build(path, target="torch", output=tmp_path / "built")
    out = run(folder, "-c", "import data; print(data.load(data.PATH)[0].t.tolist())")
    assert out == "[[2.0], [4.0], [6.0]]\n"
    assert list(tmp_path.rglob("pwned")) == []


ALL = "".join(text for name, text in STRINGS.items() if name != "long")


@pytest.mark.parametrize("target", TARGETS)
def test_a_project_runs(target: str, tmp_path: Path) -> None:
    """With all of the strings as one, a project explains itself and does its work."""
    made = projects(ALL, tmp_path / "program")
    folder, trained = made[target], made["torch" if target == "onnx" else target]
    assert "--epochs" in run(trained, "train.py", "--help")
    run(trained, "train.py", "--device", "cpu")
    weights = trained / "runs" / "model.safetensors"
    assert "--out" in run(folder, "predict.py", "--help")
    data = ["--data", *(str(path) for path in folder.glob("*.csv"))]
    run(folder, "predict.py", "--weights", str(weights), *data, "--out", "y.csv")
    with (folder / "y.csv").open(newline="") as file:
        assert len(list(csv.reader(file))) == 4
    assert list(tmp_path.rglob("pwned")) == []


NAMES = """
const print = 2
fn exec(eval) = eval + 1
block __init__ {
  input __class__: float[N, D]
  output __class__ -> Dense(D) as "class.0" -> Dense(D) as "0" -> exec
}
model object(property = print) {
  input lambda_: f32[N, 2]
  input globals: f32[N, 2]
  input dtype: f32[N, 2]
  forward = lambda_ -> Dense(property) as "__init__" -> Dense(2) as "forward.weight"
  output open = forward + globals -> __init__ as "import.pass" -> Dense(2) as "None"
  output __name__ = dtype -> __init__ as training_ -> Dense(1) as "__dict__"
}
data sys {
  source = inline(a = [[1.0, 2.0], [3.0, 4.0]])
  lambda_: f32[2] = column("a")
  globals: f32[2] = column("a")
  dtype: f32[2] = column("a")
  isinstance: f32[2] = column("a")
}
train object on sys {
  loss      = mse(open, isinstance) + mean(__name__ ** 2)
  optimizer = adam(lr = 0.01)
  epochs    = 1
  batch     = 2
}
"""


@pytest.mark.parametrize("target", TARGETS)
def test_names_that_mean_something_in_python(target: str, tmp_path: Path) -> None:
    """Keywords, builtins and special names as names of everything."""
    path = tmp_path / "import.dlm"
    path.write_text(NAMES, "utf-8")
    folder = build(path, target=target, output=tmp_path / "built")
    for module in folder.glob("*.py"):
        check_code(module)
    check_readme(folder / "README.md", folder)
    if target == "onnx":
        onnx.checker.check_model(onnx.load(folder / "model.onnx"))
    else:
        run(folder, "train.py", "--device", "cpu")
        assert (folder / "runs" / "model.safetensors").is_file()
