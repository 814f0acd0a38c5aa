"""The files of an ONNX project: graphs, and scripts that fill and run them."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Final

from onnx import ModelProto, helper

from dlmc.backend import Copy, Files
from dlmc.backends.onnx import prediction
from dlmc.backends.onnx import weights as weight_files
from dlmc.backends.onnx.lowering import lower
from dlmc.backends.onnx.models import Graph, graphs
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


class _Project:
    def __init__(
        self, program: Program, made: Sequence[Graph], weights: Path | None
    ) -> None:
        self.program = program
        self.graphs = made
        self.weights = weights
        self.is_whole = weights is not None
        """Whether graphs hold trained weights."""
        every = plans(program, prediction.words())
        self.plans = {
            graph.file: plan
            for graph in made
            for plan in every[::-1]
            if plan.training.model is graph.module
        }
        large = [graph for graph in made if weight_files.is_large(graph.module)]
        self.too_large = () if self.is_whole else tuple(large)
        """Graphs without weights: they take too much memory to be drawn for nothing."""

    def files(self) -> Files:
        """The files, graphs first."""
        files: dict[str, str | bytes | Copy] = {}
        for graph in self.graphs:
            files |= self.graph(graph)
        runnable = {
            file: plan
            for file, plan in self.plans.items()
            if all(graph.file != file for graph in self.too_large)
        }
        if not self.is_whole and len(self.too_large) < len(self.graphs):
            files["weights.py"] = script(
                "Graphs with weights from a file, which every target of dlmc can write.",
                self.program.file,
                render(f"{TEMPLATES}/weights.py.jinja"),
                _WEIGHTS_IMPORTS,
            )
        names = data_names(list(runnable.values()), files)
        for file, plan in runnable.items():
            if plan.has_file:
                text = data_module(plan, names[data_path(plan)])
                files[f"{plan.module('data')}.py"] = text
            files[f"{plan.module('predict')}.py"] = prediction.prediction_module(
                plan, file, is_trained=self.is_whole
            )
            if self.weights is not None and plan.has_input_scales:
                files[SCALES] = Copy(self.scales(self.weights))
        files["requirements.txt"] = "".join(f"{line}\n" for line in self.needed(files))
        files["README.md"] = self.readme(runnable, names)
        for source, name in names.items():
            if source is not None:
                files[name] = Copy(source)
        return files

    def scales(self, weights: Path) -> Path:
        """What the training that wrote the weights has learned of its inputs."""
        path = weights.with_name(SCALES)
        if not path.is_file():
            raise weight_files.WeightsError(
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
        model.producer_version = version("dlmc")
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
        elif graph in self.too_large:
            places = weight_files.consecutive(module)
            weight_files.refer(model, module, f"{graph.file}.data", places)
        else:
            _embed_initial(model, module, graph.seed)
        return {graph.file: model.SerializeToString(deterministic=True), **beside}

    # --- About the project ---

    def needed(self, files: Files) -> Iterator[str]:
        """The lines of requirements.txt."""
        yield "numpy>=1.26"
        if "weights.py" in files:
            yield "onnx>=1.18"
        yield "onnxruntime>=1.20"
        if "weights.py" in files:
            yield "safetensors>=0.4.3"

    def readme(
        self, runnable: Mapping[str, Plan], names: Mapping[Path | None, str]
    ) -> str:
        """The text of README.md."""
        documentation = self.program.documentation
        return render(
            f"{TEMPLATES}/README.md.jinja",
            title=_inline(self.program.name),
            documentation=[documentation.strip()] if documentation else [],
            file=_code(self.program.file),
            commands=[*self.commands(runnable, names)],
            files=[f"| {name} | {text} |" for name, text in self.rows(runnable, names)],
            notes=[note.strip() for note in self.notes()],
        )

    def commands(
        self, runnable: Mapping[str, Plan], names: Mapping[Path | None, str]
    ) -> Iterator[str]:
        """How models are run."""
        for plan in runnable.values():
            words = [f"python {plan.module('predict')}.py"]
            if not self.is_whole:
                words.append("--weights FILE")
            path = data_path(plan)
            if path is not None:
                words.append(f"--data {shlex.quote(names[path])}")
            else:
                inputs = (plan.field_names[field.name] for field in plan.inputs)
                words += [f"--{name} JSON" for name in inputs]
            yield " ".join(words)

    def rows(
        self, runnable: Mapping[str, Plan], names: Mapping[Path | None, str]
    ) -> Iterator[tuple[str, str]]:
        """The files and what they hold."""
        for graph in self.graphs:
            yield _code(graph.file), _signature(graph.module)
        for plan in runnable.values():
            data = _code(plan.training.data.name)
            model = _code(plan.training.model.definition)
            yield f"`{plan.module('predict')}.py`", f"predicts with a trained {model}"
            if plan.has_file:
                yield f"`{plan.module('data')}.py`", f"reads the data {data}"
        if not self.is_whole and len(self.too_large) < len(self.graphs):
            yield "`weights.py`", "puts trained weights into a graph"
        for name in names.values():
            yield _code(name), "the data"

    def notes(self) -> Iterator[str]:
        """What is to be known besides."""
        if self.is_whole:
            return
        if len(self.too_large) < len(self.graphs):
            one = f"{_code(self.graphs[0].file)} holds"
            holders = one if len(self.graphs) == 1 else "The graphs hold"
            yield render(
                f"{TEMPLATES}/initial.md.jinja", holders=holders, file=self.program.file
            )
        if self.too_large:
            files = ", ".join(_code(graph.file) for graph in self.too_large)
            yield render(
                f"{TEMPLATES}/large.md.jinja", files=files, file=self.program.file
            )


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


def _signature(module: Module) -> str:
    inputs = ", ".join(f"{value.name}: {value.type}" for value in module.inputs)
    outputs = ", ".join(f"{o.name or 'output'}: {o.type}" for o in module.outputs)
    return f"{_code(module.definition)}, {_code(f'{inputs} -> {outputs}')}"


def _code(text: str) -> str:
    """Text as code in Markdown, also in a table."""
    plain = _inline(text).replace("`", "'")
    return f"`{plain}`"


def _inline(text: str) -> str:
    """Text on one line that does not end a table's cell."""
    return " ".join(text.split()).replace("|", "\\|")
