"""Uses without a meaning: what the message says, and which argument it blames."""

from typing import Any

import pytest

from dlmc.ir.dimensions import Dim
from dlmc.ir.types import DType
from dlmc.primitives import REGISTRY, Fault
from dlmc.primitives.base import tensor

T = Dim.symbol("T")

CASES: list[tuple[str, list[str], dict[str, Any], str | None, str]] = [
    # primitive, operands, attributes, blamed argument, a part of message or hint
    ("exp", ["i64[N]"], {}, "x", "exp expects x: float[...], got i64[N]"),
    ("exp", ["i64[N]"], {}, "x", "cast(x, f32)"),
    ("floor", ["i64"], {}, "x", "floor expects x: float[...], got i64"),
    ("not", ["f32[N]"], {}, "x", "not expects x: bool[...], got f32[N]"),
    ("neg", ["u8[N]"], {}, "x", "got u8[N]"),
    ("abs", ["bool"], {}, "x", "float[...] or signed int[...], got bool"),
    ("add", ["f32[N]", "i64[N]"], {}, None, "one dtype, got f32[N] and i64[N]"),
    ("add", ["f32[N]", "i64[N]"], {}, None, "write cast(…, f32)"),
    ("add", ["i64[N]", "f16[N]"], {}, None, "write cast(…, f16)"),
    ("add", ["bool", "bool"], {}, "a", "`+` expects a: float[...] or int[...]"),
    ("add", ["f32[N, 3]", "f32[N, 4]"], {}, None, "axis -1 has sizes 3 and 4"),
    ("add", ["f32[N, 3]", "f32[T, 3]"], {}, None, "f32[N, 3] and f32[T, 3]"),
    ("add", ["f32[N]", "f32[2]"], {}, None, "axis -1 has sizes N and 2"),
    ("div", ["i64[N]", "i64[N]"], {}, "a", "`//`"),
    ("div", ["bool", "bool"], {}, "a", "`/` expects a: float[...]"),
    ("and", ["f32", "f32"], {}, "a", "`and` expects a: bool[...]"),
    ("less", ["bool", "bool"], {}, "a", "`<`"),
    ("select", ["f32", "f32", "f32"], {}, "condition", "bool[...]"),
    ("select", ["bool", "f32", "i64"], {}, None, "one dtype"),
    ("select", ["bool[2]", "f32[3]", "f32"], {}, None, "sizes 2 and 3"),
    ("cast", ["f32"], {"dtype": "f16"}, "dtype", 'a dtype such as f32, got "f16"'),
    ("constant", [], {"value": [[1], [1, 2]], "dtype": DType.F32}, "value", "equal"),
    ("constant", [], {"value": 1.5, "dtype": DType.I64}, "value", "whole number"),
    ("constant", [], {"value": 300, "dtype": DType.U8}, "value", "0 to 255"),
    ("constant", [], {"value": 1e6, "dtype": DType.F16}, "value", "does not fit f16"),
    ("constant", [], {"value": True, "dtype": DType.F32}, "value", "true is no f32"),
    ("constant", [], {"value": 1, "dtype": DType.BOOL}, "value", "1 is no bool"),
    ("constant", [], {"value": "1", "dtype": DType.F32}, "value", '"1" is no f32'),
    ("dimension", [], {"size": 2, "dtype": DType.BOOL}, "dtype", "float or int dtype"),
    (
        "dimension",
        [],
        {"size": 1.5, "dtype": DType.F32},
        "size",
        "whole numbers, got 1.5",
    ),
    ("iota", [], {"size": -1}, "size", "cannot be -1"),
    ("broadcast", ["f32[3]"], {"shape": [4]}, "shape", "stretch f32[3] to f32[4]"),
    ("broadcast", ["f32[2, 3]"], {"shape": [3]}, "shape", "f32[2, 3] to f32[3]"),
    ("broadcast", ["f32[3]"], {"shape": [T]}, "shape", "f32[3] to f32[T]"),
    ("random_uniform", [], {"shape": [2], "dtype": DType.I64}, "dtype", "float dtype"),
    ("sum", ["f32[N, 3]"], {"axis": 2}, "axis", "f32[N, 3] has no axis 2"),
    ("sum", ["f32[N, 3]"], {"axis": 2}, "axis", "-2 to 1"),
    ("sum", ["f32"], {"axis": 0}, "axis", "it is a scalar"),
    ("sum", ["f32[N, 3]"], {"axis": [1, -1]}, "axis", "twice: [1, -1]"),
    ("sum", ["f32[N]"], {"axis": 1.0}, "axis", "an integer, got 1.0"),
    ("sum", ["f32[N]"], {"keep": 1}, "keep", "true or false, got 1"),
    ("sum", ["bool[N]"], {}, "x", "sum expects x"),
    ("mean", ["i64[N]"], {}, "x", "mean expects x: float[...], got i64[N]"),
    ("any", ["f32[N]"], {}, "x", "any expects x: bool[...]"),
    ("max", ["f32[0, 3]"], {"axis": 0}, "x", "max of nothing"),
    ("argmax", ["f32[2, 0]"], {}, "x", "argmax of nothing"),
    ("argmax", ["bool[2]"], {}, "x", "argmax expects x"),
    ("argmax", ["f32[2]"], {"axis": [0]}, "axis", "an integer, got [0]"),
    ("reshape", ["f32[N, 6]"], {"shape": [-1, 4]}, "shape", "6*N elements"),
    ("reshape", ["f32[N, 6]"], {"shape": [T, 6]}, "shape", "6*T elements"),
    ("reshape", ["f32[N, 6]"], {"shape": [-1, -1]}, "shape", "only one size"),
    ("reshape", ["f32[0, 6]"], {"shape": [0, -1]}, "shape", "no whole size"),
    ("reshape", ["f32[4]"], {"shape": [2.0, 2]}, "shape", "got 2.0"),
    ("reshape", ["f32[4]"], {"shape": [-2, -2]}, "shape", "cannot be -2"),
    ("transpose", ["f32[3]"], {}, "x", "two or more axes, got f32[3]"),
    ("transpose", ["f32[2, 3]"], {"axes": [0]}, "axes", "each axis"),
    ("transpose", ["f32[2, 3]"], {"axes": [0, -2]}, "axes", "twice"),
    ("slice", ["f32[3]"], {"start": [0], "stop": [3], "step": [0]}, "step", "be 0"),
    ("slice", ["f32[3]"], {"start": [0, 0], "stop": [3]}, "start", "2 entries"),
    ("slice", ["f32[3]"], {"start": [0.5], "stop": [3]}, "start", "[0.5]"),
    ("slice", ["f32[3]"], {"start": [0], "stop": 3}, "stop", "got 3"),
    ("concat", [], {"axis": 0}, None, "at least one"),
    ("concat", ["f32[2]", "i64[2]"], {"axis": 0}, None, "one dtype"),
    ("concat", ["f32[2, 3]", "f32[2, 4]"], {"axis": 0}, None, "axis 0"),
    ("concat", ["f32[2, 3]", "f32[2]"], {"axis": 0}, None, "f32[2, 3] and f32[2]"),
    ("pad", ["f32[2]"], {"low": [1, 1], "high": [0]}, "low", "each axis of f32[2]"),
    ("pad", ["f32[2]"], {"low": [0], "high": [-1]}, "high", "cannot be -1"),
    ("pad", ["i64[2]"], {"low": [0], "high": [0], "value": 0.5}, "value", "whole"),
    ("gather", ["f32[3]", "f32[2]"], {}, "indices", "int[...], got f32[2]"),
    ("gather", ["f32[3]", "i64"], {"axis": 1}, "axis", "no axis 1"),
    ("one_hot", ["f32[2]"], {"depth": 3}, "indices", "int[...], got f32[2]"),
    ("one_hot", ["i64[2]"], {"depth": -3}, "depth", "cannot be -3"),
    ("matmul", ["f32[N, 3]", "f32[4, 5]"], {}, None, "f32[4, 5]: 3 and 4"),
    ("matmul", ["f32[N, 3]", "f32[4]"], {}, None, "3 and 4"),
    ("matmul", ["f32", "f32[3]"], {}, "a", "`*`"),
    ("matmul", ["bool[3]", "bool[3]"], {}, "a", "float[...] or int[...]"),
    ("matmul", ["f32[2, 3]", "f64[3, 4]"], {}, None, "one dtype"),
    ("matmul", ["f32[2, 5, 3]", "f32[4, 3, 5]"], {}, None, "sizes 2 and 4"),
    ("conv", ["i64[N, T]", "f32[4, 3, 3]"], {}, "x", "float[N, C, ...], got i64[N, T]"),
    ("conv", ["f32[N, 3]", "f32[4, 3]"], {}, "x", "one to three axes"),
    ("conv", ["f32[N, 3, 8]", "f32[4, 3, 3, 3]"], {}, "weight", "f32[4, 3, 3, 3]"),
    ("conv", ["f32[N, 3, 8]", "f32[4, 3, T]"], {}, "weight", "f32[4, 3, T]"),
    ("conv", ["f32[N, 3, 8]", "f32[4, 2, 3]"], {}, "weight", "C is 3 and groups 1"),
    ("conv", ["f32[N, 4, 8]", "f32[3, 2, 3]"], {"groups": 2}, "groups", "share 3"),
    ("conv", ["f32[N, 3, 2]", "f32[4, 3, 5]"], {"padding": 1}, None, "padded to 4"),
    ("conv", ["f32[N, 3, 8]", "f32[4, 3, 3]"], {"stride": 0}, "stride", "at least 1"),
    ("conv", ["f32[N, 3, 8]", "f32[4, 3, 3]"], {"stride": [1, 1]}, "stride", "[1, 1]"),
    ("conv", ["f32[N, 3, 8]", "f32[4, 3, 3]"], {"padding": -1}, "padding", "least 0"),
    ("conv", ["f32[N, 3, 8]", "f32[4, 3, 3]"], {"padding": [1, 2]}, "padding", "[[be"),
    ("conv", ["f32[N, 3, 8]", "f32[4, 3, 3]"], {"padding": [[1]]}, "padding", "[1]"),
    (
        "conv",
        ["f32[N, 3, 8]", "f32[4, 3, 3]"],
        {"padding": "full"},
        "padding",
        '"full"',
    ),
    (
        "conv",
        ["f32[N, 3, T]", "f32[4, 3, 3]"],
        {"padding": "same", "stride": 4},
        "padding",
        "spatial axis 0, which is T",
    ),
    ("window_max", ["f32[N, 3]"], {"size": 2}, "x", "an axis or more"),
    ("window_max", ["bool[N, 3, 4]"], {"size": 2}, "x", "got bool[N, 3, 4]"),
    ("window_max", ["f32[N, 3, 4]"], {"size": 2, "padding": 2}, "padding", "nothing"),
    ("window_max", ["f32[N, 3, 4]"], {"size": 9}, None, "does not fit into 4"),
    ("window_mean", ["i64[N, 3, 4]"], {"size": 2}, "x", "window_mean expects x: float"),
    (
        "window_mean",
        ["f32[N, 3, 4]"],
        {"size": 2, "count_padding": 1},
        "count_padding",
        "true or false",
    ),
    ("standardize", ["i64[3]"], {}, "x", "float[...], got i64[3]"),
]


@pytest.mark.parametrize(
    ("name", "types", "attributes", "argument", "text"),
    CASES,
    ids=[f"{case[0]}-{i}" for i, case in enumerate(CASES)],
)
def test_fault(
    name: str,
    types: list[str],
    attributes: dict[str, Any],
    argument: str | None,
    text: str,
) -> None:
    operands = tuple(map(tensor, types))
    primitive = REGISTRY[name]
    with pytest.raises(Fault) as caught:
        primitive.infer(operands, primitive.normalize(operands, attributes))
    fault = caught.value
    assert text in f"{fault.message} | {fault.hint}"
    assert fault.argument == argument
    known = {*primitive.operand_names, *primitive.attribute_defaults, None}
    assert fault.argument in known
    assert not fault.message.endswith(".")


def test_every_primitive_that_can_fail_is_tried() -> None:
    tried = {case[0] for case in CASES}
    # A family is tried by one of its members.
    families = {type(REGISTRY[name]).__mro__[1] for name in tried}
    for name, primitive in REGISTRY.items():
        if name != "stop_gradient":  # which takes everything
            assert type(primitive).__mro__[1] in families or name in tried
