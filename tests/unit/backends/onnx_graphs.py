"""Small modules made by hand, and their graphs run."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
import onnxruntime
from onnx import ModelProto

from dlmc.grammar.span import Source, Span
from dlmc.ir.dimensions import Dim
from dlmc.ir.module import Apply, Body, Kind, Module, Operation, Output, Value
from dlmc.ir.types import DType, TensorType
from dlmc.primitives import REGISTRY, Sample
from dlmc.primitives.arrays import numpy_dtype

onnxruntime.set_default_logger_severity(3)

SPAN = Span(Source("programs/test.dlm", "y = f(x)\n"), 4, 8)
TOLERANCES = {
    DType.F64: 1e-12,
    DType.F32: 1e-5,
    DType.F16: 2e-3,
    DType.BF16: 1.6e-2,
}
"""How far apart two results may be, relative to the largest number."""


def module(
    inputs: Sequence[Value],
    operations: Sequence[Operation],
    outputs: Sequence[tuple[str | None, Value]],
    **rest: Any,
) -> Module:
    """A model of one body."""
    body = Body(tuple(operations), tuple(value for _, value in outputs))
    fields: dict[str, Any] = {
        "definition": "Test",
        "kind": Kind.MODEL,
        "is_library": False,
        "arguments": {},
        "dimensions": {},
        "inputs": tuple(inputs),
        "outputs": tuple(Output(name, value.type) for name, value in outputs),
        "parameters": (),
        "states": (),
        "instances": (),
        "inference": body,
        "training": body,
        "span": SPAN,
    }
    return Module(**{**fields, **rest})


def apply(primitive: str, operands: Sequence[Value], name: str, **given: Any) -> Apply:
    """A primitive on values, with its attributes as in DLM."""
    definition = REGISTRY[primitive]
    types = tuple(operand.type for operand in operands)
    attributes = definition.normalize(types, given)
    result = Value(name, definition.infer(types, attributes))
    return Apply(primitive, tuple(operands), attributes, result, SPAN)


def sample_module(primitive: str, sample: Sample) -> Module:
    """A model of one primitive; bf16 goes in and out as f32, for NumPy's sake."""
    inputs: list[Value] = []
    operands: list[Value] = []
    operations: list[Operation] = []
    for i, type_ in enumerate(sample.operands):
        if type_.dtype is DType.BF16:
            inputs.append(Value(f"x{i}", TensorType(DType.F32, type_.shape)))
            cast = apply("cast", [inputs[-1]], f"b{i}", dtype=DType.BF16)
            operations.append(cast)
            operands.append(cast.result)
        else:
            inputs.append(Value(f"x{i}", type_))
            operands.append(inputs[-1])
    # A size that a sample names in its attributes alone is an operand's elsewhere.
    used = apply(primitive, operands, "1", **sample.attributes)
    operations.append(used)
    if used.result.type.dtype is DType.BF16:
        operations.append(apply("cast", [used.result], "2", dtype=DType.F32))
    return module(inputs, operations, [("y", operations[-1].results[0])])


def concrete(shape: Sequence[Any], sizes: Mapping[str, int]) -> tuple[int, ...]:
    """A shape with its symbols known."""
    return tuple(
        size.substitute(sizes.__getitem__) if isinstance(size, Dim) else int(size)
        for size in shape
    )


def draw(
    type_: TensorType,
    sizes: Mapping[str, int],
    rng: np.random.Generator,
    between: tuple[float, float] | None = None,
) -> Any:
    """Numbers of a type, bf16 as f32 that it holds exactly."""
    shape = concrete(type_.shape, sizes)
    if type_.dtype is DType.BOOL:
        return rng.random(shape) < 0.5
    if type_.dtype.is_integer:
        low, high = between or ((0, 10) if type_.dtype is DType.U8 else (-10, 10))
        return rng.integers(int(low), int(high), shape).astype(numpy_dtype(type_.dtype))
    low, high = between or (-3.0, 3.0)
    drawn = rng.uniform(low, high, shape).astype(numpy_dtype(type_.dtype))
    return drawn.astype(np.float32) if type_.dtype is DType.BF16 else drawn


def fill(model: ModelProto, weights: Mapping[str, Any]) -> None:
    """Give a lowered graph its weights."""
    for place in model.graph.initializer:
        if place.name in weights:
            place.raw_data = weights[place.name].tobytes()


def checked(model: ModelProto) -> ModelProto:
    """The model, once the checker and strict shape inference have passed it."""
    onnx.checker.check_model(model, full_check=True)
    onnx.shape_inference.infer_shapes(
        model, check_type=True, strict_mode=True, data_prop=True
    )
    return model


def run_graph(model: ModelProto, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The outputs of a graph on stock ONNX Runtime."""
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    names = [output.name for output in session.get_outputs()]
    arrays = {name: np.asarray(value) for name, value in inputs.items()}
    return dict(zip(names, session.run(names, arrays), strict=True))


def assert_close(found: Any, wanted: Any, dtype: DType) -> None:
    """Equal, or for floats within the dtype's tolerance of the largest number."""
    assert found.shape == wanted.shape
    assert found.dtype == wanted.dtype
    if not dtype.is_float:
        np.testing.assert_array_equal(found, wanted)
        return
    finite = np.isfinite(wanted)
    np.testing.assert_array_equal(np.isfinite(found), finite)
    largest = np.abs(wanted[finite]).max(initial=1e-30)
    np.testing.assert_allclose(
        found[finite], wanted[finite], rtol=0, atol=TOLERANCES[dtype] * largest
    )
