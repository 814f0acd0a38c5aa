"""PyTorch's dialect: modules as `nn.Module`, functions over `Tensor`."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from dlmc.backends.python import tree as py
from dlmc.backends.python.dialect import Dialect, Operand, Parts, Scope
from dlmc.backends.python.uses import Native, NativeLayer, NativeRule, native_of
from dlmc.backends.torch import classes, initial, primitives
from dlmc.backends.torch.members import MODULE
from dlmc.backends.torch.natives import NATIVES
from dlmc.backends.torch.normalizations import SINGLE
from dlmc.backends.torch.quoting import IMPORTS, quote
from dlmc.backends.torch.shapes import picked
from dlmc.ir.module import Apply, Borrowed, Kind, Module, Parameter, State
from dlmc.ir.types import DType


class TorchDialect(Dialect):
    """Writes the models of one program."""

    quote = quote
    reserved = frozenset({*IMPORTS, initial.INITIALIZE, SINGLE})
    members = MODULE
    has_chains = True

    def __init__(
        self,
        roots: Sequence[Module],
        natives: Mapping[str, NativeRule] = NATIVES,
    ) -> None:
        self.roots = frozenset(roots)
        self.natives = natives
        self._children: dict[Module, dict[str, py.Expression]] = {}
        layers = list(self._native_layers(roots))
        self.layers = frozenset(layer for layer, _ in layers)
        self.rules = initial.Rules(layers)

    def support(self) -> list[py.Statement]:
        """What stands before the program's own classes."""
        initialize = self.rules.function()
        return [
            *([classes.single_batch_norm()] if SINGLE in self.layers else []),
            *([initialize] if initialize is not None else []),
        ]

    # -- modules --

    def native(self, module: Module) -> Native | None:
        """By the table."""
        return native_of(self.natives, module)

    def class_of(self, name: str, module: Module, parts: Parts) -> py.Class:
        """A subclass of `nn.Module`."""
        starts = module in self.roots and bool(self.rules.rules)
        return classes.module_class(name, module, parts, starts)

    def function_of(self, name: str, module: Module, parts: Parts) -> py.Function:
        """A function over tensors."""
        return classes.function(name, module, parts)

    def child(self, module: Module, name: str) -> py.Expression:
        """`self.name`, or an item of a list of children."""
        if module not in self._children:
            self._children[module] = classes.children(module)
        return self._children[module][name]

    def own(self, module: Module, name: str) -> py.Expression:
        """`self.name`."""
        return classes.own(module, name)

    def borrowed(self, module: Module, borrowed: Borrowed) -> py.Expression:
        """`self.child.name`: PyTorch's own layers call theirs as the file does."""
        owner = module.instance(borrowed.instance).module
        child = self.child(module, borrowed.instance)
        read: py.Expression = py.rewrite(
            classes.own(owner, borrowed.parameter),
            lambda node: child if node == classes.SELF else node,
        )
        return read

    def initial(
        self,
        module: Module,
        instance: str | None,
        owned: Parameter | State,
        write: Callable[[Any], py.Expression],
    ) -> Sequence[py.Statement]:
        """Calls of `nn.init`, unless the model's `initialize` makes them."""
        start = owned.initializer
        if instance is None:
            if start.name in ("zeros", "ones"):
                return ()  # made so
            tensor = classes.own(module, owned.name)
        else:
            layer = self._layer_class(module.instance(instance).module)
            if (
                layer is None
                or isinstance(owned, State)
                or self.rules.cover(layer, owned.name)
                or initial.is_default(layer, owned.name, start)
            ):
                return ()
            tensor = py.Attribute(self.child(module, instance), owned.name)
        return initial.statements(tensor, owned.type.shape, start, write)

    def call(
        self,
        function: py.Expression,
        operands: Sequence[py.Expression],
        callee: Module,
        caller: Module,
    ) -> py.Call:
        """A function is told whether it is in training; a module knows."""
        made = py.Call(function, tuple(operands))
        if callee.kind is Kind.FUNCTION and callee.depends_on_mode:
            mode = py.Keyword("training", self.in_training(caller))
            return py.Call(made.function, made.arguments, (mode,))
        return made

    def in_training(self, module: Module) -> py.Expression:
        """`self.training`, or a function's own argument."""
        is_function = module.kind is Kind.FUNCTION
        return py.Name("training") if is_function else quote("self.training")

    def updates(
        self, pairs: Sequence[tuple[py.Expression, py.Expression]]
    ) -> Sequence[py.Statement]:
        """Copies into buffers, which stay the tensors that they are (as DDP needs)."""
        body = tuple(
            py.Evaluate(quote("{state}.copy_({value})", state=state, value=value))
            for state, value in pairs
        )
        return [py.With(((quote("torch.no_grad()"), None),), body)]

    def snapshot(self, state: py.Expression) -> py.Expression:
        """`self.state.clone()`."""
        return quote("{state}.clone()", state=state)

    # -- tensors --

    def primitive(
        self, apply: Apply, operands: Sequence[Operand], scope: Scope
    ) -> py.Expression:
        """By the tables of `primitives`."""
        return primitives.emit(apply, operands, scope)

    def tensor(
        self, number: py.Expression, dtype: DType, scope: Scope
    ) -> py.Expression:
        """`torch.tensor(number, …)`."""
        return primitives.tensor(number, dtype, scope)

    def array(self, value: Any, dtype: DType, scope: Scope) -> py.Expression:
        """`torch.tensor([…], …)`."""
        return primitives.array(value, dtype, scope)

    def size(self, tensor: py.Expression, axis: int) -> py.Expression:
        """`x.shape[0]`."""
        return quote("{x}.shape[{axis}]", x=tensor, axis=axis)

    def sizes(self, tensor: py.Expression) -> py.Expression:
        """`x.shape`."""
        return quote("{x}.shape", x=tensor)

    def peephole(
        self, apply: Apply, inner: Apply, operand: Operand, scope: Scope
    ) -> py.Expression | None:
        """`x[:, 0]`, and counts of truth values."""
        return picked(apply, inner, operand, scope) or primitives.counted(
            apply, inner, operand
        )

    # -- initial weights --

    def _layer_class(self, module: Module) -> str | None:
        """The class in torch of a native layer."""
        native = self.native(module)
        if not isinstance(native, NativeLayer):
            return None
        return native.create.partition("(")[0]

    def _native_layers(self, roots: Sequence[Module]) -> Iterator[tuple[str, Module]]:
        """The native layers of models, each with its class in torch."""
        seen: set[Module] = set()

        def visit(module: Module) -> Iterator[tuple[str, Module]]:
            if module in seen:
                return
            seen.add(module)
            for instance in module.instances:
                layer = self._layer_class(instance.module)
                if layer is None:
                    yield from visit(instance.module)
                else:
                    yield layer, instance.module

        for root in roots:
            yield from visit(root)
