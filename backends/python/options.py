"""The command lines of the scripts, and what they report."""

from collections.abc import Sequence

from dlmc.backends.python import tree as py
from dlmc.backends.python.plan import Plan
from dlmc.backends.python.quotation import Quote, expression_of
from dlmc.backends.python.script import code

quote = Quote()


def option(name: str, **settings: py.Expression | str | float | None) -> py.Statement:
    """`parser.add_argument(name, **settings)`, without the settings that are None."""
    given = {key: value for key, value in settings.items() if value is not None}
    call = quote("parser.add_argument({name}, {given})", name=name, given=given)
    return py.Evaluate(call)


PARSE_ARGS = """
def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description={description})
    {options}
    return parser.parse_args()
"""


def parse_args(
    description: str, options: Sequence[py.Statement]
) -> tuple[py.Statement, ...]:
    """The function that reads a command line."""
    return code(PARSE_ARGS, description=description, options=list(options))


def description(plan: Plan) -> str:
    """What `train.py` does, in a line."""
    return f"Train {plan.training.model.definition} on {plan.training.data.name}."


def training_title(plan: Plan) -> str:
    """What `train.py` says of itself."""
    training = plan.training
    epochs = f"{training.epochs} epoch{'s' * (training.epochs > 1)}"
    text = (
        f"Train {training.model.definition} on {training.data.name}:"
        f" {training.optimizer.definition}, {epochs}, batches of {training.batch}."
    )
    return (
        f"{training.documentation.strip()}\n\n{text}"
        if training.documentation
        else text
    )


def load_parts(plan: Plan) -> list[py.Statement]:
    """Load the data: `samples`, or `parts` where there is a split."""
    path = [quote("args.data")] * plan.has_file
    names = "samples" if plan.split is None else "parts"
    if not plan.has_scales:
        return [*code(f"{names} = data.load({{path}})", path=path)]
    target = f"{names}, scales" if plan.split is None else f"*{names}, scales"
    return [*code(f"{target} = data.load({{path}})", path=path)]


def save_scales(plan: Plan) -> list[str]:
    """The line that writes what predicting needs to standardise its inputs."""
    line = 'np.savez(args.out / "scales.npz", **scales)'
    return [f"        {line}"] if plan.has_input_scales else []


def training_options(
    plan: Plan, device: py.Statement, last: py.Statement
) -> tuple[py.Statement, ...]:
    """The options of `train.py`: those of every target, with a target's own."""
    training = plan.training
    name = training.data.name
    data = option(
        "--data",
        type=quote("replacement({name})", name=name),
        default=quote("data.PATH"),
        metavar=f"{name}=PATH",
        help="another file to read",
    )
    return (
        option(
            "--epochs", type=quote("integer(0)"), default=training.epochs, metavar="N"
        ),
        option(
            "--batch",
            type=quote("integer(1)"),
            default=training.batch,
            metavar="N",
            help="samples a step",
        ),
        option(
            "--lr", type=quote("rate"), default=training.optimizer.lr, metavar="RATE"
        ),
        option("--seed", type=quote("integer(0)"), default=training.seed, metavar="N"),
        device,
        option(
            "--init",
            type=quote("Path"),
            metavar="FILE",
            help="weights to start from, .safetensors",
        ),
        option(
            "--out",
            type=quote("Path"),
            default=quote("Path({runs})", runs=plan.runs),
            metavar="DIR",
            help=f"where results go (default: {plan.runs})",
        ),
        *([data] if plan.has_file else []),
        last,
    )


def history_columns(plan: Plan) -> py.Expression:
    """The header of history.csv."""
    validated = plan.figure_names if plan.has_validation else ()
    names = ["epoch", "loss", *(f"validation_{name}" for name in validated)]
    return expression_of(names)


def report_epoch(plan: Plan) -> py.Statement:
    """Print a line for an epoch: its number, and the figures in `row`."""
    texts = ["loss"]
    if plan.has_validation:
        texts += ["validation loss", *plan.figure_names[1:]]
    figures = [figure(text, quote("row[{i}]", i=i)) for i, text in enumerate(texts)]
    number = quote('f"epoch {{epoch + 1:3}}"')
    return line([number, *figures])


def report(
    plan: Plan, evaluate: str, row: str, tables: Sequence[py.Statement]
) -> list[py.Statement]:
    """What comes after the weights are written: the figures of the test, and tables.

    Args:
        plan: Of the training.
        evaluate: The call that measures a `{part}`.
        row: The figures as numbers, of what is `{measured}` if there are no tables.
        tables: How the tables are written.
    """
    part = py.Name("test" if plan.has_test else "validation")
    measured = quote(evaluate, part=part)
    lines: list[py.Statement] = []
    if plan.has_tables:
        figures = py.Name("row" if plan.has_test else "_")
        lines += code("{row}, tables = {measured}", row=figures, measured=measured)
    elif plan.has_test:
        lines += code("row = {row}", row=quote(row, measured=measured))
    if plan.has_test:
        lines.append(_report_test(plan))
    if plan.has_tables:
        lines += tables
    return lines


def _report_test(plan: Plan) -> py.Statement:
    """Print the last line, of the test's measurements in `row`."""
    texts = ["test loss", *plan.figure_names[1:]]
    return line([figure(text, quote("row[{i}]", i=i)) for i, text in enumerate(texts)])


def figure(text: str, value: py.Expression) -> py.Expression:
    """A name and a number with four digits."""
    return py.FString((f"{text} ", py.Formatted(value, ".4f")))


def line(parts: Sequence[py.Expression]) -> py.Statement:
    """Print texts, two spaces apart."""
    if len(parts) == 1:
        return py.Evaluate(quote("print({parts})", parts=parts))
    return py.Evaluate(quote('print({parts}, sep="  ")', parts=parts))


def listed(names: Sequence[str]) -> str:
    """`a, b and c`."""
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last
