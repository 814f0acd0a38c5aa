"""What holds for every primitive."""

import subprocess
import sys
from inspect import Parameter
from textwrap import dedent
from typing import Any

import numpy as np
import pytest

from dlmc.ir.types import DType
from dlmc.primitives import REGISTRY, Fault, Primitive, Sample
from dlmc.primitives.arrays import numpy_dtype
from dlmc.primitives.base import primitive as register
from tests.unit.primitives.drawing import concrete, operands, supplied

PRIMITIVES = [pytest.param(p, id=name) for name, p in REGISTRY.items()]
SAMPLES = [
    pytest.param(p, sample, id=f"{name}-{i}")
    for name, p in REGISTRY.items()
    for i, sample in enumerate(p.samples)
]
# fmt: off
NAMES = [
    "neg", "abs", "sign", "exp", "expm1", "log", "log1p", "sqrt", "rsqrt", "sin", "cos",
    "tanh", "erf", "floor", "ceil", "round", "not",
    "add", "sub", "mul", "div", "floordiv", "mod", "pow", "maximum", "minimum",
    "equal", "not_equal", "less", "less_equal", "greater", "greater_equal", "and", "or",
    "select", "cast", "stop_gradient", "constant", "dimension", "broadcast", "iota",
    "sum", "mean", "max", "min", "prod", "any", "all", "argmax", "argmin",
    "reshape", "transpose", "slice", "concat", "pad", "gather", "one_hot",
    "matmul", "conv", "conv_transpose", "window_max", "window_mean", "random_uniform",
    "random_normal", "standardize", "total", "whole",
]
# fmt: on


@pytest.mark.parametrize("name", NAMES)
def test_is_there(name: str) -> None:
    assert REGISTRY[name].name == name


@pytest.mark.parametrize("primitive", PRIMITIVES)
def test_has_documentation_and_samples(primitive: Primitive) -> None:
    own = type(primitive).__doc__
    assert own, "its own docstring, not its family's"
    assert own.strip().endswith(".")
    assert primitive.samples


@pytest.mark.parametrize("primitive", PRIMITIVES)
def test_each_attribute_is_sampled(primitive: Primitive) -> None:
    given = {name for sample in primitive.samples for name in sample.attributes}
    assert given == set(primitive.attribute_defaults)
    for name, default in primitive.attribute_defaults.items():
        left_out = any(name not in sample.attributes for sample in primitive.samples)
        assert left_out == (default is not Parameter.empty)


@pytest.mark.parametrize(("primitive", "sample"), SAMPLES)
def test_normal_form_is_stable(primitive: Primitive, sample: Sample) -> None:
    normal = primitive.normalize(sample.operands, sample.attributes)
    assert list(normal) == list(primitive.attribute_defaults)
    assert primitive.normalize(sample.operands, normal) == normal
    assert not any(isinstance(value, list) for value in normal.values())
    hash(tuple(normal.values()))


@pytest.mark.parametrize(("primitive", "sample"), SAMPLES)
def test_infers_what_the_reference_gives(primitive: Primitive, sample: Sample) -> None:
    normal = primitive.normalize(sample.operands, sample.attributes)
    inferred = primitive.infer(sample.operands, normal)
    arrays = operands(sample)
    attributes = {name: concrete(value) for name, value in normal.items()}
    with np.errstate(all="ignore"):
        result = primitive.reference(
            *arrays, **attributes, **supplied(primitive, arrays)
        )
    assert result.shape == concrete(inferred.shape)
    assert result.dtype == numpy_dtype(inferred.dtype)


@pytest.mark.parametrize(("primitive", "sample"), SAMPLES)
def test_reference_leaves_its_operands_alone(
    primitive: Primitive, sample: Sample
) -> None:
    normal = primitive.normalize(sample.operands, sample.attributes)
    attributes = {name: concrete(value) for name, value in normal.items()}
    arrays, before = operands(sample), operands(sample)
    with np.errstate(all="ignore"):
        primitive.reference(*arrays, **attributes, **supplied(primitive, arrays))
    for array, copy in zip(arrays, before, strict=True):
        np.testing.assert_array_equal(array, copy)


@pytest.mark.parametrize("primitive", PRIMITIVES)
def test_operands_have_names(primitive: Primitive) -> None:
    count = len(primitive.operand_names)
    assert not set(primitive.operand_names) & set(primitive.attribute_defaults)
    for sample in primitive.samples:
        assert primitive.variadic or len(sample.operands) == count


def test_what_is_supplied_is_no_attribute() -> None:
    assert set(REGISTRY["random_uniform"].attribute_defaults) == {"shape", "dtype"}
    assert REGISTRY["standardize"].attribute_defaults == {}
    assert REGISTRY["standardize"].operand_names == ("x",)


def test_two_of_one_name_are_refused() -> None:
    class Second(Primitive):
        name = "tanh"

    with pytest.raises(ValueError, match="tanh"):
        register(Second)
    assert type(REGISTRY["tanh"]) is not Second


@pytest.mark.parametrize(
    ("attributes", "argument"),
    [({}, "shape"), ({"shape": [2], "colour": 1}, "colour")],
)
def test_wrong_attributes(attributes: dict[str, Any], argument: str) -> None:
    with pytest.raises(Fault, match=argument) as caught:
        REGISTRY["random_uniform"].normalize((), attributes)
    assert caught.value.argument == argument


def test_numpy_is_not_imported_to_check() -> None:
    code = (
        "import dlmc.primitives, dlmc.initializers, sys; print('numpy' in sys.modules)"
    )
    found = subprocess.run(
        [sys.executable, "-c", dedent(code)], capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "False"


@pytest.mark.parametrize("dtype", list(DType))
def test_every_dtype_has_one_in_numpy(dtype: DType) -> None:
    found = numpy_dtype(dtype)
    bits = {"bool": 8, "bf16": 16}.get(dtype.value) or int(dtype.value[1:])
    assert found.itemsize * 8 == bits
    assert (found.kind in "fV") == dtype.is_float
    assert (found.kind in "iu") == dtype.is_integer
