"""Channels last inside a model, channels first where it begins and ends.

DLM's images are channels first; TensorFlow convolves channels last. This pass rewrites
modules so that convolutions, windows and all that stands between them work on tensors
laid out the other way, with a transpose where a layout has to change and nowhere else.

The result is IR again, read with these conventions:

- types give the shapes of the tensors as they are laid out, and attributes that name
  axes (`axis`, `shape`, `low`, …) speak of those;
- `conv` takes x as [N, spatial…, C] and the weight as [kernel…, C / groups, O];
  `window_max` and `window_mean` take x as [N, spatial…, C];
- parameters and states keep their declared shapes.

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
    lifted,
    reduced,
    weight_last,
)
from dlmc.ir.module import Apply, Body, Call, Instance, Module, Value
from dlmc.ir.types import TensorType


class Keeping(Enum):
    """What a module that is emitted as one call does with layouts."""

    CHANNELS_LAST = "images come and go channels last"
    ANY = "every layout will do; the results have that of the first operand"
    AXIS = "as `ANY`; the argument `axis` names an axis"
    DECLARED = "operands and results are laid out as declared"


Natives: TypeAlias = Callable[[Module], Keeping | None]
"""What a module does with layouts if it is emitted as one call, else None."""

Layouts: TypeAlias = tuple[Layout, ...]


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
    arguments = dict(module.arguments)
    if keeping is Keeping.AXIS:
        arguments["axis"] = moved_axis(arguments["axis"], inputs[0])
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
    """Where a logical axis lies; the last one is called -1."""
    position = layout.index(axis % len(layout))
    return position - len(layout) if position == len(layout) - 1 else position


# --- Bodies ---

ELEMENTWISE = frozenset(
    """
    neg abs sign exp expm1 log log1p sqrt rsqrt sin cos tanh erf floor ceil round not
    add sub mul div floordiv mod pow maximum minimum
    equal not_equal less less_equal greater greater_equal and or
    select cast stop_gradient
    """.split()
)
REDUCTIONS = frozenset({"sum", "mean", "max", "min", "prod", "any", "all"})
POSITIONS = frozenset({"argmax", "argmin"})
WINDOWS = frozenset({"window_max", "window_mean"})
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
        held = (*module.parameters, *module.states)
        self.values = Arranger(
            {
                **{v.name: (v.type, lay) for v, lay in zip(module.inputs, inputs, strict=True)},
                **{p.name: (p.type, identity(p.type.rank)) for p in held},
            }
        )

    @property
    def transposes(self) -> int:
        """How many transposes the body takes."""
        return self.values.transposes + self.inner_transposes

    def rewritten(self, body: Body, outputs: Layouts | None) -> Body:
        """The body; `outputs` are the layouts wanted, None for any."""
        self.values.reserve(v.name for op in body.operations for v in op.results)
        for operation in body.operations:
            if isinstance(operation, Call):
                self._call(operation)
            else:
                self._apply(operation)
        if outputs is None:
            outputs = tuple(self.values.layout(value) for value in body.outputs)
        self.outputs = outputs
        span = body.operations[-1].span if body.operations else None
        results = tuple(
            self.values.arranged(value, layout, span)
            for value, layout in zip(body.outputs, outputs, strict=True)
        )
        updates = tuple(
            (name, self.values.arranged(value, identity(value.type.rank), span))
            for name, value in body.updates
        )
        made = Body(self.values.operations(), results, updates)
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
        if made.module.arguments != call.module.arguments:  # an axis has moved
            arguments = {**arguments, "axis": made.module.arguments["axis"]}
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
        if op.primitive in ELEMENTWISE:
            self._elementwise(op)
        elif op.primitive in REDUCTIONS or op.primitive in POSITIONS:
            self._reduction(op)
        elif op.primitive in WINDOWS:
            self._emit(op, [channels_last(op.result.type.rank)], op.attributes)
        elif op.primitive == "conv":
            rank = op.result.type.rank
            self._emit(op, [channels_last(rank), weight_last(rank)], op.attributes)
        elif op.primitive in PER_AXIS:
            self._per_axis(op)
        elif op.primitive == "concat":
            layout = self._leading(op.operands)
            axis = layout.index(op.attributes["axis"])
            self._emit(op, [layout] * len(op.operands), {"axis": axis})
        elif op.primitive == "transpose":
            self._transpose(op)
        elif op.primitive == "reshape":
            self._reshape(op)
        elif op.primitive == "broadcast":
            self.values.defer(op, lifted(self.values.layout(op.operands[0]), op.result))
        else:
            plain = [identity(value.type.rank) for value in op.operands]
            self._emit(op, plain, op.attributes, identity(op.result.type.rank))

    def _emit(
        self,
        op: Apply,
        operands: Sequence[Layout],
        attributes: Mapping[str, object],
        result: Layout | None = None,
    ) -> None:
        """The operation on operands in these layouts, the first one's by default."""
        given = tuple(
            self.values.arranged(value, layout, op.span)
            for value, layout in zip(op.operands, operands, strict=True)
        )
        made = self.values.define(op.result, operands[0] if result is None else result)
        self.values.append(
            replace(op, operands=given, attributes=attributes, result=made)
        )

    def _leading(self, operands: Sequence[Value]) -> Layout:
        """The first layout that is not the declared one, else that."""
        layouts = [self.values.layout(value) for value in operands]
        return next((lay for lay in layouts if not is_identity(lay)), layouts[0])

    def _elementwise(self, op: Apply) -> None:
        # Of operands that broadcast, one of full rank decides before the others.
        byrank = sorted(op.operands, key=lambda value: -value.type.rank)
        layout = lifted(self._leading(byrank), op.result)
        given = tuple(
            self.values.aligned(value, layout, op.span) for value in op.operands
        )
        made = self.values.define(op.result, layout)
        self.values.append(replace(op, operands=given, result=made))

    def _reduction(self, op: Apply) -> None:
        layout = self.values.layout(op.operands[0])
        axis = op.attributes["axis"]
        axes = (axis,) if isinstance(axis, int) else axis
        moved = tuple(sorted(layout.index(a) for a in axes))
        keep = op.attributes["keep"]
        self._emit(
            op,
            [layout],
            {"axis": moved[0] if isinstance(axis, int) else moved, "keep": keep},
            layout if keep else reduced(layout, axes),
        )

    def _per_axis(self, op: Apply) -> None:
        layout = self.values.layout(op.operands[0])
        moved = {
            name: tuple(op.attributes[name][axis] for axis in layout)
            for name in PER_AXIS[op.primitive]
        }
        self._emit(op, [layout], {**op.attributes, **moved})

    def _transpose(self, op: Apply) -> None:
        (x,) = op.operands
        axes = op.attributes["axes"]
        layout = self.values.layout(x)
        if not is_identity(layout) and layout == tuple(axes):
            # Laid out already as the result is meant to be.
            self.values.alias(op.result, self.values.arranged(x, layout, op.span))
            return
        self._emit(
            op,
            [layout],
            {"axes": tuple(layout.index(axis) for axis in axes)},
            identity(op.result.type.rank),
        )

    def _reshape(self, op: Apply) -> None:
        (x,) = op.operands
        layout = self.values.layout(x)
        result = grouped(x.type.shape, op.result.type.shape, layout)
        if result is None:
            layout = identity(x.type.rank)
            result = identity(op.result.type.rank)
        self.values.defer(op, result, layout)


