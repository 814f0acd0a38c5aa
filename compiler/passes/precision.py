"""A program in 64 bits: every float of it an f64.

What it means is the same up to rounding, which then is too small to hide a difference
between two targets, or to look like one.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dlmc.ir.module import Apply, Body, Call, Module, Operation, Output, Value
from dlmc.ir.program import Program
from dlmc.ir.types import DType, TensorType
from dlmc.passes.modules import changed, with_bodies


def widened(program: Program) -> Program:
    """The program with f64 in the place of every narrower float.

    Casts between floats stay and do nothing. Optimizers and schedules compute in the
    dtype of the weight that they are given.
    """
    return changed(program, _module)


def _module(module: Module) -> Module:
    made = replace(
        module,
        arguments=_all(module.arguments),
        inputs=tuple(map(_value, module.inputs)),
        outputs=tuple(Output(o.name, _type(o.type)) for o in module.outputs),
        parameters=tuple(replace(p, type=_type(p.type)) for p in module.parameters),
        states=tuple(replace(s, type=_type(s.type)) for s in module.states),
        instances=tuple(
            replace(i, arguments=_all(i.arguments)) for i in module.instances
        ),
        borrowed=tuple(replace(b, type=_type(b.type)) for b in module.borrowed),
    )
    return with_bodies(made, _body)


def _body(body: Body) -> Body:
    return Body(
        tuple(map(_operation, body.operations)),
        tuple(map(_value, body.outputs)),
        tuple((name, _value(value)) for name, value in body.updates),
    )


def _operation(operation: Operation) -> Operation:
    operands = tuple(map(_value, operation.operands))
    match operation:
        case Apply():
            return replace(
                operation,
                operands=operands,
                attributes=_all(operation.attributes),
                result=_value(operation.result),
            )
        case Call():
            return replace(
                operation,
                operands=operands,
                arguments=_all(operation.arguments),
                results=tuple(map(_value, operation.results)),
            )


def _value(value: Value) -> Value:
    return Value(value.name, _type(value.type))


def _type(type_: TensorType) -> TensorType:
    return TensorType(_dtype(type_.dtype), type_.shape)


def _dtype(dtype: DType) -> DType:
    return DType.F64 if dtype.is_float else dtype


def _all(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _argument(value) for name, value in given.items()}


def _argument(value: Any) -> Any:
    match value:
        case DType():
            return _dtype(value)
        case tuple() | list():
            return type(value)(_argument(item) for item in value)
    return value
