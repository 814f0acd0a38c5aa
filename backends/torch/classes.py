"""Classes and functions of PyTorch from their parts."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from dlmc.backend import Unsupported
from dlmc.backends.python import tree as py
from dlmc.backends.python.dialect import Argument, Own, Parts
from dlmc.backends.python.names import is_attribute
from dlmc.backends.python.signature import documentation
from dlmc.backends.torch.initial import INITIALIZE
from dlmc.backends.torch.members import MODULE, MODULE_DICT
from dlmc.backends.torch.normalizations import SINGLE
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
    return py.Class(
        name, (quote("nn.Module"),), body, documentation(module, parts.settled)
    )


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
        name,
        parameters,
        parts.body,
        _returned(parts),
        documentation(module, parts.settled),
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
    body += _children(module, parts)
    body += parts.initial
    if starts:
        body.append(py.Evaluate(quote(f"self.apply({INITIALIZE})")))
    return body


def single_batch_norm() -> py.Class:
    """`nn.BatchNorm1d`, but for a batch of one sample, as the last of an epoch may be.

    Its variance is 0 then, and so is all but the bias.
    """
    body = quote.statements(
        """
if self.training and len(x) == 1:
    with torch.no_grad():
        self.running_mean.lerp_(x[0], self.momentum)
        self.running_var.mul_(1 - self.momentum)
    return 0 * self.weight * x.detach() + self.bias
return super().forward(x)
"""
    )
    forward = py.Function(
        "forward",
        (py.Parameter("self"), py.Parameter("x", TENSOR)),
        body,
        TENSOR,
    )
    documentation = "Batch normalisation that takes a batch of one sample as well."
    return py.Class(SINGLE, (quote("nn.BatchNorm1d"),), (forward,), documentation)


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


def children(module: Module) -> dict[str, py.Expression]:
    """Each child of a module in its methods, and each list or dictionary of them.

    Dots in a name lead through lists (numbers from 0 on) and dictionaries, so that the
    keys of `state_dict` are the names of the weight file.
    """
    names = [instance.name for instance in module.instances]
    prefixes = {
        ".".join(parts[:end])
        for parts in (name.split(".") for name in names)
        for end in range(1, len(parts) + 1)
    }
    below: dict[str, list[str]] = {prefix: [] for prefix in prefixes}
    for prefix in prefixes:
        start, _, last = prefix.rpartition(".")
        if start:
            below[start].append(last)
    found: dict[str, py.Expression] = {}
    for prefix in sorted(prefixes, key=lambda prefix: prefix.count(".")):
        start, _, last = prefix.rpartition(".")
        if not start:
            found[prefix] = (
                py.Attribute(SELF, last)
                if _is_plain(last)
                else quote("self._modules[{name}]", name=last)
            )
        else:
            key: Any = int(last) if _is_list(below[start]) else last
            found[prefix] = py.Subscript(found[start], py.Literal(key))
    return found


def _parts_below(names: Sequence[str], prefix: str) -> list[str]:
    start = f"{prefix}."
    below = [name.removeprefix(start) for name in names if name.startswith(start)]
    return list(dict.fromkeys(name.partition(".")[0] for name in below))


def _is_list(keys: Sequence[str]) -> bool:
    return sorted(keys) == sorted(str(i) for i in range(len(keys)))


def _children(module: Module, parts: Parts) -> list[py.Statement]:
    containers = _Containers(module, parts)
    places = children(module)
    firsts = dict.fromkeys(one.name.partition(".")[0] for one in parts.children)
    return [py.Assign(places[f], containers.of(f, places[f])) for f in firsts]


class _Containers:
    """What the children of a module stand in."""

    def __init__(self, module: Module, parts: Parts) -> None:
        self.module = module
        self.chains = parts.chains
        self.found = {one.name: one.create for one in parts.children}

    def of(self, prefix: str, place: py.Expression) -> py.Expression:
        """The child called `prefix`, or what holds those whose names start so."""
        keys = _parts_below(list(self.found), prefix)
        if not keys:
            return self.found[prefix]
        self._check(prefix, keys)
        is_list = _is_list(keys)
        inner = {
            key: self.of(
                f"{prefix}.{key}",
                py.Subscript(place, py.Literal(int(key) if is_list else key)),
            )
            for key in keys
        }
        if not is_list:
            pairs = tuple((py.Literal(key), value) for key, value in inner.items())
            return quote("nn.ModuleDict({items})", items=py.Dict(pairs))
        items = [inner[str(i)] for i in range(len(keys))]
        if place in self.chains:
            return py.Call(quote("nn.Sequential"), tuple(_repeated(items)))
        match _repeated(items):
            case [py.Starred(repetition)]:
                return quote("nn.ModuleList({items})", items=repetition)
            case several:
                items_ = py.List(tuple(several))
                return quote("nn.ModuleList({items})", items=items_)

    def _check(self, prefix: str, keys: Sequence[str]) -> None:
        taken = MODULE_DICT & set(keys) if not _is_list(keys) else set()
        if prefix not in self.found and not taken:
            return
        bad = prefix if prefix in self.found else min(taken)
        owner = next(i for i in self.module.instances if i.name.startswith(prefix))
        raise Unsupported(
            f"a layer cannot be called `{bad}` beside `{prefix}.{keys[0]}`",
            owner.span,
            "another name after `as` will do",
        )


def _repeated(items: Sequence[py.Expression]) -> list[py.Expression]:
    """Items of a list, equal ones in a row written once."""
    result: list[py.Expression] = []
    start = 0
    while start < len(items):
        end = start
        while end < len(items) and items[end] == items[start]:
            end += 1
        if end - start > 2 or end - start == len(items) > 1:
            repetition = quote(
                "[{item} for _ in range({n})]", item=items[start], n=end - start
            )
            assert isinstance(repetition, py.Comprehension)
            result.append(py.Starred(replace(repetition, kind="generator")))
        else:
            result += items[start:end]
        start = end
    return result
