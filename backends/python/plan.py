"""What the scripts of one training speak of, and by which names."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from dlmc.backends.python.names import free_name, snake_case
from dlmc.ir.module import Call, Module, Value
from dlmc.ir.program import Column, Field, Inline, Program, Split, Training

PARTS = ("training", "validation", "test")


@dataclass(frozen=True)
class Plan:
    """One training's part of a project.

    `words` are the names that the scripts use themselves.
    """

    program: Program
    training: Training
    suffix: str
    """What its files are called after, beyond `train` and `data`."""
    words: frozenset[str]

    # -- files --

    def module(self, kind: str) -> str:
        """The name of its module of a kind: `data`, `train`, `predict`."""
        return f"{kind}_{self.suffix}" if self.suffix else kind

    @property
    def runs(self) -> str:
        """Where its results go."""
        return f"runs/{self.suffix}" if self.suffix else "runs"

    # -- names --

    @property
    def model_name(self) -> str:
        """The model's class, as the scripts call it."""
        return free_name(self.training.model.definition, self.words)

    @cached_property
    def optimizer_name(self) -> str:
        """The class of an optimizer of the project's own."""
        words = self.training.optimizer.definition.split("_")
        name = "".join(word[:1].upper() + word[1:] for word in words)
        return free_name(name or "Rule", {*self.words, self.model_name})

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """The fields that the model, the loss or a metric reads."""
        outputs = {output.name or "output" for output in self.training.model.outputs}
        read = {value.name for value in self.training.model.inputs}
        for module in self.measures:
            read |= {v.name for v in module.inputs if v.name not in outputs}
        return tuple(f for f in self.training.data.fields if f.name in read)

    @cached_property
    def measures(self) -> tuple[Module, ...]:
        """What is computed of a batch: the loss, then the metrics."""
        return (self.training.loss, *(m.batch for m in self.training.metrics))

    @cached_property
    def field_names(self) -> Mapping[str, str]:
        """The name of each field in Python."""
        names: dict[str, str] = {}
        for field in self.fields:
            # An attribute of a named tuple cannot begin with an underscore.
            wish = field.name.lstrip("_") or "value"
            names[field.name] = free_name(wish, {*self.words, *names.values()})
        return names

    @cached_property
    def output_names(self) -> tuple[str, ...]:
        """The names of the model's outputs in Python."""
        taken = {*self.words, *self.field_names.values()}
        names: list[str] = []
        for output in self.training.model.outputs:
            names.append(free_name(output.name or "output", {*taken, *names}))
        return tuple(names)

    @cached_property
    def inputs(self) -> tuple[Field, ...]:
        """The fields that the model takes, in the order of its inputs."""
        by_name = {field.name: field for field in self.fields}
        return tuple(by_name[value.name] for value in self.training.model.inputs)

    @cached_property
    def values(self) -> Mapping[str, str]:
        """The variable of each name that a loss or metric may read."""
        outputs = (o.name or "output" for o in self.training.model.outputs)
        return {
            **self.field_names,
            **dict(zip(outputs, self.output_names, strict=True)),
        }

    def columns(
        self, fields: Collection[Field]
    ) -> Iterator[tuple[Field, Column, Value]]:
        """What each field reads: columns, and the input of its function."""
        for field in fields:
            for column, value in zip(field.columns, field.module.inputs, strict=True):
                yield field, column, value

    # -- parts --

    @property
    def split(self) -> Split | None:
        """How samples are split, if they are."""
        return self.training.data.split

    @cached_property
    def parts(self) -> tuple[str, ...]:
        """The parts that there are, in order."""
        if self.split is None:
            return ("training",)
        shares = (self.split.train, self.split.validation, self.split.test)
        return tuple(p for p, share in zip(PARTS, shares, strict=True) if share > 0)

    @property
    def has_validation(self) -> bool:
        """Whether each epoch ends with a validation."""
        return "validation" in self.parts

    @property
    def has_test(self) -> bool:
        """Whether the training ends with a test."""
        return "test" in self.parts

    @property
    def has_evaluation(self) -> bool:
        """Whether a part is measured."""
        return self.has_validation or self.has_test

    @property
    def has_file(self) -> bool:
        """Whether the data come from a file, another of which may be given."""
        return not isinstance(self.training.data.source, Inline)

    @property
    def has_scales(self) -> bool:
        """Whether a field is standardised, by what training samples are like."""
        return any(_standardizes(field.module) for field in self.fields)

    @property
    def has_input_scales(self) -> bool:
        """Whether a field that the model takes is standardised."""
        return any(_standardizes(field.module) for field in self.inputs)

    # -- outputs --

    @cached_property
    def has_batched_outputs(self) -> bool:
        """Whether every output has samples in front, as the inputs have."""
        model = self.training.model
        batch = model.inputs[0].type.shape[0]
        return all(o.type.shape[:1] == (batch,) for o in model.outputs)

    # -- measures --

    @cached_property
    def measure_names(self) -> tuple[str, ...]:
        """What `evaluate` measures, as shown: `loss`, then the metrics' names."""
        return ("loss", *(metric.name for metric in self.training.metrics))

    @cached_property
    def figure_names(self) -> tuple[str, ...]:
        """Those of them that are one number each."""
        metrics = self.training.metrics
        return ("loss", *(metric.name for metric in metrics if not metric.is_table))

    @property
    def has_tables(self) -> bool:
        """Whether a metric is measured that is more than one number."""
        metrics = self.training.metrics
        return self.has_evaluation and any(metric.is_table for metric in metrics)

    @cached_property
    def class_output(self) -> tuple[int, int] | None:
        """Which output holds the logits of classes, as the loss says, if one does.

        Its position, and the axis of the classes in it: -1, or from the front.
        """
        names = [output.name or "output" for output in self.training.model.outputs]
        for operation in self.training.loss.inference.operations:
            if not isinstance(operation, Call) or not operation.module.is_library:
                continue
            if operation.module.definition != "cross_entropy":
                continue
            logits, target = operation.operands
            if logits.name in names and target.type.dtype.is_integer:
                axis = operation.module.arguments["axis"] % logits.type.rank
                is_last = axis == logits.type.rank - 1
                return names.index(logits.name), -1 if is_last else int(axis)
        return None


def _standardizes(module: Module) -> bool:
    return any(
        _standardizes(operation.module)
        if isinstance(operation, Call)
        else operation.primitive == "standardize"
        for operation in module.inference.operations
    )


def is_column(field: Field) -> bool:
    """Whether a field is a column as it is."""
    return field.module.inference.outputs == field.module.inputs


def plans(program: Program, words: frozenset[str]) -> tuple[Plan, ...]:
    """A plan for each training; the first one's files have no suffix."""
    made: list[Plan] = []
    taken: set[str] = set()
    for training in program.trainings:
        suffix = ""
        if made:
            suffix = free_name(snake_case(training.name), taken)
        taken.add(suffix)
        made.append(Plan(program, training, suffix, words))
    return tuple(made)
