"""From a body in single-assignment form to statements that a person would write.

Values that the source names keep their names, and a name is bound again where the
source does so and nothing needs the old value. A value used once stands where it is
used as long as the line can be read.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dlmc.backends.python import printer
from dlmc.backends.python import tree as py
from dlmc.backends.python.arithmetic import on_numbers
from dlmc.backends.python.dialect import Dialect, Operand, Scope
from dlmc.backends.python.naming import Naming, placeholder
from dlmc.backends.python.numbers import Numbers
from dlmc.ir.module import Apply, Body, Call, Module, Operation, Value
from dlmc.ir.types import DType

READABLE = 70
"""The longest expression that is written without a name for a part of it."""

CallWriter = Callable[[Call, Sequence[py.Expression], Scope], py.Expression]


@dataclass(frozen=True)
class Surroundings:
    """What a body's code refers to outside of it."""

    dialect: Dialect
    module: Module
    numbers: Numbers
    call: CallWriter
    constant: Callable[[Any, DType, Scope], py.Expression]


@dataclass
class _Pending:
    """A value that has no name yet: it stands where it is used."""

    operand: Operand
    operation: Operation | None
    hint: str | None


@dataclass
class BodyWriter(Scope):
    """Writes one body."""

    outside: Surroundings
    body: Body
    statements: list[py.Statement] = field(default_factory=list)
    hints: dict[str, str] = field(default_factory=dict)
    """What values with placeholders for names want to be called."""
    _values: dict[str, Operand] = field(default_factory=dict)
    _pending: dict[str, _Pending] = field(default_factory=dict)
    _extra: int = 0

    def __post_init__(self) -> None:
        self.numbers = self.outside.numbers
        module = self.outside.module
        for value in module.inputs:
            self._values[value.name] = Operand(placeholder(value.name), value.type)
            self.hints[value.name] = value.name
        for owned in (*module.parameters, *module.states):
            expression = self.outside.dialect.own(module, owned.name)
            self._values[owned.name] = Operand(expression, owned.type)
        self._uses = Counter(
            value.name
            for operation in self.body.operations
            for value in operation.operands
        )
        self._uses.update(value.name for value in self.body.outputs)
        self._uses.update(value.name for _, value in self.body.updates)
        self._wishes = _wishes(self.body, module)

    # -- what a dialect may ask --

    def anchor(self) -> py.Expression:
        """The first input."""
        return placeholder(self.outside.module.inputs[0].name)

    def constant(self, value: Any, dtype: DType) -> py.Expression:
        """As the surroundings keep it."""
        return self.outside.constant(value, dtype, self)

    def named(self, expression: py.Expression, hint: str) -> py.Expression:
        """A variable, unless it is one already."""
        if isinstance(expression, py.Name):
            return expression
        self._extra += 1
        key = f"+{self._extra}"
        self.hints[key] = hint
        self.statements.append(py.Assign(placeholder(key), expression))
        return placeholder(key)

    # -- operations --

    def run(self) -> list[py.Statement]:
        """The statements of the body, with placeholders for names."""
        for operation in self.body.operations:
            if isinstance(operation, Apply):
                self._apply(operation)
            else:
                self._call(operation)
        self._finish()
        return self.statements

    def _apply(self, apply: Apply) -> None:
        result = apply.result
        attributes = apply.attributes
        match apply.primitive:
            case "constant":
                value, dtype = attributes["value"], attributes["dtype"]
                if isinstance(value, list | tuple):
                    expression = self.constant(value, dtype)
                    self._values[result.name] = Operand(expression, result.type)
                else:
                    number = self.numbers(_shortest(value))
                    self._values[result.name] = Operand(number, result.type, True)
                return
            case "dimension":
                size = Operand(self.numbers(attributes["size"]), result.type, True)
                self._define(result, size, apply)
                return
        fused = self._fused(apply)
        if fused is not None:
            self._define(result, Operand(fused, result.type), apply)
            return
        names = [operand.name for operand in apply.operands]
        operands = [self._operand(name) for name in names]
        if operands and all(operand.is_number for operand in operands):
            number = on_numbers(
                apply.primitive, [o.expression for o in operands], result.type.dtype
            )
            if number is not None:
                self._define(result, Operand(number, result.type, True), apply)
                return
            operands = [self._as_tensor(operand) for operand in operands]

        def write(parts: Sequence[Operand]) -> py.Expression:
            return self.outside.dialect.primitive(apply, parts, self)

        self._define(result, Operand(self._readable(write, names), result.type), apply)

    def _fused(self, apply: Apply) -> py.Expression | None:
        if len(apply.operands) != 1:
            return None
        pending = self._pending.get(apply.operands[0].name)
        if pending is None or not isinstance(pending.operation, Apply):
            return None
        inner = pending.operation
        if len(inner.operands) != 1:
            return None
        operand = self._operand(inner.operands[0].name)
        expression = self.outside.dialect.peephole(apply, inner, operand, self)
        if expression is not None:
            self._pending.pop(apply.operands[0].name)
        return expression

    def _call(self, call: Call) -> None:
        names = [operand.name for operand in call.operands]

        def write(parts: Sequence[Operand]) -> py.Expression:
            tensors = [self._as_tensor(part).expression for part in parts]
            return self.outside.call(call, tensors, self)

        expression = self._readable(write, names)
        if len(call.results) == 1:
            (result,) = call.results
            self._define(result, Operand(expression, result.type), call)
            return
        targets = []
        for result in call.results:
            self._values[result.name] = Operand(placeholder(result.name), result.type)
            self.hints[result.name] = self._wishes.get(result.name) or "y"
            targets.append(placeholder(result.name))
        self.statements.append(py.Assign(py.Tuple(tuple(targets)), expression))

    def _readable(
        self, write: Callable[[Sequence[Operand]], py.Expression], names: list[str]
    ) -> py.Expression:
        """An expression, its longest parts given names until it can be read."""
        while True:
            count = len(self.statements)
            extra = self._extra
            expression = write([self._operand(name) for name in names])
            waiting = [name for name in names if name in self._pending]
            if not waiting or width(expression) <= READABLE:
                break
            lengths = {
                name: width(self._pending[name].operand.expression) for name in waiting
            }
            longest = max(waiting, key=lengths.__getitem__)
            if lengths[longest] < 2 * len("self.x(y)"):
                break
            del self.statements[count:]
            self._extra = extra
            self._bind(longest)
        for name in waiting:
            self._values[name] = self._pending.pop(name).operand
        return expression

    # -- values --

    def _operand(self, name: str) -> Operand:
        if name in self._pending:
            return self._pending[name].operand
        return self._values[name]

    def _as_tensor(self, operand: Operand) -> Operand:
        if not operand.is_number:
            return operand
        dtype = operand.type.dtype
        made = self.outside.dialect.tensor(operand.expression, dtype, self)
        return Operand(made, operand.type)

    def _define(self, value: Value, operand: Operand, operation: Operation) -> None:
        is_atom = isinstance(operand.expression, py.Name | py.Literal)
        if is_atom and value.hint is None:
            self._values[value.name] = operand
            return
        hint = self._wishes.get(value.name)
        self._pending[value.name] = _Pending(operand, operation, hint)
        if self._uses[value.name] > 1 or (
            value.hint is not None and not self._is_result(value)
        ):
            self._bind(value.name)

    def _is_result(self, value: Value) -> bool:
        """Whether it is what the body gives, and nothing else."""
        outputs = self.body.outputs
        return (
            [output.name for output in outputs] == [value.name]
            and self._uses[value.name] == 1
            and not self.body.updates
        )

    def _bind(self, name: str) -> None:
        pending = self._pending.pop(name)
        if isinstance(pending.operand.expression, py.Literal | py.Name):
            self._values[name] = pending.operand
            return
        self.hints[name] = pending.hint or "y"
        self.statements.append(py.Assign(placeholder(name), pending.operand.expression))
        self._values[name] = Operand(
            placeholder(name), pending.operand.type, pending.operand.is_number
        )

    # -- the end --

    def _finish(self) -> None:
        if self.body.updates:
            self._update()
        results = [
            self._as_tensor(self._operand(output.name)).expression
            for output in self.body.outputs
        ]
        result = results[0] if len(results) == 1 else py.Tuple(tuple(results))
        self.statements.append(py.Return(result))

    def _update(self) -> None:
        """Change states: after all that reads what they were."""
        for output in self.body.outputs:
            if output.name in self._pending:
                self._bind(output.name)
        pairs = []
        changed: set[str] = set()
        module = self.outside.module
        for position, (name, value) in enumerate(self.body.updates):
            later = {other for other, _ in self.body.updates[:position]}
            reads = _owned_in(self._operand(value.name).expression, module, later, self)
            if reads and value.name in self._pending:
                self._bind(value.name)
            changed.add(name)
        for name, value in self.body.updates:
            state = self.outside.dialect.own(module, name)
            pairs.append((state, self._as_tensor(self._operand(value.name)).expression))
        self.statements += self.outside.dialect.updates(pairs)


def _owned_in(
    expression: py.Expression, module: Module, names: set[str], writer: BodyWriter
) -> bool:
    """Whether an expression reads one of a module's states."""
    states = {writer.outside.dialect.own(module, name) for name in names}
    return any(node in states for node in py.walk(expression))


def _wishes(body: Body, module: Module) -> dict[str, str]:
    """What each value would be called: by the source, or by what it is for."""
    wishes: dict[str, str] = {}
    single = [output.name for output in module.outputs]
    for output, name in zip(body.outputs, single, strict=True):
        if output.hint is None:
            wishes[output.name] = name or "y"
    for operation in reversed(body.operations):
        for result in operation.results:
            if result.hint is not None:
                wishes[result.name] = result.hint
            elif isinstance(operation, Call) and operation.instance:
                last = operation.instance.rpartition(".")[2]
                if not last.isdigit() and result.name not in wishes:
                    wishes[result.name] = last
        if len(operation.results) == 1:
            wish = wishes.get(operation.results[0].name)
            if wish is not None:
                for operand in operation.operands:
                    if operand.hint is None:
                        wishes.setdefault(operand.name, wish)
    return wishes


def width(expression: py.Expression) -> int:
    """How long an expression is on one line."""
    return len(printer.on_one_line(expression))


def _shortest(value: Any) -> Any:
    """A number as one would write it: 2 for 2.0."""
    if type(value) is float and value.is_integer() and abs(value) < 1e15:
        return int(value)
    return value


def write(
    outside: Surroundings, body: Body, avoided: Sequence[str], inputs: Mapping[str, str]
) -> list[py.Statement]:
    """A body's statements, with the names that they have in the end."""
    writer = BodyWriter(outside, body)
    statements = writer.run()
    return Naming(statements, writer.hints, avoided, inputs).run()
