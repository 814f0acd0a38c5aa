"""Where ONNX's own operators would give something else, or lose digits."""

from typing import Any

import numpy as np
import onnxruntime
import pytest

from dlmc.backends.onnx.dtypes import KERNELS, TYPE_NAMES
from dlmc.backends.onnx.lowering import lower
from dlmc.ir.module import Value
from dlmc.ir.types import DType, TensorType
from dlmc.primitives import REGISTRY
from dlmc.primitives.arrays import numpy_dtype
from dlmc.primitives.base import tensor
from tests.unit.backends.onnx_graphs import apply, checked, module, run_graph


def compute(
    primitive: str, dtype: DType, *operands: Any, **attributes: Any
) -> tuple[Any, Any]:
    """A primitive on vectors: in ONNX Runtime, and as NumPy says it is."""
    arrays = [np.asarray(operand, numpy_dtype(dtype)) for operand in operands]
    inputs = [
        Value(f"x{i}", TensorType(dtype, array.shape)) for i, array in enumerate(arrays)
    ]
    used = apply(primitive, inputs, "1", **attributes)
    graph = checked(lower(module(inputs, [used], [("y", used.result)])))
    feeds = {value.name: array for value, array in zip(inputs, arrays, strict=True)}
    with np.errstate(all="ignore"):
        wanted = REGISTRY[primitive].reference(*arrays, **used.attributes)
    return run_graph(graph, feeds)["y"], wanted


SIGNS = ([7, -7, 7, -7, 6, -6, 0], [3, 3, -3, -3, 3, 3, -3])


@pytest.mark.parametrize(
    "dtype", [DType.I8, DType.I16, DType.I32, DType.I64, DType.F32]
)
@pytest.mark.parametrize("primitive", ["floordiv", "mod"])
def test_division_rounds_down(primitive: str, dtype: DType) -> None:
    found, wanted = compute(primitive, dtype, *SIGNS)
    np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("dtype", [DType.I8, DType.I32, DType.I64])
def test_division_at_the_end_of_the_range(dtype: DType) -> None:
    limits = np.iinfo(numpy_dtype(dtype))
    found, wanted = compute("floordiv", dtype, [limits.min, limits.max], [3, -3])
    np.testing.assert_array_equal(found, wanted)


def test_float_division_does_not_round_past_a_whole_number() -> None:
    found, wanted = compute("floordiv", DType.F64, [1.0, -1.0, 6.0], [0.1, 0.1, 0.1])
    assert found.tolist() == wanted.tolist() == [9.0, -10.0, 59.0]


@pytest.mark.parametrize("dtype", [DType.F32, DType.F64])
def test_expm1_and_log1p_keep_small_numbers(dtype: DType) -> None:
    points = [0.0, 1e-30, 1e-9, -1e-9, 1e-4, 0.5, -0.5, 0.99, 1.01, 20.0]
    for primitive in ("expm1", "log1p"):
        found, wanted = compute(primitive, dtype, points)
        np.testing.assert_allclose(found, wanted, rtol=10 * np.finfo(found.dtype).eps)


def test_expm1_and_log1p_at_their_ends() -> None:
    found, _ = compute("expm1", DType.F32, [-200.0, 200.0, np.inf, -np.inf])
    assert found.tolist() == [-1, np.inf, np.inf, -1]
    found, _ = compute("log1p", DType.F32, [-1.0, np.inf])
    assert found.tolist() == [-np.inf, np.inf]


def test_rounding_is_to_even() -> None:
    found, wanted = compute("round", DType.F32, [0.5, 1.5, 2.5, -0.5, -1.5])
    assert found.tolist() == wanted.tolist() == [0, 2, 2, 0, -2]


def test_narrow_integers_wrap_as_in_numpy() -> None:
    found, wanted = compute("sum", DType.I8, [100, 100, 100], axis=0)
    assert found.tolist() == wanted.tolist() == 44


def test_padding_never_wins() -> None:
    x = -np.ones((1, 1, 3))
    found, wanted = compute("window_max", DType.F32, x, size=2, padding=1)
    assert found.tolist() == wanted.tolist() == [[[-1, -1]]]


@pytest.mark.parametrize("index", [5, -6])
def test_an_index_out_of_range_is_an_error(index: int) -> None:
    inputs = [Value("x", tensor("f32[5, 2]")), Value("i", tensor("i64[N]"))]
    used = apply("gather", inputs, "1")
    graph = lower(module(inputs, [used], [("y", used.result)]))
    feeds = {"x": np.zeros((5, 2), np.float32), "i": np.array([index])}
    with pytest.raises(Exception, match="out of data bounds"):
        run_graph(graph, feeds)


@pytest.mark.parametrize(("start", "stop"), [(0, 4), (1, 4), (-4, None)])
def test_a_slice_beyond_a_symbolic_axis_is_an_error(
    start: int, stop: int | None
) -> None:
    inputs = [Value("x", tensor("f32[N, T]"))]
    used = apply("slice", inputs, "1", start=[None, start], stop=[None, stop])
    graph = checked(lower(module(inputs, [used], [("y", used.result)])))
    x = np.arange(12, dtype=np.float32).reshape(2, 6)
    assert run_graph(graph, {"x": x})["y"].tolist() == x[:, start:stop].tolist()
    with pytest.raises(Exception, match="shape"):
        run_graph(graph, {"x": x[:, :3]})


def test_kernels_are_there() -> None:
    """The table of dtypes against the runtime's own list of kernels."""
    state = onnxruntime.capi.onnxruntime_pybind11_state
    there: dict[str, set[str]] = {}
    typed = {"IsInf": "T1", "IsNaN": "T1"}
    typed |= dict.fromkeys(("RandomNormalLike", "RandomUniformLike"), "T2")
    for kernel in state.get_all_opkernel_def():
        if kernel.provider == "CPUExecutionProvider" and not kernel.domain:
            name = typed.get(kernel.op_name, "T")
            types = kernel.type_constraints.get(name, ())
            there.setdefault(kernel.op_name, set()).update(types)
    for operator, dtypes in KERNELS.items():
        for dtype in dtypes - {DType.F16}:  # the runtime casts around these itself
            assert TYPE_NAMES[dtype] in there[operator], (operator, dtype)
