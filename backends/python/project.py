"""A whole generated project: what goes into which file."""

import json
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from dlmc.backend import Copy, Files
from dlmc.backends.python import markdown
from dlmc.backends.python.data_module import data_module
from dlmc.backends.python.framework import Framework
from dlmc.backends.python.plan import Plan, plans
from dlmc.backends.python.script import render
from dlmc.ir.dimensions import Dim
from dlmc.ir.module import Module
from dlmc.ir.program import Csv, Inline, Npz, Program
from dlmc.ir.types import TensorType

README = "python/templates/README.md.jinja"


def project_files(program: Program, framework: Framework) -> Files:
    """All files of a program's project; raises `Unsupported`."""
    files: dict[str, str | bytes | Copy] = {"model.py": framework.model_module(program)}
    made = plans(program, framework.words)
    if made:
        files["weights.py"] = framework.weights_module(program)
    names = data_names(made, files)
    for plan in made:
        path = names.get(data_path(plan))
        files[f"{plan.module('data')}.py"] = data_module(plan, path)
        files[f"{plan.module('train')}.py"] = framework.training_module(plan)
        files[f"{plan.module('predict')}.py"] = framework.prediction_module(plan)
    needed = [*framework.requirements]
    if made:
        needed += framework.training_requirements
    files["requirements.txt"] = "".join(f"{line}\n" for line in sorted(needed))
    files["README.md"] = readme(program, framework, made, names)
    for source, name in names.items():
        if source is not None:
            files[name] = Copy(source)
    return files


def data_path(plan: Plan) -> Path | None:
    """The file that a plan's data come from, None where they stand in the program."""
    match plan.training.data.source:
        case Csv(path) | Npz(path):
            return path
        case Inline():
            return None


def data_names(made: Sequence[Plan], files: Files) -> dict[Path | None, str]:
    """What each file of data is called in the project."""
    reserved = {"requirements.txt", "README.md", *files}
    for plan in made:
        reserved |= {f"{plan.module(kind)}.py" for kind in ("data", "train", "predict")}
    names: dict[Path | None, str] = {}
    for plan in made:
        path = data_path(plan)
        if path is None or path in names:
            continue
        name = _tame(path.name)
        while name in reserved or name in names.values():
            name = f"{plan.training.data.name}_{name}"
        names[path] = name
    return names


def _tame(name: str) -> str:
    """The name of a file as one writes it without a thought, neither hidden nor odd."""
    return re.sub(r"[^\w. -]+", "_", name).lstrip(" .-") or "data"


# --- README.md ---


def readme(
    program: Program,
    framework: Framework,
    made: Sequence[Plan],
    names: Mapping[Path | None, str],
) -> str:
    """The text of README.md."""
    notes = [TRAINING_NOTE.format(title=framework.title)] if made else []
    if any(plan.has_tables for plan in made):
        notes.append(TABLES_NOTE)
    return render(
        README,
        title=markdown.inline(program.name),
        documentation=markdown.quotation(program.documentation or ""),
        framework=framework.title,
        file=markdown.code(program.file),
        commands=[line for plan in made for line in commands(plan, names)],
        files=[
            f"| {name} | {text} |"
            for name, text in contents(program, framework, made, names)
        ],
        notes=notes,
    )


TRAINING_NOTE = """\
`python train.py --help` lists the options. A training writes to `runs/`:
`history.csv`, a line for each epoch, and `model.safetensors`, the weights, with names
and layouts that are the same for every target of dlmc. `--init FILE` starts from such
a file."""

TABLES_NOTE = """\
A metric that is a table is in a file of its name, `confusion.csv` for one: that of the
test part, or of the validation part where nothing is held back for a test."""


def commands(plan: Plan, names: Mapping[Path | None, str]) -> Iterator[str]:
    """How a plan's model is trained and used."""
    yield f"python {plan.module('train')}.py"
    predict = f"python {plan.module('predict')}.py"
    path = data_path(plan)
    if path is not None:
        yield f"{predict} --data {shlex.quote(names[path])}"
        return
    values = plan.training.model.inputs
    given = [
        f"--{plan.field_names[value.name]} {shlex.quote(json.dumps(zeros))}"
        for value in values
        if (zeros := _zeros(value.type)) is not None
    ]
    if len(given) == len(values):
        yield " ".join([predict, *given])


def _zeros(type_: TensorType) -> object | None:
    """A small sample of a type; None where it would not be small."""
    sizes = [1 if isinstance(size, Dim) else int(size) for size in type_.shape]
    value: object = 0.0 if type_.dtype.is_float else 0
    count = 1
    for size in reversed(sizes):
        count *= size
        value = [value] * size
    return value if count <= 8 else None


def contents(
    program: Program,
    framework: Framework,
    made: Sequence[Plan],
    names: Mapping[Path | None, str],
) -> Iterator[tuple[str, str]]:
    """The files and what they hold."""
    called: dict[Module, str | None] = dict.fromkeys(program.models)
    for plan in made:  # of other arguments than the defaults
        called.setdefault(plan.training.model, framework.model_class(plan))
    yield "`model.py`", "; ".join(markdown.signature(*one) for one in called.items())
    for plan in made:
        training = plan.training
        model = markdown.code(called[training.model] or training.model.definition)
        data = markdown.code(training.data.name)
        yield f"`{plan.module('data')}.py`", f"reads the data {data}, with NumPy alone"
        yield f"`{plan.module('train')}.py`", f"trains {model} on {data}"
        yield f"`{plan.module('predict')}.py`", f"predicts with a trained {model}"
    if made:
        yield "`weights.py`", "reads and writes files of weights"
    for name in names.values():
        yield markdown.code(name), "the data"
