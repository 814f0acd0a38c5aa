"""`dlmc ops`: what it prints, in which form, and with which exit status."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from dlmc.catalogue import catalogue
from dlmc.cli.highlight import highlight

ROOT = Path(__file__).parents[2]


def ops(*words: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a person would."""
    return subprocess.run(
        [sys.executable, "-m", "dlmc", "ops", *words],
        env=os.environ | {"PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_all() -> None:
    """Every group, and every entry in one line."""
    done = ops()
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    for group in catalogue().groups:
        assert group.title in lines
        for entry in group.entries:
            (line,) = [
                one for one in lines if one.startswith(f"  {entry.name}")
                and one.endswith(f"  {entry.summary}")
                and one.split()[0].rstrip(":") == entry.name
            ]  # fmt: skip
            assert line
    assert "\x1b" not in done.stdout


def test_one() -> None:
    """Signature, documentation, what it owns, a use, targets, source."""
    done = ops("Dense")
    assert (done.returncode, done.stderr) == (0, "")
    text = done.stdout
    head, *_ = text.splitlines()
    assert head == (
        "Dense(units, bias = true, init = glorot_uniform(), reparametrize = false)"
        "  (layer)"
    )
    for said in (
        "\nAffine map of the last axis: x @ transpose(weight) + bias.\n",
        "\ninput  x: float[..., D]\n",
        "\nparam  bias: float[units] = zeros()\n",
        "\nexample  x -> Dense(4)\nwith     x: f32[N, 6]\nresult   f32[N, 4]\n",
        "\nonnx        Gemm\n",
        "\ntensorflow  layers.Dense(4)\n",
        "\ntorch       nn.Linear(6, 4)\n",
        "\n  y = x @ transpose(w)\n",
    ):
        assert said in text


def test_what_has_a_similar_name_is_named_too() -> None:
    """`conv` is a primitive, and a word in the names of layers."""
    text = ops("conv").stdout
    assert text.startswith("conv(x, weight")
    _, also = text.split("\nSee also\n")
    assert also.splitlines()[0].split()[0] == "Conv"


@pytest.mark.parametrize(
    ("name", "here"),
    [
        ("Linear", "Dense"),
        ("BatchNorm2d", "BatchNorm"),
        ("**", "pow"),
        ("cat", "concat"),
    ],
)
def test_a_name_from_elsewhere(name: str, here: str) -> None:
    """What it is called is told apart from the page, so that JSON stays JSON."""
    done = ops(name, "--format", "json")
    assert done.returncode == 0
    assert done.stderr == f"`{name}` is called `{here}` here.\n"
    assert json.loads(done.stdout)["name"] == here


def test_search() -> None:
    """In names and in documentation; a line each."""
    done = ops("pooling")
    assert done.returncode == 0
    assert {line.split()[0] for line in done.stdout.splitlines()} >= {
        "max_pool",
        "avg_pool",
    }
    found = json.loads(ops("pooling", "--format", "json").stdout)
    assert {"max_pool", "avg_pool"} <= {entry["name"] for entry in found}
    assert ops("Dens").stdout.startswith("Dense  ")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Dennse", "did you mean `Dense`?"),
        ("Liner", "did you mean `Linear`?"),
        ("xyzzy", "nothing is called `xyzzy`"),
        ("True", "`True` is written `true` here"),
        ("None", "there is no `None`"),
        ("SpectralNormalization", "write `Dense(8, reparametrize = SpectralNorm)`"),
        ("LSTM", "there is no `LSTM` yet"),
    ],
)
def test_nothing_found(name: str, said: str) -> None:
    """Status 2, and what may have been meant."""
    done = ops(name)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


def test_json() -> None:
    """One entry with all that is known, or all entries in short."""
    dense = json.loads(ops("Dense", "--format", "json").stdout)
    assert dense["kind"] == "layer"
    assert [one["name"] for one in dense["owned"]] == ["weight", "bias"]
    assert dense["example"]["result"] == "f32[N, 4]"
    assert dense["targets"]["torch"] == {"code": "nn.Linear(6, 4)", "missing": None}
    groups = json.loads(ops("--format", "json").stdout)
    assert [group["title"] for group in groups] == [
        group.title for group in catalogue().groups
    ]
    names = {entry["name"] for group in groups for entry in group["entries"]}
    assert names == set(catalogue().entries)


def test_markdown() -> None:
    """A section of one entry; the whole page is held against docs/library.md."""
    text = ops("softmax", "--format", "markdown").stdout
    assert text.startswith("## softmax\n\n`softmax(x, axis = -1)`\n")
    assert "| torch | `x.softmax(dim=-1)` |" in text


def test_gradient_and_measurement() -> None:
    """What was measured, and why something has no gradient."""
    assert "\ngradient  yes\n" in ops("Dense").stdout
    assert "\nmeasured  differs from NumPy in 64 bits by" in ops("Dense").stdout
    assert "\ngradient  no: its result is `i64`\n" in ops("argmax").stdout
    dense = json.loads(ops("Dense", "--format", "json").stdout)
    assert dense["gradient"] is True
    assert 0 < dense["measured"]["torch"] < 1e-5


def test_summary() -> None:
    """Counts for each target, and why something is not there."""
    found = json.loads(ops("--summary", "--format", "json").stdout)
    entries = [e for e in catalogue().entries.values() if e.example]
    assert sum(found["kinds"].values()) == len(entries)
    for one in found["coverage"]:
        missing = sum(map(len, one["missing"].values()))
        kinds = found["kinds"]
        whole = kinds["primitive"]
        if one["what"] == "definitions":
            whole = sum(kinds.values()) - whole
        assert one["native"] + one["written_out"] + missing == whole
    text = ops("--summary").stdout
    assert "Not there on onnx: a graph does not train yet" in text
    assert "that is what it is for: stop_gradient" in text
    assert ops("--summary", "relu").returncode == 2


def test_a_wrong_form() -> None:
    assert ops("--format", "xml").returncode == 2


def test_help() -> None:
    done = ops("--help")
    assert done.returncode == 0
    assert "  Example:\n    dlmc ops Dense\n" in done.stdout


@pytest.mark.parametrize("words", [(), ("Dense",), ("pooling",)])
def test_no_framework_is_imported(words: tuple[str, ...]) -> None:
    code = (
        "import sys; from dlmc.cli.ops import ops;"
        "ops.main(sys.argv[1:], standalone_mode=False);"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.splitlines()[-1].split())
    assert not {"torch", "tensorflow", "keras", "onnxruntime"} & loaded
    if words != ("Dense",):  # which asks the targets
        assert not {"numpy", "onnx", "jinja2"} & loaded


def test_highlighting_changes_no_character() -> None:
    """Colours alone are added, to words of the language, numbers and strings."""
    text = '# a comment\nfn f(x) = x + 1.5  # after\n"""Said."""\nblock B(a = "b") {\n'
    shown = highlight(text)
    assert "\x1b[35mfn\x1b[0m" in shown
    assert "\x1b[36m1.5\x1b[0m" in shown
    assert '\x1b[32m"b"\x1b[0m' in shown
    plain = shown
    for code in ("35", "36", "32", "0"):
        plain = plain.replace(f"\x1b[{code}m", "")
    assert plain == text


def test_colour_on_a_terminal_alone() -> None:
    """And not where the user wants none."""

    def on_a_terminal(**variables: str) -> bytes:
        main, terminal = pty.openpty()
        environment = {k: v for k, v in os.environ.items() if k != "NO_COLOR"}
        subprocess.run(
            [sys.executable, "-m", "dlmc", "ops", "relu"],
            stdout=terminal, env=environment | variables, check=True,
        )  # fmt: skip
        os.close(terminal)
        said = os.read(main, 65536)
        os.close(main)
        return said

    assert b"\x1b[" in on_a_terminal()
    assert b"\x1b[" not in on_a_terminal(NO_COLOR="1")
