"""The files of an ONNX project: graphs, and scripts that fill and run them."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from onnx import ModelProto, helper

from dlmc import __version__
from dlmc.backend import Copy, Files, WeightsError
from dlmc.backends.onnx import prediction
from dlmc.backends.onnx import weights as weight_files
from dlmc.backends.onnx.lowering import lower
from dlmc.backends.onnx.models import Graph, graphs
from dlmc.backends.python import markdown
from dlmc.backends.python import tree as py
from dlmc.backends.python.data_module import data_module
from dlmc.backends.python.plan import Plan, plans
from dlmc.backends.python.project import data_names, data_path
from dlmc.backends.python.script import render, script
from dlmc.initializers import initial_weight
from dlmc.ir.module import Module
from dlmc.ir.module import weights as weights_of
from dlmc.ir.program import Program

TEMPLATES: Final = "onnx/templates"
WEIGHTS: Final = "model.safetensors"
"""The file of weights that are not inside of the graph."""
SCALES: Final = "scales.npz"
"""What trainings write beside the weights where inputs are standardised."""

_WEIGHTS_IMPORTS: Final = {
    "argparse": py.Import("argparse"),
    "sys": py.Import("sys"),
    "Path": py.Import("pathlib", "Path"),
    "np": py.Import("numpy", alias="np"),
    "onnx": py.Import("onnx"),
    "from_array": py.Import("onnx.numpy_helper", "from_array"),
    "to_array": py.Import("onnx.numpy_helper", "to_array"),
    "SafetensorError": py.Import("safetensors", "SafetensorError"),
    "load_file": py.Import("safetensors.numpy", "load_file"),
}


def project(program: Program, weights: Path | None) -> Files:
    """All files of a program's project.

    Raises:
        Unsupported: ONNX cannot express something in the program.
        WeightsError: The weights are not those of the main model.
    """
    made = graphs(program)
    if weights is not None:
        return _Project(program, made[:1], weights).files()
    return _Project(program, made, None).files()


@dataclass(frozen=True, slots=True)
class Run:
    """A training whose model can be run: its names, and its graph's file."""

    plan: Plan
    graph: str


class _Project:
    def __init__(
        self, program: Program, made: Sequence[Graph], weights: Path | None
    ) -> None:
        self.program = program
        self.graphs = made
        self.weights = weights
        self.empty = [
            graph
            for graph in made
            if weights is None and weight_files.is_large(graph.module)
        ]
        """Graphs without weights, which are too many to be drawn for nothing."""
        self.runs = [
            Run(plan, graph.file)
            for plan in plans(program, prediction.words())
            for graph in made
            if plan.training.model is graph.module and graph not in self.empty
        ]

    @property
    def is_trained(self) -> bool:
        """Whether the graphs hold trained weights."""
        return self.weights is not None

    @property
    def has_initial(self) -> bool:
        """Whether a graph holds initial weights."""
        return not self.is_trained and len(self.empty) < len(self.graphs)

    def files(self) -> Files:
        """The files, graphs first."""
        files: dict[str, str | bytes | Copy] = {}
        for graph in self.graphs:
            files |= self.graph(graph)
        if self.has_initial:
            files["weights.py"] = script(
                "Graphs with weights from a file, as every target of dlmc writes them.",
                self.program.file,
                render(f"{TEMPLATES}/weights.py.jinja"),
                _WEIGHTS_IMPORTS,
            )
        names = data_names([run.plan for run in self.runs], files)
        for run in self.runs:
            plan = run.plan
            if plan.has_file:
                text = data_module(plan, names[data_path(plan)])
                files[f"{plan.module('data')}.py"] = text
            files[f"{plan.module('predict')}.py"] = prediction.prediction_module(
                plan, run.graph, is_trained=self.is_trained
            )
            if self.weights is not None and plan.has_input_scales:
                files[SCALES] = Copy(self.scales(self.weights))
        files["requirements.txt"] = "".join(f"{line}\n" for line in self.needed())
        files["README.md"] = self.readme(names)
        for source, name in names.items():
            if source is not None:
                files[name] = Copy(source)
        return files

    def scales(self, weights: Path) -> Path:
        """What the training that wrote the weights has learned of its inputs."""
        path = weights.with_name(SCALES)
        if not path.is_file():
            raise WeightsError(
                f"{path} is missing: it belongs to {weights.name}, and says how the"
                " inputs are standardised"
            )
        return path

    # --- Graphs ---

    def graph(self, graph: Graph) -> Files:
        """A graph, and its weights where they are beside it."""
        module = graph.module
        model = lower(module, _documentation(self.program, module))
        model.producer_name = "dlmc"
        model.producer_version = __version__
        helper.set_model_props(model, {"source": self.program.file})
        beside: dict[str, Copy] = {}
        if self.weights is not None:
            entries = weight_files.read_entries(self.weights)
            types = {name: entry.type for name, entry in entries.items()}
            weight_files.check(module, types, str(self.weights))
            if weight_files.is_large(module):
                places = {name: (e.offset, e.length) for name, e in entries.items()}
                weight_files.refer(model, module, WEIGHTS, places)
                beside[WEIGHTS] = Copy(self.weights)
            else:
                _embed_file(model, module, self.weights, entries)
        elif graph in self.empty:
            places = weight_files.consecutive(module)
            weight_files.refer(model, module, f"{graph.file}.data", places)
        else:
            _embed_initial(model, module, graph.seed)
        return {graph.file: model.SerializeToString(deterministic=True), **beside}

    # --- About the project ---

    def needed(self) -> Iterator[str]:
        """The lines of requirements.txt."""
        yield "numpy>=1.26"
        if self.has_initial:
            yield "onnx>=1.18"
        yield "onnxruntime>=1.20"
        if self.has_initial:
            yield "safetensors>=0.4.3"

    def readme(self, names: Mapping[Path | None, str]) -> str:
        """The text of README.md."""
        return render(
            f"{TEMPLATES}/README.md.jinja",
            title=markdown.inline(self.program.name),
            documentation=markdown.quotation(self.program.documentation or ""),
            file=markdown.code(self.program.file),
            commands=[self.command(run.plan, names) for run in self.runs],
            files=[f"| {name} | {text} |" for name, text in self.rows(names)],
            notes=[note.strip() for note in self.notes()],
        )

    def command(self, plan: Plan, names: Mapping[Path | None, str]) -> str:
        """How a model is run."""
        words = [f"python {plan.module('predict')}.py"]
        if not self.is_trained:
            words.append("--weights FILE")
        path = data_path(plan)
        if path is not None:
            words.append(f"--data {shlex.quote(names[path])}")
        else:
            inputs = (plan.field_names[field.name] for field in plan.inputs)
            words += [f"--{name} JSON" for name in inputs]
        return " ".join(words)

    def rows(self, names: Mapping[Path | None, str]) -> Iterator[tuple[str, str]]:
        """The files and what they hold."""
        for graph in self.graphs:
            yield markdown.code(graph.file), markdown.signature(graph.module)
        for run in self.runs:
            plan, model = run.plan, markdown.code(run.plan.training.model.definition)
            yield f"`{plan.module('predict')}.py`", f"predicts with a trained {model}"
            if plan.has_file:
                data = markdown.code(plan.training.data.name)
                yield f"`{plan.module('data')}.py`", f"reads the data {data}"
        if self.has_initial:
            yield "`weights.py`", "puts trained weights into a graph"
        for name in names.values():
            yield markdown.code(name), "the data"

    def notes(self) -> Iterator[str]:
        """What is to be known besides."""
        file = shlex.quote(self.program.file)
        command = markdown.code(f"dlmc build {file} --target onnx --weights FILE")
        if self.has_initial:
            one = f"{markdown.code(self.graphs[0].file)} holds"
            holders = one if len(self.graphs) == 1 else "The graphs hold"
            yield render(
                f"{TEMPLATES}/initial.md.jinja", holders=holders, command=command
            )
        if self.empty:
            files = ", ".join(markdown.code(graph.file) for graph in self.empty)
            yield render(f"{TEMPLATES}/large.md.jinja", files=files, command=command)


def _embed_file(
    model: ModelProto,
    module: Module,
    path: Path,
    entries: Mapping[str, weight_files.Entry],
) -> None:
    with path.open("rb") as file:

        def content(name: str) -> bytes:
            file.seek(entries[name].offset)
            return file.read(entries[name].length)

        weight_files.embed(model, module, content)


def _embed_initial(model: ModelProto, module: Module, seed: int) -> None:
    by_name = {weight.name: weight for weight in weights_of(module)}
    weight_files.embed(
        model, module, lambda name: initial_weight(by_name[name], seed).tobytes()
    )


def _documentation(program: Program, module: Module) -> str:
    parts = [program.documentation, module.documentation]
    return "\n\n".join(part.strip() for part in parts if part)
