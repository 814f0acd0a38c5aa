"""A training with every metric that is computed over all batches, and its figures.

The figures are computed in NumPy from the predictions and the targets of a whole part,
each from its own definition.
"""

from pathlib import Path
from typing import Any

import numpy as np

PROGRAM = """
model Heads {
  input x: f32[N, 4]
  h = x -> Dense(16) -> tanh
  output logits = h -> Dense(4)
  output score  = floor(8 * tanh((h -> Dense(1))[:, 0]))
  output y      = h -> Dense(2)
  output pixels: f32[N, 4, 3] = h -> Dense(12) -> reshape([x.shape[0], 4, 3])
}

data rows {
  source = npz("rows.npz")
  x:     f32[4]
  class: i64
  yes:   i64
  t:     f32[2]
  pixel: i64[3]
  split = random(train = 40%, validation = 60%)
}

train Heads on rows {
  loss      = cross_entropy(logits, class) + mse(y, t)
  metrics   = [
    precision(logits, class), accuracy(logits, class),
    precision(logits, class, average = "weighted"), precision(score, yes),
    recall(logits, class), recall(logits, class, average = "micro"), recall(score, yes),
    f1(logits, class), f1(logits, class, average = "weighted"), f1(score, yes),
    f1(logits, class, average = "none"), auc(score, yes), confusion(logits, class),
    iou(pixels, pixel, axis = 1), iou(pixels, pixel, axis = 1, ignore = 3),
    confusion(pixels, pixel, axis = 1, ignore = [3]), rmse(y, t), r2(y, t), mae(y, t),
    perplexity(pixels, pixel, axis = 1),
    perplexity(pixels, pixel, axis = 1, ignore = 3),
    sum(total(sum(t, axis = 0)) / cast(whole(t).shape[0], f32)),
  ]
  optimizer = adam(lr = 0.03)
  epochs    = 2
  batch     = 16
}
"""


def write(folder: Path) -> Path:
    """The program, and its data beside it."""
    rng = np.random.default_rng(5)
    x = rng.normal(size=(170, 4)).astype(np.float32)
    np.savez(
        folder / "rows.npz",
        x=x,
        # A class that never occurs, and one that depends on x.
        **{"class": np.where(x[:, 0] > 0.3, 2, rng.integers(0, 2, len(x)))},
        yes=(x[:, 1] + rng.normal(size=len(x)) > 0.5).astype(np.int64),
        t=(x @ rng.normal(size=(4, 2)) + 5).astype(np.float32),
        pixel=rng.integers(0, 4, (len(x), 3)),
    )
    path = folder / "heads.dlm"
    path.write_text(PROGRAM, "utf-8")
    return path


def figures(values: dict[str, Any]) -> dict[str, Any]:
    """What each metric is for a part, by its name in the program."""
    logits, score = values["logits"], values["score"]
    label, yes, pixel = values["class"], values["yes"] == 1, values["pixel"]
    y, t = values["y"].astype(np.float64), values["t"].astype(np.float64)
    chosen = logits.argmax(1)
    pixels = np.moveaxis(values["pixels"], 1, -1)
    seen = pixel != 3
    f1 = [_f1(chosen == c, label == c) for c in range(4)]
    occurring = [c for c in range(4) if (chosen == c).any() or (label == c).any()]
    shares = [np.mean(label == c) for c in range(4)]
    precisions = [_share(label == c, chosen == c) for c in range(4)]
    recalls = [_share(chosen == c, label == c) for c in range(4)]
    return {
        "precision": np.mean([precisions[c] for c in occurring]),
        "accuracy": np.mean(chosen == label),
        "precision_2": np.dot(precisions, shares),
        "precision_3": _share(yes, score > 0),
        "recall": np.mean([recalls[c] for c in occurring]),
        "recall_2": np.mean(chosen == label),
        "recall_3": _share(score > 0, yes),
        "f1": np.mean([f1[c] for c in occurring]),
        "f1_2": np.dot(f1, shares),
        "f1_3": _f1(score > 0, yes),
        "f1_4": np.array(f1),
        "auc": area(score, yes),
        "confusion": table(chosen, label, 4),
        "iou": overlap(pixels.argmax(-1), pixel, 4),
        "iou_2": overlap(pixels.argmax(-1)[seen], pixel[seen], 4),
        "confusion_2": table(pixels.argmax(-1)[seen], pixel[seen], 4),
        "rmse": np.sqrt(np.mean((y - t) ** 2)),
        "r2": np.mean(1 - ((y - t) ** 2).sum(0) / ((t - t.mean(0)) ** 2).sum(0)),
        "mae": np.mean(abs(y - t)),
        "perplexity": np.exp(np.mean(surprise(pixels, pixel))),
        "perplexity_2": np.exp(
            np.mean(surprise(pixels, np.where(seen, pixel, 0))[seen])
        ),
        "sum": t.mean(0).sum(),
    }


def _share(part: Any, whole: Any) -> float:
    """How much of `whole` is in `part`, 0 of nothing."""
    return float((part & whole).sum() / whole.sum()) if whole.any() else 0.0


def _f1(predicted: Any, actual: Any) -> float:
    """The harmonic mean of precision and recall."""
    precision, recall = _share(actual, predicted), _share(predicted, actual)
    both = precision + recall
    return 2 * precision * recall / both if both else 0.0


def area(score: Any, yes: Any) -> float:
    """How often one of yes has a larger score than one of no, of all pairs."""
    above = score[yes][:, None] - score[~yes][None, :]
    return float(np.mean((above > 0) + 0.5 * (above == 0)))


def table(predicted: Any, actual: Any, classes: int) -> Any:
    """How often each class is predicted for each."""
    return np.array(
        [
            [np.sum((actual == a) & (predicted == p)) for p in range(classes)]
            for a in range(classes)
        ]
    )


def overlap(predicted: Any, actual: Any, classes: int) -> float:
    """The mean intersection over union of the classes that occur."""
    found = []
    for c in range(classes):
        union = (predicted == c) | (actual == c)
        if union.any():
            found.append(np.sum((predicted == c) & (actual == c)) / union.sum())
    return float(np.mean(found))


def surprise(logits: Any, label: Any) -> Any:
    """The negative log-likelihood of each label, from logits along the last axis."""
    wide = logits.astype(np.float64)
    top = wide.max(-1, keepdims=True)
    total = (top + np.log(np.exp(wide - top).sum(-1, keepdims=True)))[..., 0]
    return total - np.take_along_axis(wide, label[..., None], -1)[..., 0]
