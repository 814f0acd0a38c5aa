"""What `data.py` and `predict.py` say of labels and indices that are out of range."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dlmc.backends.python.data_module import data_module
from tests.unit.backends.projects import data_of, plan_of, program

MODEL = """
model Net { input token: i64[N, 3]
  output logits = token[:, 1:] -> Embedding(6, 2) -> flatten -> Dense(4) }
"""
TRAIN = """
train Net on rows {
  loss = cross_entropy(logits, label, IGNORE)
  optimizer = sgd(lr = 0.1)
  epochs = 1
  batch = 2
}
"""
TABLE = """
data rows {
  source = csv("rows.csv")
  token: i64[3] = columns("t_*")
  label: i64
}
"""
ARRAYS = TABLE.replace('csv("rows.csv")', 'npz("rows.npz")').replace(
    ' = columns("t_*")', ""
)
INLINE = TABLE.replace(
    'csv("rows.csv")', "inline(token = [[9, 1, 5], [7, 0, 2]], label = [3, LABEL])"
).replace(' = columns("t_*")', "")
RIGHT = ["9,0,5,3", "-1,5,0,0"]


def table(folder: Path, *rows: str) -> Any:
    """The data module of a table with these rows."""
    text = "\n".join(("t_0,t_1,t_2,label", *rows)) + "\n"
    (folder / "rows.csv").write_text(text)
    made = program(MODEL + TABLE + TRAIN.replace(", IGNORE", ""), folder)
    return data_of(made, folder)


def test_what_is_right(tmp_path: Path) -> None:
    """The part of a sample that is not used as an index may be anything."""
    samples = table(tmp_path, *RIGHT).load()
    assert samples.token[:, 0].tolist() == [9, -1]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (["0,0,0,4"], "line 4: label is 4, but there are 4 classes (0 to 3)"),
        (["0,0,0,-1"], "line 4: label is -1, but there are 4 classes (0 to 3)"),
        (["", "0,6,0,1"], "line 5: token is 6, but there are 6 entries (0 to 5)"),
        (["0,0,0,1", "1,1,-3,1"], "line 5: token is -3, but there are 6 entries"),
        (["0,0,0,-100"], "line 4: label is -100, but there are 4 classes (0 to 3)"),
        (['0,0,"0",9', "0,0,0,8"], "line 4: label is 9"),
    ],
)
def test_a_table_says_the_line(rows: list[str], message: str, tmp_path: Path) -> None:
    data = table(tmp_path, *RIGHT, *rows)
    wanted = re.escape(f"{tmp_path / 'rows.csv'}, {message}")
    with pytest.raises(ValueError, match=f"^{wanted}"):
        data.load()


def test_inputs_alone(tmp_path: Path) -> None:
    """Predicting needs no label, and knows no classes."""
    data = table(tmp_path, *RIGHT, "0,0,0,99")
    (token,) = data.load_inputs(tmp_path / "rows.csv")
    assert len(token) == 3
    data = table(tmp_path, *RIGHT, "0,0,60,1")
    with pytest.raises(ValueError, match="line 4: token is 60"):
        data.load_inputs(tmp_path / "rows.csv")


def test_ignored_labels_are_right(tmp_path: Path) -> None:
    token = np.zeros((3, 3), np.int64)
    np.savez(tmp_path / "rows.npz", token=token, label=np.array([0, -100, 3]))
    train = TRAIN.replace("IGNORE", "ignore = [-100, 9]")
    made = program(MODEL + ARRAYS + train, tmp_path)
    data = data_of(made, tmp_path, "rows.npz")
    assert data.load().label.tolist() == [0, -100, 3]
    np.savez(tmp_path / "rows.npz", token=token, label=np.array([0, 9, -99]))
    message = (
        r"sample 3 of 3: label is -99, but there are 4 classes \(0 to 3, -100, 9\)"
    )
    with pytest.raises(ValueError, match=message):
        data.load()


def test_nothing_is_checked_that_is_sure(tmp_path: Path) -> None:
    """The result of a comparison is 0 or 1."""
    (tmp_path / "rows.csv").write_text("t_0,t_1,t_2,label\n")
    fields = TABLE.replace("label: i64", 'label: i64 = cast(column("label") > 1, i64)')
    fields = fields.replace('column("label")', 'column("label", dtype = f32)')
    model = MODEL.replace("i64[N, 3]", "f32[N, 3]").replace(
        "token[:, 1:] -> Embedding(6, 2) -> flatten", "token"
    )
    text = model + fields.replace("i64[3]", "f32[3]") + TRAIN.replace(", IGNORE", "")
    assert "check_range" not in data_module(
        plan_of(program(text, tmp_path)), "rows.csv"
    )
