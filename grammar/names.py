"""Which names a declaration uses without giving them a meaning itself."""

from collections.abc import Iterable, Iterator, Sequence

from dlmc.grammar import tree
from dlmc.grammar.faults import SyntaxFaults
from dlmc.grammar.interpolation import interpolated


def free_names(declaration: tree.Declaration) -> list[tree.Name]:
    """The names whose meaning stands outside of a declaration, in its order.

    A name that was bound before, in the order of the text, is the declaration's own.
    Capitalised names in types are left out: they may be symbols.
    """
    found = _Names()
    match declaration:
        case tree.Const(value=value):
            found.expression(value)
        case tree.FunctionDeclaration(parameters=parameters, body=body):
            found.parameters(parameters)
            found.expression(body)
        case tree.Block(parameters=parameters, body=statements):
            found.bound.add("training")
            found.parameters(parameters)
            found.statements(statements)
        case tree.Optimizer(parameters=parameters, body=statements):
            found.bound |= {"weight", "grad", "step"}
            found.parameters(parameters)
            found.statements(statements)
        case tree.Data(fields=fields, settings=settings):
            for field in fields:
                found.type(field.type)
                if field.value is not None:
                    found.expression(field.value)
            for setting in settings:
                found.expression(setting.value)
        case tree.Train(model=model, settings=settings):
            found.expression(model)
            for setting in settings:
                found.expression(setting.value)
        case tree.Use():
            pass
    return found.free


def bindings(statements: Iterable[tree.Statement]) -> Iterator[tree.Identifier]:
    """The names that statements bind, and those inside of them, in their order."""
    for statement in statements:
        match statement:
            case (
                tree.Input(name=name)
                | tree.Param(name=name)
                | tree.State(name=name)
                | tree.Emit(name=name)
                | tree.Output(name=tree.Identifier() as name)
            ):
                yield name
            case tree.Binding(targets=targets):
                yield from targets
            case tree.For(targets=targets, body=body):
                yield from targets
                yield from bindings(body)
            case tree.If(then=then, otherwise=otherwise):
                yield from bindings(then)
                yield from bindings(otherwise)
            case tree.Scan(carries=carries, over=over, body=body):
                yield from (carry.name for carry in carries)
                yield from (each.name for each in over)
                yield from bindings(body)
            case _:
                pass


def used_names(statement: tree.Statement) -> list[tree.Name]:
    """The names that a statement asks for; of a loop or a choice, in its body too."""
    found = _Names()
    found.statement(statement)
    return found.free


class _Names:
    """Walks in the order of the text; `bound` are the names with a meaning so far."""

    def __init__(self) -> None:
        self.bound: set[str] = set()
        self.free: list[tree.Name] = []

    def parameters(self, parameters: Sequence[tree.Parameter]) -> None:
        for parameter in parameters:
            if parameter.default is not None:
                self.expression(parameter.default)
            self.bound.add(parameter.name)

    def statements(self, statements: Iterable[tree.Statement]) -> None:
        for statement in statements:
            self.statement(statement)

    def statement(self, statement: tree.Statement) -> None:
        match statement:
            case tree.Input(name=name, type=type_):
                self.type(type_)
                self.bound.add(name.name)
            case tree.Output(name=named, type=declared, value=value):
                if declared is not None:
                    self.type(declared)
                self.expression(value)
                if named is not None:
                    self.bound.add(named.name)
            case tree.Param(name=name, type=type_, value=value):
                self.type(type_)
                self.expression(value)
                self.bound.add(name.name)
            case tree.State(name=name, type=declared, value=value):
                if declared is not None:
                    self.type(declared)
                self.expression(value)
                self.bound.add(name.name)
            case tree.Binding(targets=targets, value=value):
                self.expression(value)
                self.bound.update(target.name for target in targets)
            case tree.For(targets=targets, iterable=iterable, body=body):
                self.expression(iterable)
                self.bound.update(target.name for target in targets)
                self.statements(body)
            case tree.If(condition=condition, then=then, otherwise=otherwise):
                self.expression(condition)
                self.statements(then)
                self.statements(otherwise)
            case tree.Scan(carries=carries, over=over, body=body):
                for carry in carries:
                    self.expression(carry.value)
                for each in over:
                    self.expression(each.value)
                    self.expression(each.axis)
                self.bound.update(carry.name.name for carry in carries)
                self.bound.update(each.name.name for each in over)
                self.statements(body)
            case tree.Emit(name=name, value=value):
                self.expression(value)
                self.bound.add(name.name)

    def type(self, type_: tree.Type) -> None:
        for dimension in type_.dimensions:
            if isinstance(dimension, tree.Ellipsis):
                continue
            symbols = self.bound | {
                name.name for name in _names_in(dimension) if name.name[0].isupper()
            }
            outside, self.bound = self.bound, symbols
            self.expression(dimension)
            self.bound = outside | {n for n in symbols if n[0].isupper()}

    def expression(self, node: tree.Expression) -> None:
        for name in _names_in(node, self.bound):
            self.free.append(name)


def _names_in(
    node: tree.Expression, bound: frozenset[str] | set[str] = frozenset()
) -> list[tree.Name]:
    """The names in an expression that neither `bound` nor a function in it binds."""
    found: list[tree.Name] = []
    # A stack, because a pipeline of thousands of stages nests as deep.
    waiting: list[tuple[tree.Node, frozenset[str]]] = [(node, frozenset())]
    while waiting:
        current, inner = waiting.pop()
        parts: Sequence[tree.Node | None] = ()
        match current:
            case tree.Name(name=name):
                if name not in bound and name not in inner:
                    found.append(current)
            case tree.List(items=items):
                parts = items
            case tree.Range(start=start, stop=stop):
                parts = (start, stop)
            case tree.Unary(operand=operand):
                parts = (operand,)
            case tree.Binary(left=left, right=right):
                parts = (left, right)
            case tree.Choice(condition=condition, then=then, otherwise=otherwise):
                parts = (condition, then, otherwise)
            case tree.Function(parameters=parameters, body=body):
                for parameter in parameters:
                    if parameter.default is not None:
                        waiting.append((parameter.default, inner))
                    inner |= {parameter.name}
                parts = (body,)
            case tree.Call(function=function, arguments=arguments):
                parts = (function, *(argument.value for argument in arguments))
            case tree.Attribute(value=value):
                parts = (value,)
            case tree.Index(value=value, items=positions):
                parts = (value, *positions)
            case tree.Slice(start=first, stop=last, step=step):
                parts = (first, last, step)
            case tree.Pipe(value=value, stage=stage):
                parts = (value, stage)
            case tree.Named(value=value, name=text):
                parts = (value, *_interpolated(text))
        waiting.extend((part, inner) for part in reversed(parts) if part is not None)
    return found


def _interpolated(text: tree.String) -> list[tree.Expression]:
    """The expressions in an instance name; those of a broken one are none."""
    if "{" not in text.value:
        return []
    try:
        return [piece for piece in interpolated(text) if not isinstance(piece, str)]
    except SyntaxFaults:
        return []  # reported where the name is made
