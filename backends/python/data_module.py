"""`data.py`: reading a source, computing the fields, splitting. NumPy alone."""

from collections.abc import Iterator, Sequence

from dlmc.backends.python import tree as py
from dlmc.backends.python.data_columns import Columns
from dlmc.backends.python.data_fields import ARRAYS, TAKEN, Fields
from dlmc.backends.python.data_ranges import RangeChecks
from dlmc.backends.python.names import free_name
from dlmc.backends.python.options import listed
from dlmc.backends.python.plan import Plan
from dlmc.backends.python.quotation import Quote
from dlmc.backends.python.script import (
    code,
    function,
    names_in,
    printed,
    render,
    script,
)
from dlmc.ir.program import Csv, Npz, Split

quote = Quote()

IMPORTS = {
    "Path": py.Import("pathlib", "Path"),
    "NamedTuple": py.Import("typing", "NamedTuple"),
    "csv": py.Import("csv"),
    "math": py.Import("math"),
    "np": py.Import("numpy", alias="np"),
    "zipfile": py.Import("zipfile"),
}
TEMPLATES = "python/templates"
SAMPLES = py.Name("Samples")


def data_module(plan: Plan, path: str | None) -> str:
    """The text of a plan's `data.py`.

    `path` is where the data's file lies in the project, None where the samples stand in
    the program.

    Raises:
        Unsupported: for a field that NumPy cannot compute.
    """
    return _DataModule(plan, path).text()


class _DataModule:
    def __init__(self, plan: Plan, path: str | None) -> None:
        self.plan = plan
        self.path = path
        self.columns = Columns(plan, path)
        self.fields = Fields(plan, self.columns)
        self.ranges = RangeChecks(plan)

    def text(self) -> str:
        """The whole file."""
        plan = self.plan
        data = plan.training.data
        fields = [f"{plan.field_names[f.name]} {f.type}" for f in plan.fields]
        title = f"The data {data.name}: {', '.join(fields)} for each sample."
        if data.documentation:
            title = f"{data.documentation.strip()}\n\n{title}"
        made = [self.columns.constants(), [self.samples()], [self.load()]]
        if self.path is not None:
            made.append([self.load_inputs()])
        made += [[function] for function in self.fields.functions()]
        if plan.split is not None:
            made.append([split_function(plan.split, plan.parts)])
        made += [[function] for function in self.ranges.functions()]
        parts = [printed(*part) for part in made]
        body = render(
            f"{TEMPLATES}/data.py.jinja",
            parts=parts,
            skeletons=[f"{TEMPLATES}/{name}" for name in self.skeletons(parts)],
        )
        return script(title, plan.program.file, body, IMPORTS)

    def skeletons(self, parts: Sequence[str]) -> Iterator[str]:
        """The functions that are the same in every program, where they are needed."""
        match self.plan.training.data.source:
            case Csv():
                yield "read_csv.py.jinja"
            case Npz():
                yield "read_npz.py.jinja"
        if self.fields.has_scales:
            yield "standardize.py.jinja"
        if "checked" in names_in("\n".join(parts)):
            yield "checked.py.jinja"

    def samples(self) -> py.Statement:
        """The class of samples."""
        body = tuple(
            py.Assign(
                py.Name(self.plan.field_names[field.name]),
                None,
                quote("np.ndarray"),
                self.fields.comment(field),
            )
            for field in self.plan.fields
        )
        bases = (py.Name("NamedTuple"),)
        return py.Class("Samples", bases, body, "Some samples, whole in memory.")

    def load(self) -> py.Statement:
        """The function that gives all parts."""
        plan, scales = self.plan, [py.Name("scales")] * self.fields.has_scales
        lines: list[py.Statement] = []
        if self.path is not None:
            lines += code("columns = read(path, COLUMNS)")
        size = quote("len({first})", first=self.columns.first)
        training: py.Expression
        if plan.split is None:
            training = quote("np.arange({size})", size=size)
        else:
            lines += code("parts = split({size})", size=size)
            training = quote("parts[0]")
        if scales:
            lines += code("scales: dict[str, np.ndarray] = {{}}")
        fields = [self.fields.value(field, training) for field in plan.fields]
        lines += code("samples = Samples({fields})", fields=fields)
        lines += self.ranges.of_samples()
        results: list[py.Expression]
        if plan.split is None:
            results = [py.Name("samples")]
        else:
            results = [py.Name(part) for part in plan.parts]
            part = quote("Samples(*(field[part] for field in samples))")
            names = py.Tuple(tuple(results))
            each = quote("({part} for part in parts)", part=part)
            lines.append(py.Assign(names, each))
        returns = [SAMPLES] * len(results) + [ARRAYS] * len(scales)
        is_single = plan.split is None and not scales
        lines.append(
            py.Return(results[0] if is_single else py.Tuple((*results, *scales)))
        )
        path = py.Parameter("path", py.Name("Path"), py.Name("PATH"))
        return py.Function(
            "load",
            () if self.path is None else (path,),
            tuple(lines),
            SAMPLES
            if is_single
            else quote("tuple[{types}]", types=py.Tuple(tuple(returns))),
            self.description(),
        )

    def description(self) -> str:
        """What `load` says of itself."""
        plan = self.plan
        source = "Read all samples" if self.path is not None else "Take all samples"
        if plan.split is None:
            text = f"{source}, each of them for training."
        else:
            shares = (plan.split.train, plan.split.validation, plan.split.test)
            percent = "/".join(f"{100 * share:g}" for share in shares if share > 0)
            text = f"{source} and split them {percent} into {listed(plan.parts)}."
        if self.fields.has_scales:
            text += "\n\nThe last result is what `standardize` needs to know of them."
        return text

    def load_inputs(self) -> py.Statement:
        """The function that reads what the model takes."""
        parameters = [py.Parameter("path", py.Name("Path"))]
        if any(self.fields.scales[field.name] for field in self.plan.inputs):
            parameters.append(py.Parameter("scales", ARRAYS))
        plan = self.plan
        arrays = [self.fields.value(field, None) for field in plan.inputs]
        names = listed([plan.field_names[f.name] for f in plan.inputs])
        lines = [*code("columns = read(path, {inputs})", inputs=self.columns.inputs)]
        taken = {"path", *TAKEN}
        for i, field in enumerate(plan.inputs):
            array = py.Name(free_name(plan.field_names[field.name], taken))
            checks = self.ranges.of_input(field, array)
            if checks:
                taken.add(array.id)
                lines += [py.Assign(array, arrays[i]), *checks]
                arrays[i] = array
        return py.Function(
            "load_inputs",
            tuple(parameters),
            (*lines, *code("return {arrays}", arrays=arrays)),
            quote("list[np.ndarray]"),
            f"Read what the model takes: {names}.",
        )


def split_function(split: Split, parts: Sequence[str]) -> py.Function:
    """The function that says which samples make each part."""
    shares = [s for s in (split.train, split.validation, split.test) if s > 0]
    cuts = [
        quote("int({share} * size)", share=round(sum(shares[: i + 1]), 12))
        for i in range(len(shares) - 1)
    ]
    says = f"Say which samples are for {listed(parts)}."
    return function(SPLIT, says=says, seed=split.seed, cuts=py.List(tuple(cuts)))


SPLIT = """
def split(size: int) -> list[np.ndarray]:
    philox = np.random.Philox(key={seed})
    order = np.random.Generator(philox).permutation(size)
    parts = np.split(order, {cuts})
    if not all(len(part) for part in parts):
        raise ValueError(f"{{size}} samples are too few for {{len(parts)}} parts")
    return parts
"""
