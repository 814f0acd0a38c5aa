"""Generated projects: their files, what the graphs hold, how they are run."""

import csv
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import ModelProto
from onnx.numpy_helper import to_array
from safetensors.numpy import save_file

from dlmc.backend import Copy, Files, WeightsError
from dlmc.backends.onnx import OnnxBackend, weights
from dlmc.backends.onnx.models import graphs
from dlmc.elaborate.program import elaborate
from dlmc.grammar.span import Source
from dlmc.initializers import initial_weights
from dlmc.interpreter import run
from dlmc.ir.module import Module
from dlmc.ir.program import Program
from dlmc.output import write_project

EXAMPLES = Path("examples")


def read(path: Path) -> Program:
    found = elaborate(Source(path.name, path.read_text("utf-8")), path.parent)
    assert found.program is not None
    return found.program


def program_of(text: str) -> Program:
    found = elaborate(Source("test.dlm", text), Path())
    assert found.program is not None, found.diagnostics
    return found.program


def graph_of(files: Files, name: str = "model.onnx") -> ModelProto:
    content = files[name]
    assert isinstance(content, bytes)
    return onnx.load_from_string(content)


def trained_weights(module: Module) -> dict[str, Any]:
    """Weights that are not the initial ones."""
    return {
        name: value + np.asarray(0.25, value.dtype)
        for name, value in initial_weights(module, 0).items()
    }


@pytest.fixture
def digits() -> Program:
    return read(EXAMPLES / "digits.dlm")


@pytest.fixture
def trained(digits: Program, tmp_path: Path) -> Path:
    path = tmp_path / "runs" / "model.safetensors"
    path.parent.mkdir()
    save_file(trained_weights(graphs(digits)[0].module), path)
    return path


def python(script: Path, *words: Any) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, str(script), *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def pixels() -> tuple[Any, Any]:
    with (EXAMPLES / "data" / "digits.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    values = [[float(row[f"pixel_{i}"]) for i in range(64)] for row in rows]
    return np.asarray(values, np.float32).reshape(-1, 1, 8, 8) / 16, rows


def read_predictions(path: Path) -> Any:
    with np.load(path) as file:
        return dict(file)


def test_graphs_hold_initial_weights(digits: Program) -> None:
    graph = graph_of(OnnxBackend().build(digits))
    module = graphs(digits)[0].module
    for name, value in initial_weights(module, digits.trainings[0].seed).items():
        (place,) = (one for one in graph.graph.initializer if one.name == name)
        np.testing.assert_array_equal(to_array(place), value)


def test_graphs_tell_where_they_come_from(digits: Program) -> None:
    graph = graph_of(OnnxBackend().build(digits))
    assert graph.producer_name == "dlmc"
    assert graph.graph.name == "Digits"
    assert "handwritten digits" in graph.graph.doc_string
    assert {p.key: p.value for p in graph.metadata_props} == {"source": "digits.dlm"}


def test_files(digits: Program) -> None:
    files = OnnxBackend().build(digits)
    assert list(files) == [
        "model.onnx",
        "weights.py",
        "data.py",
        "predict.py",
        "requirements.txt",
        "README.md",
        "digits.csv",
    ]
    assert "onnx>=1.18" in str(files["requirements.txt"])
    assert files == OnnxBackend().build(read(EXAMPLES / "digits.dlm"))


def test_a_program_without_training_is_a_graph_alone() -> None:
    files = OnnxBackend().build(
        program_of("model Net { input x: f32[N, 3] output y = x -> Dense(2) }")
    )
    assert list(files) == ["model.onnx", "weights.py", "requirements.txt", "README.md"]


def test_every_model_has_a_graph() -> None:
    text = """
    model First { input x: f32[N, 3] output y = x -> Dense(2) }
    model SecondNet { input x: f32[N, 3] output y = x -> Dense(4) }
    """
    made = graphs(program_of(text))
    assert [graph.file for graph in made] == ["model.onnx", "first.onnx"]
    assert [graph.module.definition for graph in made] == ["SecondNet", "First"]


TWO_TRAININGS = """
model Net(width = 3) {
  input lambda: f32[N, 2]
  input session: f32[N, 2]
  output predict = concat([lambda, session], axis = 1) -> Dense(width) as dense
  output total = sum(lambda, axis = 1)
}
data things {
  source = inline(lambda = [[1.0, 2.0]], session = [[3.0, 4.0]], goal = [0.5])
  lambda: f32[2]
  session: f32[2]
  goal: f32
}
train Net on things {
  loss = mean((total - goal) ** 2) optimizer = sgd(lr = 0.1) epochs = 1 batch = 1
}
train wide = Net(width = 5) on things {
  loss = mean((total - goal) ** 2) optimizer = sgd(lr = 0.1) epochs = 1 batch = 1
}
"""


def test_each_training_has_its_graph_and_script(tmp_path: Path) -> None:
    program = program_of(TWO_TRAININGS)
    files = OnnxBackend().build(program)
    write_project(tmp_path, files)
    assert "predict_wide.py" in files
    for graph, script in zip(
        graphs(program), ("predict.py", "predict_wide.py"), strict=True
    ):
        path = tmp_path / f"{graph.file}.safetensors"
        values = trained_weights(graph.module)
        save_file(values, path)
        # No name of the program is in the way of the script's own.
        given = ("--lambda_", "[[1, 2]]", "--session_2", "[[3, 4]]")
        out = tmp_path / "out.npz"
        done = python(tmp_path / script, "--weights", path, "--out", out, *given)
        assert (done.returncode, done.stderr) == (0, "")
        arrays = {
            "lambda": np.array([[1, 2]], np.float32),
            "session": np.array([[3, 4]], np.float32),
        }
        wanted = run(graph.module, arrays, values).outputs
        found = read_predictions(out)
        np.testing.assert_allclose(found["predict_2"], wanted["predict"], rtol=1e-5)
        np.testing.assert_allclose(found["total"], wanted["total"], rtol=1e-5)


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.dlm")), ids=lambda p: p.stem)
def test_generated_code_is_clean(path: Path, tmp_path: Path) -> None:
    write_project(tmp_path / "made", OnnxBackend().build(read(path)))
    for command in (["check"], ["check", "--select", "I,E,F"], ["format", "--check"]):
        words = [sys.executable, "-m", "ruff", *command, "--isolated", "."]
        done = subprocess.run(
            words, cwd=tmp_path / "made", capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout


def test_predicting_with_trained_weights(
    digits: Program, trained: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "digits-onnx"
    write_project(folder, OnnxBackend().build(digits))
    out = tmp_path / "out.npz"
    data = folder / "digits.csv"
    given = ("--weights", trained, "--data", data, "--out", out)
    done = python(folder / "predict.py", *given)
    assert (done.returncode, done.stderr) == (0, "")
    image, rows = pixels()
    module = graphs(digits)[0].module
    wanted = run(module, {"image": image}, trained_weights(module)).outputs["logits"]
    found = read_predictions(out)
    assert len(found["logits"]) == len(rows)
    largest = np.abs(wanted).max()
    np.testing.assert_allclose(found["logits"], wanted, atol=1e-5 * largest, rtol=0)
    np.testing.assert_array_equal(found["class"], found["logits"].argmax(-1))


def test_weights_of_another_model_are_refused(digits: Program, tmp_path: Path) -> None:
    folder = tmp_path / "digits-onnx"
    write_project(folder, OnnxBackend().build(digits))
    wrong = trained_weights(graphs(digits)[0].module)
    del wrong["dense.bias"]
    wrong["dense.weight"] = np.zeros((3, 4), np.float32)
    save_file(wrong, tmp_path / "wrong.safetensors")
    out = tmp_path / "trained.onnx"
    given = ("model.onnx", tmp_path / "wrong.safetensors", out)
    done = python(folder / "weights.py", *given)
    assert done.returncode == 1
    assert "dense.weight is float32[3, 4], not float32[10, 512]" in done.stderr
    assert "dense.bias is missing" in done.stderr
    assert not out.exists()


def test_weights_can_be_put_into_a_graph_for_good(
    digits: Program, trained: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "digits-onnx"
    write_project(folder, OnnxBackend().build(digits))
    out = tmp_path / "trained.onnx"
    done = python(folder / "weights.py", "model.onnx", trained, out)
    assert (done.returncode, done.stderr) == (0, "")
    baked = OnnxBackend().build(digits, trained)
    assert onnx.load(out).graph == graph_of(baked).graph


def test_building_with_trained_weights(
    digits: Program, trained: Path, tmp_path: Path
) -> None:
    files = OnnxBackend().build(digits, trained)
    assert "weights.py" not in files
    assert "onnx>=" not in str(files["requirements.txt"])
    write_project(tmp_path / "made", files)
    given = ("--data", tmp_path / "made" / "digits.csv", "--out", tmp_path / "o.npz")
    done = python(tmp_path / "made" / "predict.py", *given)
    assert (done.returncode, done.stderr) == (0, "")
    module = graphs(digits)[0].module
    image, _ = pixels()
    wanted = run(module, {"image": image}, trained_weights(module)).outputs["logits"]
    found = read_predictions(tmp_path / "o.npz")["logits"]
    np.testing.assert_allclose(found, wanted, atol=1e-5 * np.abs(wanted).max(), rtol=0)


def test_standardised_inputs_need_what_was_learned(tmp_path: Path) -> None:
    wine = read(EXAMPLES / "wine.dlm")
    path = tmp_path / "model.safetensors"
    save_file(trained_weights(graphs(wine)[0].module), path)
    with pytest.raises(WeightsError, match=r"scales\.npz is missing"):
        OnnxBackend().build(wine, path)
    scales = np.stack([np.zeros(13), np.ones(13)])
    np.savez(tmp_path / "scales.npz", features=scales)
    files = OnnxBackend().build(wine, path)
    assert files["scales.npz"] == Copy(tmp_path / "scales.npz")
    write_project(tmp_path / "made", files)
    data = tmp_path / "made" / "wine.csv"
    done = python(tmp_path / "made" / "predict.py", "--data", data)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) >= 178


def test_many_weights_stay_in_their_file(
    digits: Program, trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weights, "LARGEST_INSIDE", 1000)
    files = OnnxBackend().build(digits, trained)
    assert files["model.safetensors"] == Copy(trained)
    assert len(files["model.onnx"]) < 10_000  # type: ignore[arg-type]
    folder = tmp_path / "made"
    write_project(folder, files)
    onnx.checker.check_model(folder / "model.onnx", full_check=True)
    session = onnxruntime.InferenceSession(folder / "model.onnx")
    image = pixels()[0][:5]
    module = graphs(digits)[0].module
    wanted = run(module, {"image": image}, trained_weights(module)).outputs["logits"]
    (found,) = session.run(["logits"], {"image": image})
    np.testing.assert_allclose(found, wanted, atol=1e-5 * np.abs(wanted).max(), rtol=0)
    done = python(folder / "predict.py", "--data", folder / "digits.csv")
    assert (done.returncode, done.stderr) == (0, "")


def test_many_initial_weights_are_not_drawn(
    digits: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weights, "LARGEST_INSIDE", 1000)
    monkeypatch.setattr("dlmc.backends.onnx.project.initial_weight", None)
    files = OnnxBackend().build(digits)
    assert list(files) == ["model.onnx", "requirements.txt", "README.md"]
    assert "--weights FILE" in str(files["README.md"])
    # Constants of formulas stay inside.
    names = trained_weights(graphs(digits)[0].module).keys()
    places = [p for p in graph_of(files).graph.initializer if p.name in names]
    assert len(places) == len(names)
    assert all(place.data_location == onnx.TensorProto.EXTERNAL for place in places)
    where = [{e.key: e.value for e in place.external_data} for place in places]
    assert {place["location"] for place in where} == {"model.onnx.data"}
    ends = [int(place["offset"]) + int(place["length"]) for place in where]
    assert [int(place["offset"]) for place in where] == [0, *ends[:-1]]


@pytest.mark.parametrize("largest", [10**9, 1000])
def test_a_live_model(
    digits: Program, largest: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weights, "LARGEST_INSIDE", largest)
    module = graphs(digits)[0].module
    image = pixels()[0][:3]
    for given in (None, trained_weights(module)):
        model = OnnxBackend().load(digits, given)
        found = model(image=image)["logits"]
        values = initial_weights(module, 0) if given is None else given
        wanted = run(module, {"image": image}, values).outputs["logits"]
        limit = 1e-5 * np.abs(wanted).max()
        np.testing.assert_allclose(found, wanted, atol=limit, rtol=0)
        assert model.session.get_inputs()[0].name == "image"


def test_a_live_model_refuses_other_weights(digits: Program) -> None:
    given = trained_weights(graphs(digits)[0].module)
    given["extra"] = np.zeros(3, np.float32)
    with pytest.raises(WeightsError, match="Digits has no weight extra"):
        OnnxBackend().load(digits, given)


def test_files_that_are_no_weights(digits: Program, tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    path.write_text("no weights at all, but some text")
    with pytest.raises(WeightsError, match="is no weight file"):
        OnnxBackend().build(digits, path)
    save_file({"other": np.zeros(3, np.float32)}, path)
    with pytest.raises(WeightsError, match=r"has no block\.conv\.weight"):
        OnnxBackend().build(digits, path)


def test_importing_the_backend_imports_no_runtime() -> None:
    code = (
        "import sys, dlmc.backends.onnx;"
        "assert 'onnx' not in sys.modules and 'onnxruntime' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_building_imports_no_runtime() -> None:
    code = (
        "import sys, dlmc.api as api, dlmc.backends.onnx as target;"
        "target.OnnxBackend().build(api.read('examples/digits.dlm'));"
        "assert 'onnxruntime' not in sys.modules and 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
