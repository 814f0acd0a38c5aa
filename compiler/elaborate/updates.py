"""From an optimizer's declaration to its rule for each kind of weights of a model."""

from collections.abc import Sequence
from typing import Any

from dlmc.elaborate.problems import Problem, listing
from dlmc.elaborate.session import Session
from dlmc.elaborate.specialise import specialise
from dlmc.elaborate.top import OptimizerDeclaration
from dlmc.ir.dimensions import Dim
from dlmc.ir.module import Apply, Kind, Module, Value, weights
from dlmc.ir.program import Update
from dlmc.ir.traced import plain
from dlmc.ir.types import DType, TensorType
from dlmc.passes.elementwise import is_elementwise
from dlmc.passes.inline import inline

SCALAR = TensorType(DType.F64, ())
NAMED = 3
"""How many weights a message names before it counts the others."""


def updates_of(
    rule: OptimizerDeclaration,
    arguments: dict[str, Any],
    model: Module,
    session: Session,
) -> tuple[Update, ...]:
    """The rule for each kind of weights that the model has.

    A kind is a rank, and the outcome of the comparisons of sizes that the rule makes. A
    rule that goes element by element is made once, for a weight of one axis.

    Raises:
        Problem: The rule cannot update a weight of the model.
        Poisoned: The rule is wrong, which was reported.
    """
    shapes: dict[tuple[int, ...], list[str]] = {}
    for weight in weights(model):
        if weight.trained:
            shape = tuple(plain(size) for size in weight.type.shape)
            shapes.setdefault(shape, []).append(weight.name)
    found: list[Update] = []
    refused: list[tuple[Problem, list[str]]] = []
    for shape, names in shapes.items():
        if any(update.fits(shape) for update in found):
            continue
        try:
            found.append(_update(rule, arguments, shape, session))
        except Problem as problem:
            refused.append((problem, names))
    if refused:
        raise _refusal(refused, len(shapes))
    single = _update(rule, arguments, (1,), session) if found else None
    if single is not None and _is_elementwise([single, *found]):
        return (Update(None, (), single.module),)
    return tuple(found)


def _update(
    rule: OptimizerDeclaration,
    arguments: dict[str, Any],
    shape: tuple[int, ...],
    session: Session,
) -> Update:
    rank = len(shape)
    symbols = ["S"] if rank == 1 else [f"S{axis}" for axis in range(rank)]
    weight = TensorType(DType.F32, tuple(map(Dim.symbol, symbols)))
    done = specialise(
        session,
        rule.declaration,
        rule.scope,
        Kind.OPTIMIZER,
        arguments,
        (weight, weight, SCALAR, SCALAR),
        ("weight", "grad", "step", "lr"),
        mixes_scalars=True,
        actual=dict(zip(symbols, shape, strict=True)),
    )
    return Update(rank, done.tests, done.module)


def _refusal(refused: list[tuple[Problem, list[str]]], shapes: int) -> Problem:
    """The first problem, with the names of the weights that have it, if not all do."""
    problem = refused[0][0]
    message = problem.diagnostic.message
    alike = [names for other, names in refused if other.diagnostic.message == message]
    if len(alike) == shapes:
        return problem
    names = [name for some in alike for name in some]
    rest = len(names) - NAMED
    others = f", and of {rest} others" if rest > 0 else ""
    of = f"in the update of {listing(names[:NAMED])}{others}"
    return problem.amended(of)


def _is_elementwise(updates: Sequence[Update]) -> bool:
    """Whether a rule does the same to each element, whatever the rank of the weight."""
    forms = [_form(update) for update in updates]
    return all(form is not None and form == forms[0] for form in forms)


def _form(update: Update) -> Any:
    """What a rule that goes element by element computes, apart from its shapes.

    None for one that asks for more than single elements.
    """
    if update.tests:
        return None
    flat = inline(update.module, training=True)
    shape = flat.inputs[0].type.shape

    def typed(value: Value) -> tuple[str, DType, bool]:
        return value.name, value.type.dtype, value.type.shape == shape

    operations = []
    for operation in flat.training.operations:
        assert isinstance(operation, Apply)
        if not is_elementwise(operation):
            return None
        operations.append(
            (
                operation.primitive,
                tuple(map(typed, operation.operands)),
                dict(operation.attributes),
                typed(operation.result),
            )
        )
    states = [
        (state.name, state.type.dtype, state.type.shape == shape, state.initializer)
        for state in flat.states
    ]
    changes = [(name, value.name) for name, value in flat.training.updates]
    return operations, states, changes, flat.training.outputs[0].name
