"""What expressions mean."""

from typing import Any

from dlmc.diagnostics import Label
from dlmc.elaborate.arguments import duplicates
from dlmc.elaborate.calls import call, pipe
from dlmc.elaborate.frame import Frame
from dlmc.elaborate.indexing import index
from dlmc.elaborate.layers import name_value
from dlmc.elaborate.operators import MAX_LENGTH, binary, checked, truth, unary
from dlmc.elaborate.problems import Poisoned, Problem
from dlmc.elaborate.scope import Environment, FileScope
from dlmc.elaborate.unknown import foreign_module, unknown_attribute, unknown_name
from dlmc.elaborate.values import Closure, Foreign, Layer, Poison, describe, rounded
from dlmc.grammar import tree
from dlmc.grammar.faults import SyntaxFaults
from dlmc.grammar.interpolation import interpolated
from dlmc.ir.dimensions import Dim
from dlmc.ir.module import Value
from dlmc.ir.traced import plain


def evaluate(
    node: tree.Expression, environment: Environment | FileScope, frame: Frame
) -> Any:
    """The value of an expression; raises `Problem` or `Poisoned`."""
    frame.session.step(node)
    match node:
        case tree.Number(value=value) | tree.Boolean(value=value):
            return value
        case tree.String(value=text):
            return text
        case tree.Name():
            return _name(node, environment, frame)
        case tree.List(items=items):
            values = [evaluate(item, environment, frame) for item in items]
            return checked(values, node.span, frame)
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
        case tree.Function(parameters=parameters):
            for problem in duplicates(parameters):
                raise problem
            return Closure(node, _environment(environment), frame)
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
        raise frame.explain(node) or unknown_name(node, environment, frame.declaration)
    if isinstance(found.value, Poison):
        raise Poisoned
    if isinstance(found.value, Foreign):
        place = found.value.span
        raise Problem(
            "E0314",
            f"`{node.name}` is a tensor or a size of another block",
            node.span,
            labels=() if place is None else (Label(place, "bound here"),),
            hint="give it to the block as an input",
        )
    return found.value


def _range(
    node: tree.Range, environment: Environment | FileScope, frame: Frame
) -> list[int]:
    start = evaluate(node.start, environment, frame)
    stop = evaluate(node.stop, environment, frame)
    for value, part in ((start, node.start), (stop, node.stop)):
        if not isinstance(value, int) or isinstance(value, bool):
            reason = rounded(value, part)
            if isinstance(value, Dim | Value):
                reason = "its value is known only when the program runs"
            end = "from" if part is node.start else "to"
            raise Problem(
                "E0310",
                "a range goes from one whole number to another, not"
                f" {end} {describe(value)}",
                part.span,
                hint=reason,
            )
    if stop - start > MAX_LENGTH:
        raise Problem(
            "E0003",
            f"the range has {stop - start:,} turns; the limit is {MAX_LENGTH:,}",
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
    foreign = foreign_module(node, environment)
    if foreign is not None:
        raise foreign
    value = evaluate(node.value, environment, frame)
    if isinstance(value, Value):
        match node.name:
            case "shape":
                return list(value.type.shape)
            case "rank":
                return value.type.rank
            case "dtype":
                return value.type.dtype
    elif isinstance(value, Layer):
        return frame.session.layer_attribute(value, node, frame)
    raise unknown_attribute(node, value, environment)


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
