"""Functions without calls as Python: one expression, or a few lines that end in one.

What a dialect adds is a table: for each primitive, how its expression is made.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from dlmc.backend import Unsupported
from dlmc.backends.python import printer
from dlmc.backends.python import tree as py
from dlmc.backends.python.names import free_name
from dlmc.ir.module import Apply, Body, Value

INLINE_WIDTH = 60
"""A longer expression gets a line of its own."""
NAMED_WIDTH = 24
"""The same, for one that has a name in the source."""


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a primitive: what a dialect's rule is made from."""

    apply: Apply
    operands: tuple[py.Expression, ...]

    @property
    def attributes(self) -> Mapping[str, Any]:
        """The operation's attributes."""
        return self.apply.attributes

    @property
    def types(self) -> tuple[Any, ...]:
        """The types of the operands."""
        return tuple(operand.type for operand in self.apply.operands)

    @property
    def result(self) -> Any:
        """The type of the result."""
        return self.apply.result.type


@dataclass(frozen=True, slots=True)
class Stored:
    """What stores a value, and how it is read from then on."""

    statement: py.Statement
    value: py.Expression


Rule: TypeAlias = Callable[[Use], py.Expression]


@dataclass(frozen=True, slots=True)
class Code:
    """Statements, and the expressions of values after them."""

    statements: tuple[py.Statement, ...]
    results: tuple[py.Expression, ...]


def write(
    body: Body,
    values: Mapping[str, py.Expression],
    rule_of: Callable[[str], Rule | None],
    *,
    taken: Collection[str] = (),
    wanted: Sequence[Value] | None = None,
    stored: Mapping[str, Callable[[py.Expression], Stored]] | None = None,
    unnamed: str = "value",
    place: str = "here",
    extra: Sequence[py.Statement] = (),
    rebinds: bool = False,
) -> Code:
    """The code of a body whose operations are all primitives.

    Args:
        body: The operations and outputs.
        values: The expression of each input.
        rule_of: The dialect: the rule of a primitive, None where it has none.
        taken: Names that no variable may have.
        wanted: The values to have in the end, the body's outputs if not said.
        stored: Values that are stored as soon as they are known, and how.
        unnamed: What a variable is called that has no name in the source.
        place: For messages: where this code stands.
        extra: Grows by what a rule wants to stand before its expression.
        rebinds: Whether a variable takes the name of one that nothing reads any more.

    Raises:
        Unsupported: for a primitive that the dialect cannot say.
    """
    results = body.outputs if wanted is None else tuple(wanted)
    uses = Counter(value.name for value in results)
    for operation in reversed(body.operations):
        if any(result.name in uses for result in operation.results):
            uses.update(operand.name for operand in operation.operands)
    found = dict(values)
    names = set(taken) | {e.id for e in values.values() if isinstance(e, py.Name)}
    names = names.union(*map(_names_in, values.values()))
    left = uses.copy()
    """How often each value is still to be read."""
    own: set[str] = set()
    placed = 0
    statements: list[py.Statement] = []
    for operation in body.operations:
        assert isinstance(operation, Apply), "the body has calls"
        if not uses[operation.result.name]:
            continue
        rule = rule_of(operation.primitive)
        if rule is None:
            raise Unsupported(
                f"{operation.primitive} cannot be computed {place}", operation.span
            )
        operands = tuple(found[operand.name] for operand in operation.operands)
        expression = rule(Use(operation, operands))
        left.subtract(operand.name for operand in operation.operands)
        statements += extra[placed:]
        placed = len(extra)
        result = operation.result
        if stored and result.name in stored:
            store = stored[result.name](expression)
            statements.append(store.statement)
            expression = store.value
        elif _stands_alone(expression, result, uses[result.name], results):
            needed = {value for value, count in left.items() if count > 0}
            kept = {i for v in needed if v in found for i in _names_in(found[v])}
            free = own - kept if rebinds else set()
            name = free_name(result.hint or unnamed, names - free)
            names.add(name)
            own.add(name)
            statements.append(py.Assign(py.Name(name), expression))
            expression = py.Name(name)
        found[result.name] = expression
    return Code(tuple(statements), tuple(found[value.name] for value in results))


def _names_in(expression: py.Expression) -> set[str]:
    return {node.id for node in py.walk(expression) if isinstance(node, py.Name)}


def _stands_alone(
    expression: py.Expression, result: Value, uses: int, results: Sequence[Value]
) -> bool:
    """Whether an expression is worth a variable."""
    if isinstance(expression, py.Name | py.Literal):
        return False
    if isinstance(expression, py.Unary) and isinstance(expression.operand, py.Literal):
        return False
    if uses > 1:
        return True
    if any(result.name == other.name for other in results):
        return False
    width = INLINE_WIDTH if result.hint is None else NAMED_WIDTH
    return len(printer.expression(expression)) > width
