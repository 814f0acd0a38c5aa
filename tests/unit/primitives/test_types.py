"""Types of results: symbols, origins, and shapes that no sample happens to have."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlmc.ir.dimensions import Dim, Size
from dlmc.ir.traced import TracedInt, Variable, evaluate, origin_of
from dlmc.ir.types import DType, TensorType
from dlmc.primitives import REGISTRY, Fault
from dlmc.primitives.base import tensor
from tests.unit.primitives.drawing import reference

N, T, H = map(Dim.symbol, "NTH")


def f32(*shape: Size) -> TensorType:
    return TensorType(DType.F32, shape)


def infer(name: str, *operands: TensorType, **attributes: Any) -> TensorType:
    primitive = REGISTRY[name]
    return primitive.infer(operands, primitive.normalize(operands, attributes))


def traced(value: int, name: str) -> TracedInt:
    return TracedInt(value, Variable(name))


shapes = st.lists(st.integers(0, 4), max_size=4).map(tuple)


@given(shapes, shapes)
def test_broadcasting_is_numpys(a: tuple[int, ...], b: tuple[int, ...]) -> None:
    try:
        wanted = np.broadcast_shapes(a, b)
    except ValueError:
        with pytest.raises(Fault):
            infer("add", f32(*a), f32(*b))
    else:
        assert infer("add", f32(*a), f32(*b)).shape == wanted


@given(st.permutations([N, T, H, 3]), st.data())
def test_symbols_broadcast_as_their_sizes_do(
    sizes: list[Size], data: st.DataObject
) -> None:
    ones = data.draw(st.lists(st.booleans(), min_size=4, max_size=4))
    cut = data.draw(st.integers(0, 4))
    other = [1 if one else size for one, size in zip(ones, sizes, strict=True)]
    assert infer("mul", f32(*sizes), f32(*other[cut:])) == f32(*sizes)
    assert infer("mul", f32(*other[cut:]), f32(*sizes)) == f32(*sizes)


def test_symbols_of_unknown_relation_do_not_broadcast() -> None:
    for a, b in ((N, T), (N, 2), (2 * N, N), (N + 1, N)):
        with pytest.raises(Fault):
            infer("add", f32(a), f32(b))
    assert infer("add", f32(2 * N), f32(N + N)) == f32(2 * N)


@given(shapes, st.data())
def test_slicing_is_numpys(shape: tuple[int, ...], data: st.DataObject) -> None:
    x = np.arange(np.prod(shape, dtype=int)).reshape(shape)
    bound = st.none() | st.integers(-6, 6)
    start = data.draw(st.tuples(*(bound for _ in shape)))
    stop = data.draw(st.tuples(*(bound for _ in shape)))
    step = data.draw(
        st.tuples(*(st.sampled_from([None, 1, 2, 3, -1, -2]) for _ in shape))
    )
    part = x[tuple(map(slice, start, stop))]
    wanted = part[tuple(slice(None, None, by) for by in step)]
    ours = reference("slice", x, start=start, stop=stop, step=step)
    np.testing.assert_array_equal(ours, wanted)
    given_ = {"start": start, "stop": stop, "step": step}
    found = infer("slice", TensorType(DType.I64, shape), **given_)
    assert found.shape == wanted.shape


def test_slices_of_symbolic_sizes() -> None:
    def length(start: Any, stop: Any, step: Any = None, size: Size = T) -> Size:
        (found,) = infer(
            "slice", f32(size), start=[start], stop=[stop], step=[step]
        ).shape
        return found

    assert length(None, None) == T
    assert length(1, None) == T - 1
    assert length(None, -1) == T - 1
    assert length(-3, None) == 3
    assert length(None, None, -1) == T
    assert length(None, None, 2) == (T + 1) // 2
    assert length(None, T, size=1024) == T
    assert length(-T, None, size=1024) == T


def test_a_slice_beyond_a_symbolic_size_fails_when_it_runs() -> None:
    slice_ = REGISTRY["slice"]
    normal = slice_.normalize((f32(T),), {"start": [0], "stop": [5]})
    assert slice_.reference(np.zeros(5), **normal).shape == (5,)
    with pytest.raises(IndexError, match="leaves axis 0 of size 4"):
        slice_.reference(np.zeros(4), **normal)


@given(st.permutations([N, T, 2, 3, 4]), st.data())
def test_reshape_finds_the_size_left_out(
    sizes: list[Size], data: st.DataObject
) -> None:
    groups = data.draw(st.lists(st.integers(0, 5), min_size=3, max_size=3).map(sorted))
    cuts = [0, *groups, 5]
    target: list[Size] = []
    for begin, end in pairwise(cuts):
        size: Size = 1
        for factor in sizes[begin:end]:
            size = size * factor
        target.append(size)
    left_out = data.draw(st.integers(0, 3))
    written = [-1 if i == left_out else size for i, size in enumerate(target)]
    assert infer("reshape", f32(*sizes), shape=written) == f32(*target)
    assert infer("reshape", f32(*sizes), shape=target) == f32(*target)


def test_reshape_divides_polynomials() -> None:
    found = infer("reshape", f32(N, 2, T + 1), shape=[T + 1, -1])
    assert found == f32(T + 1, 2 * N)
    assert infer("reshape", f32(N * T + N), shape=[-1, T + 1]) == f32(N, T + 1)


class TestOrigins:
    """Sizes that come from arguments still say so in the result."""

    def test_own_objects(self) -> None:
        width, height = traced(3, "W"), traced(5, "H")
        x = f32(2, width, height)
        for name, attributes in [
            ("sum", {"axis": 0}),
            ("sum", {"axis": 0, "keep": True}),
            ("transpose", {"axes": [1, 2, 0]}),
            ("slice", {"start": [1], "stop": [2]}),
            ("reshape", {"shape": [-1, height]}),
        ]:
            shape = infer(name, x, **attributes).shape
            assert any(size is height for size in shape), name
        product = infer("matmul", f32(2, width), f32(width, height))
        assert product.shape[1] is height

    def test_a_traced_size_is_kept_of_two_equal_ones(self) -> None:
        width = traced(3, "width")
        for a, b in ((3, width), (width, 3), (1, width), (width, 1)):
            (size,) = infer("add", f32(a), f32(b)).shape
            assert origin_of(size) == Variable("width")

    def test_a_size_left_out_is_the_operands_own(self) -> None:
        width, height = traced(3, "W"), traced(5, "H")
        size = infer("reshape", f32(width, height), shape=[-1, height]).shape[0]
        assert origin_of(size) == Variable("W")

    def test_flattening(self) -> None:
        c, h = traced(3, "C"), traced(5, "H")
        size = infer("reshape", f32(N, c, h, 2), shape=[N, -1]).shape[1]
        assert size == 30
        assert evaluate(origin_of(size), {"C": 7, "H": 1}) == 14

    @pytest.mark.parametrize("stride", [1, 2])
    def test_convolution(self, stride: int) -> None:
        size, window = traced(8, "H"), traced(3, "size")
        padding, by = traced(1, "padding"), traced(stride, "stride")
        found = infer(
            "conv", f32(N, 3, size), f32(4, 3, window), stride=by, padding=padding
        )
        out = found.shape[2]
        assert out == 8 // stride
        other = {"H": 11, "size": 4, "padding": 2, "stride": 3}
        assert evaluate(origin_of(out), other) == (11 + 4 - 4) // 3 + 1

    def test_where_padding_makes_up_for_the_window_the_size_is_the_same(self) -> None:
        size = traced(8, "H")
        found = infer("conv", f32(N, 3, size), f32(4, 3, 3), padding="same")
        assert origin_of(found.shape[2]) == Variable("H")

    def test_same_padding_says_how_only_where_it_always_holds(self) -> None:
        x, window = f32(N, 3, traced(8, "H")), traced(3, "size")
        conv, weight = REGISTRY["conv"], f32(4, 3, window)
        given_ = {"padding": "same"}
        ((low, _),) = conv.normalize((x, weight), given_)["padding"]
        assert evaluate(origin_of(low), {"size": 5}) == 2
        given_["stride"] = traced(1, "stride")
        assert conv.normalize((x, weight), given_)["padding"] == ((1, 1),)
        ((low, _),) = conv.normalize((x, weight), given_)["padding"]
        assert origin_of(low) is None

    def test_a_traced_zero_is_not_left_out(self) -> None:
        size, window = traced(8, "H"), traced(3, "size")
        found = infer("conv", f32(N, 3, size), f32(4, 3, window), padding=1)
        assert evaluate(origin_of(found.shape[2]), {"H": 8, "size": 5}) == 6

    def test_constants(self) -> None:
        rate = traced(2, "rate")
        normal = REGISTRY["constant"].normalize((), {"value": rate, "dtype": DType.F32})
        assert origin_of(normal["value"]) == Variable("rate")


def test_symbolic_convolution() -> None:
    same = infer("conv", f32(N, 3, H), f32(4, 3, 3), padding="same", dilation=2)
    assert same == f32(N, 4, H)
    half = infer("conv", f32(N, 3, H), f32(4, 3, 3), padding=1, stride=2)
    assert half == f32(N, 4, (H + 1) // 2)


def test_forms_of_padding() -> None:
    x, weight = tensor("f32[N, 3, 8, 8]"), tensor("f32[4, 3, 3, 3]")
    conv = REGISTRY["conv"]
    for written, normal in [
        (1, ((1, 1), (1, 1))),
        ([1, 2], ((1, 1), (2, 2))),
        ([[0, 1], [1, 0]], ((0, 1), (1, 0))),
        ([2, [0, 1]], ((2, 2), (0, 1))),
        ("valid", ((0, 0), (0, 0))),
        ("same", ((1, 1), (1, 1))),
    ]:
        found = conv.normalize((x, weight), {"padding": written})
        assert found["padding"] == normal
    odd = conv.normalize((x, weight), {"padding": "same", "stride": 2})
    assert odd["padding"] == ((0, 1), (0, 1))


def test_windows_do_not_overlap_by_default() -> None:
    found = REGISTRY["window_max"].normalize(
        (tensor("f32[N, 3, 8, 8]"),), {"size": [2, 4]}
    )
    assert found["stride"] == (2, 4)


def test_constants_of_a_float_dtype_are_floats() -> None:
    constant = REGISTRY["constant"]
    normal = constant.normalize((), {"value": [[1, 2.5]], "dtype": DType.F32})
    assert normal["value"] == ((1.0, 2.5),)
    assert type(normal["value"][0][0]) is float
    assert constant.infer((), normal) == f32(1, 2)


def test_padding_of_truth_values_is_false() -> None:
    found = REGISTRY["pad"].normalize((tensor("bool[2]"),), {"low": [1], "high": [0]})
    assert found["value"] is False
