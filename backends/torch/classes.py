"""Classes and functions of PyTorch from their parts."""

from collections.abc import Sequence
from typing import Any

from dlmc.backend import Unsupported
from dlmc.backends.python import tree as py
from dlmc.backends.python.dialect import Argument, Child, Own, Parts
from dlmc.backends.python.names import is_attribute
from dlmc.backends.python.signature import documentation
from dlmc.backends.torch.initial import INITIALIZE
from dlmc.backends.torch.members import MODULE, MODULE_DICT
from dlmc.backends.torch.primitives import array
from dlmc.backends.torch.quoting import TENSOR, quote, with_dtype
from dlmc.ir.module import Kind, Module

SELF = py.Name("self")


def module_class(name: str, module: Module, parts: Parts, starts: bool) -> py.Class:
    """A subclass of `nn.Module`; `starts` says that it draws its initial weights."""
    constructor = py.Function(
        "__init__",
        (py.Parameter("self"), *_constructor_parameters(module, parts.arguments)),
        (quote_super(), *_constructor_body(module, parts, starts)),
        quote("None"),
    )
    forward = py.Function(
        "forward",
        (py.Parameter("self"), *_inputs(parts)),
        parts.body,
        _returned(parts),
    )
    body: tuple[py.Statement, ...] = (constructor, forward)
    if len(constructor.body) == 1:
        body = (forward,)
    return py.Class(name, (quote("nn.Module"),), body, documentation(module))


def function(name: str, module: Module, parts: Parts) -> py.Function:
    """A function over tensors, then numbers."""
    numbers = [
        py.Parameter(argument.name, py.Name(argument.type))
        for argument in parts.arguments
    ]
    if parts.depends_on_mode:
        numbers.append(py.Parameter("training", quote("bool")))
    parameters = (*_inputs(parts), *numbers)
    return py.Function(
        name, parameters, parts.body, _returned(parts), documentation(module)
    )


def quote_super() -> py.Statement:
    """`super().__init__()`."""
    return py.Evaluate(quote("super().__init__()"))


def _inputs(parts: Parts) -> tuple[py.Parameter, ...]:
    return tuple(py.Parameter(name, TENSOR) for name in parts.inputs)


def _returned(parts: Parts) -> py.Expression:
    if parts.outputs == 1:
        return TENSOR
    return quote("tuple[{types}]", types=py.Tuple((TENSOR,) * parts.outputs))


def _constructor_parameters(
    module: Module, arguments: Sequence[Argument]
) -> tuple[py.Parameter, ...]:
    """A model's arguments have the program's values as defaults."""
    defaults = module.arguments if module.kind is Kind.MODEL else {}
    return tuple(
        py.Parameter(
            argument.name,
            py.Name(argument.type),
            py.Literal(_plain(defaults[argument.variable]))
            if argument.variable in defaults
            else None,
        )
        for argument in arguments
    )


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, float) else int(value)


def _constructor_body(module: Module, parts: Parts, starts: bool) -> list[py.Statement]:
    body: list[py.Statement] = [
        py.Assign(py.Attribute(SELF, argument.stored), py.Name(argument.name))
        for argument in parts.arguments
        if argument.stored is not None
    ]
    body += [_own(owned) for owned in parts.own]
    body += [
        py.Evaluate(
            quote(
                "self.register_buffer({name}, {value}, persistent=False)",
                name=constant.name,
                value=array(constant.value, constant.dtype, None),
            )
        )
        for constant in parts.constants
    ]
    body += _children(module, parts.children)
    body += parts.initial
    if starts:
        body.append(py.Evaluate(quote(f"self.apply({INITIALIZE})")))
    return body


# --- Parameters and states ---


def own(module: Module, name: str) -> py.Expression:
    """A parameter, state or constant of a module in its methods."""
    if _is_plain(name):
        return py.Attribute(SELF, name)
    parameters = {parameter.name for parameter in module.parameters}
    table = "_parameters" if name in parameters else "_buffers"
    return quote(f"self.{table}[{{name}}]", name=name)


def _own(owned: Own) -> py.Statement:
    start = owned.initializer if owned.initializer in ("zeros", "ones") else "empty"
    sizes: Any = owned.shape.elements or (py.Tuple(()),)
    tensor = quote(
        f"torch.{start}({{sizes}}, **{{options}})",
        sizes=list(sizes),
        options=with_dtype(owned.dtype),
    )
    if owned.trained:
        tensor = quote("nn.Parameter({tensor})", tensor=tensor)
        if _is_plain(owned.name):
            return py.Assign(py.Attribute(SELF, owned.name), tensor)
        target = quote("self._parameters[{name}]", name=owned.name)
        return py.Assign(target, tensor)
    if _is_plain(owned.name):
        return py.Evaluate(
            quote("self.register_buffer({name}, {t})", name=owned.name, t=tensor)
        )
    return py.Assign(quote("self._buffers[{name}]", name=owned.name), tensor)


def _is_plain(name: str) -> bool:
    """Whether `self.name` can be what the weight file calls so."""
    return is_attribute(name) and name not in MODULE


# --- Children ---


def child(module: Module, name: str) -> py.Expression:
    """A child of a module in its methods.

    Dots in its name lead through lists (numbers from 0 on) and dictionaries, so that
    the keys of `state_dict` are the names of the weight file.
    """
    first, *rest = name.split(".")
    expression: py.Expression = (
        py.Attribute(SELF, first)
        if _is_plain(first)
        else quote("self._modules[{name}]", name=first)
    )
    names = [instance.name for instance in module.instances]
    prefix = first
    for part in rest:
        key: Any = int(part) if _is_list(_parts_below(names, prefix)) else part
        expression = py.Subscript(expression, py.Literal(key))
        prefix = f"{prefix}.{part}"
    return expression


def _parts_below(names: Sequence[str], prefix: str) -> list[str]:
    start = f"{prefix}."
    below = [name.removeprefix(start) for name in names if name.startswith(start)]
    return list(dict.fromkeys(name.partition(".")[0] for name in below))


def _is_list(keys: Sequence[str]) -> bool:
    return sorted(keys) == sorted(str(i) for i in range(len(keys)))


def _children(module: Module, children: Sequence[Child]) -> list[py.Statement]:
    found = {one.name: one.create for one in children}
    names = list(found)
    body: list[py.Statement] = []
    for first in dict.fromkeys(name.partition(".")[0] for name in names):
        target = child(module, first)
        body.append(py.Assign(target, _container(module, found, names, first)))
    return body


def _container(
    module: Module,
    found: dict[str, py.Expression],
    names: Sequence[str],
    prefix: str,
) -> py.Expression:
    keys = _parts_below(names, prefix)
    if not keys:
        return found[prefix]
    if prefix in found or (not _is_list(keys) and MODULE_DICT & set(keys)):
        bad = prefix if prefix in found else next(iter(MODULE_DICT & set(keys)))
        owner = next(i for i in module.instances if i.name.startswith(prefix))
        raise Unsupported(
            f"a layer cannot be called `{bad}` beside `{prefix}.{keys[0]}`",
            owner.span,
            "another name after `as` will do",
        )
    inner = {key: _container(module, found, names, f"{prefix}.{key}") for key in keys}
    if _is_list(keys):
        items = [inner[str(i)] for i in range(len(keys))]
        if len(items) > 1 and all(item == items[0] for item in items):
            return quote(
                "nn.ModuleList({item} for _ in range({n}))", item=items[0], n=len(items)
            )
        return quote("nn.ModuleList({items})", items=py.List(tuple(items)))
    pairs = tuple((py.Literal(key), value) for key, value in inner.items())
    return quote("nn.ModuleDict({items})", items=py.Dict(pairs))
