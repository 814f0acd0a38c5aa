"""What the tutorial says of its programs: they are trained, and figures compared."""

import csv
import os
import re
import subprocess
import sys
from pathlib import Path
from shutil import copy, copytree

import numpy as np
import pytest

from dlmc.grammar.formatter import formatted
from dlmc.grammar.span import Source
from tests.documentation.pages import ROOT, Block, blocks, section

PAGE = ROOT / "docs" / "tutorial.md"
FIGURE = re.compile(r"test loss (\S+)  accuracy (\S+)")
PROGRAMS = (
    "perceptron.dlm",
    "convnet.dlm",
    "resnet.dlm",
    "deep.dlm",
    "weighted.dlm",
    "pair.dlm",
)
SAMPLES = 180
"""In the test part: one of them is half a percent."""

LENET = """
model LeNet(classes = 10) {
  input image: f32[N, 1, 8, 8]
  x = image -> Conv(6, 5, padding = 2) as c1 -> tanh -> avg_pool(2)
            -> Conv(16, 3, padding = 1) as c3 -> tanh -> avg_pool(2)
  x = x -> flatten -> Dense(120) as c5 -> tanh -> Dense(84) as f6 -> tanh
  output logits: f32[N, classes] = x -> Dense(classes) as out
}
"""

TABLE = """
model Wine {
  input features: f32[N, 3]
  output logits = features -> Dense(3)
}

train Wine on wine {
  loss      = cross_entropy(logits, label)
  optimizer = adam(lr = 1e-3)
  epochs    = 1
  batch     = 2
}
"""


def run(*call: str, folder: Path) -> str:
    """What a call prints; the first word is `dlmc` or `python`."""
    program, *rest = call
    start = [sys.executable, *(["-m", "dlmc"] if program == "dlmc" else [])]
    done = subprocess.run(
        [*start, *rest],
        cwd=folder,
        capture_output=True,
        check=False,
        text=True,
        env=os.environ | {"CUDA_VISIBLE_DEVICES": ""},  # whose figures stand there
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def program(name: str) -> Block:
    """The program of a file, as the tutorial has it in the end."""
    found = [b for b in blocks(PAGE) if b.file == name and b.language == "dlm"]
    return found[-1]


def said(heading: str) -> str:
    """What a training prints at its end, as a section of the tutorial shows it."""
    (shown,) = [b for b in section(PAGE, heading) if "test loss" in b.text]
    return shown.text


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that `dlmc new` makes for the digits, with the tutorial's programs."""
    parent = tmp_path_factory.mktemp("tutorial")
    run("dlmc", "new", "digits", "--template", "image", folder=parent)
    folder = parent / "digits"
    for name in PROGRAMS:
        (folder / name).write_text(program(name).text, "utf-8")
    return folder


@pytest.fixture(scope="module")
def trained(project: Path) -> str:
    """What the training of the perceptron printed; its results stand in the folder."""
    return run("dlmc", "train", "perceptron.dlm", "--target", "torch", folder=project)


def test_line(tmp_path: Path) -> None:
    """`dlmc new` gives the program shown, and the line is that of least squares."""
    run("dlmc", "new", "line", folder=tmp_path)
    folder = tmp_path / "line"
    text = (folder / "line.dlm").read_text("utf-8")
    bare = re.sub(r"^ *#.*\n", "", text, flags=re.MULTILINE).rstrip() + "\n"
    assert bare == program("line.dlm").text
    printed = run("dlmc", "train", "line.dlm", "--target", "torch", folder=folder)
    shown = [b.text for b in section(PAGE, "A line") if b.language == "console"]
    assert printed.splitlines()[-2:] == shown[0].splitlines()[-2:]
    script, result = section(PAGE, "A line")[-2:]
    found = run("python", "-c", script.text, folder=folder)
    assert found == result.text
    numbers = [float(n) for n in re.findall(r"-?\d+\.\d+", found)]
    x = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    line = np.polyfit(x, [1.1, 2.9, 5.2, 6.8, 9.1, 10.9], 1)
    assert numbers == pytest.approx(list(line), abs=1e-3)


def assert_figures(printed: str, shown: str, images: int = 3) -> None:
    """The figures are those of the text, up to what another processor may change."""
    (loss, accuracy), (stated_loss, stated) = (
        tuple(map(float, FIGURE.findall(text)[0])) for text in (printed, shown)
    )
    assert abs(accuracy - stated) <= images / SAMPLES + 1e-4
    assert loss == pytest.approx(stated_loss, rel=0.25)


def test_perceptron(trained: str) -> None:
    """Its training prints what the text shows, and the share that it states."""
    shown = said("A perceptron")
    assert_figures(trained, shown)
    first, last = (line for line in shown.splitlines() if line.startswith("epoch"))
    for line in (first, last):
        (printed,) = [t for t in trained.splitlines() if t[:9] == line[:9]]
        assert re.sub(r"\d\.\d+", "", printed) == re.sub(r"\d\.\d+", "", line)
    assert "97 % of the 180 digits" in PAGE.read_text("utf-8")
    assert FIGURE.findall(shown)[0][1].startswith("0.97")


@pytest.mark.parametrize(
    ("name", "heading"),
    [
        ("convnet", "A convolutional network"),
        ("resnet", "A residual network"),
    ],
)
def test_training(name: str, heading: str, project: Path) -> None:
    """A training ends with the figures that the text shows."""
    call = ("dlmc", "train", f"{name}.dlm", "--target", "torch", "--out", name)
    assert_figures(run(*call, folder=project), said(heading), images=4)


def test_lenet(project: Path) -> None:
    """The exercise is as good as the text promises."""
    model = program("convnet.dlm").text
    rest = model[model.index("data digits") :].replace("ConvNet", "LeNet")
    (project / "lenet.dlm").write_text(LENET + rest, "utf-8")
    found = run(
        "dlmc", "train", "lenet.dlm", "--target", "torch", "--epochs", "30",
        "--out", "lenet", folder=project,
    )  # fmt: skip
    assert "After 30 epochs ours reads 97 %" in PAGE.read_text("utf-8")
    assert abs(float(FIGURE.findall(found)[0][1]) - 0.97) <= 3 / SAMPLES


def test_parameters(project: Path) -> None:
    """The summary counts what the text says."""
    found = run("dlmc", "summary", "perceptron.dlm", folder=project)
    (count,) = re.findall(r"counts ([\d,]+)\s+parameters", PAGE.read_text("utf-8"))
    assert f"{count} trained" in found


def test_shared_layer(project: Path) -> None:
    """The summary counts the shared layer once, as the text says."""
    found = run("dlmc", "summary", "pair.dlm", folder=project)
    page = PAGE.read_text("utf-8")
    (count,) = re.findall(r"counts the ([\d,]+)\s+parameters of `encode` once", page)
    (first, second) = (line for line in found.splitlines() if "encode" in line)
    assert count in first
    assert "shared" in second
    assert f"{int(count.replace(',', '')) + 65:,} trained" in found


def test_weighted_loss(project: Path) -> None:
    """The loss and the activation of one's own train, and are what NumPy computes."""
    run(
        "dlmc", "train", "weighted.dlm", "--target", "torch", "--epochs", "3",
        "--out", "weighted", folder=project,
    )  # fmt: skip
    history = (project / "weighted" / "history.csv").read_text("utf-8")
    losses = [float(row["loss"]) for row in csv.DictReader(history.splitlines())]
    assert losses[-1] < losses[0] / 2
    run("dlmc", "build", "weighted.dlm", "--target", "torch", folder=project)
    rng = np.random.default_rng(0)
    z = rng.normal(size=(7, 10))
    label = rng.integers(10, size=7)
    label[:2] = 8, 3
    code = (
        "import sys; sys.path.insert(0, 'weighted-torch')\n"
        "import torch, model\n"
        f"z, label = torch.tensor({z.tolist()}), torch.tensor({label.tolist()})\n"
        "print(model.weighted(z, label).item(), *model.smooth(z[0], 2).tolist())"
    )
    found = [float(n) for n in run("python", "-c", code, folder=project).split()]
    share = np.exp(z) / np.exp(z).sum(-1, keepdims=True)
    weight = np.where(label >= 8, 2, 1)
    assert found[0] == pytest.approx(
        np.mean(-weight * np.log(share[np.arange(7), label])), rel=1e-5
    )
    assert found[1:] == pytest.approx(z[0] / (1 + np.exp(-2 * z[0])), rel=1e-4)


@pytest.mark.parametrize(
    ("row", "place"),
    [
        ("1.0,red,2.0,0", "line 3, column malic_acid"),
        ("1.0,2.0,,0", "line 3, column hue"),
        ("1.0,2.0,3.0,1.5", "line 3, column cultivar"),
    ],
    ids=["text", "empty", "class"],
)
def test_own_table(row: str, place: str, tmp_path: Path) -> None:
    """A cell that is no number of its field's dtype is an error with its place."""
    (data,) = section(PAGE, "Your own table")
    (tmp_path / "data").mkdir()
    table = f"alcohol,malic_acid,hue,cultivar\n1,2,3,0\n{row}\n"
    (tmp_path / "data" / "wine.csv").write_text(table, "utf-8")
    (tmp_path / "wine.dlm").write_text(data.text + TABLE, "utf-8")
    run("dlmc", "build", "wine.dlm", "--target", "torch", folder=tmp_path)
    done = subprocess.run(
        [sys.executable, "wine-torch/train.py"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 1
    assert place in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "shown",
    [
        block
        for block in blocks(PAGE)
        if block.language == "dlm" and not block.is_broken
    ],
    ids=lambda block: block.id,
)
def test_layout(shown: Block) -> None:
    """The programs are laid out as `dlmc fmt` does it."""
    assert formatted(Source(shown.file, shown.text)) == shown.text


def test_commands_of_the_residual_network(project: Path) -> None:
    """Its summary has its blocks."""
    found = run("dlmc", "summary", "resnet.dlm", "--depth", "1", folder=project)
    assert "stage1.0 … stage1.1" in found


def test_evaluation(project: Path, trained: str) -> None:
    """A training of no epoch evaluates weights, and changes none."""
    found = run(
        "dlmc", "train", "perceptron.dlm", "--target", "torch", "--epochs", "0",
        "--init", "runs/model.safetensors", "--out", "again", folder=project,
    )  # fmt: skip
    assert FIGURE.findall(found) == FIGURE.findall(trained)


def read(path: Path) -> tuple[list[str], np.ndarray]:
    """The names and the numbers of a table."""
    with path.open(newline="") as file:
        names, *rows = csv.reader(file)
    return names, np.array(rows, float)


def test_predictions(project: Path, trained: str) -> None:
    """The commands of the text run; all targets predict the same."""
    heading = "The same on TensorFlow and ONNX Runtime"
    calls = [
        *section(PAGE, "Evaluating and predicting")[-1].text.splitlines()[1:],
        *section(PAGE, heading)[-1].text.splitlines(),
    ]
    for call in calls:
        run(*call.split(), folder=project)
    names, torch = read(project / "predictions.csv")
    assert names == ["class", *(f"logits_{i}" for i in range(10))]
    with (project / "data" / "digits.csv").open() as file:
        digits = np.array([int(row["digit"]) for row in csv.DictReader(file)])
    assert np.mean(torch[:, 0] == digits) > 0.95
    for other in ("tensorflow.csv", "onnx.csv"):
        _, numbers = read(project / other)
        assert np.array_equal(numbers[:, 0], torch[:, 0])
        assert np.abs(numbers[:, 1:] - torch[:, 1:]).max() < 1e-5


def test_column_that_is_not_needed(project: Path, trained: str) -> None:
    """A prediction asks for the fields of the inputs alone."""
    lines = (project / "data" / "digits.csv").read_text("utf-8").splitlines()
    bare = "\n".join(line.rpartition(",")[0] for line in lines[:3])
    (project / "bare.csv").write_text(bare, "utf-8")
    script = "perceptron-torch/predict.py"
    found = run("python", script, "--data", "bare.csv", folder=project)
    assert found.startswith("class 0 ")


def test_model_alone(project: Path) -> None:
    """A program that trains nothing gives a model and what reads its weights."""
    run("dlmc", "build", "deep.dlm", "--target", "torch", folder=project)
    files = {path.name for path in (project / "deep-torch").glob("*.py")}
    assert files == {"model.py"}


def marked(word: str) -> Block:
    """The Python code with a word beside its fence."""
    (found,) = [b for b in blocks(PAGE) if b.words == (word,)]
    return found


def test_generated_code_is_shown(project: Path, trained: str) -> None:
    """`model.py` has the class in the text."""
    assert marked("model").text in (project / "perceptron-torch/model.py").read_text()


@pytest.mark.parametrize("word", ["own", "load"])
def test_own_code(word: str, project: Path, trained: str, tmp_path: Path) -> None:
    """The code of the text runs beside a copied `model.py`."""
    for name in ("runs", "data"):
        copytree(project / name, tmp_path / name)
    for path in ("perceptron-torch/model.py", "perceptron-torch/weights.py"):
        copy(project / path, tmp_path)
    copy(project / "perceptron.dlm", tmp_path)
    printed = run("python", "-c", marked(word).text, folder=tmp_path)
    assert printed == ("torch.Size([1, 10])\n" if word == "own" else "")
