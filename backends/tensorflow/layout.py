"""Channels last inside a model, channels first where it begins and ends.

DLM's images are channels first; TensorFlow convolves channels last. This pass rewrites
modules so that convolutions, windows and all that stands between them work on tensors
laid out the other way, with a transpose where a layout has to change and nowhere else.

The result is IR again, read with these conventions:

- types give the shapes of the tensors as they are laid out, and attributes that name
  axes (`axis`, `shape`, `low`, …) speak of those;
- `conv` takes x as [N, spatial…, C] and the weight as [kernel…, C / groups, O],
  `conv_transpose` the weight as [kernel…, O / groups, C];
  `window_max` and `window_mean` take x as [N, spatial…, C];
- `take_along_axis` and `scatter_add` have their axis at the end;
- parameters and states keep their declared shapes, but a kernel of a layer of Keras
  that is read (`layer.weight`) is laid out as Keras has it.

A module called with inputs laid out in another way is another specialisation.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from itertools import product
from typing import TypeAlias

from dlmc.backends.tensorflow.arrangement import Arranger
from dlmc.backends.tensorflow.axes import (
    Layout,
    channels_last,
    grouped,
    identity,
    is_identity,
    kernel_last,
    lifted,
    reduced,
    unit_axes_moved,
)
from dlmc.ir.module import Apply, Body, Borrowed, Call, Instance, Module, Value
from dlmc.ir.types import TensorType
from dlmc.primitives import REGISTRY
from dlmc.primitives.arithmetic import Binary, Select
from dlmc.primitives.conversion import Cast, StopGradient
from dlmc.primitives.elementwise import Elementwise
from dlmc.primitives.reductions import ArgReduction, Reduction
from dlmc.primitives.windows import Window


class Keeping(Enum):
    """What a module that is emitted as one call does with layouts."""

    CHANNELS_LAST = "images come and go channels last"
    ANY = "every layout will do; the results have that of the first operand"
    AXIS = "as `ANY`; the argument `axis` names an axis"
    DECLARED = "operands and results are laid out as declared"


Natives: TypeAlias = Callable[[Module], Keeping | None]
"""What a module does with layouts if it is emitted as one call, else None."""

Layouts: TypeAlias = tuple[Layout, ...]

KERNELS = ("Dense", "Conv", "ConvTranspose")
"""The natives whose weight is a kernel, with its first two axes last."""


@dataclass(frozen=True, slots=True)
class LaidOut:
    """A module for inputs in given layouts."""

    module: Module
    outputs: Layouts
    transposes: int
    """How many transposes it takes at inference, those of its callees included."""


class LayoutPass:
    """Rewrites modules; equal specialisations are made once."""

    def __init__(self, natives: Natives) -> None:
        self.natives = natives
        self._made: dict[tuple[Module, Layouts], LaidOut] = {}

    def root(self, module: Module) -> Module:
        """A module whose inputs and outputs keep their declared layouts."""
        inputs = tuple(identity(value.type.rank) for value in module.inputs)
        outputs = tuple(identity(output.type.rank) for output in module.outputs)
        return self._rewritten(module, inputs, outputs).module

    def laid_out(self, module: Module, inputs: Layouts) -> LaidOut:
        """A module for inputs in these layouts, its outputs as they come."""
        key = (module, inputs)
        if key not in self._made:
            keeping = self.natives(module)
            self._made[key] = (
                self._rewritten(module, inputs, None)
                if keeping is None
                else _native(module, inputs, keeping)
            )
        return self._made[key]

    def inputs_for(self, module: Module, inputs: Layouts) -> Layouts:
        """The layouts that a module's inputs should be given, when they come so.

        A native says so itself. A module with a body gets the layouts that take the
        fewest transposes in all, and of equal ones those furthest from the declared.
        """
        keeping = self.natives(module)
        if keeping is not None:
            return _expected(inputs, keeping)
        options = [self._options(layout) for layout in inputs]
        if all(len(option) == 1 for option in options):
            return inputs

        def cost(choice: Layouts) -> tuple[int, int]:
            moved = sum(a != b for a, b in zip(choice, inputs, strict=True))
            inside = self.laid_out(module, choice).transposes
            return moved + inside, sum(map(is_identity, choice))

        return min(product(*options), key=cost)

    def kept(self, module: Module, borrowed: Borrowed) -> Layout:
        """The layout in which a parameter that a module borrows lies in memory."""
        owner = module.instance(borrowed.instance).module
        rank = borrowed.type.rank
        if self.natives(owner) is None or borrowed.parameter != "weight":
            return identity(rank)
        return kernel_last(rank) if owner.definition in KERNELS else identity(rank)

    def _options(self, layout: Layout) -> tuple[Layout, ...]:
        if len(layout) < 3:
            return (layout,)
        plain = identity(len(layout))
        if layout != plain:
            return (layout, plain)
        return (plain, channels_last(len(layout)))

    def _rewritten(
        self, module: Module, inputs: Layouts, outputs: Layouts | None
    ) -> LaidOut:
        inference = _BodyRewriter(self, module, inputs)
        body = inference.rewritten(module.inference, outputs)
        result = outputs if outputs is not None else inference.outputs
        training = body
        instances = dict(inference.instances)
        if module.training is not module.inference:
            rewriter = _BodyRewriter(self, module, inputs)
            training = rewriter.rewritten(module.training, result)
            instances = {**rewriter.instances, **instances}
        made = replace(
            module,
            inputs=_placed_inputs(module, inputs),
            outputs=tuple(
                replace(output, type=placed(output.type, layout))
                for output, layout in zip(module.outputs, result, strict=True)
            ),
            instances=tuple(
                self._instance(instance, instances) for instance in module.instances
            ),
            borrowed=tuple(
                replace(one, type=placed(one.type, self.kept(module, one)))
                for one in module.borrowed
            ),
            inference=body,
            training=training,
        )
        if _same(made, module):
            made = module
        return LaidOut(made, result, inference.transposes)

    def _instance(self, instance: Instance, used: Mapping[str, Module]) -> Instance:
        module = used.get(instance.name)
        if module is None:
            plain = tuple(identity(v.type.rank) for v in instance.module.inputs)
            wanted = self.inputs_for(instance.module, plain)
            module = self.laid_out(instance.module, wanted).module
        return replace(instance, module=module)


def placed(type: TensorType, layout: Layout) -> TensorType:
    """The type of a tensor once it is laid out."""
    return replace(type, shape=tuple(type.shape[axis] for axis in layout))


def _placed_inputs(module: Module, inputs: Layouts) -> tuple[Value, ...]:
    return tuple(
        replace(value, type=placed(value.type, layout))
        for value, layout in zip(module.inputs, inputs, strict=True)
    )


def _same(made: Module, module: Module) -> bool:
    """Whether a rewriting has changed nothing."""
    return (
        made.inputs == module.inputs
        and made.outputs == module.outputs
        and made.borrowed == module.borrowed
        and made.inference == module.inference
        and made.training == module.training
        and all(
            a.module is b.module
            for a, b in zip(made.instances, module.instances, strict=True)
        )
    )


# --- Natives ---


def _expected(inputs: Layouts, keeping: Keeping) -> Layouts:
    match keeping:
        case Keeping.CHANNELS_LAST:
            return tuple(channels_last(len(layout)) for layout in inputs)
        case Keeping.ANY | Keeping.AXIS:
            return (inputs[0], *(identity(len(layout)) for layout in inputs[1:]))
        case Keeping.DECLARED:
            return tuple(identity(len(layout)) for layout in inputs)


def _native(module: Module, inputs: Layouts, keeping: Keeping) -> LaidOut:
    """A native's signature, laid out; its body is not emitted and stays as it is."""

    def output(rank: int) -> Layout:
        match keeping:
            case Keeping.CHANNELS_LAST:
                return channels_last(rank)
            case Keeping.ANY | Keeping.AXIS if rank == len(inputs[0]):
                return inputs[0]
            case _:
                return identity(rank)

    outputs = tuple(output(output_.type.rank) for output_ in module.outputs)
    if all(map(is_identity, (*inputs, *outputs))):
        return LaidOut(module, outputs, 0)
    arguments = module.arguments
    if keeping is Keeping.AXIS:
        axis = moved_axis(arguments["axis"], inputs[0])
        arguments = {**arguments, "axis": axis}
    made = replace(
        module,
        inputs=_placed_inputs(module, inputs),
        outputs=tuple(
            replace(declared, type=placed(declared.type, layout))
            for declared, layout in zip(module.outputs, outputs, strict=True)
        ),
        arguments=arguments,
    )
    return LaidOut(made, outputs, 0)


def moved_axis(axis: int, layout: Layout) -> int:
    """Where an axis lies; the last place is called -1, any other counted from 0."""
    if is_identity(layout):
        return axis
    place = layout.index(axis % len(layout))
    return -1 if place == len(layout) - 1 else place


# --- Bodies ---

ELEMENTWISE = (Elementwise, Binary, Select, Cast, StopGradient)
PER_AXIS: Mapping[str, tuple[str, ...]] = {
    "slice": ("start", "stop", "step"),
    "pad": ("low", "high"),
}


class _BodyRewriter:
    """Rewrites one body, operation by operation."""

    def __init__(self, owner: LayoutPass, module: Module, inputs: Layouts) -> None:
        self.owner = owner
        self.module = module
        self.instances: dict[str, Module] = {}
        self.inner_transposes = 0
        self.outputs: Layouts = ()
        held = {
            value.name: (value.type, layout)
            for value, layout in zip(module.inputs, inputs, strict=True)
        }
        for parameter in module.parameters:
            held[parameter.name] = (parameter.type, identity(parameter.type.rank))
        for state in module.states:
            held[state.name] = (state.type, identity(state.type.rank))
        for one in module.borrowed:
            held[one.name] = (one.type, owner.kept(module, one))
        self.values = Arranger(held)

    @property
    def transposes(self) -> int:
        """How many transposes the body takes."""
        return self.values.transposes + self.inner_transposes

    def rewritten(self, body: Body, outputs: Layouts | None) -> Body:
        """The body; `outputs` are the layouts wanted, None for any."""
        values = self.values
        values.reserve(v.name for op in body.operations for v in op.results)
        for operation in body.operations:
            if isinstance(operation, Call):
                self._call(operation)
            else:
                self._apply(operation)
        if outputs is None:
            outputs = tuple(values.layout(value) for value in body.outputs)
        self.outputs = outputs
        span = body.operations[-1].span if body.operations else self.module.span
        assert span is not None
        results = tuple(
            values.arranged(value, layout, span)
            for value, layout in zip(body.outputs, outputs, strict=True)
        )
        updates = tuple(
            (name, values.arranged(value, identity(value.type.rank), span))
            for name, value in body.updates
        )
        operations = values.operations((*results, *(value for _, value in updates)))
        made = Body(operations, results, updates)
        return body if made == body else made

    def _call(self, call: Call) -> None:
        came = tuple(self.values.layout(value) for value in call.operands)
        inputs = self.owner.inputs_for(call.module, came)
        made = self.owner.laid_out(call.module, inputs)
        operands = tuple(
            self.values.arranged(value, layout, call.span)
            for value, layout in zip(call.operands, inputs, strict=True)
        )
        arguments = call.arguments
        if self.owner.natives(call.module) is Keeping.AXIS:
            axis = moved_axis(arguments["axis"], inputs[0])
            arguments = {**arguments, "axis": axis}
        results = tuple(
            self.values.define(value, layout)
            for value, layout in zip(call.results, made.outputs, strict=True)
        )
        if call.instance is not None:
            self.instances.setdefault(call.instance, made.module)
        self.inner_transposes += made.transposes
        self.values.append(
            replace(
                call,
                module=made.module,
                operands=operands,
                arguments=arguments,
                results=results,
            )
        )

    def _apply(self, op: Apply) -> None:
        rank = op.result.type.rank
        primitive = REGISTRY[op.primitive]
        if isinstance(primitive, ELEMENTWISE):
            self._elementwise(op)
        elif isinstance(primitive, Reduction | ArgReduction):
            self._reduction(op)
        elif isinstance(primitive, Window):
            self._emit(op, [channels_last(rank)])
        elif op.primitive in ("conv", "conv_transpose"):
            self._emit(op, [channels_last(rank), kernel_last(rank)])
        elif op.primitive in PER_AXIS:
            self._per_axis(op)
        elif op.primitive == "concat":
            layout = self._leading(op.operands)
            axis = op.attributes["axis"]
            if not is_identity(layout):
                axis = layout.index(axis)
            self._emit(op, [layout] * len(op.operands), axis=axis)
        elif op.primitive in ("cumsum", "argsort"):
            layout = self.values.layout(op.operands[0])
            place = layout.index(op.attributes["axis"])
            self._emit(op, [layout], axis=place)
        elif op.primitive in ("take_along_axis", "scatter_add"):
            self._along_last(op)
        elif op.primitive == "transpose":
            self._transpose(op)
        elif op.primitive == "reshape":
            self._reshape(op)
        elif op.primitive == "broadcast":
            self._broadcast(op)
        elif op.primitive == "gather" and op.operands[1].type.rank == 1:
            layout = self.values.layout(op.operands[0])
            place = layout.index(op.attributes["axis"])
            self._emit(op, [layout, identity(1)], axis=place)
        else:
            plain = [identity(value.type.rank) for value in op.operands]
            self._emit(op, plain, result=identity(rank))

    def _emit(
        self,
        op: Apply,
        operands: Sequence[Layout],
        result: Layout | None = None,
        **attributes: object,
    ) -> None:
        """The operation on operands in layouts; the result has the first one's."""
        given = [
            self.values.arranged(value, layout, op.span)
            for value, layout in zip(op.operands, operands, strict=True)
        ]
        self._append(op, given, operands[0] if result is None else result, attributes)

    def _append(
        self,
        op: Apply,
        operands: Sequence[Value],
        layout: Layout,
        attributes: Mapping[str, object],
    ) -> None:
        self.values.append(
            replace(
                op,
                operands=tuple(operands),
                attributes={**op.attributes, **attributes},
                result=self.values.define(op.result, layout),
            )
        )

    def _leading(self, operands: Sequence[Value]) -> Layout:
        """The first layout that is not the declared one, else that."""
        layouts = [self.values.layout(value) for value in operands]
        return next((lay for lay in layouts if not is_identity(lay)), layouts[0])

    def _elementwise(self, op: Apply) -> None:
        rank = op.result.type.rank
        whole = [value for value in op.operands if value.type.rank == rank]
        layout = self._leading([*whole, *op.operands])
        layout = lifted(layout, rank)
        # One operand keeps all axes; the others may leave out those of size 1.
        first = next((v for v in whole if self.values.layout(v) == layout), whole[0])
        operands = [
            self.values.arranged(value, layout, op.span)
            if value is first
            else self.values.aligned(value, layout, op.span)
            for value in op.operands
        ]
        self._append(op, operands, layout, {})

    def _reduction(self, op: Apply) -> None:
        layout = self.values.layout(op.operands[0])
        if is_identity(layout):
            self._emit(op, [layout], identity(op.result.type.rank))
            return
        axis = op.attributes["axis"]
        axes = axis if isinstance(axis, tuple) else (axis,)
        moved = tuple(sorted(layout.index(a) for a in axes))
        self._emit(
            op,
            [layout],
            layout if op.attributes["keep"] else reduced(layout, axes),
            axis=moved if isinstance(axis, tuple) else moved[0],
        )

    def _per_axis(self, op: Apply) -> None:
        layout = self.values.layout(op.operands[0])
        moved = {
            name: tuple(op.attributes[name][axis] for axis in layout)
            for name in PER_AXIS[op.primitive]
        }
        self._emit(op, [layout], **moved)

    def _along_last(self, op: Apply) -> None:
        """The operation with its axis at the end, where alone TensorFlow has it."""
        axis = op.attributes["axis"]
        before = (a for a in self.values.layout(op.operands[0]) if a != axis)
        layout = (*before, axis)
        self._emit(op, [layout] * len(op.operands), axis=len(layout) - 1)

    def _transpose(self, op: Apply) -> None:
        (x,) = op.operands
        axes = op.attributes["axes"]
        layout = self.values.layout(x)
        plain = identity(op.result.type.rank)
        if layout == axes and layout != plain:
            # It lies already as the result is meant to.
            made = self.values.arranged(x, layout, op.span)
            self.values.alias(op.result, made, plain)
        else:
            places = tuple(layout.index(axis) for axis in axes)
            self._emit(op, [layout], plain, axes=places)

    def _reshape(self, op: Apply) -> None:
        (x,) = op.operands
        before, after = x.type.shape, op.result.type.shape
        layout = self.values.layout(x)
        result = None if is_identity(layout) else grouped(before, after, layout)
        if result is None:
            layout, result = identity(len(before)), identity(len(after))
        shape = tuple(after[axis] for axis in result)
        self._emit(op, [layout], result, shape=shape)
        if unit_axes_moved(before, after) is not None:
            self.values.remake(op)

    def _broadcast(self, op: Apply) -> None:
        layout = self.values.layout(op.operands[0])
        result = lifted(layout, op.result.type.rank)
        shape = tuple(op.result.type.shape[axis] for axis in result)
        self._emit(op, [layout], result, shape=shape)
        self.values.remake(op)
