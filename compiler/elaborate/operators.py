"""Operators on compile-time values and tensors."""

import math
import re
from collections.abc import Callable
from typing import Any

from dlmc.diagnostics import Label
from dlmc.elaborate.frame import Frame
from dlmc.elaborate.problems import Problem
from dlmc.elaborate.steps import longest_chain
from dlmc.elaborate.values import Layer, describe, is_number
from dlmc.grammar import tree
from dlmc.grammar.span import Span
from dlmc.ir.dimensions import Dim, exact_quotient
from dlmc.ir.module import Value
from dlmc.ir.traced import TracedFloat, TracedInt, origin_of, plain
from dlmc.ir.types import DType, TensorType
from dlmc.primitives.base import Fault

PRIMITIVES = {
    "+": "add",
    "-": "sub",
    "*": "mul",
    "/": "div",
    "//": "floordiv",
    "%": "mod",
    "**": "pow",
    "@": "matmul",
    "==": "equal",
    "!=": "not_equal",
    "<": "less",
    "<=": "less_equal",
    ">": "greater",
    ">=": "greater_equal",
    "and": "and",
    "or": "or",
}
"""The primitive behind each operator on tensors."""

_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "//": lambda a, b: a // b,
    "%": lambda a, b: a % b,
    "**": lambda a, b: a**b,
}
_COMPARISON: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
MAX_LENGTH = 100_000
"""The longest list, range or string that a program may make."""

MAX_BITS = 256
"""Integers beyond this size mean a mistake, and would cost time."""


def truth(value: Any, node: tree.Expression, frame: Frame) -> bool:
    """A compile-time condition."""
    if isinstance(value, bool):
        return value
    hint = (
        "a condition on the values of a tensor is `select(condition, a, b)`"
        if isinstance(value, Value)
        else None
    )
    raise Problem(
        "E0310",
        f"a condition is true or false, not {describe(value)}",
        node.span,
        hint=hint,
    )


def unary(operator: str, value: Any, node: tree.Unary, frame: Frame) -> Any:
    """An operator before its operand."""
    if isinstance(value, Value):
        if operator == "+":
            return value
        primitive = "neg" if operator == "-" else "not"
        return apply(frame, primitive, (value,), {}, node.span)
    if operator == "not":
        return not truth(value, node.operand, frame)
    if is_number(value):
        return -value if operator == "-" else value
    raise Problem(
        "E0310", f"`{operator}` needs a number or a tensor, not {describe(value)}",
        node.operand.span,
    )  # fmt: skip


def binary(left: Any, right: Any, node: tree.Binary, frame: Frame) -> Any:
    """An operator between two values."""
    operator = node.operator
    if isinstance(left, Value) or isinstance(right, Value):
        operands = to_tensors(
            (left, right), (node.left.span, node.right.span), node.span, frame
        )
        result = apply(
            frame,
            PRIMITIVES[operator],
            operands,
            {},
            node.span,
            spans=(node.left.span, node.right.span),
        )
        if isinstance(left, Value):
            text = f"{operator} {node.right.span.text}"
            frame.stage(result, left, text, node.right.span)
        else:
            text = f"{node.left.span.text} {operator} …"
            frame.stage(result, right, text, node.left.span)
        return result
    if operator in ("==", "!="):
        frame.fix((left, right))
        return _equal(left, right, node, frame) is (operator == "==")
    if is_number(left) and is_number(right):
        if operator in _COMPARISON:
            return _compare(operator, left, right, node, frame)
        if operator in _ARITHMETIC or operator == "/":
            return _calculate(operator, left, right, node)
    if isinstance(left, list) and isinstance(right, list) and operator == "+":
        return checked(left + right, node.span, frame)
    if isinstance(left, list) and isinstance(right, int) and operator == "*":
        frame.fix(right)
        _check_length(len(left) * right, node.span)
        return checked(left * int(right), node.span, frame)
    if isinstance(left, str) and isinstance(right, str) and operator == "+":
        _check_length(len(left) + len(right), node.span)
        return left + right
    raise Problem(
        "E0310",
        f"`{operator}` has no meaning between {describe(left)} and {describe(right)}",
        node.span,
    )


def checked(items: list[Any], span: Span, frame: Frame) -> list[Any]:
    """A list, once it is sure that it is not too long with the lists in it.

    One list may stand in it more than once, each time in full: what walks along it
    would take as long.
    """
    if any(isinstance(item, list) for item in items):
        waiting, length = [items], 0
        while waiting and length <= MAX_LENGTH:
            some = waiting.pop()
            length += len(some)
            waiting += [item for item in some if isinstance(item, list)]
        frame.session.steps += length // 10
    else:
        length = len(items)
    _check_length(length, span)
    return items


def _check_length(length: int, span: Span) -> None:
    if length > MAX_LENGTH:
        raise Problem(
            "E0003",
            f"{length:,} items are more than the limit, {MAX_LENGTH:,}",
            span,
        )


def _equal(left: Any, right: Any, node: tree.Binary, frame: Frame) -> bool:
    """Whether two compile-time values are equal, sizes and all."""
    if isinstance(left, list) and isinstance(right, list):
        pairs = zip(left, right, strict=False)
        return len(left) == len(right) and all(
            _equal(a, b, node, frame) for a, b in pairs
        )
    if (isinstance(left, Dim) and is_number(right)) or (
        isinstance(right, Dim) and is_number(left)
    ):
        floats = isinstance(left, float) or isinstance(right, float)
        difference = None if floats else left - right
        if isinstance(difference, int):
            return difference == 0
        return _decided(left, "==", right, node, frame)
    if isinstance(left, Layer) or isinstance(right, Layer):
        return left is right
    same_kind = isinstance(left, bool) is isinstance(right, bool)
    return same_kind and bool(plain(left) == plain(right))


def _decided(
    left: Any, operator: str, right: Any, node: tree.Binary, frame: Frame
) -> bool:
    """A comparison of symbolic sizes, which an update rule may go by."""
    outcome = frame.decided(left, operator, right)
    if outcome is not None:
        return outcome
    raise Problem(
        "E0310",
        f"whether {left} {node.operator} {right} is known only when the program runs",
        node.span,
        hint="a choice at compile time needs sizes that are known then",
    )


def _compare(
    operator: str, left: Any, right: Any, node: tree.Binary, frame: Frame
) -> bool:
    frame.fix((left, right))
    if isinstance(left, Dim) or isinstance(right, Dim):
        floats = isinstance(left, float) or isinstance(right, float)
        difference = None if floats else left - right
        if isinstance(difference, int):
            return _COMPARISON[operator](difference, 0)
        return _decided(left, operator, right, node, frame)
    return _COMPARISON[operator](left, right)


def _calculate(operator: str, left: Any, right: Any, node: tree.Binary) -> Any:
    if operator in ("/", "//", "%") and right == 0:
        raise Problem("E0310", "division by zero", node.span)
    if isinstance(left, Dim) or isinstance(right, Dim):
        return _calculate_sizes(operator, left, right, node)
    if operator == "/":
        return _divide(left, right)
    if operator == "**" and (
        abs(right) * math.log2(abs(left) + 1) > MAX_BITS or (left == 0 and right < 0)
    ):
        raise Problem("E0003", "the power is too large to compute", node.span)
    value = _ARITHMETIC[operator](left, right)
    if isinstance(value, complex) or (
        isinstance(value, int) and value.bit_length() > MAX_BITS
    ):
        raise Problem("E0003", "the result is no number of a usable size", node.span)
    return value


def _divide(left: Any, right: Any) -> Any:
    """Exact on integers that divide, as dimensions do; a float otherwise."""
    whole = (int, TracedInt)
    if type(left) in whole and type(right) in whole and left % right == 0:
        return left // right
    return left / right


def _calculate_sizes(operator: str, left: Any, right: Any, node: tree.Binary) -> Any:
    if isinstance(left, float) or isinstance(right, float):
        raise Problem(
            "E0310",
            f"{describe(left)} and {describe(right)} do not mix",
            node.span,
            hint="`cast(size, f32)` makes a tensor of a size",
        )
    if operator == "/":
        quotient = exact_quotient(left, right)
        if quotient is None:
            raise Problem(
                "E0307",
                f"{left} may leave a rest when divided by {right}",
                node.span,
                hint="`//` rounds down",
            )
        return quotient
    if operator == "**" and not (isinstance(right, int) and 0 <= right <= 8):
        raise Problem("E0310", f"no such power of the size {left}", node.span)
    return _ARITHMETIC[operator](left, right)


def to_tensors(
    values: tuple[Any, ...],
    spans: tuple[Span, ...],
    whole: Span,
    frame: Frame,
) -> tuple[Value, ...]:
    """Operands as tensors: a number takes the dtype of the tensors beside it."""
    tensors = [value for value in values if isinstance(value, Value)]
    if frame.mixes_scalars:
        values = _mix(values, tensors, whole, frame)
        tensors = [value for value in values if isinstance(value, Value)]
    numeric = [t for t in tensors if t.type.dtype is not DType.BOOL]
    model = (numeric or tensors)[0] if tensors else None
    if tensors and not numeric:
        _check_numbers(values, spans)
    return tuple(
        to_tensor(value, span, model, frame)
        for value, span in zip(values, spans, strict=True)
    )


def _check_numbers(values: tuple[Any, ...], spans: tuple[Span, ...]) -> None:
    """Numbers take the dtype of the tensors beside them, which is then not bool."""
    for value, span in zip(values, spans, strict=True):
        if not is_number(value):
            continue
        tensors = [
            (v, s.text)
            for v, s in zip(values, spans, strict=True)
            if isinstance(v, Value)
        ]
        beside, text = tensors[0]
        hint = f"`cast({text}, f32)` makes numbers of it"
        if len(values) > 2:  # of `select`, whose condition is what it has to be
            hint = f"say its dtype: `cast({span.text}, f32)`"
        raise Problem(
            "E0303",
            f"{describe(value)} takes its dtype from the tensor beside it, and"
            f" {beside.type} holds no numbers",
            span,
            hint=hint,
        )


def _mix(
    values: tuple[Any, ...], tensors: list[Value], span: Span, frame: Frame
) -> tuple[Any, ...]:
    """In an update rule, scalars in f64 are numbers: they adapt to what they meet."""
    number = TensorType(DType.F64, ())
    others = [t.type.dtype for t in tensors if t.type != number]
    wanted = next((dtype for dtype in others if dtype.is_float), DType.F64)
    if wanted is DType.F64:
        return values
    return tuple(
        frame.apply("cast", (value,), {"dtype": wanted}, span)
        if isinstance(value, Value) and value.type == number
        else value
        for value in values
    )


def to_tensor(value: Any, span: Span, model: Value | None, frame: Frame) -> Value:
    """A value as a tensor, in the dtype of `model` where it is a number."""
    if isinstance(value, Value):
        return value
    if isinstance(value, bool):
        attributes = {"value": value, "dtype": DType.BOOL}
        return apply(frame, "constant", (), attributes, span)
    if isinstance(value, list):
        value = _nested(value, span)
    elif not is_number(value):
        raise Problem("E0310", f"a tensor is needed, not {describe(value)}", span)
    if model is None:
        raise Problem(
            "E0310",
            f"{describe(value)} has no dtype here",
            span,
            hint="`cast(value, f32)` makes a tensor of a number",
        )
    dtype = model.type.dtype
    if dtype is DType.BOOL:
        raise Problem("E0303", f"{describe(value)} meets a tensor of bool", span)
    if dtype.is_integer and isinstance(value, float):
        raise Problem(
            "E0303",
            f"the number {value} meets a tensor of {dtype}",
            span,
            labels=(),
            hint="there is no implicit cast: `cast(x, f32)` makes the tensor a float",
        )
    if isinstance(value, Dim):
        return frame.apply("dimension", (), {"size": value, "dtype": dtype}, span)
    return number(value, dtype, span, frame)


def number(value: Any, dtype: DType, span: Span, frame: Frame) -> Value:
    """A compile-time number as a tensor of a dtype; it keeps its origin."""
    if dtype.is_float and isinstance(value, int):
        origin = origin_of(value)
        value = float(value) if origin is None else TracedFloat(float(value), origin)
    elif not dtype.is_float and isinstance(value, float):
        frame.fix(value)
        value = int(value) if dtype.is_integer else bool(value)
    return apply(frame, "constant", (), {"value": value, "dtype": dtype}, span)


def _nested(value: list[Any], span: Span) -> tuple[Any, ...]:
    for item in value:
        if not (isinstance(item, list) or is_number(item)) or isinstance(item, Dim):
            raise Problem(
                "E0310",
                f"a tensor is made of numbers, not of {describe(item)}",
                span,
            )
    return tuple(
        _nested(item, span) if isinstance(item, list) else item for item in value
    )


def apply(
    frame: Frame,
    primitive: str,
    operands: tuple[Value, ...],
    attributes: dict[str, Any],
    span: Span,
    *,
    spans: tuple[Span, ...] = (),
) -> Value:
    """Apply a primitive; its fault becomes a problem at its place."""
    try:
        return frame.apply(primitive, operands, attributes, span)
    except Fault as fault:
        labels = _labels(operands, spans) if spans else ()
        if spans and not frame.is_library:
            fault.hint = _hint_for(fault, primitive, operands, spans)
        problem = problem_of(fault, span, labels, of=primitive)
        if operands:
            problem.about(longest_chain(operands, frame), frame)
        raise problem from None


def _hint_for(
    fault: Fault, primitive: str, operands: tuple[Value, ...], spans: tuple[Span, ...]
) -> str | None:
    """The hint of an operator's fault, in terms of what stands beside it."""
    left, right = (span.text if len(span.text) <= 40 else "…" for span in spans)
    if fault.code != "E0303":
        hint = fault.hint
        if hint is not None and "transpose(b)" in hint:
            hint = f"`{left} @ transpose({right})` fits"
        return hint
    if primitive in ("and", "or"):
        text = right if operands[0].type.dtype is DType.BOOL else left
        return f"a number is compared first: `{text} != 0`"
    a, b = operands
    keeps_a = _width(a.type.dtype) >= _width(b.type.dtype)
    text, dtype = (right, a.type.dtype) if keeps_a else (left, b.type.dtype)
    return f"nothing is cast implicitly: write `cast({text}, {dtype})`"


def _width(dtype: DType) -> tuple[bool, bool, int]:
    """What a dtype can hold, to compare by: fractions, numbers at all, how many."""
    bits = int("".join(c for c in dtype.value if c.isdigit()) or 0)
    return dtype.is_float, dtype is not DType.BOOL, bits


def _labels(operands: tuple[Value, ...], spans: tuple[Span, ...]) -> tuple[Label, ...]:
    return tuple(
        Label(span, f"this is {operand.type}")
        for operand, span in zip(operands, spans, strict=True)
        if operand.type != TensorType(operand.type.dtype, ())
    )


def in_terms(hint: str | None, argument: str, span: Span) -> str | None:
    """A hint that speaks of an argument, with what is given for it in its place."""
    text = span.text
    if hint is None or len(text) > 24:
        return hint
    return re.sub(rf"(\(|: |`){argument}\b", lambda match: match[1] + text, hint)


def problem_of(
    fault: Fault, span: Span, labels: tuple[Label, ...] = (), *, of: str = ""
) -> Problem:
    """A fault, of the primitive of a name, at a place of the program."""
    message = fault.message
    if of == "constant":  # which programs say without a name
        message = message.removeprefix("constant: ")
    elif of and message.startswith((f"{of} ", f"{of}:")):
        message = f"`{of}`{message[len(of) :]}"
    return Problem(fault.code, message, span, labels=labels, hint=fault.hint)
