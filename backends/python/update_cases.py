"""The kinds of weights that an optimizer tells apart, in code."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dlmc.backends.python import tree as py
from dlmc.backends.python.names import free_name
from dlmc.backends.python.numbers import Numbers
from dlmc.backends.python.quotation import Quote
from dlmc.backends.python.update_rules import UpdateRule
from dlmc.ir.dimensions import Dim
from dlmc.ir.program import SizeTest, Update

quote = Quote()

KINDS = {0: "scalar", 1: "vector", 2: "matrix"}
"""What a weight is called by its rank."""
OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}


@dataclass(frozen=True, slots=True)
class Case:
    """A rule, and the kinds of weights that it is for.

    `condition` is code on `weight`, None for the last case: it takes what is left.
    """

    name: str
    """What to call its method, after `update_`."""
    updates: tuple[Update, ...]
    rule: UpdateRule
    condition: py.Expression | None


def cases(
    updates: Sequence[Update], rule_of: Callable[[Update], UpdateRule]
) -> tuple[Case, ...]:
    """A rule for each kind of weights; one for all those whose code is the same."""
    grouped: list[tuple[UpdateRule, list[Update]]] = []
    for update in updates:
        rule = rule_of(update)
        for known, others in grouped:
            if known == rule:
                others.append(update)
                break
        else:
            grouped.append((rule, [update]))
    # What takes most is left for the end.
    grouped.sort(key=lambda group: (not group[1][0].tests, len(group[1])))
    made: list[Case] = []
    for position, (rule, group) in enumerate(grouped):
        rest = [one for _, later in grouped[position + 1 :] for one in later]
        name = free_name(_kind(group), {case.name for case in made})
        condition = _condition(group, rest) if rest else None
        made.append(Case(name, tuple(group), rule, condition))
    return tuple(made)


def branches(
    made: Sequence[Case], body: Callable[[Case], tuple[py.Statement, ...]]
) -> tuple[py.Statement, ...]:
    """`if`, `elif`, `else` over cases."""
    first, *rest = made
    if first.condition is None:
        return body(first)
    return (py.If(first.condition, body(first), branches(rest, body)),)


def _kind(group: Sequence[Update]) -> str:
    kinds = {KINDS.get(update.rank or 0, "tensor") for update in group}
    return kinds.pop() if len(kinds) == 1 else "tensor"


def _condition(group: Sequence[Update], rest: Sequence[Update]) -> py.Expression:
    """What tells the weights of some rules from those of the rest."""
    ranks = sorted({update.rank or 0 for update in group})
    others = {update.rank or 0 for update in rest}
    if others.isdisjoint(ranks):
        if len(ranks) == 1:
            return quote("weight.ndim == {rank}", rank=ranks[0])
        if ranks[0] > max(others):
            return quote("weight.ndim >= {rank}", rank=ranks[0])
        if ranks[-1] < min(others):
            return quote("weight.ndim <= {rank}", rank=ranks[-1])
        shown = tuple(py.Literal(rank) for rank in ranks)
        return quote("weight.ndim in {ranks}", ranks=py.Tuple(shown))
    choices = [_one(update, len({*ranks, *others}) > 1) for update in group]
    return choices[0] if len(choices) == 1 else py.Boolean("or", tuple(choices))


def _one(update: Update, needs_rank: bool) -> py.Expression:
    """What tells the weights of one rule from all others."""
    parts: list[py.Expression] = []
    if needs_rank:
        parts.append(quote("weight.ndim == {rank}", rank=update.rank or 0))
    parts += [_test(test, update) for test in update.tests]
    return parts[0] if len(parts) == 1 else py.Boolean("and", tuple(parts))


def _test(test: SizeTest, update: Update) -> py.Expression:
    axes = {
        size.name: axis
        for axis, size in enumerate(update.module.inputs[0].type.shape)
        if isinstance(size, Dim) and size.name is not None
    }
    numbers = Numbers(lambda name: quote("weight.shape[{i}]", i=axes[name]), {})
    operator = test.operator if test.outcome else OPPOSITE[test.operator]
    return quote(
        f"{{left}} {operator} {{right}}",
        left=numbers(test.left),
        right=numbers(test.right),
    )
