"""From a body in single-assignment form to statements that a person would write.

Values that the source names keep their names, and a name is bound again where the
source does so and nothing needs the old value. A value used once stands where it is
used as long as the line can be read.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeGuard

from dlmc.backends.python import printer
from dlmc.backends.python import tree as py
from dlmc.backends.python.arithmetic import on_numbers
from dlmc.backends.python.dialect import Dialect, Operand, Scope
from dlmc.backends.python.naming import Naming, held, placeholder
from dlmc.backends.python.numbers import Numbers, variable_name
from dlmc.backends.python.uses import owned_by
from dlmc.backends.python.wishes import wishes
from dlmc.ir.dimensions import Dim, Size
from dlmc.ir.module import Apply, Body, Call, Module, Operation, Value
from dlmc.ir.types import DType

READABLE = 70
"""The longest expression that is written without a name for a part of it."""
DEEP = 3
"""How many calls of layers and functions may stand one in another."""

MINOR = 18
"""What is shorter is not worth a name."""

CallWriter = Callable[[Call, Sequence[py.Expression], Scope], py.Expression]


@dataclass(frozen=True)
class Surroundings:
    """What a body's code refers to outside of it."""

    dialect: Dialect
    module: Module
    numbers: Numbers
    call: CallWriter
    constant: Callable[[Any, DType, Scope], py.Expression]
    items: frozenset[py.Expression]
    """The children that stand in lists."""


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
    inherited: set[str] = field(default_factory=set)
    """Those that want the name of what they are used for."""
    _values: dict[str, Operand] = field(default_factory=dict)
    _pending: dict[str, _Pending] = field(default_factory=dict)
    _arrays: list[tuple[Apply, py.Expression]] = field(default_factory=list)
    _extra: int = 0

    def __post_init__(self) -> None:
        self.numbers = self.outside.numbers
        module = self.outside.module
        for value in module.inputs:
            self._values[value.name] = Operand(placeholder(value.name), value.type)
            self.hints[value.name] = value.name
        for owned in owned_by(module):
            expression = self.outside.dialect.own(module, owned.name)
            if owned.name in _outlasting(self.body):
                kept = self.outside.dialect.snapshot(expression)
                if kept is not None:
                    expression = self.named(kept, owned.name)
            self._values[owned.name] = Operand(expression, owned.type)
        for one in module.borrowed:
            read = self.outside.dialect.borrowed(module, one)
            self._values[one.name] = Operand(read, one.type)
        self._uses = Counter(
            value.name
            for operation in self.body.operations
            for value in operation.operands
        )
        self._uses.update(value.name for value in self.body.outputs)
        self._uses.update(value.name for _, value in self.body.updates)
        self._wishes = wishes(self.body, module)

    # -- what a dialect may ask --

    def anchor(self) -> py.Expression | None:
        """The first input, or else a parameter or state."""
        module = self.outside.module
        for value in module.inputs:
            return placeholder(value.name)
        for owned in owned_by(module):
            return self._own(owned.name)
        return None

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
        self._apply_owners(apply.operands)
        result = apply.result
        attributes = apply.attributes
        match apply.primitive:
            case "constant":
                value = attributes["value"]
                if isinstance(value, list | tuple):
                    made = self._array(apply)
                    self._values[result.name] = Operand(made, result.type)
                else:
                    number = self.numbers(_shortest(value))
                    self._values[result.name] = Operand(number, result.type, True)
                return
            case "dimension":
                self._define(result, self._dimension(attributes["size"], result), apply)
                return
        fused = self._fused(apply)
        if fused is not None:
            self._define(result, Operand(fused, result.type), apply)
            return
        names = [operand.name for operand in apply.operands]
        operands = [self._operand(name) for name in names]
        if operands and all(operand.is_number for operand in operands):
            computed = on_numbers(
                apply.primitive, [o.expression for o in operands], result.type.dtype
            )
            if computed is not None:
                self._define(result, Operand(computed, result.type, True), apply)
                return

        def write(parts: Sequence[Operand]) -> py.Expression:
            if parts and all(part.is_number for part in parts):
                parts = [self._as_tensor(part) for part in parts]
            return self.outside.dialect.primitive(apply, parts, self)

        self._define(result, Operand(self._readable(write, names), result.type), apply)

    def _array(self, constant: Apply) -> py.Expression:
        """A tensor of numbers, made once where it is read several times."""
        for other, made in self._arrays:
            if other.attributes == constant.attributes:
                return made
        given = constant.attributes
        made = self.constant(given["value"], given["dtype"])
        alike = [one for one in self.body.operations if _is_same(one, constant)]
        if len(alike) > 1 and isinstance(made, py.Call):
            made = self.named(made, "constant")
        self._arrays.append((constant, made))
        return made

    def _dimension(self, size: Size, result: Value) -> Operand:
        written = self.numbers(size)
        made = None
        if isinstance(size, Dim):
            made = self.outside.dialect.dimension(written, result.type.dtype)
        return Operand(made or written, result.type, is_number=made is None)

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
            name = apply.operands[0].name
            self._values[name] = self._pending.pop(name).operand
        return expression

    def _call(self, call: Call) -> None:
        self._apply_owners(call.operands)
        names = [operand.name for operand in call.operands]

        def write(parts: Sequence[Operand]) -> py.Expression:
            tensors = [self._as_tensor(part).expression for part in parts]
            return self.outside.call(call, tensors, self)

        expression = self._readable(write, names, is_call=True)
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

    def _apply_owners(self, values: Sequence[Value]) -> None:
        """Apply the layers whose parameters are read before that.

        A layer of Keras has no parameters until then.
        """
        names = {value.name for value in values}
        for one in self.outside.module.borrowed:
            if one.name not in names:
                continue
            layer = self.outside.dialect.child(self.outside.module, one.instance)
            for name, pending in list(self._pending.items()):
                if _calls(pending.operand.expression, layer):
                    self._bind(name)

    def _readable(
        self,
        write: Callable[[Sequence[Operand]], py.Expression],
        names: list[str],
        is_call: bool = False,
    ) -> py.Expression:
        """An expression, its longest parts given names until it can be read."""
        while True:
            count = len(self.statements)
            extra = self._extra
            expression = write([self._operand(name) for name in names])
            waiting = [name for name in names if name in self._pending]
            deep = is_call and depth(expression) > DEEP
            again = self._repeated(expression, waiting) if is_call else None
            fits = width(expression) <= READABLE and not deep and again is None
            if not waiting or fits:
                break
            lengths = {
                name: width(self._pending[name].operand.expression) for name in waiting
            }
            longest = again or max(waiting, key=lengths.__getitem__)
            if lengths[longest] < MINOR and not deep and again is None:
                break
            del self.statements[count:]
            self._extra = extra
            for name in self._alike(longest, waiting):
                self._bind(name)
        for name in waiting:
            self._values[name] = self._pending.pop(name).operand
        return expression

    def _repeated(self, expression: py.Expression, waiting: list[str]) -> str | None:
        """A value without a name that an expression would compute twice."""
        nodes = list(py.walk(expression)) if waiting else []
        for name in waiting:
            if nodes.count(self._pending[name].operand.expression) > 1:
                return name
        return None

    def _alike(self, name: str, waiting: list[str]) -> list[str]:
        """What gets a name with a value: with a layer's result those of others."""
        if not self._is_of_layer(name):
            return [name]
        return [other for other in dict.fromkeys(waiting) if self._is_of_layer(other)]

    def _is_of_layer(self, name: str) -> bool:
        operation = self._pending[name].operation
        return isinstance(operation, Call) and operation.instance is not None

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
            value.hint is not None and not self._is_result(value, operand.expression)
        ):
            self._bind(value.name)

    def _is_result(self, value: Value, expression: py.Expression) -> bool:
        """Whether it is what the body gives, or a state's new value, and no more."""
        if self._uses[value.name] > 1:
            return False
        if any(updated.name == value.name for _, updated in self.body.updates):
            return True
        if [output.name for output in self.body.outputs] != [value.name]:
            return False
        # The last turn of a loop should look like the others.
        return not any(node in self.outside.items for node in py.walk(expression))

    def _bind(self, name: str) -> None:
        pending = self._pending.pop(name)
        if isinstance(pending.operand.expression, py.Literal | py.Name):
            self._values[name] = pending.operand
            return
        self.hints[name] = pending.hint or "y"
        if name[:1].isdigit():
            self.inherited.add(name)
        self.statements.append(py.Assign(placeholder(name), pending.operand.expression))
        self._values[name] = Operand(
            placeholder(name), pending.operand.type, pending.operand.is_number
        )

    # -- the end --

    def _finish(self) -> None:
        self._apply_owners(self.body.outputs)
        pairs = [
            (name, self._as_tensor(self._operand(value.name)).expression)
            for name, value in self.body.updates
        ]
        results = [
            self._as_tensor(self._operand(output.name)).expression
            for output in self.body.outputs
        ]
        changed = {self._own(name) for name, _ in self.body.updates}
        if any(_reads(result, changed) for result in results):
            for output in self.body.outputs:
                if output.name in self._pending:
                    self._bind(output.name)
            results = [self._operand(o.name).expression for o in self.body.outputs]
        if pairs:
            self._update(pairs, changed)
        result = results[0] if len(results) == 1 else py.Tuple(tuple(results))
        self.statements.append(py.Return(result))

    def _own(self, name: str) -> py.Expression:
        return self.outside.dialect.own(self.outside.module, name)

    def _update(
        self, pairs: list[tuple[str, py.Expression]], changed: set[py.Expression]
    ) -> None:
        """Change states, as soon as nothing reads what they were."""
        earlier: set[py.Expression] = set()
        written = []
        for name, value in pairs:
            if _reads(value, earlier):
                value = self.named(self.outside.dialect.snapshot(value) or value, name)
            earlier.add(self._own(name))
            written.append((self._own(name), value))
        needed = {key for _, value in written for key in held(value)}
        position = 0
        for index, statement in enumerate(self.statements):
            bound = isinstance(statement, py.Assign) and held(statement.target)
            if (bound and bound & needed) or _reads(statement, changed):
                position = index + 1
        self.statements[position:position] = self.outside.dialect.updates(written)


def _is_same(operation: Operation, constant: Apply) -> bool:
    """Whether an operation is the same constant."""
    return (
        isinstance(operation, Apply)
        and operation.primitive == constant.primitive
        and operation.attributes == constant.attributes
    )


def _outlasting(body: Body) -> set[str]:
    """The states whose old values are needed by outputs, though the body changes them.

    Gradients may need these values long after.
    """
    needed = {output.name for output in body.outputs}
    for operation in reversed(body.operations):
        if any(result.name in needed for result in operation.results):
            needed.update(operand.name for operand in operation.operands)
    return needed & {name for name, _ in body.updates}


def _reads(node: py.Node, states: set[py.Expression]) -> bool:
    """Whether code reads one of some states."""
    return any(inner in states for inner in py.walk(node))


def _calls(node: py.Node, function: py.Expression) -> bool:
    """Whether code calls a function."""
    return any(
        isinstance(inner, py.Call) and inner.function == function
        for inner in py.walk(node)
    )


def depth(expression: py.Expression) -> int:
    """How many calls of layers and functions stand one in another."""
    inside = max((depth(child) for child in _operands(expression)), default=0)
    is_method = isinstance(expression, py.Call) and (
        isinstance(expression.function, py.Attribute)
        and not isinstance(expression.function.value, py.Name)
    )
    return inside + (isinstance(expression, py.Call) and not is_method)


def _operands(expression: py.Expression) -> list[py.Expression]:
    return [child for child in py.children(expression) if _is_expression(child)]


def _is_expression(node: py.Node) -> TypeGuard[py.Expression]:
    return not isinstance(node, py.Keyword | py.Formatted | py.Parameter)


def width(expression: py.Expression) -> int:
    """How long an expression is on one line; sizes may get short names."""
    return len(_SIZE.sub("n", printer.on_one_line(expression)))


_SIZE = re.compile(r"%\w+\.shape\[\d+\]")


def _shortest(value: Any) -> Any:
    """A number as one would write it: 2 for 2.0, but 1e9 for that."""
    if type(value) is float and value.is_integer() and abs(value) < 1e6:
        return int(value)
    return value


def write(
    outside: Surroundings,
    body: Body,
    reserved: Collection[str],
    inputs: Mapping[str, str],
) -> list[py.Statement]:
    """A body's statements, with the names that they have in the end."""
    writer = BodyWriter(outside, body)
    statements = unpacked(writer.run(), outside, writer.hints)
    return Naming(statements, writer.hints, reserved, inputs, writer.inherited).run()


def unpacked(
    statements: list[py.Statement], outside: Surroundings, hints: dict[str, str]
) -> list[py.Statement]:
    """Sizes of an input that are used again and again, given names at the start."""
    first: list[py.Statement] = []
    for value in outside.module.inputs:
        tensor = placeholder(value.name)
        sizes = outside.dialect.sizes(tensor)
        if sizes is None or not value.type.shape:
            continue
        keys = {
            outside.dialect.size(tensor, axis): f"{value.name}#{axis}"
            for axis in range(value.type.rank)
        }
        found = [
            node
            for statement in statements
            for node in py.walk(statement)
            if node in keys
        ]
        if len(found) < 3:
            continue
        targets: list[py.Expression] = []
        for axis, (size, key) in enumerate(keys.items()):
            if size not in found:
                targets.append(py.Name("_"))
                continue
            name = variable_name(value.type.shape[axis]) or ""
            hints[key] = name.lower() if name.isidentifier() else f"size_{axis}"
            targets.append(placeholder(key))

        def change(node: Any, keys: Mapping[Any, str] = keys) -> Any:
            key = keys.get(node) if isinstance(node, py.Subscript) else None
            return node if key is None else placeholder(key)

        statements = [py.rewrite(statement, change) for statement in statements]
        target = targets[0] if len(targets) == 1 else py.Tuple(tuple(targets))
        first.append(py.Assign(target, sizes))
    return [*first, *statements]
