"""Functions that order, move, repeat and pick numbers, and elementary ones, on each
target, against NumPy and PyTorch."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from dlmc.backends.onnx.lowering import lower
from dlmc.interpreter import run
from dlmc.ir.module import Module
from dlmc.passes.differentiate import differentiate
from dlmc.passes.inline import inline
from tests.unit.backends import keras_models, torch_modules
from tests.unit.backends.onnx_graphs import run_graph
from tests.unit.elaborate.programs import compute, errors, model

Array = np.ndarray[Any, np.dtype[Any]]

TARGETS: Mapping[str, Callable[[Module, Any], Mapping[str, Array]]] = {
    "numpy": lambda module, inputs: run(module, inputs, {}).outputs,
    "torch": lambda module, inputs: torch_modules.outputs(
        module, torch_modules.made(module), inputs
    ),
    "tensorflow": lambda module, inputs: keras_models.made(module).outputs(inputs),
    "onnx": lambda module, inputs: run_graph(lower(module), inputs),
}


def program(expressions: Any, types: Mapping[str, str]) -> Module:
    """A model with an output for each expression."""
    inputs = " ".join(f"input {name}: {type_}" for name, type_ in types.items())
    outputs = " ".join(f"output e{i} = {e}" for i, e in enumerate(expressions))
    return model(f"model Test {{ {inputs} {outputs} }}")


def check(
    target: str,
    cases: Mapping[str, Array],
    types: Mapping[str, str],
    inputs: Mapping[str, Array],
    tolerance: float,
) -> None:
    module = program(cases, types)
    found = TARGETS[target](module, inputs)
    for i, (expression, wanted) in enumerate(cases.items()):
        actual = found[f"e{i}"]
        assert actual.shape == wanted.shape, expression
        assert actual.dtype == wanted.dtype, expression
        np.testing.assert_allclose(
            actual, wanted, rtol=tolerance, atol=tolerance, err_msg=expression
        )


# --- Elementary functions ---

X = np.concatenate([np.linspace(-4, 4, 33), [1e-6, -1e-6, 30.0, -30.0]]).astype("f4")
INSIDE = np.linspace(-0.999, 0.999, 37).astype("f4")
FROM_1 = np.concatenate([1 + np.logspace(-5, 1, 30), [1, 1e3, 1e10, 1e30]]).astype("f4")
LARGE = np.array([1e-30, -1e-30, 1e19, -1e25, 1e38, 0.0], "f4")
ODD = np.array([np.nan, np.inf, -np.inf, 0.0, 1.5, -2.5], "f4")
Y = np.array([1, 1, -1, -1, 0, 0, 2, -2, 0, 1e-30, 0.5], "f4")
Z = np.array([1, -1, 1, -1, 3, -3, 0, 0, 0, -5, 1e-30], "f4")
ELEMENTARY = {
    **{
        f"{name}(x)": function(X)
        for name, function in {
            "tan": np.tan,
            "atan": np.arctan,
            "sinh": np.sinh,
            "cosh": np.cosh,
            "asinh": np.arcsinh,
            "exp2": np.exp2,
            "trunc": np.trunc,
            "isfinite": np.isfinite,
        }.items()
    },
    "asin(inside)": np.arcsin(INSIDE),
    "acos(inside)": np.arccos(INSIDE),
    "atanh(inside)": np.arctanh(INSIDE),
    "acosh(from_1)": np.arccosh(FROM_1),
    "log2(from_1)": np.log2(FROM_1),
    "log10(from_1)": np.log10(FROM_1),
    "asinh(large)": np.arcsinh(LARGE),
    "isnan(odd)": np.isnan(ODD),
    "isinf(odd)": np.isinf(ODD),
    "isfinite(odd)": np.isfinite(ODD),
    "atan2(y, z)": np.arctan2(Y, Z),
}
POINTS = {
    "x": X, "inside": INSIDE, "from_1": FROM_1, "large": LARGE, "odd": ODD, "y": Y,
    "z": Z,
}  # fmt: skip


@pytest.mark.parametrize("target", TARGETS)
def test_elementary(target: str) -> None:
    types = {name: f"f32[{len(array)}]" for name, array in POINTS.items()}
    check(target, ELEMENTARY, types, POINTS, 5e-6)


@pytest.mark.parametrize("name", ["sinh", "asinh", "atanh", "tan", "asin"])
def test_small_numbers_lose_no_digits(name: str) -> None:
    """As they would in (exp(x) - exp(-x)) / 2 or log(x + sqrt(x ** 2 + 1))."""
    x = np.array([1e-12, -3e-9, 1e-7, 2e-4])
    found = compute(f"model M {{ input x: f64[N] output y = {name}(x) }}", x=x)["y"]
    wanted = getattr(torch, name)(torch.from_numpy(x)).numpy()
    np.testing.assert_allclose(found, wanted, rtol=1e-14)


@pytest.mark.parametrize("name", ["acos", "acosh", "log2", "log10", "atan2", "cosh"])
def test_elementary_in_double_precision(name: str) -> None:
    x = np.linspace(0.02, 0.98, 25) + (name == "acosh")
    given = "x, 0.5 - x" if name == "atan2" else "x"
    found = compute(f"model M {{ input x: f64[N] output y = {name}({given}) }}", x=x)
    tensors = [torch.from_numpy(v) for v in ([x, 0.5 - x] if "," in given else [x])]
    wanted = getattr(torch, name)(*tensors).numpy()
    np.testing.assert_allclose(found["y"], wanted, rtol=1e-14, atol=1e-15)


def test_numbers_are_folded() -> None:
    module = model("model M { input x: f32[N] output y = x * tan(pi / 4) + atan(1) }")
    found = run(module, {"x": np.array([2.0], "f4")}, {}).outputs["y"]
    np.testing.assert_allclose(found, [2 + np.pi / 4], rtol=1e-6)


# --- Arrays ---

RNG = np.random.default_rng(0)
A = RNG.normal(size=(3, 4, 6)).astype("f4")
TIES = RNG.integers(-2, 3, (3, 9)).astype("f4")
B = RNG.normal(size=(3, 6)).astype("f4")
I3 = RNG.integers(0, 6, (3, 8))
V3 = RNG.normal(size=(3, 8)).astype("f4")
SQUARE = RNG.normal(size=(3, 4, 4)).astype("f4")
VECTORS = RNG.normal(size=(2, 3, 5)).astype("f4")
WHOLE = RNG.integers(-3, 4, (3, 5))
IMAGE = RNG.normal(size=(3, 2, 5, 6)).astype("f4")
ARRAYS = {
    "a": A, "ties": TIES, "b": B, "i": I3, "v": V3, "square": SQUARE, "u": VECTORS[0],
    "w": VECTORS[1], "whole": WHOLE, "image": IMAGE,
}  # fmt: skip
TYPES = {
    "a": "f32[N, 4, T]", "ties": "f32[N, 9]", "b": "f32[N, 6]", "i": "i64[N, 8]",
    "v": "f32[N, 8]", "square": "f32[N, 4, 4]", "u": "f32[3, 5]", "w": "f32[3, 5]",
    "whole": "i64[N, 5]", "image": "f32[N, 2, H, W]",
}  # fmt: skip


def tensor(array: Array) -> Any:
    return torch.from_numpy(array)


def down(x: Array, axis: int = -1) -> Array:
    """The indices that sort downwards, ties by position."""
    return np.argsort(-x, axis=axis, kind="stable")


def put(x: Array, indices: Array, values: Array, keep: bool) -> Array:
    """Element by element, along the last axis."""
    result = x.copy()
    for row in range(len(x)):
        if not keep:
            result[row, indices[row]] = 0
        for place, value in zip(indices[row], values[row], strict=True):
            result[row, place] += value
    return result


def unfolded(x: Array, size: Any, **options: Any) -> Array:
    result: Array = F.unfold(tensor(x), size, **options).numpy()
    return result


ORDERS = {
    "cumsum(a)": A.cumsum(axis=-1),
    "cumsum(a, axis = 1, reverse = true)": A[:, ::-1].cumsum(axis=1)[:, ::-1],
    "cumsum(whole, axis = -1)": WHOLE.cumsum(axis=-1),
    "cumprod(a)": np.cumprod(A, axis=-1),
    "cumprod(relu(a), axis = 1)": np.cumprod(np.maximum(A, 0), axis=1),
    "argsort(ties)": np.argsort(TIES, axis=-1, kind="stable"),
    "argsort(ties, descending = true)": down(TIES),
    "argsort(whole, axis = 1, descending = true)": down(WHOLE, 1),
    "sort(a, axis = 1)": np.sort(A, axis=1),
    "sort(ties, descending = true)": -np.sort(-TIES, axis=-1),
    "sort(whole)": np.sort(WHOLE, axis=-1),
    "topk(ties, 4)[0]": -np.sort(-TIES, axis=-1)[:, :4],
    "topk(ties, 4)[1]": down(TIES)[:, :4],
    "topk(a, 2, axis = 1, largest = false)[1]": np.argsort(A, axis=1)[:, :2],
    "topk(a, 2, axis = -2)[0]": -np.sort(-A, axis=1)[:, :2],
    "take_along_axis(b, i)": np.take_along_axis(B, I3, axis=-1),
    "take_along_axis(a, argsort(a, axis = 1), axis = 1)": np.sort(A, axis=1),
    "scatter_add(b, i, v)": put(B, I3, V3, keep=True),
    "scatter(b, i, v)": put(B, I3, V3, keep=False),
}
PLACES = {
    "tile(b, [2, 3])": np.tile(B, (2, 3)),
    "tile(a, [1, 2, 1])": np.tile(A, (1, 2, 1)),
    "repeat_interleave(a, 3, axis = 1)": np.repeat(A, 3, axis=1),
    "repeat_interleave(whole, 2)": np.repeat(WHOLE, 2, axis=-1),
    "flip(a)": A[..., ::-1],
    "flip(a, axis = [0, -1])": A[::-1, :, ::-1],
    "roll(a, 1)": np.roll(A, 1, axis=-1),
    "roll(a, -9, axis = 1)": np.roll(A, -9, axis=1),
    "roll(whole, 5, axis = -1)": WHOLE,
    "tril(square)": np.tril(SQUARE),
    "tril(a, 1)": np.tril(A, 1),
    "triu(a, diagonal = -1)": np.triu(A, -1),
    "triu(square > 0, 2)": np.triu(SQUARE > 0, 2),
    "diag(square)": np.diagonal(SQUARE, axis1=1, axis2=2),
    "diag(b[0])": np.diag(B[0]),
    "b @ eye(6, 2)": B[:, :2],
    "cross(u, w, axis = 0)": np.cross(VECTORS[0], VECTORS[1], axis=0),
    "cross(transpose(u), transpose(w))": np.cross(VECTORS[0].T, VECTORS[1].T),
    "b + linspace(-1, 2, 6)": B + np.linspace(-1, 2, 6, dtype="f4"),
    "b * linspace(0, 5, 6)": B * np.arange(6, dtype="f4"),
    "unfold(image, 2)": unfolded(IMAGE, 2),
    "unfold(image, [2, 3], stride = [2, 1], padding = [1, 0], dilation = [1, 2])": (
        unfolded(IMAGE, (2, 3), stride=(2, 1), padding=(1, 0), dilation=(1, 2))
    ),
    "unfold(u[new], 2, padding = 1)": unfolded(
        VECTORS[0][np.newaxis, :, np.newaxis], (1, 2), padding=(0, 1)
    ),
    'rearrange(a, "n c t -> (n t) c")': A.transpose(0, 2, 1).reshape(18, 4),
    'einsum("n c t, n d t -> n d c", a, a[:, ::-1])': A[:, ::-1] @ A.swapaxes(1, 2),
}


@pytest.mark.parametrize("target", TARGETS)
def test_orders_and_places(target: str) -> None:
    check(target, ORDERS | PLACES, TYPES, ARRAYS, 2e-5)


@pytest.mark.parametrize("target", ["tensorflow", "torch"])
def test_of_images_between_convolutions(target: str) -> None:
    """Whatever the layout in which a target keeps them."""
    expressions = (
        "cumsum(y, axis = 1)",
        "take_along_axis(y, argsort(y, axis = 2), axis = 2)",
        "scatter_add(y, argsort(y, axis = 1), y, axis = 1)",
        "sort(y, axis = 1, descending = true)",
        "roll(flip(y, axis = 2), 1, axis = 1)",
        "atan2(y, y + 1)",
        'rearrange(y, "n c h w -> n (h w) c")',
    )
    outputs = " ".join(f"output e{i} = {e}" for i, e in enumerate(expressions))
    pooled = "y = tanh(max_pool(image, 2, stride = 1))"
    module = model(f"model M {{ input image: f32[N, 2, H, W] {pooled} {outputs} }}")
    inputs = {"image": IMAGE}
    found = TARGETS[target](module, inputs)
    for name, wanted in run(module, inputs, {}).outputs.items():
        np.testing.assert_allclose(found[name], wanted, rtol=1e-5, atol=1e-5)


GRADIENTS = {
    "cumsum(x, axis = 1, reverse = true)": lambda x: x.flip(1).cumsum(1).flip(1),
    "cumprod(x)": lambda x: x.cumprod(-1),
    "cumprod(select(x > 0, x, 0), axis = 1)": lambda x: (x * (x > 0)).cumprod(1),
    "sort(round(2 * x), axis = 1) + x": lambda x: (2 * x).round().sort(1).values + x,
    "topk(x, 2)[0]": lambda x: x.topk(2).values,
    "scatter(x, argsort(x), x ** 2)": lambda x: x.scatter(-1, x.argsort(-1), x**2),
    "scatter_add(x, i, x[..., :2])": lambda x: x.scatter_add(
        -1, torch.ones(3, 4, 2, dtype=torch.int64), x[..., :2]
    ),
    "take_along_axis(x, i)": lambda x: x[..., [1, 1]],
    "atan2(x, 0.3 - x)": lambda x: torch.atan2(x, 0.3 - x),
    "asinh(x)": torch.asinh,
    'einsum("a b c, b d -> d a", x, x[0])': lambda x: torch.einsum(
        "abc,bd->da", x, x[0]
    ),
}


@pytest.mark.parametrize("expression", GRADIENTS)
def test_gradient(expression: str) -> None:
    x = A[:, :, :5].astype("f8")
    i = np.ones((3, 4, 2), np.int64)
    text = f"input x: f64[N, 4, 5] input i: i64[N, 4, 2] y = {expression}"
    module = model(
        f"model M {{ {text} output loss = sum(sin(y) + y) + 0 * sum(cast(i, f64)) }}"
    )
    gradients = differentiate(inline(module), ["x"])
    found = run(gradients, {"x": x, "i": i}, {}).outputs["grad.x"]
    leaf = torch.from_numpy(x).requires_grad_()
    result = GRADIENTS[expression](leaf)
    (result.sin() + result).sum().backward()
    np.testing.assert_allclose(found, leaf.grad.numpy(), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("topk(x, 7)", "there are fewer elements along the axis"),
        ("sort(x, axis = 2)", "`sort`.* has no axis 2"),
        ("roll(x, 1, axis = 2)", "the tensor has no such axis"),
        ("flip(x, axis = -3)", "the tensor has no such axis"),
        ("unfold(image, 2, dilation = [0, 1])", "a dilation are at least 1"),
        ("unfold(image, 6)", "a patch is larger than the axis"),
        ("unfold(image, 2, padding = -1)", "size cannot be -1"),
        ("tile(x, [2])", "a number for each axis"),
        ("cross(x, x)", "a cross product is of three numbers"),
        ("take_along_axis(x, x)", r"expects indices: int\[...\], got f32\[N, 6\]"),
        ("take_along_axis(x, i[0])", "as many axes as x"),
        ("take_along_axis(x, i, axis = 0)", "size of x on all other axes"),
        ("scatter_add(x, i, x)", "a value for each index"),
        ("scatter_add(x, i, cast(i, f64))", "both operands of one dtype"),
        ("argsort(x > 0)", "argsort.* expects x: float"),
        ("cumsum(x, reverse = 1)", "reverse to be true or false"),
    ],
)
def test_wrong_uses(expression: str, message: str) -> None:
    inputs = "input x: f32[N, 6] input i: i64[N, 4] input image: f32[N, 2, 5, 5]"
    text = f"{inputs} output y = {expression}"
    (said, *_) = errors(f"model M {{ {text} }}")
    assert re.search(message, said), said


@pytest.mark.parametrize("target", ["numpy", "torch", "tensorflow"])
@pytest.mark.parametrize("index", [-1, 6])
def test_an_index_outside_is_an_error(target: str, index: int) -> None:
    for expression in ("take_along_axis(b, i)", "scatter_add(b, i, v)"):
        module = program([expression], {n: TYPES[n] for n in "biv"})
        indices = np.full_like(I3, index)
        with pytest.raises(Exception, match=r"(?i)ind(ex|ices)"):
            TARGETS[target](module, {"b": B, "i": indices, "v": V3})
