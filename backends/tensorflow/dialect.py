"""Keras's dialect: blocks as `keras.Layer`, models as `keras.Model`."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from dlmc.backends.python import tree as py
from dlmc.backends.python.dialect import Dialect, Operand, Parts, Scope
from dlmc.backends.python.uses import Native, NativeLayer
from dlmc.backends.tensorflow import (
    classes,
    natives,
    primitives,
    shapes,
    variables,
)
from dlmc.backends.tensorflow.arrays import SCATTER_ADD
from dlmc.backends.tensorflow.members import MEMBERS
from dlmc.backends.tensorflow.normalizations import (
    BATCH_NORM,
    BATCH_NORM_2D,
    is_image_norm,
)
from dlmc.backends.tensorflow.quoting import IMPORTS, cast, quote
from dlmc.backends.tensorflow.scopes import keras_names
from dlmc.backends.tensorflow.spatial import GROUPED
from dlmc.backends.tensorflow.uses import tensor as tensor_of
from dlmc.backends.tensorflow.variables import layer_of
from dlmc.ir.module import Apply, Borrowed, Call, Module
from dlmc.ir.types import DType

EXTREMES = ("maximum", "minimum")
"""Functions of the project's own: Keras's give ties another gradient."""

OWN = (*EXTREMES, SCATTER_ADD)
"""All functions that a project has of its own where it needs them."""


class TensorFlowDialect(Dialect):
    """Writes the models of one program, laid out and padded as Keras has it.

    `package` is the name under which Keras registers its classes.
    """

    quote = quote
    members = MEMBERS

    def __init__(
        self, roots: Sequence[Module], package: str, has_natives: bool = True
    ) -> None:
        self.roots = frozenset(roots)
        self.package = package
        self.has_natives = has_natives
        used = used_modules(roots)
        self.norms = frozenset(
            is_image_norm(module)
            for module in used
            if has_natives and module.is_library and module.definition == "BatchNorm"
        )
        self.grouped = self._grouped(used) if has_natives else ()
        names = {*IMPORTS, *OWN, *self.helpers, *self.grouped}
        names |= {"kwargs", "self", "training"}
        self.reserved = frozenset(names)
        self.renamed = keras_names(
            instance.name for module in used for instance in module.instances
        )

    @property
    def helpers(self) -> dict[str, bool]:
        """The project's own layers for `BatchNorm`, and which are for images.

        A program with one kind calls it just that.
        """
        if len(self.norms) == 1:
            return dict.fromkeys([BATCH_NORM], True in self.norms)
        both = {BATCH_NORM: False, BATCH_NORM_2D: True}
        return both if self.norms else {}

    def _grouped(self, used: Collection[Module]) -> Sequence[str]:
        """The project's own layers for convolutions in groups that modules use."""
        found = (natives.native(module) for module in used)
        called = {layer_of(one) for one in found if isinstance(one, NativeLayer)}
        return sorted(name for name in called if name.startswith(GROUPED))

    # -- modules --

    def native(self, module: Module) -> Native | None:
        """By the table."""
        found = natives.native(module) if self.has_natives else None
        if isinstance(found, NativeLayer) and len(self.norms) == 1:
            create = found.create.replace(BATCH_NORM_2D, BATCH_NORM)
            return replace(found, create=create)
        return found

    def class_of(self, name: str, module: Module, parts: Parts) -> py.Class:
        """A subclass of `keras.Layer` or `keras.Model`."""
        is_whole = module in self.roots
        return classes.layer_class(
            name, module, parts, self.package, self.renamed, is_whole
        )

    def function_of(self, name: str, module: Module, parts: Parts) -> py.Function:
        """A function over tensors."""
        return classes.function(name, module, parts)

    def child(self, module: Module, name: str) -> py.Expression:
        """`self.name`, or an item of a list."""
        return classes.attribute(module, name)

    def own(self, module: Module, name: str) -> py.Expression:
        """`self.name`."""
        return classes.attribute(module, name)

    def borrowed(self, module: Module, borrowed: Borrowed) -> py.Expression:
        """`self.child.name`, in the layout in which Keras has it."""
        owner = module.instance(borrowed.instance).module
        child = self.child(module, borrowed.instance)
        native = self.native(owner)
        if isinstance(native, NativeLayer):
            return variables.borrowed_variable(child, native, borrowed)
        read: py.Expression = py.rewrite(
            classes.attribute(owner, borrowed.parameter),
            lambda node: child if node == classes.SELF else node,
        )
        return read

    def call(
        self,
        function: py.Expression,
        operands: Sequence[py.Expression],
        callee: Module,
        caller: Module,
    ) -> py.Call:
        """Applied, and told whether it is in training where it asks."""
        mode = (py.Keyword("training", self.in_training(caller)),)
        return py.Call(
            function, tuple(operands), mode if callee.depends_on_mode else ()
        )

    def input_size(
        self, module: Module, position: int, axis: int
    ) -> py.Expression | None:
        """`input_shape[-1]`, in the method `build`."""
        return classes.input_size(module, position, axis)

    def in_training(self, module: Module) -> py.Expression:
        """`training`, an argument of each method and function that asks for it."""
        return py.Name("training")

    def updates(
        self, pairs: Sequence[tuple[py.Expression, py.Expression]]
    ) -> Sequence[py.Statement]:
        """`self.state.assign(value)`, which has no gradient."""
        return [
            py.Evaluate(quote("{state}.assign({value})", state=state, value=value))
            for state, value in pairs
        ]

    def snapshot(self, state: py.Expression) -> py.Expression:
        """`tf.identity(self.state)`."""
        return quote("tf.identity({state})", state=state)

    # -- tensors --

    def primitive(
        self, apply: Apply, operands: Sequence[Operand], scope: Scope
    ) -> py.Expression:
        """By the tables of `primitives`."""
        return primitives.primitive(apply, operands, scope)

    def tensor(
        self, number: py.Expression, dtype: DType, scope: Scope
    ) -> py.Expression:
        """`tf.constant(number, …)`."""
        return tensor_of(number, dtype)

    def dimension(self, size: py.Expression, dtype: DType) -> py.Expression:
        """A graph's sizes are tensors of i32, which meet no others."""
        return cast(size, dtype)

    def array(self, value: Any, dtype: DType, scope: Scope) -> py.Expression:
        """`tf.constant([…], …)`."""
        return classes.array(value, dtype)

    def size(self, tensor: py.Expression, axis: int) -> py.Expression:
        """`ops.shape(x)[0]`."""
        return quote("ops.shape({x})[{axis}]", x=tensor, axis=axis)

    def sizes(self, tensor: py.Expression) -> py.Expression:
        """`ops.shape(x)`."""
        return quote("ops.shape({x})", x=tensor)

    def peephole(
        self, apply: Apply, inner: Apply, operand: Operand, scope: Scope
    ) -> py.Expression | None:
        """`x[:, 0]`."""
        return shapes.picked(apply, inner, operand, scope)


def used_modules(roots: Sequence[Module]) -> Collection[Module]:
    """Modules and all that they use, each once."""
    found: dict[Module, None] = {}

    def visit(module: Module) -> None:
        if module in found:
            return
        found[module] = None
        for instance in module.instances:
            visit(instance.module)
        for body in (module.inference, module.training):
            for operation in body.operations:
                if isinstance(operation, Call):
                    visit(operation.module)

    for root in roots:
        visit(root)
    return found.keys()
