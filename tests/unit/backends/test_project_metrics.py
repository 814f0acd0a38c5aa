"""The code of metrics that are computed over all batches."""

from pathlib import Path

import pytest

import dlmc

TEXT = """
fn root(squares, count) = sqrt(squares / count)
model M { input x: f32[N, 2]
  output y = x -> Dense(3) }
data rows {
  source = npz("rows.npz")
  x: f32[2]
  label: i64
  split = random(train = 50%, SPLIT)
}
train M on rows {
  loss = cross_entropy(y, label)
  metrics = [METRICS]
  optimizer = sgd(lr = 0.1)
  epochs = 1
  batch = 2
}
"""


def script(
    folder: Path, target: str, metrics: str, split: str = "validation = 50%"
) -> str:
    """The text of `train.py`."""
    import numpy as np

    np.savez(folder / "rows.npz", x=np.zeros((4, 2), "f4"), label=np.zeros(4, "i8"))
    path = folder / "m.dlm"
    path.write_text(TEXT.replace("METRICS", metrics).replace("SPLIT", split))
    return (dlmc.build(path, target=target, output=folder) / "train.py").read_text()


@pytest.mark.parametrize("target", ["torch", "tensorflow"])
def test_metrics_of_the_same_counts_share_them(target: str, tmp_path: Path) -> None:
    metrics = "precision(y, label), recall(y, label), confusion(y, label)"
    text = script(tmp_path, target, metrics)
    assert text.count("def collect_") == 1
    assert text.count("collect_precision(y, label)") == 1
    assert "recall = compute_recall(precision_counts)" in text
    assert "confusion = precision_counts" in text


def test_means_are_as_without(tmp_path: Path) -> None:
    """A metric that needs nothing of other batches leaves no trace of how that is."""
    text = script(tmp_path, "torch", "accuracy(y, label)")
    assert "return (total / len(part[0])).tolist()" in text
    assert "wide" not in text
    assert "save_tables" not in text


def test_floats_are_added_in_f64_where_there_is_such(tmp_path: Path) -> None:
    text = script(tmp_path, "torch", "perplexity(y, label)")
    assert "wide = torch.float32 if part[0].is_mps else torch.float64" in text
    assert "perplexity_losses = torch.zeros((), dtype=wide" in text
    assert "perplexity_labels = torch.zeros((), dtype=torch.int64" in text


def test_nothing_is_measured_without_a_part(tmp_path: Path) -> None:
    text = script(tmp_path, "torch", "confusion(y, label)", split="test = 50%")
    assert "row, tables = evaluate(model, test, args.batch)" in text
    path = tmp_path / "m.dlm"
    path.write_text(
        path.read_text().replace("split = random(train = 50%, test = 50%)", "")
    )
    alone = (dlmc.build(path, target="torch", output=tmp_path) / "train.py").read_text()
    assert "confusion" not in alone


def test_a_graph_needs_no_metric(tmp_path: Path) -> None:
    """ONNX projects predict; what a metric reads is read by their data all the same."""
    path = tmp_path / "m.dlm"
    script(tmp_path, "torch", "auc(y[:, 0], label), confusion(y, label)")
    assert (dlmc.build(path, target="onnx", output=tmp_path) / "model.onnx").exists()


def test_a_metric_is_not_called_as_its_function(tmp_path: Path) -> None:
    """The function is imported, and the figure beside it has another name."""
    text = script(tmp_path, "torch", "root(total(sum(y)), total(sum(x)))")
    assert "root_2 = root(root_2_squares.float(), root_2_count.float())" in text
    assert "from model import M, root" in text


@pytest.mark.parametrize("target", ["torch", "tensorflow"])
def test_scores_of_several_tags(target: str, tmp_path: Path) -> None:
    """Their number is no size of a tensor, only a part of one."""
    text = script(tmp_path, target, "auc(y, y > 0)")
    assert "scores_[1:] != scores_[:-1]" in text


@pytest.mark.parametrize("target", ["torch", "tensorflow"])
def test_one_mean_needs_no_stack(target: str, tmp_path: Path) -> None:
    text = script(tmp_path, target, "rmse(y[:, 0], cast(label, f32))")
    assert "total += loss * " in text


def test_counts_are_said_shortly(tmp_path: Path) -> None:
    text = script(tmp_path, "torch", "perplexity(y, label, ignore = 2)")
    assert "perplexity_labels += (label != 2).sum()" in text
    assert "perplexity_labels.clamp(min=1)" in text


@pytest.mark.parametrize("target", ["torch", "tensorflow"])
def test_numbers_that_are_read_twice_are_made_once(target: str, tmp_path: Path) -> None:
    call = "cross_entropy(y, label, weight = [1, 2, 0.5], ignore = 2)"
    text = script(tmp_path, target, call)
    assert text.count("[1.0, 2.0, 0.5]") == 1
