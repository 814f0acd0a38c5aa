"""The interpreter on modules in their printed form."""

from typing import Any

import numpy as np
import pytest

from dlmc.interpreter import InterpreterError, run
from dlmc.ir.module import Module
from dlmc.ir.reader import read_modules
from dlmc.ir.verify import verify
from tests.unit.ir.programs import NORM


def read(text: str, name: str, *, sound: bool = True) -> Module:
    """A module of a text whose lines need no location."""
    lines = text.strip("\n").splitlines()
    placed = (
        line if line.strip(" }") in ("", *BARE) or line.split()[0] in BARE
        else f"{line}  # m.dlm:{number}:1-{number}:2"
        for number, line in enumerate(lines, 1)
    )  # fmt: skip
    module = read_modules("\n".join(placed))[name]
    if sound:
        verify(module)
    return module


BARE = (
    *("module", "input", "output", "body", "inference", "training", "return"),
    *("update", "dimension", "argument", "bound", "fixed", "}"),
)


def weights(**more: Any) -> dict[str, Any]:
    rng = np.random.default_rng(0)
    found = {}
    for instance in ("first norm", "layer.0"):
        found[f"{instance}.weight"] = rng.standard_normal(4).astype(np.float32)
        found[f"{instance}.mean"] = rng.standard_normal(4).astype(np.float32)
    return found | more


def inputs(n: int = 3, t: int = 5, **more: Any) -> dict[str, Any]:
    rng = np.random.default_rng(1)
    return {
        "a": rng.standard_normal((n, 4)).astype(np.float32),
        "b": rng.standard_normal((2 * n - 1, t)).astype(np.float32),
    } | more


def test_inference() -> None:
    given, owned = inputs(), weights()
    result = run(read_modules(NORM)["Model"], given, owned)
    x = given["a"]
    for instance in ("first norm", "layer.0"):
        x = (x - owned[f"{instance}.mean"]) * owned[f"{instance}.weight"]
    assert list(result.outputs) == ["y", "z"]
    np.testing.assert_allclose(result.outputs["y"], x * np.float32(0.5), rtol=1e-6)
    assert result.outputs["y"].dtype == np.float32
    z = result.outputs["z"]
    assert z.shape == (8, 5)
    assert (z[:3] == -np.inf).all()
    np.testing.assert_array_equal(z[3:], given["b"].T)
    assert result.updates == {}


def test_training() -> None:
    given, owned = inputs(), weights()
    result = run(read_modules(NORM)["Model"], given, owned, training=True)
    first = given["a"].mean(0)
    np.testing.assert_allclose(result.updates["first norm.mean"], first, rtol=1e-6)
    assert list(result.updates) == ["first norm.mean", "layer.0.mean"]
    x = (given["a"] - first) * owned["first norm.weight"]
    x = (x - x.mean(0)) * owned["layer.0.weight"]
    np.testing.assert_allclose(result.outputs["y"], 0.5 * x, rtol=1e-4, atol=1e-6)


def test_precise() -> None:
    given, owned = inputs(), weights()
    model = read_modules(NORM)["Model"]
    single = run(model, given, owned, training=True)
    double = run(model, given, owned, training=True, precise=True)
    for name, array in double.outputs.items():
        assert array.dtype == np.float64
        np.testing.assert_allclose(single.outputs[name], array, rtol=1e-4, atol=1e-6)
    x = given["a"].astype(np.float64)
    mean = x.mean(0)
    np.testing.assert_array_equal(double.updates["first norm.mean"], mean)
    assert (single.updates["first norm.mean"] != mean).any()
    wide = {name: array.astype(np.float64) for name, array in given.items()}
    again = run(model, wide, owned, training=True, precise=True)
    np.testing.assert_array_equal(again.outputs["y"], double.outputs["y"])


TWICE = """
module @Count = block Count {
  dimension N = N
  input x: f32[N]
  output: f32[N]
  state count: f32 = zeros()
  body {
    %1: f32 = constant(value = 1.0, dtype = f32)
    %count.2: f32 = add(%count, %1)
    %2: f32[N] = mul(%x, %count.2)
    update count = %count.2
    return %2
  }
}
module @Twice = model Twice {
  dimension N = N
  input x: f32[N]
  output: f32[N]
  instance count = @Count()
  body {
    %1: f32[N] = @Count(%x) as count
    %2: f32[N] = @Count(%1) as count
    return %2
  }
}
"""


def test_the_second_use_of_an_instance_sees_what_the_first_changed() -> None:
    x = np.array([1.0, 2.0], np.float32)
    result = run(read(TWICE, "Twice"), {"x": x}, {"count.count": np.float32(3)})
    np.testing.assert_array_equal(result.outputs["output"], 4 * 5 * x)
    assert result.updates == {"count.count": 5}


FRAMES = """
module @repeat = fn repeat {
  argument size = T
  dimension N = N
  input x: f32[N]
  output: f32[T, N]
  body {
    %1: f32[T, N] = broadcast(%x; shape = (T, N))
    return %1
  }
}
module @Frames = model Frames {
  dimension N = N
  dimension T = T
  input x: f32[N]
  input y: f32[T, 2*T]
  output one: f32[2*T, N]
  output other: f32[5, T]
  output count: i64
  body {
    %one: f32[2*T, N] = @repeat(%x; size = 2*T)
    %1: f32[T] = sum(%y; axis = (1,), keep = false)
    %other: f32[5, T] = @repeat(%1; size = 5)
    %count: i64 = dimension(size = N*T + 1, dtype = i64)
    return %one, %other, %count
  }
}
"""


def test_symbols_of_a_callee_are_its_own() -> None:
    """N and T are other sizes in the function, one of them from an argument."""
    model = read(FRAMES, "Frames")
    x, y = np.ones(3, np.float32), np.ones((4, 8), np.float32)
    result = run(model, {"x": x, "y": y}, {})
    assert result.outputs["one"].shape == (8, 3)
    np.testing.assert_array_equal(result.outputs["other"], np.full((5, 4), 8))
    assert result.outputs["count"] == 13


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"a": np.ones((3, 5), np.float32)}, "input a is f32[N, 4], got shape (3, 5)"),
        ({"a": np.ones(4, np.float32)}, "input a is f32[N, 4], got shape (4,)"),
        ({"a": np.ones((3, 4))}, "input a is f32[N, 4], got float64"),
        ({"a": np.ones((3, 4), int)}, "input a is f32[N, 4], got int64"),
        (
            {"b": np.ones((4, 2), np.float32)},
            "axis 0 of b is 4, not 5: N is 3 by axis 0 of a",
        ),
        ({"b": np.ones((5, 1025), np.float32)}, "T is 1025, more than 1024"),
        ({"c": np.ones(3)}, "there is no input c; there are: a, b"),
    ],
)
def test_inputs_that_do_not_fit(more: dict[str, Any], message: str) -> None:
    with pytest.raises(InterpreterError) as caught:
        run(read_modules(NORM)["Model"], inputs(**more), weights())
    assert str(caught.value) == message


@pytest.mark.parametrize("precise", [False, True])
def test_arrays_that_are_missing(precise: bool) -> None:
    model = read_modules(NORM)["Model"]
    with pytest.raises(InterpreterError, match=r"input b: f32\[2\*N - 1, T\] is m"):
        run(model, {"a": inputs()["a"]}, weights(), precise=precise)
    owned = weights()
    del owned["layer.0.mean"]
    with pytest.raises(InterpreterError, match=r"weight layer.0.mean: f32\[4\] is"):
        run(model, inputs(), owned, precise=precise)
    with pytest.raises(InterpreterError, match="there is no weight bias"):
        run(model, inputs(), weights(bias=np.ones(4)), precise=precise)
    wrong = weights(**{"layer.0.mean": np.ones(5, np.float32)})
    with pytest.raises(InterpreterError, match=r"weight layer.0.mean is f32\[4\], got"):
        run(model, inputs(), wrong, precise=precise)


def test_a_whole_number_is_no_float_even_where_precise() -> None:
    model, given = read_modules(NORM)["Model"], inputs(a=np.ones((3, 4), int))
    with pytest.raises(InterpreterError, match="got int64"):
        run(model, given, weights(), precise=True)


def operation(line: str, *given: str, result: str) -> Module:
    """A model of one operation."""
    values = "\n".join(f"  input {value}" for value in given)
    return read(
        f"module @M = model M {{\n{values}\n  output: {result}\n  body {{\n"
        f"    %1: {result} = {line}\n    return %1\n  }}\n}}\n",
        "M",
    )


def test_an_operation_that_fails_says_where() -> None:
    module = operation(
        "gather(%x, %i; axis = 0)", "x: f32[4]", "i: i64[N]", result="f32[N]"
    )
    x = np.ones(4, np.float32)
    with pytest.raises(
        InterpreterError, match=r"^m.dlm:6:1: gather: index 4 is not in"
    ):
        run(module, {"x": x, "i": np.array([0, 4])}, {})


def test_a_slice_that_is_too_long_says_where() -> None:
    line = "slice(%x; start = (0,), stop = (5,), step = (1,))"
    module = operation(line, "x: f32[N]", result="f32[5]")
    assert run(module, {"x": np.ones(6, np.float32)}, {}).outputs["output"].sum() == 5
    with pytest.raises(InterpreterError, match="slice 0:5 leaves axis 0 of size 4"):
        run(module, {"x": np.ones(4, np.float32)}, {})


def test_random_numbers_follow_the_seed() -> None:
    line = "random_uniform(shape = (N, 3), dtype = f32)"
    module = operation(line, "x: f32[N]", result="f32[N, 3]")
    x = {"x": np.ones(4, np.float32)}
    first, again, other = (
        run(module, x, {}, seed=seed).outputs["output"] for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
    assert first.dtype == np.float32


def test_what_the_data_decide_is_not_known_to_a_model() -> None:
    module = operation("standardize(%x)", "x: f32[3]", result="f32[3]")
    with pytest.raises(InterpreterError, match="in the fields of data alone"):
        run(module, {"x": np.ones(3, np.float32)}, {})


def test_bf16() -> None:
    import ml_dtypes

    module = operation("mul(%x, %x)", "x: bf16[N]", result="bf16[N]")
    x = np.array([1.5, 3.0]).astype(ml_dtypes.bfloat16)
    result = run(module, {"x": x}, {}).outputs["output"]
    assert result.dtype == ml_dtypes.bfloat16
    precise = run(module, {"x": x}, {}, precise=True).outputs["output"]
    np.testing.assert_array_equal(precise, [2.25, 9.0])
    assert precise.dtype == np.float64


def test_a_cast_stays_precise() -> None:
    module = operation("cast(%x; dtype = f16)", "x: f32[N]", result="f16[N]")
    x = np.array([0.1], np.float64)
    assert run(module, {"x": x}, {}, precise=True).outputs["output"] == x
    whole = operation("cast(%x; dtype = i64)", "x: f32[N]", result="i64[N]")
    found = run(whole, {"x": x + 1}, {}, precise=True).outputs["output"]
    assert found.dtype == np.int64


def test_a_type_that_is_not_kept_is_the_compilers_mistake() -> None:
    text = FRAMES.replace("%1: f32[T] = sum", "%1: f32[T] = max").replace(
        "max(%y; axis = (1,)", "max(%y; axis = (0,)"
    )
    model = read(text, "Frames", sound=False)
    x, y = np.ones(3, np.float32), np.ones((4, 8), np.float32)
    with pytest.raises(AssertionError, match=r"%1: f32\[T\] came out as float32\(8,\)"):
        run(model, {"x": x, "y": y}, {})
