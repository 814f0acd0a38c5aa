"""`dlmc verify`: what it compares, what it says, and its exit status."""

import json
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

import dlmc
from dlmc.backend import backend_names
from dlmc.cli import cli
from dlmc.verification import run as verification
from dlmc.verification.participant import Failure, Remote
from dlmc.verification.report import Verdict
from dlmc.verification.table import print_report
from tests.parity.participants import Inside

ROOT = Path(__file__).parents[2]
DIGITS = ROOT / "examples" / "digits.dlm"

NOISY = """
\"\"\"Random signs while it trains.\"\"\"
block Signs {
  input x: f32[N, D]
  u = random_uniform(shape = x.shape, dtype = x.dtype)
  output if training then x * sign(u - 0.4) else x
}

model Net {
  input x: f32[N, 3]
  output y = x -> Dense(4) as first -> Signs -> tanh -> Dropout(0.5) -> Dense(1) as last
}

data rows {
  source = inline(x = [[1, 2, 3], [4, 1, 1], [0, 1, 2]], t = [[1], [2], [0]])
  x: f32[3]
  t: f32[1]
}

train first = Net on rows {
  loss      = mse(y, t)
  optimizer = sgd(lr = 0.01)
  epochs    = 3
  batch     = 2
}

train second = Net on rows {
  loss      = mae(y, t)
  optimizer = adam(lr = exponential(0.01, factor = 0.5, every = 2))
  epochs    = 3
  batch     = 3
}
"""

FROM_A_TABLE = """
model Line {
  input x: f32[N, 1]
  output y = x -> Dense(1)
}

data rows {
  source = csv("rows.csv")
  x: f32[1] = columns("x")
  t: f32[1] = columns("t")
}

train Line on rows {
  loss      = mse(y, t)
  optimizer = sgd(lr = 0.01)
  epochs    = 1
  batch     = 2
}
"""

ALONE = """
model Net {
  input x: f32[N, T, 3]
  input mask: i64[N]
  y = x -> Dense(4) -> LayerNorm -> gelu
  output y
  output total = sum(y, axis = [1, 2]) + cast(mask, f32)
}
"""


def command(*words: object) -> Result:
    """Run `dlmc verify` in this process."""
    return CliRunner().invoke(cli, ["verify", *map(str, words)])


def process(*words: object) -> subprocess.CompletedProcess[str]:
    """Run it as a person would."""
    return subprocess.run(
        [sys.executable, "-m", "dlmc", "verify", *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )


@pytest.fixture(scope="module")
def noisy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program with noise of its own and two trainings."""
    path = tmp_path_factory.mktemp("noisy") / "noisy.dlm"
    path.write_text(NOISY.lstrip(), "utf-8")
    return path


@pytest.fixture
def inside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Targets are in this process."""
    monkeypatch.setattr(verification, "Remote", Inside)


class Page(HTMLParser):
    """What a page holds: its elements, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def test_every_target_agrees(tmp_path: Path) -> None:
    """On real data, in all quantities; the report has every figure, and the page."""
    page = tmp_path / "report.html"
    done = process(DIGITS, "--steps", 4, "--format", "json", "--report", page)
    assert done.returncode == 0, done.stderr + done.stdout
    found = json.loads(done.stdout)
    assert found["agrees"]
    assert not found["missing"]
    (case,) = found["cases"]
    assert (case["name"], case["batch"], case["precision"]) == ("Digits", 64, "f64")
    assert len(case["losses"]) == 4
    assert case["losses"][0] > case["losses"][-1]
    by_name = {target["target"]: target for target in case["targets"]}
    assert set(by_name) == set(backend_names())
    for name, target in by_name.items():
        findings = {one["quantity"]: one for one in target["findings"]}
        assert all(one["verdict"] == "agrees" for one in findings.values())
        assert findings["output"]["where"] == "logits"
        if name == "onnx":
            assert set(findings) == {"output", "output, trained"}
            continue
        assert set(findings) == {
            "output", "output in training", "states", "loss", "gradients",
            "loss, 4 steps", "weights, 4 steps", "output, trained",
        }  # fmt: skip
        # In 64 bits a training hardly differs at all.
        assert findings["weights, 4 steps"]["difference"] < 1e-9
        np.testing.assert_allclose(target["losses"], case["losses"], rtol=1e-9)
    written = Page(page.read_text("utf-8"))
    assert "all agree" in "".join(written.text)
    lines = [a for tag, a in written.tags if tag == "polyline"]
    drawn = [a["points"] for a in lines if len((a["points"] or "").split()) == 4]
    assert len(drawn) == 5  # Three curves of loss, and two of differences.
    for tag, given in written.tags:
        assert tag not in ("script", "link", "img")
        assert not {"src", "href"} & {*given}


@pytest.mark.usefixtures("inside")
def test_the_interpreter_is_right() -> None:
    """The loss that all are held to is the one of the formula, from the data on."""
    path = ROOT / "examples" / "linear.dlm"
    report = dlmc.verify(path, targets=["torch"], steps=5)
    (case,) = report.cases
    program = dlmc.read(path)
    (training,) = program.trainings
    values: Any = training.data.source
    x, t = (np.asarray(values.values[name], np.float64) for name in ("x", "target"))
    from dlmc.initializers import initial_weights

    start = initial_weights(training.model, training.seed)
    w, b = (start[name].astype(np.float64) for name in ("dense.weight", "dense.bias"))
    for loss in case.losses:
        error = x @ w.T + b - t
        assert loss == pytest.approx(np.mean(error**2), rel=1e-12)
        w = w - training.optimizer.lr * 2 * (error.T @ x) / len(x)
        b = b - training.optimizer.lr * 2 * error.mean(axis=0)


@pytest.mark.usefixtures("inside")
def test_noise_is_off_and_every_training_is_compared(noisy: Path) -> None:
    """A user's noise as well as dropout; the schedule is compared by itself."""
    report = dlmc.verify(noisy, targets=["torch"], steps=4)
    assert report.agrees
    assert [case.name for case in report.cases] == ["first", "second"]
    first, second = (case.targets[0] for case in report.cases)
    quantities = {finding.quantity for finding in second.findings}
    assert "learning rate, 4 steps" in quantities
    assert all(f.verdict is Verdict.AGREES for f in (*first.findings, *second.findings))
    only = dlmc.verify(noisy, targets=["torch"], training="second", steps=0)
    assert [case.name for case in only.cases] == ["second"]


@pytest.mark.usefixtures("inside")
def test_with_noise_nothing_of_it_is_judged(noisy: Path) -> None:
    """Each target draws numbers of its own."""
    done = command(
        noisy, "--train", "first", "-t", "torch", "--steps", 2, "--with-noise"
    )
    assert done.exit_code == 0
    rows = [line for line in done.stdout.splitlines() if "not judged" in line]
    assert any("output in training" in row for row in rows)
    assert "note: the program draws random numbers" in done.stdout
    # Inference has no noise, and is judged.
    (row,) = [line for line in done.stdout.splitlines() if " output  " in line]
    assert row.endswith("agrees")


@pytest.mark.usefixtures("inside")
def test_a_model_alone(tmp_path: Path) -> None:
    """It is compared on random inputs, gradients included."""
    path = tmp_path / "alone.dlm"
    path.write_text(ALONE.lstrip(), "utf-8")
    report = dlmc.verify(path, targets=["torch", "onnx"])
    assert report.agrees
    (case,) = report.cases
    assert not case.is_training
    assert case.losses == ()
    torch, onnx = case.targets
    assert {f.quantity for f in torch.findings} == {
        "output",
        "output in training",
        "gradients",
    }
    assert {f.quantity for f in onnx.findings} == {"output"}


@pytest.mark.usefixtures("inside")
def test_a_difference_ends_with_status_1(noisy: Path) -> None:
    """Here none is small enough; no operation is to blame."""
    words = ("-t", "torch", "--train", "first", "--steps", 3, "--tolerance", 0)
    done = command(noisy, *words, "--explain")
    assert done.exit_code == 1
    assert "differs" in done.stdout
    assert "no operation of the program differs in torch by itself" in done.stdout
    assert done.stdout.endswith("not all agree: torch\n")


@pytest.mark.usefixtures("inside")
def test_wrong_calls(noisy: Path, tmp_path: Path) -> None:
    """A training that is not there, and a program that is wrong."""
    done = command(noisy, "--train", "third", "-t", "torch")
    assert done.exit_code == 2
    assert "there is no training 'third'; there are: first, second" in done.stderr
    path = tmp_path / "wrong.dlm"
    path.write_text("model M {\n  input x: f32[N]\n  output y = z\n}\n", "utf-8")
    done = command(path)
    assert isinstance(done.exception, dlmc.DlmError)


def test_data_that_cannot_be_read_are_no_targets_failure(tmp_path: Path) -> None:
    """The place is named, there is no table, and nobody is said to differ."""
    (tmp_path / "rows.csv").write_text("x,t\n1,2\nabc,3\n", "utf-8")
    path = tmp_path / "line.dlm"
    path.write_text(FROM_A_TABLE.lstrip(), "utf-8")
    for form in ("text", "json"):
        done = process(path, "-t", "torch", "--format", form)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith("error: ")
        assert "rows.csv, line 3, column x: 'abc' is text" in done.stderr
        assert len(done.stderr.splitlines()) == 1


@pytest.mark.usefixtures("inside")
def test_a_page_without_a_place_is_told_before_the_work(
    noisy: Path, tmp_path: Path
) -> None:
    """A long run does not end with a page that cannot be written."""
    page = tmp_path / "nowhere" / "report.html"
    done = command(noisy, "-t", "torch", "--report", page)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == f"error: {page}: there is no folder {page.parent}\n"


@pytest.mark.usefixtures("inside")
def test_one_step_is_one(noisy: Path) -> None:
    """In the title as in the rows."""
    done = command(noisy, "-t", "torch", "--train", "first", "--steps", 1)
    assert ": train first, batches of 2, 1 step in f64\n" in done.stdout
    assert " loss, 1 step " in done.stdout


def test_a_target_that_is_not_installed(
    noisy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked for, it is an error; else it is left out, and said."""

    def missing(requirements: tuple[str, ...]) -> str | None:
        return None if "torch" in requirements else requirements[0]

    monkeypatch.setattr(verification, "missing", missing)
    monkeypatch.setattr(verification, "Remote", Inside)
    with pytest.raises(verification.MissingTarget, match="onnxruntime"):
        dlmc.verify(noisy, targets=["torch", "onnx"])
    report = dlmc.verify(noisy, training="first", steps=1)
    assert dict(report.missing) == {"onnx": "onnxruntime", "tensorflow": "keras"}
    text = StringIO()
    print_report(report, text)
    assert (
        "onnxruntime is not installed (pip install 'dlmc[onnx]')\n" in text.getvalue()
    )
    assert report.agrees


def test_a_target_that_crashes_fails_alone() -> None:
    """It says how its process ended, and is asked no more."""
    crashed = Remote("torch")
    crashed.process.kill()
    crashed.process.wait()
    with pytest.raises(Failure, match="ended by signal 9") as caught:
        crashed.say("own", "new", dlmc.read(DIGITS))
    assert caught.value.ended
    crashed.close()


def test_a_target_that_cannot_run_it_is_explained(
    noisy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a framework raises is its target's failure; the others go on."""

    class Refusing(Inside):
        def ask(self, trial: str, method: str, *arguments: Any) -> None:
            known = method if self.name != "onnx" else "no_such_method"
            super().ask(trial, known, *arguments)

    monkeypatch.setattr(verification, "Remote", Refusing)
    targets = ["onnx", "torch"]
    report = dlmc.verify(noisy, targets=targets, training="first", steps=1)
    onnx, torch = report.cases[0].targets
    assert not report.agrees
    assert torch.agrees
    assert not onnx.agrees
    assert onnx.failure is not None
    assert "KeyError" in onnx.failure
    assert replace(report, cases=(replace(report.cases[0], targets=(torch,)),)).agrees
