"""The summary of a program: its models, and the trainings of each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dlmc.ir.dimensions import Dim, Size, substitute
from dlmc.ir.module import Module, weights
from dlmc.ir.program import Program, Training
from dlmc.ir.types import TensorType
from dlmc.summary.rows import Figures, Row, total
from dlmc.summary.tape import (
    SizeError,
    Sizes,
    Storage,
    Tape,
    Tensor,
    actual,
    call_sizes,
)


@dataclass(frozen=True, slots=True)
class TrainingSummary:
    """What one step of a training costs: FLOPs, and bytes of each kind of memory."""

    name: str
    data: str
    optimizer: str
    batch: int
    step: Size
    """The model, the loss, the way back and the update of every weight."""
    weights: int
    gradients: int
    optimizer_state: int
    activations: Size

    @property
    def memory(self) -> Size:
        """All bytes that a step holds at once, at the end of its forward pass."""
        held = self.weights + self.gradients + self.optimizer_state
        return held + self.activations


@dataclass(frozen=True, slots=True)
class ModelSummary:
    """A model: the tree of its rows, its totals and its trainings."""

    name: str
    module: Module
    arguments: Mapping[str, object]
    row: Row
    inputs: tuple[tuple[str, TensorType], ...]
    figures: Figures
    weight_bytes: int
    trainings: tuple[TrainingSummary, ...]

    @property
    def symbols(self) -> tuple[str, ...]:
        """The sizes that are still open."""
        sizes = [n for _, type_ in self.inputs for n in type_.shape]
        return _symbols(sizes)


class UnknownSizeError(ValueError):
    """A size that was given and that no model has."""


class UnknownModelError(ValueError):
    """A model that was asked for and that the program does not have."""


def summarize(
    program: Program, given: Mapping[str, int] | None = None, model: str | None = None
) -> tuple[ModelSummary, ...]:
    """Summaries of a program's models, or of the one called `model`.

    A training whose model has other arguments than its defaults has a summary of its
    own.

    Args:
        program: What to count.
        given: Values for symbolic sizes: `{"N": 32}`.
        model: The name of one model.

    Raises:
        UnknownModelError: The program has no such model.
        UnknownSizeError: No model has a size of a given name.
        SizeError: A model has no meaning with the given sizes.
    """
    modules = list(program.models)
    for training in program.trainings:
        if training.model not in modules:
            modules.append(training.model)
    names = list(dict.fromkeys(module.definition for module in modules))
    if model is not None:
        if model not in names:
            raise UnknownModelError(
                f"there is no model called {model}: the program has {', '.join(names)}"
            )
        modules = [module for module in modules if module.definition == model]
    known = _symbols(n for m in modules for v in m.inputs for n in v.type.shape)
    for name in given or {}:
        if name not in known:
            has = f"open sizes are {', '.join(known)}" if known else "none is open"
            raise UnknownSizeError(f"there is no size called {name}: {has}")
    return tuple(
        _model(
            module,
            given or {},
            [t for t in program.trainings if t.model is module],
        )
        for module in modules
    )


def _symbols(sizes: Iterable[Size]) -> tuple[str, ...]:
    names = (n for size in sizes if isinstance(size, Dim) for n in size.symbols())
    return tuple(dict.fromkeys(names))


def _model(
    module: Module, given: Mapping[str, int], trainings: list[Training]
) -> ModelSummary:
    _check_bounds(module, given)
    row, inputs, _, _ = _counted(module, given)
    row.complete()
    return ModelSummary(
        name=module.definition,
        module=module,
        arguments=module.arguments,
        row=row,
        inputs=tuple(
            (value.name, tensor.type)
            for value, tensor in zip(module.inputs, inputs, strict=True)
        ),
        figures=row.figures,
        weight_bytes=_bytes(w.type for w in weights(module)),
        trainings=tuple(_training(training) for training in trainings),
    )


def _check_bounds(module: Module, given: Mapping[str, int]) -> None:
    for name, bound in module.bounds.items():
        most = substitute(bound, lambda n: given.get(n, Dim.symbol(n)))
        if name in given and isinstance(most, int) and given[name] > most:
            raise SizeError(f"{name} is at most {most}", module.span)


def _counted(
    module: Module, sizes: Sizes, loss: Training | None = None
) -> tuple[Row, tuple[Tensor, ...], tuple[Tensor, ...], Tape]:
    """A model run in both modes, and back from its outputs or from a loss."""
    row = Row(module.definition, module, span=module.span)
    for training in (False, True):
        types = [actual(value.type, sizes) for value in module.inputs]
        inputs = tuple(Tensor(type_, Storage(type_.bytes)) for type_ in types)
        tape = Tape(training)
        outputs = tape.run(module, inputs, sizes, row)
        row.outputs = tuple(output.type for output in outputs)
        if training:
            ends = outputs if loss is None else _loss(loss, inputs, outputs, tape, row)
            tape.forward()
            tape.backward(ends)
        else:
            tape.forward()
    return row, inputs, outputs, tape


def _loss(
    training: Training,
    inputs: tuple[Tensor, ...],
    outputs: tuple[Tensor, ...],
    tape: Tape,
    row: Row,
) -> tuple[Tensor, ...]:
    """The loss, counted in a row of its own."""
    values: dict[str, Tensor] = {}
    for field in training.data.fields:
        type_ = TensorType(field.type.dtype, (training.batch, *field.type.shape))
        values[field.name] = Tensor(type_, Storage(type_.bytes))
    for value, tensor in zip(training.model.inputs, inputs, strict=True):
        values[value.name] = tensor
    for output, tensor in zip(training.model.outputs, outputs, strict=True):
        values[output.name or "output"] = tensor
    loss = training.loss
    operands = [values[value.name] for value in loss.inputs]
    below = Row("loss", loss, is_instance=False)
    row.children.append(below)
    sizes = call_sizes(loss, [o.type for o in operands], loss.arguments, {})
    return tape.run(loss, operands, sizes, below)


def _training(training: Training) -> TrainingSummary:
    """One step on a whole batch."""
    batches = {
        size.name: training.batch
        for value in training.model.inputs
        for size in value.type.shape[:1]
        if isinstance(size, Dim) and size.name is not None
    }
    row, *_ = _counted(training.model, batches, training)
    figures = row.figures
    trained = [w for w in weights(training.model) if w.trained]
    updates = [_update(training, weight.type) for weight in trained]
    return TrainingSummary(
        name=training.name,
        data=training.data.name,
        optimizer=training.optimizer.definition,
        batch=training.batch,
        step=figures.step + total(flops for flops, _ in updates),
        weights=_bytes(w.type for w in weights(training.model)),
        gradients=_bytes(w.type for w in trained),
        optimizer_state=sum(state for _, state in updates),
        activations=figures.kept,
    )


def _update(training: Training, weight: TensorType) -> tuple[Size, int]:
    """FLOPs of an update of one weight, and the bytes that its rule remembers."""
    shape = [size for size in weight.shape if isinstance(size, int)]
    update = training.optimizer.update(shape)
    rule, sizes = update.module, update.sizes(shape)
    row = Row(rule.definition, rule)
    tape = Tape(training=True)
    operands = [Tensor(actual(v.type, sizes), None) for v in rule.inputs]
    tape.run(rule, operands, sizes, row)
    tape.forward()
    return row.figures.step, _bytes(actual(s.type, sizes) for s in rule.states)


def _bytes(types: Iterable[TensorType]) -> int:
    sizes = [type_.bytes for type_ in types]
    assert all(isinstance(size, int) for size in sizes)
    return sum(size for size in sizes if isinstance(size, int))
