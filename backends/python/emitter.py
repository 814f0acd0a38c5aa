"""The classes and functions of a program, in the dialect of a framework."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dlmc.backend import Unsupported
from dlmc.backends.python import tree as py
from dlmc.backends.python.body import Surroundings, write
from dlmc.backends.python.dialect import (
    Argument,
    Child,
    Constant,
    Dialect,
    Own,
    Parts,
    Scope,
)
from dlmc.backends.python.modes import by_mode
from dlmc.backends.python.names import BUILTINS, Names, dimension, free_name
from dlmc.backends.python.naming import placeholder
from dlmc.backends.python.numbers import Numbers, known_values, places, values_of
from dlmc.backends.python.quotation import expression_of, holes_of
from dlmc.backends.python.sequences import chained, join, rolled
from dlmc.backends.python.structure import (
    Emitted,
    definitions,
    emitted,
    used_by,
)
from dlmc.backends.python.uses import (
    Hole,
    NativeCall,
    NativeLayer,
    Use,
    owned_by,
    use_of,
    use_of_instance,
)
from dlmc.ir.dimensions import Dim
from dlmc.ir.module import Apply, Call, Instance, Kind, Module, Parameter, State
from dlmc.ir.types import DType


@dataclass(frozen=True)
class Inlined:
    """A function's body as statements, and the expressions of its results."""

    statements: tuple[py.Statement, ...]
    results: tuple[py.Expression, ...]


class Emitter:
    """Writes the modules that `roots` are and need, and what `inline` needs.

    `inline` are pure functions that are written where they are used.
    """

    def __init__(
        self,
        dialect: Dialect,
        roots: Sequence[Module],
        inline: Sequence[Module] = (),
    ) -> None:
        self.dialect = dialect
        self.names = Names({*dialect.reserved, *BUILTINS})
        self._made: dict[tuple[Module, str], Parts] = {}
        self.of: dict[Module, Emitted] = {}
        """What each module became."""
        self.order: list[Emitted] = []
        """The classes and functions, each after those that it uses."""
        needed = [*roots, *(used for one in inline for used in used_by(one))]
        for members in definitions(needed, self._is_native):
            made = emitted(members, roots, self._parts, self.names)
            self.order += made
            for one in made:
                self.of.update(dict.fromkeys(one.members, one))

    def _is_native(self, module: Module) -> bool:
        return self.dialect.native(module) is not None

    # --- What is asked for ---

    def definitions(self) -> list[py.Statement]:
        """The classes and functions as code."""
        return [self._definition(one) for one in self.order]

    def _definition(self, one: Emitted) -> py.Statement:
        module = one.members[0]
        if one.parts.is_class:
            return self.dialect.class_of(one.name, module, one.parts)
        return self.dialect.function_of(one.name, module, one.parts)

    def inlined(
        self,
        module: Module,
        inputs: Mapping[str, py.Expression],
        home: str,
        training: bool = False,
    ) -> Inlined:
        """The body of one of `inline`, over the expressions of its inputs.

        The module `home` is where the definitions can be imported from.
        """
        writer = _ModuleWriter(self, module, known_values(module))
        names = {value.name: f"input {value.name}" for value in module.inputs}
        given = {f"input {name}": expression for name, expression in inputs.items()}
        avoided = {*self._globals(module), *BUILTINS}
        for expression in inputs.values():
            avoided |= {n.id for n in py.walk(expression) if isinstance(n, py.Name)}
        own = {one.name for one in self.order}

        def change(node: Any) -> Any:
            match node:
                case py.Name(name) if name in given:
                    return given[name]
                case py.Name(name, None) if name in own:
                    return py.Name(name, py.Import(home, name))
            return node

        statements = [
            py.rewrite(statement, change)
            for statement in writer.statements(training, names, avoided)
        ]
        last = statements.pop()
        assert isinstance(last, py.Return)
        assert last.value is not None
        results: tuple[py.Expression, ...] = (last.value,)
        if len(module.outputs) > 1:
            assert isinstance(last.value, py.Tuple)
            results = last.value.elements
        return Inlined(tuple(statements), results)

    def native(self, module: Module, name: str) -> list[py.Statement] | None:
        """How a use in a module is said in the framework's own terms.

        That is the first call of the library's `name` on the module's inputs; of a
        primitive it is the whole body. None where the framework has no such thing, and
        what `name` means is written out.
        """
        writer = _ModuleWriter(self, module, known_values(module))
        for operation in module.inference.operations:
            if isinstance(operation, Apply) and operation.primitive == name:
                inputs = {value.name: value.name for value in module.inputs}
                avoided = {*self._globals(module), *BUILTINS}
                return writer.statements(False, inputs, avoided)
            if isinstance(operation, Call) and operation.module.definition == name:
                said = writer.native(operation)
                return None if said is None else [py.Evaluate(said)]
        return None

    # --- Parts ---

    def _parts(self, module: Module, settled: Mapping[str, Any]) -> Parts:
        key = (module, repr(sorted(settled.items())))
        if key not in self._made:
            self._made[key] = _ModuleWriter(self, module, settled).parts()
        return self._made[key]

    def _globals(self, module: Module) -> set[str]:
        """Names of the file that the code of a module may use."""
        used = set(self.dialect.reserved)
        for body in (module.inference, module.training):
            for operation in body.operations:
                if isinstance(operation, Call) and operation.module in self.of:
                    used.add(self.of[operation.module].name)
        return used


class _ModuleWriter:
    """Writes one module; notes which of its arguments and sizes the code needs."""

    def __init__(
        self, emitter: Emitter, module: Module, settled: Mapping[str, Any]
    ) -> None:
        self.emitter = emitter
        self.dialect = emitter.dialect
        self.module = module
        self.settled = settled
        self.is_class = module.kind is not Kind.FUNCTION
        self.places = places(module)
        self.values = values_of(module)
        self.used: dict[str, None] = {}
        self.stored: dict[str, None] = {}
        self.constants: list[Constant] = []
        avoided = {*emitter._globals(module), *BUILTINS, "self"}
        if not self.is_class:
            avoided |= {value.name for value in module.inputs}
        self.argument_names = _argument_names(module, self.values, avoided)
        owned = [i.name.partition(".")[0] for i in module.instances]
        owned += [p.name for p in owned_by(module)]
        self.attributes = Names({*self.dialect.members, *owned})
        self.attribute_names: dict[str, str] = {}
        self.outside = Numbers(self._in_constructor, settled)
        self.making = Numbers(self._in_making, settled)
        self.inside = Numbers(
            self._in_method if self.is_class else self._in_function, settled
        )

    # -- numbers --

    def _in_constructor(self, variable: str) -> py.Expression:
        self.used[variable] = None
        return py.Name(self.argument_names[variable])

    def _in_making(self, variable: str) -> py.Expression:
        """Where parameters are made: in the constructor, or late."""
        position, axis = self.places.get(variable, (0, 0))
        size = self.dialect.input_size(self.module, position, axis)
        if size is None:
            return self._in_constructor(variable)
        return size if variable in self.places else self._in_method(variable)

    def _in_method(self, variable: str) -> py.Expression:
        if variable in self.places:
            return self._size(variable)
        self.used[variable] = None
        self.stored[variable] = None
        return py.Attribute(py.Name("self"), self._attribute(variable))

    def _in_function(self, variable: str) -> py.Expression:
        if variable in self.places:
            return self._size(variable)
        return self._in_constructor(variable)

    def _size(self, variable: str) -> py.Expression:
        position, axis = self.places[variable]
        return self.dialect.size(placeholder(self.module.inputs[position].name), axis)

    def _attribute(self, variable: str) -> str:
        if variable not in self.attribute_names:
            wish = self.argument_names[variable]
            self.attribute_names[variable] = self.attributes.new(wish)
        return self.attribute_names[variable]

    # -- parts --

    def parts(self) -> Parts:
        """All parts of the module's code."""
        module = self.module
        children = tuple(self._child(instance) for instance in module.instances)
        own = tuple(map(self._own, owned_by(module)))
        initial = tuple(self._initial())
        avoided = {*self.emitter._globals(module), *BUILTINS, "self"}
        inputs: dict[str, str] = {}
        for value in module.inputs:
            name = free_name(value.name, inputs.values(), avoided)
            inputs[value.name] = name
        if not self.is_class:
            avoided |= set(self.argument_names.values())
        bodies = [self.statements(False, inputs, avoided)]
        if module.training is not module.inference:
            bodies.append(self.statements(True, inputs, avoided))
        chains, bodies = self._sequences(bodies, {*avoided, *inputs.values()})
        body = bodies[0]
        if len(bodies) > 1:
            body = by_mode(self.dialect.in_training(module), bodies[1], body)
        return Parts(
            self.is_class,
            tuple(self._arguments()),
            children,
            own,
            tuple(self.constants),
            tuple(inputs.values()),
            len(module.outputs),
            tuple(body),
            module.depends_on_mode,
            initial,
            chains,
        )

    def _sequences(
        self, bodies: list[list[py.Statement]], avoided: Collection[str]
    ) -> tuple[frozenset[py.Expression], list[list[py.Statement]]]:
        """Bodies with calls of lists instead of their items, and the chains in them."""
        lists: dict[py.Expression, int] = {}
        for instance in self.module.instances:
            for node in py.walk(self.dialect.child(self.module, instance.name)):
                match node:
                    case py.Subscript(base, py.Literal(int(index))):
                        lists[base] = max(lists.get(base, 0), index + 1)
        if not lists:
            return frozenset(), bodies
        chains: set[py.Expression] = set()
        if self.dialect.has_chains:
            chains = chained(bodies, lists)
            only = {base: lists[base] for base in chains}
            bodies = [join(body, only) for body in bodies]
        return frozenset(chains), [rolled(body, lists, avoided) for body in bodies]

    def statements(
        self, training: bool, inputs: Mapping[str, str], avoided: Collection[str]
    ) -> list[py.Statement]:
        """One mode's body, ending with a return."""
        children = (
            self.dialect.child(self.module, instance.name)
            for instance in self.module.instances
        )
        outside = Surroundings(
            self.dialect,
            self.module,
            self.inside,
            self._call,
            self._constant,
            frozenset(filter(_is_item, children)),
        )
        return write(outside, self.module.body(training), avoided, inputs)

    def _arguments(self) -> list[Argument]:
        order = [*self.module.dimensions, *self.places, *self.values]
        return [
            Argument(
                variable,
                self.argument_names[variable],
                self._type(self.values[variable]),
                self.attribute_names.get(variable),
            )
            for variable in dict.fromkeys(order)
            if variable in self.used
        ]

    def _type(self, value: Any) -> str:
        """The type of an argument in Python; a size is a number when it runs."""
        return "int" if isinstance(value, Dim) else type(value).__name__

    def _own(self, owned: Parameter | State) -> Own:
        initializer = owned.initializer
        return Own(
            owned.name,
            py.Tuple(tuple(map(self.making, owned.type.shape))),
            owned.type.dtype,
            initializer.name,
            tuple((name, self.making(v)) for name, v in initializer.arguments),
            isinstance(owned, Parameter),
        )

    def _initial(self) -> Iterator[py.Statement]:
        module = self.module
        for owned in owned_by(module):
            yield from self.dialect.initial(module, None, owned, self.outside)
        for instance in module.instances:
            if not isinstance(self.dialect.native(instance.module), NativeLayer):
                continue
            use = use_of_instance(instance, module)

            def write(value: Any, use: Use = use) -> py.Expression:
                return self.outside(use.outer(value))

            for owned in owned_by(use.module):
                yield from self.dialect.initial(module, instance.name, owned, write)

    def _child(self, instance: Instance) -> Child:
        use = use_of_instance(instance, self.module)
        native = self.dialect.native(use.module)
        if isinstance(native, NativeLayer):
            create = self.dialect.quote(
                native.create,
                **self._holes(native.create, use, native.holes, self.outside),
            )
            return Child(instance.name, create, use, True)
        one = self.emitter.of[use.module]
        arguments = [
            (argument, self._number(use.values[argument.variable], self.outside, use))
            for argument in one.arguments
        ]
        sizes = [a for a, _ in arguments if a.variable not in use.module.arguments]
        positional = [e for a, e in arguments if len(sizes) == 1 and a in sizes]
        keywords = tuple(
            py.Keyword(a.name, e)
            for a, e in arguments
            if not (len(sizes) == 1 and a in sizes)
        )
        create = py.Call(py.Name(one.name), tuple(positional), keywords)
        return Child(instance.name, create, use, False)

    def native(self, call: Call) -> py.Expression | None:
        """The framework's own for a call on the module's inputs, if it has one."""
        found = self.dialect.native(call.module)
        if isinstance(found, NativeLayer) and call.instance is not None:
            return self._child(self.module.instance(call.instance)).create
        if not isinstance(found, NativeCall):
            return None
        names = {placeholder(v.name): py.Name(v.name) for v in self.module.inputs}
        holes = self._holes(found.template, use_of(call), found.holes, self.inside)
        tensors = dict(
            zip((v.name for v in call.module.inputs), names.values(), strict=False)
        )
        said = self.dialect.quote(found.template, **{**holes, **tensors})
        result: py.Expression = py.rewrite(said, lambda node: names.get(node, node))
        return result

    def _number(self, value: Any, numbers: Numbers, use: Use) -> py.Expression:
        if isinstance(value, Dim) and numbers is self.outside:
            assert self.module.span is not None
            raise Unsupported(
                f"a size of `{use.module.definition}` is known only when it runs:"
                f" {value}",
                self.module.span,
                "give the size in the type of the model's input",
            )
        return numbers(value)

    def _holes(
        self, template: str, use: Use, extra: Mapping[str, Any], numbers: Numbers
    ) -> dict[str, Any]:
        """What fills a template's holes, as far as numbers do."""
        found: dict[str, Any] = {}
        for hole in holes_of(template):
            if hole in extra:
                found[hole] = self._hole(extra[hole], use, numbers)
            elif hole in use.values:
                found[hole] = self._number(use.values[hole], numbers, use)
        return found

    def _hole(self, value: Hole, use: Use, numbers: Numbers) -> Any:
        if callable(value):
            return self._hole(value(use, numbers), use, numbers)
        if isinstance(value, Mapping):
            return {name: self._hole(v, use, numbers) for name, v in value.items()}
        if hasattr(value, "__dataclass_fields__") and not isinstance(value, Dim):
            return value  # a node already
        return self._number(use.outer(value), numbers, use)

    # -- inside --

    def _constant(self, value: Any, dtype: DType, scope: Scope) -> py.Expression:
        if not self.is_class:
            return self.dialect.array(value, dtype, scope)
        for constant in self.constants:
            if (constant.value, constant.dtype) == (value, dtype):
                return self.dialect.own(self.module, constant.name)
        name = self.attributes.new("constant")
        self.constants.append(Constant(name, value, dtype))
        return self.dialect.own(self.module, name)

    def _call(
        self, call: Call, operands: Sequence[py.Expression], scope: Scope
    ) -> py.Expression:
        use = use_of(call)
        callee = call.module
        native = self.dialect.native(callee)
        child = None
        if call.instance is not None:
            child = self.dialect.child(self.module, call.instance)
        tensors = {
            value.name: operand
            for value, operand in zip(callee.inputs, operands, strict=True)
        }
        if native is not None:
            template = (
                native.template if isinstance(native, NativeCall) else native.apply
            )
            holes = self._holes(template, use, native.holes, self.inside)
            return self.dialect.quote(template, layer=child, **{**holes, **tensors})
        if child is not None:
            instance = self.module.instance(call.instance or "")
            if self.emitter.of[instance.module] is not self.emitter.of[callee]:
                raise Unsupported(
                    f"`{instance.name}` is used with inputs that need different code",
                    call.span,
                )
            return self.dialect.call(child, operands, callee, self.module)
        one = self.emitter.of[callee]
        keywords = tuple(
            py.Keyword(a.name, expression_of(self.inside(use.values[a.variable])))
            for a in one.arguments
        )
        made = self.dialect.call(py.Name(one.name), operands, callee, self.module)
        return py.Call(made.function, made.arguments, (*made.keywords, *keywords))


def _is_item(child: py.Expression) -> bool:
    match child:
        case py.Subscript(_, py.Literal(int())):
            return True
    return False


def _argument_names(
    module: Module, values: Mapping[str, Any], avoided: set[str]
) -> dict[str, str]:
    """What each argument and size of a module is called in Python."""
    names = Names(avoided)
    found = {variable: names.new(variable) for variable in module.arguments}
    for variable in values:
        if variable not in found:
            wish = dimension(variable)
            found[variable] = names.new(f"in_{wish}" if wish in names else wish)
    return found
