"""`predict.py`: what it is on every target."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dlmc.backends.python import options
from dlmc.backends.python import tree as py
from dlmc.backends.python.numpy_dialect import dtype
from dlmc.backends.python.plan import Plan
from dlmc.backends.python.quotation import Quote
from dlmc.backends.python.script import (
    code,
    defined,
    indented,
    printed,
    render,
    script,
    source,
    words_in,
)
from dlmc.ir.dimensions import Dim
from dlmc.passes.ranges import input_ranges

quote = Quote()

TEMPLATES = "python/templates"
SKELETON = f"{TEMPLATES}/predict.py.jinja"
ROWS = f"{TEMPLATES}/predictions.py.jinja"
WHOLE = f"{TEMPLATES}/whole_predictions.py.jinja"
VALUES = f"{TEMPLATES}/values.py.jinja"
INTEGER = f"{TEMPLATES}/integer.py.jinja"
IMPORTS = {
    "argparse": py.Import("argparse"),
    "csv": py.Import("csv"),
    "json": py.Import("json"),
    "math": py.Import("math"),
    "os": py.Import("os"),
    "sys": py.Import("sys"),
    "Callable": py.Import("collections.abc", "Callable"),
    "Path": py.Import("pathlib", "Path"),
    "np": py.Import("numpy", alias="np"),
    "weights": py.Import("weights"),
}

LOAD = """
model = {new}
weights.load(model, args.weights)
{inputs}
"""

VALUES_ALONE = """
inputs = {values}
"""

FILE_OR_VALUES = """
if args.data is None:
    inputs = {values}
else:
    {scales}
    inputs = data.load_inputs(args.data, {given})
"""

SCALES = """
with np.load(args.weights.with_name("scales.npz")) as file:
    scales = dict(file)
"""

PARSE_ARGS = """
def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description={description})
    {options}
    args = parser.parse_args()
    {checks}
    return args
"""

FILE_OR_VALUE = """
if (args.data is None) is ({value} is None):
    parser.error({message})
"""

FILE_OR_ALL_VALUES = """
values = {values}
if any((args.data is None) is (value is None) for value in values):
    parser.error({message})
"""

EQUAL_LENGTHS = """
if args.data is None and len({{len(value) for value in values}}) > 1:
    parser.error("the numbers of samples differ")
"""


@dataclass(frozen=True)
class Runner:
    """How a target runs a model."""

    predict: py.Function
    """`predict(model, inputs, batch)`: the outputs by name."""
    prepare: Sequence[py.Statement]
    """What `main` does first."""
    call: Sequence[py.Statement]
    """What `main` does with `model` and `inputs`, to get `predictions`."""
    device: py.Statement
    """The option `--device`."""
    model: py.Expression
    imports: Mapping[str, py.Import]
    """What the target's part of the script imports, by the name that it binds."""
    skeletons: Sequence[str] = ()
    environment: str = ""
    words: frozenset[str] = field(default=frozenset())


def results(plan: Plan, of: Callable[[str], py.Expression] = py.Name) -> py.Expression:
    """The dict of predictions, from the variables of outputs: a class comes first.

    `of` makes the array of an output.
    """
    items: list[tuple[py.Expression | None, py.Expression]] = []
    names = [output.name or "output" for output in plan.training.model.outputs]
    if plan.class_output is not None:
        position, axis = plan.class_output
        key = "class" if "class" not in names else "predicted_class"
        logits = of(plan.output_names[position])
        likeliest = quote("{logits}.argmax(axis={axis})", logits=logits, axis=axis)
        items.append((py.Literal(key), likeliest))
    items += [(py.Literal(name), of(name)) for name in plan.output_names]
    return py.Dict(tuple(items))


def words() -> frozenset[str]:
    """The names that the script uses itself, whatever the target."""
    templates = (LOAD, VALUES_ALONE, FILE_OR_VALUES, SCALES, PARSE_ARGS)
    checks = (FILE_OR_VALUE, FILE_OR_ALL_VALUES, EQUAL_LENGTHS)
    # An option and an array of a file cannot be called so.
    fixed = ("help", "file", "allow_pickle", "args", "kwds")
    own = words_in(*templates, *checks, source(SKELETON), *IMPORTS, *fixed)
    return own.union(*map(defined, (ROWS, WHOLE, VALUES, INTEGER)))


def prediction_module(plan: Plan, runner: Runner) -> str:
    """The text of a plan's `predict.py`."""
    return PredictionModule(plan, runner).text()


class PredictionModule:
    """Writes one `predict.py`."""

    def __init__(self, plan: Plan, runner: Runner) -> None:
        self.plan = plan
        self.runner = runner
        self.inputs = [plan.field_names[field.name] for field in plan.inputs]
        self.values = [quote("args.{name}", name=name) for name in self.inputs]
        self.sizes = {
            one.field: one.size
            for one in input_ranges(plan.training.model)
            if one.part is None and not one.others
        }

    def text(self) -> str:
        """The whole file."""
        plan, runner = self.plan, self.runner
        body = render(
            SKELETON,
            functions=[printed(runner.predict)],
            prepare=[indented(runner.prepare, 4)] if runner.prepare else [],
            load=indented(self.load(), 8),
            predict=indented(runner.call, 4),
            parse_args=printed(self.parse_args()),
            ranges=list(self.sizes),
            skeletons=[*self.skeletons(), *runner.skeletons],
        )
        data = py.Import(plan.module("data"), alias="data")
        imports = {**IMPORTS, **runner.imports, "data": data}
        local = ("data", "model", "weights", plan.module("data"))
        title = f"Predict {options.listed(plan.output_names)} with a trained"
        return script(
            f"{title} {plan.training.model.definition}.",
            plan.program.file,
            body,
            imports,
            local,
            runner.environment,
        )

    def skeletons(self) -> list[str]:
        """The functions that are the same in every program."""
        if self.plan.has_batched_outputs:
            return [ROWS, VALUES, INTEGER]
        return [WHOLE, VALUES]

    def load(self) -> tuple[py.Statement, ...]:
        """Make the model, and read its weights and inputs."""
        values = py.List(tuple(self.values))
        if not self.plan.has_file:
            inputs = code(VALUES_ALONE, values=values)
        else:
            scales = list(code(SCALES)) if self.plan.has_input_scales else []
            inputs = code(
                FILE_OR_VALUES,
                values=values,
                scales=scales,
                given=[py.Name("scales")] if scales else [],
            )
        return code(LOAD, new=self.runner.model, inputs=list(inputs))

    def parse_args(self) -> tuple[py.Statement, ...]:
        """The function that reads the command line."""
        names = [f"--{name} JSON" for name in self.inputs]
        message = f"give --data FILE or {options.listed(names)}"
        checks: list[py.Statement] = []
        if self.plan.has_file and len(self.values) == 1:
            checks += code(FILE_OR_VALUE, value=self.values[0], message=message)
        elif self.plan.has_file:
            values = py.List(tuple(self.values))
            checks += code(FILE_OR_ALL_VALUES, values=values, message=message)
            checks += code(EQUAL_LENGTHS)
        given = list(self.options())
        if not checks:
            return options.parse_args(self.description(), given)
        return code(
            PARSE_ARGS, description=self.description(), options=given, checks=checks
        )

    def description(self) -> str:
        """What the script does, in a line."""
        return f"Predict with a trained {self.plan.training.model.definition}."

    def options(self) -> list[py.Statement]:
        """The options."""
        made: list[py.Statement] = []
        if self.plan.has_file:
            made.append(
                options.option(
                    "--data",
                    type=quote("Path"),
                    metavar="FILE",
                    help="predict for the samples of a file",
                )
            )
        model_inputs = self.plan.training.model.inputs
        for name, value in zip(self.inputs, model_inputs, strict=True):
            shape = tuple(
                py.Literal(None if isinstance(size, Dim) else int(size))
                for size in value.type.shape
            )
            kind = dtype(value.type.dtype)
            given: dict[str, Any] = {}
            if value.name in self.sizes:
                given["below"] = py.Literal(self.sizes[value.name])
            settings: dict[str, Any] = {
                "type": quote(
                    "array({kind}, {shape}, **{given})",
                    kind=kind,
                    shape=shape,
                    given=given,
                ),
                "metavar": "JSON",
                "help": f"predict for values as the model takes them, {value.type}",
            }
            if not self.plan.has_file:
                settings["required"] = py.Literal(True)
            made.append(options.option(f"--{name}", **settings))
        stored = f"{self.plan.runs}/model.safetensors"
        return [
            *made,
            options.option(
                "--weights",
                type=quote("Path"),
                default=quote("Path({file})", file=stored),
                metavar="FILE",
                help=f"default: {stored}",
            ),
            options.option(
                "--out",
                type=quote("output"),
                metavar="FILE",
                help="write predictions to a .csv or .npz file"
                if self.plan.has_batched_outputs
                else "write predictions to an .npz file",
            ),
            *([self.batch()] if self.plan.has_batched_outputs else []),
            self.runner.device,
        ]

    def batch(self) -> py.Statement:
        """The option `--batch`."""
        return options.option(
            "--batch",
            type=quote("integer(1)"),
            default=self.plan.training.batch,
            metavar="N",
            help="samples at a time",
        )
