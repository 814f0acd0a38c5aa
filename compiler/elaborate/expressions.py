"""What expressions mean."""

from typing import Any

from dlmc.elaborate.calls import call, pipe
from dlmc.elaborate.frame import Frame
from dlmc.elaborate.indexing import index
from dlmc.elaborate.layers import name_value
from dlmc.elaborate.operators import binary, truth, unary
from dlmc.elaborate.problems import Poisoned, Problem, did_you_mean
from dlmc.elaborate.scope import Environment, FileScope
from dlmc.elaborate.values import Closure, Layer, Poison, describe
from dlmc.grammar import tree
from dlmc.grammar.faults import SyntaxFaults
from dlmc.grammar.interpolation import interpolated
from dlmc.ir.dimensions import Dim
from dlmc.ir.module import Value
from dlmc.ir.traced import plain

MAX_LIST = 100_000
"""The longest list or range that a program may hold."""


def evaluate(
    node: tree.Expression, environment: Environment | FileScope, frame: Frame
) -> Any:
    """The value of an expression; raises `Problem` or `Poisoned`."""
    match node:
        case tree.Number(value=value) | tree.Boolean(value=value):
            return value
        case tree.String(value=text):
            return text
        case tree.Name():
            return _name(node, environment, frame)
        case tree.List(items=items):
            return [evaluate(item, environment, frame) for item in items]
        case tree.Range():
            return _range(node, environment, frame)
        case tree.Unary(operator=operator, operand=operand):
            return unary(operator, evaluate(operand, environment, frame), node, frame)
        case tree.Binary(operator="and" | "or"):
            return _logical(node, environment, frame)
        case tree.Binary(left=left, right=right):
            a = evaluate(left, environment, frame)
            b = evaluate(right, environment, frame)
            return binary(a, b, node, frame)
        case tree.Choice():
            return _choice(node, environment, frame)
        case tree.Function():
            return Closure(node, _environment(environment))
        case tree.Call():
            return call(node, environment, frame)
        case tree.Attribute():
            return _attribute(node, environment, frame)
        case tree.Index():
            return index(node, environment, frame)
        case tree.Pipe():
            return pipe(node, None, environment, frame)
        case tree.Named(value=tree.Pipe() as stage, name=name):
            return pipe(stage, name, environment, frame)
        case tree.Named(value=inner, name=name):
            text = interpolate(name, environment, frame)
            return name_value(evaluate(inner, environment, frame), text, node)


def _environment(environment: Environment | FileScope) -> Environment:
    if isinstance(environment, Environment):
        return environment
    return Environment(environment)


def _name(node: tree.Name, environment: Environment | FileScope, frame: Frame) -> Any:
    found = environment.lookup(node.name)
    if found is None:
        if node.name == "training":
            frame.uses_mode = True
            return frame.training
        known = [*environment.names(), "training"]
        raise frame.session.unknown_name(node, known)
    if isinstance(found.value, Poison):
        raise Poisoned
    return found.value


def _range(
    node: tree.Range, environment: Environment | FileScope, frame: Frame
) -> list[int]:
    start = evaluate(node.start, environment, frame)
    stop = evaluate(node.stop, environment, frame)
    for value, part in ((start, node.start), (stop, node.stop)):
        if not isinstance(value, int) or isinstance(value, bool):
            reason = (
                "its value is known only when the program runs"
                if isinstance(value, Dim | Value)
                else None
            )
            raise Problem(
                "E0310",
                f"a range goes from one integer to another, not to {describe(value)}",
                part.span,
                hint=reason,
            )
    if stop - start > MAX_LIST:
        raise Problem(
            "E0003",
            f"the range has {stop - start:,} turns; the limit is {MAX_LIST:,}",
            node.span,
        )
    frame.fix((start, stop))
    return list(range(int(start), int(stop)))


def _logical(
    node: tree.Binary, environment: Environment | FileScope, frame: Frame
) -> Any:
    left = evaluate(node.left, environment, frame)
    if isinstance(left, bool):  # the right side counts only where it decides
        decided = left is (node.operator == "or")
        if decided:
            return left
        right = evaluate(node.right, environment, frame)
        if isinstance(right, bool):
            return right
        return binary(left, right, node, frame)
    return binary(left, evaluate(node.right, environment, frame), node, frame)


def _choice(
    node: tree.Choice, environment: Environment | FileScope, frame: Frame
) -> Any:
    condition = truth(
        evaluate(node.condition, environment, frame), node.condition, frame
    )
    taken = node.then if condition else node.otherwise
    return evaluate(taken, environment, frame)


def _attribute(
    node: tree.Attribute, environment: Environment | FileScope, frame: Frame
) -> Any:
    value = evaluate(node.value, environment, frame)
    if isinstance(value, Value):
        match node.name:
            case "shape":
                return list(value.type.shape)
            case "rank":
                return value.type.rank
            case "dtype":
                return value.type.dtype
        known: list[str] = ["shape", "rank", "dtype"]
    elif isinstance(value, Layer):
        return frame.session.layer_attribute(value, node, frame)
    else:
        known = []
    raise Problem(
        "E0208",
        f"{describe(value)} has no `{node.name}`",
        node.span,
        hint=did_you_mean(node.name, known)
        or (f"a tensor has {', '.join(known)}" if known else None),
    )


def interpolate(
    node: tree.String, environment: Environment | FileScope, frame: Frame
) -> str:
    """The text of an instance name, with each `{expr}` replaced."""
    try:
        pieces = interpolated(node)
    except SyntaxFaults as faults:
        fault = faults.faults[0]
        raise Problem(fault.code, fault.message, fault.span, hint=fault.hint) from None
    parts: list[str] = []
    for piece in pieces:
        if isinstance(piece, str):
            parts.append(piece)
            continue
        value = evaluate(piece, environment, frame)
        frame.fix(value)
        if not isinstance(value, int | str) or isinstance(value, bool):
            raise Problem(
                "E0310",
                f"a name is made of integers and strings, not of {describe(value)}",
                piece.span,
            )
        parts.append(str(plain(value)))
    return "".join(parts)
