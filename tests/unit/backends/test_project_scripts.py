"""The scripts of a project: well-formed whatever the program, and nothing too much."""

import ast
import inspect
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dlmc.api import build, read
from dlmc.backend import Copy, Files, backend
from dlmc.backends.python.plan import plans
from dlmc.backends.python.schedule import schedule_function
from dlmc.backends.python.script import printed
from dlmc.interpreter import run
from dlmc.ir.program import Program
from tests.unit.backends.projects import HEAD, program

EXAMPLES = Path(__file__).parents[3] / "examples"
TARGETS = ("torch", "tensorflow")

NAMES = """
model total(index = 2) {
  input inputs: f32[N, 2]
  input weights: f32[N, 2]
  h = inputs + weights -> Dense(index) as batch
  output loss = h -> Dense(1) as args
  output steps: f32[N, 2] = h
}
data args {
  source = inline(a = [[1.0, 2.0], [3.0, 4.0]], b = [[1.0], [2.0]])
  inputs: f32[2] = column("a")
  weights: f32[2] = 2 * column("a")
  print: f32[1] = column("b")
  torch: f32[2] = column("a") ** 2
}
train total on args {
  loss = mse(loss, print) + mse(steps, torch)
  metrics = [mae(loss, print), mse(steps, torch), mse(loss, print)]
  optimizer = adam(lr = 1e-3)
  epochs = 2
  batch = 1
}
"""
RICH = """
fn huber(d) = mean(select(abs(d) < 1, 0.5 * d ** 2, abs(d) - 0.5))
optimizer lambda_rule(lr, beta = 0.9) {
  state group = zeros()
  group = beta * group + (1 - beta) * sign(grad)
  weight = weight - lr * group / (1 - beta ** step)
}
model A { input x: f32[N, 2]
  output y = x -> Dense(4) -> tanh -> Dense(1)
  output scale: f32 = mean(y ** 2) }
data rows {
  source = inline(x = [[1.0, 2.0], [3.0, 4.0]], t = [[1.0], [2.0]])
  x: f32[2] = standardize(column("x"))
  t: f32[1]
}
\"\"\"The first.\"\"\"
train A on rows { loss = huber(y - t) + 0.1 * scale
  optimizer = adam(lr = cosine(1e-3, warmup = 2))
  epochs = 2
  batch = 2 }
train second = A on rows { loss = mae(y, t)
  optimizer = lambda_rule(lr = 1e-2)
  epochs = 2
  batch = 2 }
"""


def files_of(made: Program, target: str) -> Files:
    return backend(target).build(made)


def written(files: Files, folder: Path) -> Path:
    for name, content in files.items():
        path = folder / name
        if isinstance(content, Copy):
            path.write_bytes(content.path.read_bytes())
        elif isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(content, "utf-8")
    return folder


def assert_clean(folder: Path) -> None:
    """That ruff finds nothing, and nothing to lay out."""
    for command in (["check"], ["format", "--check"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--isolated", "."],
            cwd=folder,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout


def text_of(files: Files, name: str) -> str:
    content = files[name]
    assert isinstance(content, str)
    return content


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", ["autoencoder", "digits", "linear", "wine"])
def test_examples_are_clean(name: str, target: str, tmp_path: Path) -> None:
    made = read(EXAMPLES / f"{name}.dlm")
    files = files_of(made, target)
    assert_clean(written(files, tmp_path))
    scripts = ["model.py", "weights.py", "data.py", "train.py", "predict.py"]
    assert list(files)[:5] == scripts
    assert files == files_of(read(EXAMPLES / f"{name}.dlm"), target)
    for content in files.values():
        if isinstance(content, str):
            assert str(EXAMPLES) not in content
            assert max(map(len, content.splitlines())) <= 120
    for name in ("data.py", "train.py", "predict.py", "weights.py"):
        assert max(map(len, text_of(files, name).splitlines())) <= 88


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("text", [NAMES, RICH], ids=["names", "rich"])
def test_other_programs_are_clean(text: str, target: str, tmp_path: Path) -> None:
    files = files_of(program(text, tmp_path), target)
    folder = tmp_path / "project"
    folder.mkdir()
    assert_clean(written(files, folder))


@pytest.mark.parametrize("target", TARGETS)
def test_several_trainings_have_files_of_their_own(target: str, tmp_path: Path) -> None:
    files = files_of(program(RICH, tmp_path), target)
    scripts = ["data", "train", "predict"]
    assert {f"{name}.py" for name in scripts} <= files.keys()
    assert {f"{name}_second.py" for name in scripts} <= files.keys()
    assert "import data_second as data" in text_of(files, "train_second.py")


@pytest.mark.parametrize("target", TARGETS)
def test_program_without_training_is_a_model(target: str, tmp_path: Path) -> None:
    files = files_of(program(HEAD, tmp_path), target)
    assert list(files) == ["model.py", "requirements.txt", "README.md"]
    assert "tqdm" not in text_of(files, "requirements.txt")


@pytest.mark.parametrize("target", TARGETS)
def test_what_is_not_asked_for_leaves_no_trace(target: str) -> None:
    linear = files_of(read(EXAMPLES / "linear.dlm"), target)
    train = text_of(linear, "train.py")
    for word in ("validation", "test loss", "evaluate", "accuracy", "--data", "scales"):
        assert word not in train
    assert "standardize" not in text_of(linear, "data.py")
    digits = files_of(read(EXAMPLES / "digits.dlm"), target)
    for name in ("data.py", "train.py", "predict.py"):
        assert "scales" not in text_of(digits, name)


@pytest.mark.parametrize("target", TARGETS)
def test_nothing_of_dlmc_is_imported(target: str, tmp_path: Path) -> None:
    for name, content in files_of(program(RICH, tmp_path), target).items():
        if name.endswith(".py"):
            assert isinstance(content, str)
            for node in ast.walk(ast.parse(content)):
                if isinstance(node, ast.Import):
                    assert all(alias.name != "dlmc" for alias in node.names)
                elif isinstance(node, ast.ImportFrom):
                    assert not (node.module or "").startswith("dlmc")


def test_hostile_documentation_stays_in_its_place(tmp_path: Path) -> None:
    evil = '\\"\\"\\"; import ctypes #\\\\ {{ x }} {% y %} | ` \\u2028 é'
    text = RICH.replace("The first.", evil)
    files = files_of(program(f'"""{evil}"""\n{text}', tmp_path), "torch")
    for name, content in files.items():
        if name.endswith(".py"):
            assert isinstance(content, str)
            tree = ast.parse(content)
            assert not any(
                isinstance(node, ast.Import) and node.names[0].name == "ctypes"
                for node in ast.walk(tree)
            )


def test_data_files_keep_clear_of_the_project_s(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("x,t\n1,2\n3,4\n")
    text = """
    model M { input x: f32[N]
      param w: f32 = ones()
      output y = w * x }
    data rows { source = csv("README.md")
      x: f32
      t: f32 }
    train M on rows { loss = mse(y, t)
      optimizer = sgd(lr = 0.1)
      epochs = 1
      batch = 1 }
    """
    files = files_of(program(text, tmp_path), "torch")
    assert isinstance(files["README.md"], str)
    assert isinstance(files["rows_README.md"], Copy)
    assert '"rows_README.md"' in text_of(files, "data.py")


@pytest.mark.parametrize("target", ["torch", "tensorflow"])
def test_optimizer_of_two_kinds_of_weights(target: str, tmp_path: Path) -> None:
    text = RICH.replace("sign(grad)", "mean(grad, axis = -1, keep = true)")
    files = files_of(program(text, tmp_path), target)
    code = "".join(text_of(files, name) for name in files if name.startswith("train"))
    assert ("dim=-1" if target == "torch" else "axis=-1") in code
    folder = tmp_path / "project"
    folder.mkdir()
    assert_clean(written(files, folder))


def test_names_keep_clear_of_the_scripts(tmp_path: Path) -> None:
    made = program(NAMES, tmp_path)
    (plan,) = plans(made, frozenset({"inputs", "weights", "print", "loss"}))
    names = [*plan.field_names.values(), *plan.output_names]
    assert len(set(names)) == len(names)
    assert not plan.words & set(names)


def test_names_that_no_code_around_has_are_kept(tmp_path: Path) -> None:
    """Variables of the script's other functions are none of a program's concern."""
    text = """
model M { input text: f32[N, 2]
  output wanted = text -> Dense(1) }
data rows {
  source = inline(text = [[1.0, 2.0], [3.0, 4.0]], name = [[1.0], [2.0]])
  text: f32[2]
  name: f32[1]
}
train M on rows { loss = mse(wanted, name)
  optimizer = lamb(lr = step(0.1, every = 1 * epoch))
  epochs = 2
  batch = 1 }
"""
    made = program(text, tmp_path)
    for target in ("torch", "tensorflow"):
        code = text_of(files_of(made, target), "train.py")
        assert "text, name = " in code
        assert "wanted = sqrt" in code.replace("torch.", "").replace("ops.", "")
        assert "_2" not in code
    code = text_of(files_of(made, "torch"), "train.py")
    assert "learning_rate(args.lr, step, len(batches))" in code


@pytest.mark.parametrize(
    ("call", "asks"),
    [
        ("cosine(1e-3, warmup = 3)", ("steps",)),
        ("cosine(0.1, floor = 1e-2, warmup = epoch)", ("steps", "epoch")),
        ("constant(0.5, warmup = 4)", ()),
        ("step(0.1, every = 1 * epoch)", ("epoch",)),
    ],
)
def test_schedule_is_what_the_interpreter_says(
    call: str, asks: tuple[str, ...], tmp_path: Path
) -> None:
    """It is told what it asks for, and no more."""
    made = program(RICH.replace("cosine(1e-3, warmup = 2)", call), tmp_path)
    schedule = made.trainings[0].schedule
    assert schedule is not None
    text = printed(schedule_function(schedule))
    scope: dict[str, Any] = {"math": math}
    exec(text, scope)
    for step in range(11):
        given = {
            value.name: np.float64(number)
            for value, number in zip(
                schedule.module.inputs, (0.3, step, 10, 5), strict=True
            )
        }
        (expected,) = run(schedule.module, given, {}).outputs.values()
        told = {name: {"steps": 10, "epoch": 5}[name] for name in asks}
        found = scope["learning_rate"](0.3, step, *told.values())
        assert found == pytest.approx(float(expected))
    assert list(inspect.signature(scope["learning_rate"]).parameters)[2:] == [*asks]


ARGUMENTS = """
model weights(classes = 3, width = 4) {
  input x: f32[N, 2]
  output y: f32[N, classes] = x -> Dense(width) -> relu -> Dense(classes)
}
data rows { source = inline(x = [[1.0, 2.0], [3.0, 4.0]], t = [0, 4])
  x: f32[2]
  t: i64 }
train weights(5) on rows { loss = cross_entropy(y, t)
  optimizer = adam(lr = 0.1)
  epochs = 2
  batch = 2 }
"""


@pytest.mark.parametrize("target", TARGETS)
def test_training_of_a_model_with_arguments(target: str, tmp_path: Path) -> None:
    files = files_of(program(ARGUMENTS, tmp_path), target)
    for name in ("train.py", "predict.py"):
        # A module of the project has the model's name.
        assert "from model import weights as weights_2" in text_of(files, name)
        assert "weights_2(classes=5)" in text_of(files, name)


def predict(folder: Path, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "predict.py", *words],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("target", ["torch", "onnx"])
def test_predicting_from_files_that_are_not_there(target: str, tmp_path: Path) -> None:
    """A line about the file, in the words of all other messages."""
    path = EXAMPLES / "digits.dlm"
    folder = build(path, target=target, output=tmp_path, init=True)
    weights = ["--weights", "init.safetensors"]
    for words, name in (
        ([*weights, "--data", "nope.csv"], "nope.csv"),
        (["--weights", "nope.safetensors", "--data", "x.csv"], "nope.safetensors"),
    ):
        with predict(folder, *words) as child:
            out, errors = child.communicate()
        assert (child.returncode, out) == (1, "")
        assert errors.splitlines()[-1] == f"error: {name}: no such file"
        assert "Traceback" not in errors


@pytest.mark.parametrize("target", ["torch", "onnx"])
def test_predictions_whose_reader_goes(target: str, tmp_path: Path) -> None:
    """As `head` does: there is more to print than a pipe holds."""
    path = EXAMPLES / "digits.dlm"
    folder = build(path, target=target, output=tmp_path, init=True)
    table = str(EXAMPLES / "data" / "digits.csv")
    with predict(folder, "--weights", "init.safetensors", "--data", table) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        assert child.stdout.readline().startswith("class ")
        child.stdout.close()
        errors = child.stderr.read()
    assert "BrokenPipeError" not in errors
    assert "Traceback" not in errors
    assert child.returncode == 0
