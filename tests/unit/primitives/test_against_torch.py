"""References against PyTorch, which was written by others."""

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pytest

from dlmc.primitives import REGISTRY, Sample
from tests.unit.primitives.drawing import concrete, operands, reference

torch = pytest.importorskip("torch")
F = torch.nn.functional

UNARY = {
    name: getattr(torch, name)
    for name in (
        *("neg", "abs", "sign", "exp", "expm1", "log", "log1p", "sqrt", "rsqrt"),
        *("sin", "cos", "tanh", "erf", "floor", "ceil", "round"),
    )
}
UNARY["not"] = torch.logical_not
BINARY: dict[str, Callable[..., Any]] = {
    "add": torch.add,
    "sub": torch.sub,
    "mul": torch.mul,
    "div": torch.true_divide,
    "floordiv": torch.floor_divide,
    "mod": torch.remainder,
    "pow": torch.pow,
    "maximum": torch.maximum,
    "minimum": torch.minimum,
    "equal": torch.eq,
    "not_equal": torch.ne,
    "less": torch.lt,
    "less_equal": torch.le,
    "greater": torch.gt,
    "greater_equal": torch.ge,
    "and": torch.logical_and,
    "or": torch.logical_or,
    "matmul": torch.matmul,
    "select": torch.where,
}


def to_torch(array: Any) -> Any:
    if array.dtype.name == "bfloat16":
        return torch.from_numpy(array.astype(np.float32)).bfloat16()
    return torch.from_numpy(np.array(array))


def to_numpy(tensor: Any) -> Any:
    return (tensor.float() if tensor.dtype is torch.bfloat16 else tensor).numpy()


def assert_same(ours: Any, theirs: Any) -> None:
    name = np.asarray(ours).dtype.name
    tolerance = {"float64": 1e-12, "float32": 2e-6, "float16": 2e-3, "bfloat16": 1.6e-2}
    wanted = to_numpy(theirs)
    assert ours.shape == wanted.shape
    assert name == str(theirs.dtype).removeprefix("torch.")
    np.testing.assert_allclose(
        np.asarray(ours).astype(wanted.dtype),
        wanted,
        rtol=tolerance.get(name, 0),
        atol=tolerance.get(name, 0),
    )


def samples(names: Any) -> list[Any]:
    return [
        pytest.param(name, sample, id=f"{name}-{i}")
        for name in names
        for i, sample in enumerate(REGISTRY[name].samples)
    ]


@pytest.mark.parametrize(("name", "sample"), samples([*UNARY, *BINARY]))
def test_elementwise(name: str, sample: Sample) -> None:
    arrays = operands(sample)
    theirs = (UNARY | BINARY)[name](*map(to_torch, arrays))
    assert_same(REGISTRY[name].reference(*arrays), theirs)


def test_halves_are_rounded_to_even() -> None:
    x = np.array([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 3.5], np.float32)
    np.testing.assert_array_equal(reference("round", x), [-2, -2, 0, 0, 2, 2, 4])


def test_rest_has_the_sign_of_the_divisor() -> None:
    a, b = np.array([-7, 7, -7, 7]), np.array([3, -3, -3, 3])
    np.testing.assert_array_equal(reference("floordiv", a, b), [-3, -3, 2, 2])
    np.testing.assert_array_equal(reference("mod", a, b), [2, -2, -1, 1])
    x, y = a.astype(np.float32), b.astype(np.float32)
    np.testing.assert_array_equal(reference("mod", x, y), [2, -2, -1, 1])


def spatial(name: str, rank: int) -> Any:
    return getattr(F, f"{name}{rank}d")


@pytest.mark.parametrize(("name", "sample"), samples(["conv"]))
def test_convolution(name: str, sample: Sample) -> None:
    x, weight = arrays = operands(sample)
    types = tuple(sample.operands)
    written = REGISTRY[name].normalize(types, sample.attributes)
    normal = {name: concrete(value) for name, value in written.items()}
    (ours,) = (REGISTRY[name].reference(*arrays, **normal),)
    pads = [p for pair in reversed(normal["padding"]) for p in pair]
    theirs = spatial("conv", x.ndim - 2)(
        F.pad(to_torch(x), pads),
        to_torch(weight),
        stride=normal["stride"],
        dilation=normal["dilation"],
        groups=normal["groups"],
    )
    assert_same(ours, theirs)


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("padding", [0, 1, 2])
@pytest.mark.parametrize("dilation", [1, 2])
@pytest.mark.parametrize("groups", [1, 2])
def test_convolution_arithmetic(
    stride: int, padding: int, dilation: int, groups: int
) -> None:
    rng = np.random.default_rng(0)
    x = rng.standard_normal((2, 4, 9, 8))
    weight = rng.standard_normal((6, 4 // groups, 3, 2))
    given: dict[str, Any] = {
        "stride": stride,
        "padding": padding,
        "dilation": dilation,
        "groups": groups,
    }
    ours = reference("conv", x, weight, **given)
    assert_same(ours, F.conv2d(to_torch(x), to_torch(weight), **given))


@pytest.mark.parametrize("size", range(4, 11))
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("window", [1, 2, 3, 4])
def test_same_padding(size: int, stride: int, window: int) -> None:
    """ceil(size / stride) windows, of the padding the odd one at the end."""
    x = np.ones((1, 1, size))
    weight = np.ones((1, 1, window))
    ours = reference("conv", x, weight, stride=stride, padding="same")
    assert ours.shape == (1, 1, -(-size // stride))
    if stride == 1 and window % 2:  # torch warns of an even one
        theirs = F.conv1d(to_torch(x), to_torch(weight), padding="same")
        assert_same(ours, theirs)
    # Ones count the elements of the input that a window sees: at the start as many
    # pads are missing as at the end, or one fewer.
    missing = window - ours[0, 0, 0], window - ours[0, 0, -1]
    assert 0 <= missing[1] - missing[0] <= 1 or ours.shape[-1] == 1


@pytest.mark.parametrize(("name", "sample"), samples(["window_max"]))
def test_window_max(name: str, sample: Sample) -> None:
    (x,) = operands(sample)
    written = REGISTRY[name].normalize(sample.operands, sample.attributes)
    normal = {name: concrete(value) for name, value in written.items()}
    ours = REGISTRY[name].reference(x, **normal)
    pads = [p for pair in reversed(normal["padding"]) for p in pair]
    # torch has no max_pool of 8-bit or unsigned integers.
    wide = to_torch(x).double()
    theirs = spatial("max_pool", x.ndim - 2)(
        F.pad(wide, pads, value=-torch.inf),
        normal["size"],
        normal["stride"],
        dilation=normal["dilation"],
    )
    np.testing.assert_array_equal(ours.astype(np.float64), theirs.numpy())
    assert ours.dtype == x.dtype


@pytest.mark.parametrize("count_padding", [False, True])
@pytest.mark.parametrize("stride", [None, 1, 2])
@pytest.mark.parametrize("padding", [0, 1])
@pytest.mark.parametrize("shape", [(2, 3, 9), (2, 3, 7, 8), (1, 2, 5, 6, 4)])
def test_window_mean(
    count_padding: bool, stride: int | None, padding: int, shape: tuple[int, ...]
) -> None:
    x = np.random.default_rng(0).standard_normal(shape).astype(np.float32)
    ours = reference(
        "window_mean",
        x,
        size=3,
        stride=stride,
        padding=padding,
        count_padding=count_padding,
    )
    theirs = spatial("avg_pool", len(shape) - 2)(
        to_torch(x), 3, stride, padding, count_include_pad=count_padding
    )
    assert_same(ours, theirs)


def test_uneven_padding_is_left_out_of_a_mean() -> None:
    x = np.array([[[1.0, 2.0, 3.0]]])
    ours = reference("window_mean", x, size=2, stride=1, padding=[[1, 0]])
    np.testing.assert_array_equal(ours, [[[1.0, 1.5, 2.5]]])


@pytest.mark.parametrize("axis", [None, 0, -1, [0, 2]])
@pytest.mark.parametrize("keep", [False, True])
@pytest.mark.parametrize(
    ("name", "dtype"),
    [
        *product(["sum", "mean", "max", "min", "prod"], ["float32", "float64"]),
        *product(["sum", "max", "min", "prod"], ["int64"]),
    ],
)
def test_reduction(name: str, axis: Any, keep: bool, dtype: str) -> None:
    x = (3 * np.random.default_rng(0).standard_normal((3, 4, 2))).astype(dtype)
    ours = reference(name, x, axis=axis, keep=keep)
    axes = (0, 1, 2) if axis is None else tuple(np.atleast_1d(axis))
    theirs = to_torch(x)
    if name in ("max", "min"):
        theirs = getattr(theirs, f"a{name}")(axes, keepdim=keep)
    elif name == "prod":  # of one axis at a time
        for one in sorted((int(a) % 3 for a in axes), reverse=True):
            theirs = theirs.prod(one, keepdim=keep)
    else:
        theirs = getattr(theirs, name)(tuple(map(int, axes)), keepdim=keep)
    assert_same(ours, theirs)


def test_a_sum_of_half_floats_is_rounded_once() -> None:
    x = np.full(4096, 0.1, np.float16)
    assert float(reference("sum", x)) == float(to_torch(x).sum())
    assert float(reference("sum", x)) == pytest.approx(409.5, abs=0.25)
    from ml_dtypes import bfloat16

    y = x.astype(bfloat16)
    for name in ("sum", "mean", "prod"):
        assert float(reference(name, y)) == float(getattr(to_torch(y), name)())
    assert float(reference("sum", y)) == 410.0


@pytest.mark.parametrize("name", ["argmax", "argmin"])
def test_first_of_equal_ones(name: str) -> None:
    x = np.array([[1, 3, 3, 1], [0, 0, 0, 0]])
    first = {"argmax": [1, 0], "argmin": [0, 0]}[name]
    np.testing.assert_array_equal(reference(name, x), first)


def test_gather() -> None:
    x = np.random.default_rng(0).standard_normal((4, 5, 3))
    indices = np.array([[0, 4], [2, 2]])
    theirs = to_torch(x)[:, to_torch(indices)]
    assert_same(reference("gather", x, indices, axis=1), theirs)


@pytest.mark.parametrize("index", [-1, 4])
def test_an_index_outside_is_an_error(index: int) -> None:
    x, indices = np.zeros((4, 2)), np.array([0, index])
    with pytest.raises(IndexError, match=f"index {index} is not in 0 to 3"):
        reference("gather", x, indices)
    with pytest.raises(IndexError, match=f"index {index} is not in 0 to 3"):
        reference("one_hot", indices, depth=4)


def test_one_hot() -> None:
    indices = np.array([[0, 2], [1, 1]])
    theirs = F.one_hot(to_torch(indices), 4).float()
    assert_same(reference("one_hot", indices, depth=4), theirs)


@pytest.mark.parametrize(("name", "sample"), samples(["pad"]))
def test_pad(name: str, sample: Sample) -> None:
    (x,) = operands(sample)
    normal = REGISTRY[name].normalize(sample.operands, sample.attributes)
    pairs = list(zip(normal["low"], normal["high"], strict=True))
    pads = [p for pair in reversed(pairs) for p in pair]
    theirs = F.pad(to_torch(x), pads, value=normal["value"])
    assert_same(REGISTRY[name].reference(x, **normal), theirs)


@pytest.mark.parametrize(("name", "sample"), samples(["slice"]))
def test_slice_as_torch_says_it(name: str, sample: Sample) -> None:
    """A slice, then a flip and a slice where the step is negative."""
    (x,) = operands(sample)
    normal = REGISTRY[name].normalize(sample.operands, sample.attributes)
    given = {key: concrete(value) for key, value in normal.items()}
    theirs = to_torch(x)
    for axis, (start, stop, step) in enumerate(
        zip(given["start"], given["stop"], given["step"], strict=True)
    ):
        theirs = theirs.narrow(axis, start, stop - start)
        theirs = theirs.flip(axis) if step < 0 else theirs
        theirs = theirs.index_select(axis, torch.arange(0, stop - start, abs(step)))
    assert_same(REGISTRY[name].reference(x, **given), theirs)


@pytest.mark.parametrize(
    ("source", "target"),
    [("float32", "int64"), ("int64", "float32"), ("float32", "bool"), ("bool", "int8")],
)
def test_cast(source: str, target: str) -> None:
    from dlmc.ir.types import DType

    names = {"float32": "f32", "int64": "i64", "int8": "i8", "bool": "bool"}
    x = np.array([-1.7, -0.5, 0.0, 0.5, 1.7]).astype(source)
    ours = reference("cast", x, dtype=DType(names[target]))
    assert_same(ours, to_torch(x).to(getattr(torch, target)))


def test_random_numbers() -> None:
    from dlmc.ir.types import DType

    primitive = REGISTRY["random_uniform"]
    for dtype in (DType.F16, DType.BF16, DType.F32, DType.F64):
        rng = np.random.default_rng(0)
        drawn = primitive.reference(shape=(20_000,), dtype=dtype, rng=rng)
        wide = drawn.astype(np.float64)
        assert 0 <= wide.min() < 0.01
        assert 0.99 < wide.max() < 1
        assert wide.mean() == pytest.approx(0.5, abs=0.01)


def test_normal_numbers() -> None:
    from dlmc.ir.types import DType
    from dlmc.primitives.arrays import numpy_dtype

    for dtype in (DType.F16, DType.BF16, DType.F32, DType.F64):
        drawn = REGISTRY["random_normal"].reference(
            shape=(20_000,), dtype=dtype, rng=np.random.default_rng(0)
        )
        assert drawn.dtype == numpy_dtype(dtype)
        wide = drawn.astype(np.float64)
        assert wide.mean() == pytest.approx(0, abs=0.02)
        assert wide.std() == pytest.approx(1, abs=0.02)
        within = (np.abs(wide) < 1).mean()
        assert within == pytest.approx(0.6827, abs=0.01)


def test_statistics_of_the_training_part() -> None:
    primitive: Any = REGISTRY["standardize"]
    samples = np.array([[1.0, 5.0], [3.0, 5.0]], np.float32)
    mean, std = primitive.statistics(samples)
    np.testing.assert_array_equal(mean, [2.0, 5.0])
    np.testing.assert_array_equal(std, [1.0, 1.0])  # not 0 for what never changes
    result = primitive.reference(samples[0], mean=mean, std=std)
    np.testing.assert_array_equal(result, [-1.0, 0.0])
    assert result.dtype == np.float32
