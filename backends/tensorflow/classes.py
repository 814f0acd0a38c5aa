"""Classes and functions of Keras from their parts."""

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from typing import Any, TypeGuard

from dlmc.backend import Unsupported
from dlmc.backends.python import tree as py
from dlmc.backends.python.dialect import Argument, Child, Constant, Own, Parts
from dlmc.backends.python.names import Names, free_name, is_attribute
from dlmc.backends.python.numbers import Numbers
from dlmc.backends.python.quotation import expression_of
from dlmc.backends.python.signature import documentation
from dlmc.backends.tensorflow.initializers import start
from dlmc.backends.tensorflow.members import MEMBERS
from dlmc.backends.tensorflow.primitives import DRAWS
from dlmc.backends.tensorflow.quoting import DTYPES, TENSOR, dtype_of, quote
from dlmc.ir.dimensions import Dim
from dlmc.ir.module import Initializer, Kind, Module
from dlmc.ir.traced import Variable, plain, traced
from dlmc.ir.types import DType, TensorType

SELF = py.Name("self")
SEEDS = "seed_generator"
"""The attribute of a layer with random numbers of its own."""


def layer_class(
    name: str,
    module: Module,
    parts: Parts,
    package: str,
    renamed: Mapping[str, str],
    is_whole: bool,
) -> py.Class:
    """A subclass of `keras.Layer` or `keras.Model`.

    Args:
        name: The class's name.
        module: One of the modules that it stands for.
        parts: What it is made of.
        package: Where Keras registers it, to find it again in a saved model.
        renamed: What Keras calls children whose names TensorFlow does not take.
        is_whole: Whether it is a whole model, whose variables are there at once.
    """
    if not module.inputs:
        assert module.span is not None
        raise Unsupported("Keras calls no layer without an input", module.span)
    if parts.own:
        parts = _without_mask(parts)
    body = _seeded(parts.body)
    constructor = _constructor_body(module, parts, renamed, body != parts.body)
    body = tuple(_commented(one) for one in _read(module, body))
    if is_whole:
        constructor += _build_now(module)
    methods: list[py.Statement] = []
    if constructor or not _is_f32(module):
        methods.append(_constructor(module, parts, constructor))
    if parts.own:
        methods.append(_build(module, parts))
    parameters = (py.Parameter("self"), *_inputs(parts), *_mode(parts, quote("False")))
    methods.append(py.Function("call", parameters, body, _returned(parts)))
    base = "keras.Model" if module.kind is Kind.MODEL else "keras.Layer"
    register = quote(
        "keras.saving.register_keras_serializable({package})", package=package
    )
    text = documentation(module, parts.settled)
    return py.Class(name, (quote(base),), tuple(methods), text, (register,))


def _read(module: Module, body: tuple[py.Statement, ...]) -> tuple[py.Statement, ...]:
    """A body that returns what variables hold, not the variables."""
    own = {attribute(module, p.name) for p in module.parameters}
    own |= {attribute(module, state.name) for state in module.states}

    def tensor(value: py.Expression) -> py.Expression:
        return quote("tf.identity({x})", x=value) if value in own else value

    def change(node: Any) -> Any:
        match node:
            case py.Return(py.Tuple(values)):
                return py.Return(py.Tuple(tuple(map(tensor, values))))
            case py.Return(py.Attribute() as value):
                return py.Return(tensor(value))
        return node

    result: tuple[py.Statement, ...] = py.rewrite(body, change)
    return result


def _without_mask(parts: Parts) -> Parts:
    """Parts in which no input is called `mask`, whose shape Keras tells no layer."""
    if "mask" not in parts.inputs:
        return parts
    names = {n.id for s in parts.body for n in py.walk(s) if isinstance(n, py.Name)}
    other = free_name("mask_2", {*names, *parts.inputs})

    def change(node: Any) -> Any:
        return py.Name(other) if node == py.Name("mask") else node

    inputs = tuple(other if name == "mask" else name for name in parts.inputs)
    return replace(parts, inputs=inputs, body=py.rewrite(parts.body, change))


def function(name: str, module: Module, parts: Parts) -> py.Function:
    """A function over tensors, then numbers."""
    numbers = tuple(
        py.Parameter(argument.name, py.Name(argument.type))
        for argument in parts.arguments
    )
    parameters = (*_inputs(parts), *numbers, *_mode(parts))
    text = documentation(module, parts.settled)
    return py.Function(name, parameters, parts.body, _returned(parts), text)


def _inputs(parts: Parts) -> tuple[py.Parameter, ...]:
    return tuple(py.Parameter(name, TENSOR) for name in parts.inputs)


def _mode(
    parts: Parts, default: py.Expression | None = None
) -> tuple[py.Parameter, ...]:
    mode = py.Parameter("training", quote("bool"), default)
    return (mode,) if parts.depends_on_mode else ()


def _returned(parts: Parts) -> py.Expression:
    if parts.outputs == 1:
        return TENSOR
    return quote("tuple[{types}]", types=py.Tuple((TENSOR,) * parts.outputs))


# --- Constructors ---


def _constructor(
    module: Module, parts: Parts, body: Sequence[py.Statement]
) -> py.Function:
    """`__init__`; other options, such as `name`, go to Keras."""
    options: dict[str, Any] = {} if _is_f32(module) else {"autocast": False}
    begin = quote("super().__init__(**{o}, **kwargs)", o=options)
    parameters = (
        py.Parameter("self"),
        *_parameters(module, parts.arguments),
        py.Parameter("**kwargs", quote("Any")),
    )
    statements = (py.Evaluate(begin), *body)
    return py.Function("__init__", parameters, statements, quote("None"))


def _parameters(
    module: Module, arguments: Sequence[Argument]
) -> tuple[py.Parameter, ...]:
    """A model's arguments have the program's values as defaults."""
    defaults = module.arguments if module.kind is Kind.MODEL else {}
    return tuple(
        py.Parameter(
            argument.name,
            py.Name(argument.type),
            py.Literal(plain(defaults[argument.variable]))
            if argument.variable in defaults
            else None,
        )
        for argument in arguments
    )


def _constructor_body(
    module: Module, parts: Parts, renamed: Mapping[str, str], is_random: bool
) -> list[py.Statement]:
    body: list[py.Statement] = [
        py.Assign(py.Attribute(SELF, argument.stored), py.Name(argument.name))
        for argument in parts.arguments
        if argument.stored is not None
    ]
    body += map(_constant, parts.constants)
    if is_random:
        seeds = quote("keras.random.SeedGenerator()")
        body.append(py.Assign(py.Attribute(SELF, SEEDS), seeds))
    return body + _children(module, parts.children, renamed)


def _constant(constant: Constant) -> py.Statement:
    value = array(constant.value, constant.dtype)
    return py.Assign(py.Attribute(SELF, constant.name), value)


def array(value: Any, dtype: DType) -> py.Expression:
    """Numbers that stand in the program, as a tensor."""
    return quote(
        "tf.constant({value}, {kind})", value=_lists(value), kind=dtype_of(dtype)
    )


def _lists(value: Any) -> Any:
    return py.List(tuple(map(_node, value)))


def _node(value: Any) -> py.Expression:
    return (
        _lists(value) if isinstance(value, list | tuple) else py.Literal(plain(value))
    )


def _is_f32(module: Module) -> bool:
    """Whether Keras may take every float for f32, as it does unless it is told."""
    floats = {v.type.dtype for v in module.inputs if v.type.dtype.is_float}
    return floats <= {DType.F32}


def _build_now(module: Module) -> list[py.Statement]:
    """A symbolic call, which makes the variables."""
    inputs = tuple(_keras_input(value.type) for value in module.inputs)
    call = py.Evaluate(py.Call(SELF, inputs))
    return [py.Comment("A call on symbolic inputs makes the variables."), call]


def _keras_input(type_: TensorType) -> py.Expression:
    sizes = [None if isinstance(size, Dim) else int(size) for size in type_.shape]
    options = {} if type_.dtype is DType.F32 else {"dtype": DTYPES[type_.dtype]}
    if sizes and sizes[0] is None:
        shape = expression_of(tuple(sizes[1:]))
        return quote("keras.Input({shape}, **{o})", shape=shape, o=options)
    shape = expression_of(tuple(sizes))
    return quote("keras.Input(batch_shape={shape}, **{o})", shape=shape, o=options)


def _seeded(body: tuple[py.Statement, ...]) -> tuple[py.Statement, ...]:
    """A body whose random numbers are drawn by a generator of its layer."""
    draws = [quote(name) for name in DRAWS.values()]

    def change(node: Any) -> Any:
        if isinstance(node, py.Call) and node.function in draws:
            seed = py.Keyword("seed", py.Attribute(SELF, SEEDS))
            return py.Call(node.function, node.arguments, (*node.keywords, seed))
        return node

    seeded: tuple[py.Statement, ...] = py.rewrite(body, change)
    return seeded


LAYOUTS = {(0, *range(2, rank), 1): "channels last" for rank in (4, 5)} | {
    (0, rank - 1, *range(1, rank - 1)): "channels first" for rank in (4, 5)
}


def _commented(statement: py.Statement) -> py.Statement:
    """A change of layout, with a comment that says which it is."""
    match statement:
        case py.Assign(_, py.Call(function, (_, py.Tuple(places)))) if (
            function == quote("ops.transpose")
        ):
            axes = tuple(p.value for p in places if isinstance(p, py.Literal))
            return replace(statement, comment=LAYOUTS.get(axes))
    return statement


# --- Parameters and states ---


def _build(module: Module, parts: Parts) -> py.Function:
    """The method that makes a layer's own variables."""
    declared = {p.name: (p.type, p.initializer) for p in module.parameters}
    declared |= {s.name: (s.type, s.initializer) for s in module.states}
    body = tuple(_weight(module, own, *declared[own.name]) for own in parts.own)
    used = {
        node.id
        for statement in body
        for node in py.walk(statement)
        if isinstance(node, py.Name)
    }
    shapes = [i for i in range(len(parts.inputs)) if _shape_name(i) in used]
    names = {i: f"{parts.inputs[i]}_shape" for i in {0, *shapes}}
    if len(names) == 1:  # Keras gives it the first input's
        names = {0: "input_shape"}
    called = {_shape_name(i): name for i, name in names.items()}

    def change(node: Any) -> Any:
        is_shape = isinstance(node, py.Name) and node.id in called
        return py.Name(called[node.id]) if is_shape else node

    parameters = tuple(
        py.Parameter(name, quote("tuple[int | None, ...]"))
        for _, name in sorted(names.items())
    )
    return py.Function(
        "build",
        (py.Parameter("self"), *parameters),
        py.rewrite(body, change),
        quote("None"),
    )


def _shape_name(position: int) -> str:
    """Stands for the shape of an input until `build` is written."""
    return f"%shape {position}"


def input_size(module: Module, position: int, axis: int) -> py.Expression:
    """A size of an input, in `build`."""
    rank = module.inputs[position].type.rank
    place = py.Unary("-", py.Literal(1)) if axis == rank - 1 else py.Literal(axis)
    return py.Subscript(py.Name(_shape_name(position)), place)


def _weight(
    module: Module, owned: Own, type_: TensorType, initializer: Initializer
) -> py.Statement:
    begin = _own_start(owned, type_, initializer)
    options: dict[str, Any] = {}
    if owned.dtype is not DType.F32:
        options["dtype"] = DTYPES[owned.dtype]
    if not owned.trained:
        options["trainable"] = False
    made = quote(
        "self.add_weight({shape}, {begin}, **{options}, name={name})",
        shape=owned.shape,
        begin=begin,
        options=options,
        name=owned.name,
    )
    return py.Assign(attribute(module, owned.name), made)


def _own_start(
    owned: Own, type_: TensorType, initializer: Initializer
) -> py.Expression:
    """What starts a variable in its declared layout.

    Numbers are traced to the expressions that `owned` has for them.
    """
    nodes = {str(i): node for i, node in enumerate(owned.shape.elements)}
    nodes |= dict(owned.arguments)
    values = {name: node.value for name, node in nodes.items() if _is_number(node)}
    shape = tuple(
        traced(plain(size), Variable(str(i))) for i, size in enumerate(type_.shape)
    )
    arguments = tuple(
        (name, traced(plain(value), Variable(name)))
        for name, value in initializer.arguments
    )
    write = Numbers(nodes.__getitem__, values)
    made = start(Initializer(initializer.name, arguments), shape, shape, write)
    if initializer.name != "orthogonal" or type_.rank == 2:
        return made
    # Keras takes all axes but the last for one, where all but the first are meant.
    return quote(
        "lambda shape, dtype: ops.reshape("
        "{made}((shape[0], math.prod(shape[1:])), dtype), shape)",
        made=made,
    )


def _is_number(node: py.Expression) -> TypeGuard[py.Literal]:
    return isinstance(node, py.Literal)


# --- Attributes ---


def attribute(module: Module, name: str) -> py.Expression:
    """What a parameter, state, constant or child of a module is called in its methods.

    Children that are numbered from 0 on are items of a list.
    """
    owned = [*(p.name for p in module.parameters), *(s.name for s in module.states)]
    names = [*owned, *(instance.name for instance in module.instances)]
    if name not in names:  # a constant's name is its attribute's
        return py.Attribute(SELF, name)
    prefix, _, index = name.rpartition(".")
    if prefix in lists(names):
        called = _attributes(module, names)[prefix]
        return py.Subscript(py.Attribute(SELF, called), py.Literal(int(index)))
    return py.Attribute(SELF, _attributes(module, names)[name])


def lists(names: Sequence[str]) -> Mapping[str, int]:
    """How many children there are under each prefix that numbers its children."""
    found: dict[str, list[str]] = {}
    for name in names:
        prefix, dot, index = name.rpartition(".")
        if dot:
            found.setdefault(prefix, []).append(index)
    return {
        prefix: len(indices)
        for prefix, indices in found.items()
        if prefix not in names
        and sorted(indices) == sorted(str(i) for i in range(len(indices)))
    }


def _attributes(module: Module, names: Sequence[str]) -> Mapping[str, str]:
    """The attribute of each name, or of the list that it is in."""
    numbered = lists(names)
    wanted = [
        prefix if (prefix := name.rpartition(".")[0]) in numbered else name
        for name in names
    ]
    plain_names = [name for name in wanted if _is_plain(name)]
    found = {name: name for name in plain_names}
    taken = Names({*MEMBERS, *plain_names, *module.arguments})
    for name in wanted:
        if name not in found:
            # Two underscores at the start mean something to Python in a class.
            wish = name.lstrip("_") if name.startswith("__") else name
            found[name] = taken.new(re.sub(r"\W", "_", wish))
    return found


def _is_plain(name: str) -> bool:
    return is_attribute(name) and name not in MEMBERS


def _children(
    module: Module, children: Sequence[Child], renamed: Mapping[str, str]
) -> list[py.Statement]:
    made = {child.name: _named(child, renamed) for child in children}
    names = [
        *(p.name for p in module.parameters),
        *(s.name for s in module.states),
        *(instance.name for instance in module.instances),
    ]
    numbered = lists(names)
    body: list[py.Statement] = []
    for child in children:
        prefix, _, index = child.name.rpartition(".")
        target = attribute(module, child.name)
        if prefix not in numbered:
            body.append(py.Assign(target, made[child.name]))
        elif index == "0":
            assert isinstance(target, py.Subscript)
            count = numbered[prefix]
            items = py.List(tuple(made[f"{prefix}.{i}"] for i in range(count)))
            creates = {c.create for c in children if c.name.startswith(f"{prefix}.")}
            alike = _alike(prefix, count, creates, renamed)
            body.append(py.Assign(target.value, alike or items))
    return body


def _alike(
    prefix: str, count: int, creates: Set[py.Expression], renamed: Mapping[str, str]
) -> py.Expression | None:
    """Several children that differ in their numbers alone, as a comprehension."""
    index = py.Name("i")
    (create, *others) = creates
    if others or count == 1 or any(f"{prefix}.{i}" in renamed for i in range(count)):
        return None
    if index in py.walk(create):
        return None
    assert isinstance(create, py.Call)
    name = py.Keyword("name", py.FString((f"{prefix}.", py.Formatted(index))))
    item = py.Call(create.function, create.arguments, (*create.keywords, name))
    turns = py.Call(py.Name("range"), (py.Literal(count),))
    return py.Comprehension("list", item, index, turns)


def _named(child: Child, renamed: Mapping[str, str]) -> py.Expression:
    """A child, under its name in the weight file where TensorFlow takes that."""
    assert isinstance(child.create, py.Call)
    name = py.Keyword("name", py.Literal(renamed.get(child.name, child.name)))
    made = child.create
    return py.Call(made.function, made.arguments, (*made.keywords, name))
