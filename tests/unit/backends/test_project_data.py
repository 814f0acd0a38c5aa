"""`data.py`: reading, computing fields, splitting."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dlmc.api import read
from dlmc.backend import Unsupported
from dlmc.backends.python.data_columns import name_list
from dlmc.backends.python.data_module import data_module
from dlmc.backends.python.printer import expression
from dlmc.interpreter.fields import field_values
from dlmc.ir.program import Program
from tests.unit.backends.projects import (
    HEAD,
    TRAIN,
    data_of,
    plan_of,
    program,
    with_data,
)

EXAMPLES = Path(__file__).parents[3] / "examples"
FIELDS = {
    "columns": 't: f32[1] = columns("a")',
    "scalar": 't: f32 = column("a")',
    "integers": 't: i64 = column("k")',
    "arithmetic": 't: f32[2] = (columns("a", "b") - 1) / 4 ** columns("a", "b")',
    "library": 't: f32[2] = softmax(relu(columns("a", "b")))',
    "of two columns": 't: f32 = column("a") * column("b") + log(abs(column("c")) + 1)',
    "shapes": """t: f32[2, 2] =
      transpose(reshape(columns("a", "b", "[c-d]"), [2, 2])[:, ::-1])""",
    "reductions": 't: f32[1] = mean(columns("a", "b"), axis = 0, keep = true)',
    "one hot": 't: f32[4] = one_hot(column("k", dtype = i64), depth = 4)',
    "cast": 't: f32 = cast(column("k", dtype = i64) > 1, f32)',
    "constant": 't: f32[2] = broadcast(sum(columns("a", "b")) * 0 + 1, [2])',
    "choice": 't: f32[2] = select(columns("a", "b") > 0, columns("a", "b"), -2.5)',
    "standardized": 't: f32[2] = standardize(log1p(abs(columns("a", "b"))))',
    "twice": 't: f32[1] = standardize(columns("a")) * standardize(columns("c"))',
    "nested": 't: f32[2] = standardize(exp(standardize(columns("a", "b"))))',
    "constant scale": 't: f32 = standardize(column("d"))',
}
PLAIN = """
source = csv("rows.csv")
x: f32[2] = columns("a", "b")
t: f32[1] = columns("c")
"""
SPLIT = "split = random(train = 60%, validation = 20%, test = 20%, seed = 3)"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    lines = ["a,b,c,d,k"]
    for i in range(11):
        a, b, c = rng.normal(size=3).round(3)
        lines.append(f"{a},{b},{c},2,{i % 4}")
    (tmp_path / "rows.csv").write_text("\n".join(lines))
    return tmp_path


def columns_of(folder: Path) -> dict[str, Any]:
    lines = (folder / "rows.csv").read_text().splitlines()
    header = lines[0].split(",")
    cells = np.array([[float(x) for x in line.split(",")] for line in lines[1:]])
    return {name: cells[:, i] for i, name in enumerate(header)}


def expected_fields(made: Program, folder: Path, training: Any) -> dict[str, Any]:
    """What the interpreter says of each field."""
    table = columns_of(folder)
    found = {}
    for field in made.trainings[0].data.fields:
        arrays = []
        for column, value in zip(field.columns, field.module.inputs, strict=True):
            picked = [table[name] for name in column.names]
            array = np.stack(picked, axis=-1) if column.stacked else picked[0]
            dtype = {"f32": np.float32, "i64": np.int64}[str(value.type.dtype)]
            arrays.append(array.astype(dtype))
        found[field.name] = field_values(field, arrays, training)
    return found


@pytest.mark.parametrize("split", ["", SPLIT], ids=["whole", "split"])
@pytest.mark.parametrize("field", FIELDS.values(), ids=FIELDS.keys())
def test_fields_are_what_the_interpreter_says(
    field: str, split: str, table: Path
) -> None:
    loss = TRAIN.replace("mse(y, t)", "mean(y) + 0 * mean(cast(t, f32))")
    text = f'source = csv("rows.csv")\nx: f32[2] = columns("a", "b")\n{field}\n{split}'
    made = program(f"{HEAD}\ndata rows {{ {text} }}\n{loss}", table)
    data = data_of(made, table)
    indices = data.split(11) if split else [np.arange(11)]
    expected = expected_fields(made, table, indices[0])
    parts = data.load()
    if "standardize" in field:
        *parts, scales = parts
        assert all(scale.shape[0] == 2 for scale in scales.values())
        parts = parts if split else parts[0]
    for part, index in zip(parts if split else [parts], indices, strict=True):
        assert set(part._fields) == {"x", "t"}
        for name, values in part._asdict().items():
            assert values.dtype == expected[name].dtype
            assert values.flags.writeable
            assert min(values.strides) >= 0
            np.testing.assert_allclose(values, expected[name][index], 1e-6, 1e-6)


def test_split_is_the_permutation_of_philox(table: Path) -> None:
    data = data_of(with_data(PLAIN, table, SPLIT), table)
    order = np.random.Generator(np.random.Philox(key=3)).permutation(11)
    parts = data.split(11)
    assert np.array_equal(np.concatenate(parts), order)
    assert [len(part) for part in parts] == [6, 2, 3]
    assert [len(part) for part in data.split(1797)] == [1078, 359, 360]
    with pytest.raises(ValueError, match="2 samples are too few for 3 parts"):
        data.split(2)


def test_shares_that_add_up_inexactly(table: Path) -> None:
    split = "split = random(train = 70%, validation = 10%, test = 20%)"
    data = data_of(with_data(PLAIN, table, split), table)
    assert [len(part) for part in data.split(10)] == [7, 1, 2]


def test_epoch_order_is_that_of_every_target(table: Path) -> None:
    data = data_of(with_data(PLAIN, table), table)
    philox = np.random.Philox(key=[5, 2])
    order = np.random.Generator(philox).permutation(9)
    assert np.array_equal(data.epoch_order(9, 5, 2), order)


def test_inputs_come_without_the_other_columns(table: Path) -> None:
    fields = (
        'source = csv("rows.csv")\n'
        'x: f32[2] = standardize(columns("a", "b"))\nt: f32[1] = columns("c")'
    )
    made = with_data(fields, table, SPLIT)
    data = data_of(made, table)
    training, *_, scales = data.load()
    new = table / "new.csv"
    lines = (table / "rows.csv").read_text().splitlines()
    new.write_text("\n".join(",".join(line.split(",")[:2]) for line in lines))
    (x,) = data.load_inputs(new, scales)
    first = data.split(11)[0]
    np.testing.assert_array_equal(x[first], training.x)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "has no column 'a'"),
        ("a,b\n1,2\n", "has no column 'c'"),
        ("a,b,c\n", "has no rows"),
        (
            "a,b,c\n1,2,3\n4,x,6\n",
            r"line 3, column b: 'x' is text, and a number is needed \(f32\)",
        ),
        ("a,b,c\n1,2,3\n\n4,,6\n", r"line 4, column b is empty"),
        ("a,b,c\n1,2,3\n4,5\n", r"line 3, column c is empty"),
    ],
)
@pytest.mark.filterwarnings("ignore:loadtxt")
def test_faults_of_a_table_say_where(content: str, message: str, table: Path) -> None:
    data = data_of(with_data(PLAIN, table), table)
    (table / "bad.csv").write_text(content)
    with pytest.raises(ValueError, match=message):
        data.load(table / "bad.csv")


def test_whole_numbers_are_whole(table: Path) -> None:
    fields = PLAIN.replace('columns("c")', 'cast(columns("k", dtype = i64), f32)')
    data = data_of(with_data(fields, table), table)
    content = (table / "rows.csv").read_text().replace(",1\n", ",1.5\n", 1)
    (table / "bad.csv").write_text(content)
    wanted = r"column k: '1.5' is no whole number that i64 can hold"
    with pytest.raises(ValueError, match=wanted):
        data.load(table / "bad.csv")
    (table / "bad.csv").write_text(content.replace(",1.5\n", ",low\n"))
    wanted = r"column k: 'low' is text, and a number is needed \(i64\)"
    with pytest.raises(ValueError, match=wanted):
        data.load(table / "bad.csv")


def test_column_read_with_two_dtypes(table: Path) -> None:
    fields = (
        'source = csv("rows.csv")\nx: f32[2] = columns("a", "k")\n'
        't: f32[1] = reshape(cast(column("k", dtype = i64), f32), [1])'
    )
    samples = data_of(with_data(fields, table), table).load()
    assert samples.x.dtype == np.float32
    assert np.array_equal(samples.x[:, 1:], samples.t)


def test_npz(tmp_path: Path) -> None:
    x = np.arange(6, dtype=np.float64).reshape(3, 2)
    np.savez(tmp_path / "rows.npz", x=x, t=np.ones((3, 1), np.float32))
    fields = 'source = npz("rows.npz")\nx: f32[2]\nt: f32[1]'
    data = data_of(with_data(fields, tmp_path), tmp_path, "rows.npz")
    samples = data.load()
    assert samples.x.dtype == np.float32
    assert np.array_equal(samples.x, x)
    faults: list[tuple[dict[str, Any], str]] = [
        ({"x": x}, "has no array 't'"),
        ({"x": x[:, :1], "t": x}, r"x is \(3, 1\), not \(n, 2\)"),
        ({"x": x, "t": x[:2, :1]}, "differ in their number of samples"),
    ]
    for arrays, message in faults:
        np.savez(tmp_path / "bad.npz", **arrays)
        with pytest.raises(ValueError, match=message):
            data.load(tmp_path / "bad.npz")
    (tmp_path / "bad.npz").write_text("nothing")
    with pytest.raises(ValueError, match=r"is no \.npz file"):
        data.load(tmp_path / "bad.npz")


def test_inline_samples_need_no_file() -> None:
    made = read(EXAMPLES / "linear.dlm")
    text = data_module(plan_of(made), None)
    assert "Path" not in text
    assert "load_inputs" not in text


def test_field_that_nothing_reads_leaves_no_trace(table: Path) -> None:
    fields = (
        'source = csv("rows.csv")\nx: f32[2] = columns("a", "b")\n'
        't: f32[1] = columns("c")\nunused: f32 = column("d")'
    )
    text = data_module(plan_of(with_data(fields, table)), "rows.csv")
    assert "unused" not in text
    assert '"d"' not in text


def test_what_numpy_cannot_do_is_an_error_at_the_field(table: Path) -> None:
    fields = (
        'source = csv("rows.csv")\nx: f32[2] = columns("a", "b")\n'
        't: f32[1] = cast(cast(columns("c"), bf16), f32)'
    )
    with pytest.raises(Unsupported, match="bf16"):
        data_module(plan_of(with_data(fields, table)), "rows.csv")


def test_hostile_column_names(tmp_path: Path) -> None:
    names = ["a\"b'c", "{x}", "d\\n", "é ü", "class", "\U0001f600", "x_0}", "x_1}"]
    row = ",".join(str(i) for i in range(len(names)))
    header = ",".join('"' + name.replace('"', '""') + '"' for name in names)
    (tmp_path / "rows.csv").write_text(f"{header}\n{row}\n{row}\n", "utf-8")
    quoted = [name.replace("\\", "\\\\").replace('"', '\\"') for name in names]
    listed = ", ".join(f'"{name}"' for name in quoted[:6])
    fields = (
        f'source = csv("rows.csv")\nx: f32[2] = columns("x_*")\n'
        f"t: f32[1] = mean(columns({listed}), keep = true)"
    )
    samples = data_of(with_data(fields, tmp_path), tmp_path).load()
    assert samples.x.tolist() == [[6, 7], [6, 7]]
    assert samples.t.tolist() == [[2.5], [2.5]]


@pytest.mark.parametrize(
    ("names", "text"),
    [
        (["p0", "p1", "p2"], '[f"p{i}" for i in range(3)]'),
        (["p_3_x", "p_4_x", "p_5_x"], '[f"p_{i}_x" for i in range(3, 6)]'),
        (["{0}", "{1}", "{2}"], '[f"{{{i}}}" for i in range(3)]'),
        (["p00", "p01", "p02"], '[f"p0{i}" for i in range(3)]'),
        (["p08", "p09", "p10"], '["p08", "p09", "p10"]'),
        (["a", "b"], '["a", "b"]'),
        (["p0", "p1"], '["p0", "p1"]'),
    ],
)
def test_numbered_names_are_a_rule(names: list[str], text: str) -> None:
    assert expression(name_list(names)) == text
    assert eval(text) == names


def test_digits_are_read_as_the_file_says(tmp_path: Path) -> None:
    shutil.copy(EXAMPLES / "data" / "digits.csv", tmp_path / "digits.csv")
    made = read(EXAMPLES / "digits.dlm")
    training, validation, test = data_of(made, tmp_path, "digits.csv").load()
    assert [len(p.label) for p in (training, validation, test)] == [1437, 180, 180]
    assert training.image.shape == (1437, 1, 8, 8)
    assert training.image.max() == 1
